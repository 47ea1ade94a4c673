"""A backup made while people write, everything destroyed, then put back: nothing that was accepted is lost."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import sqlite3
import tarfile
import threading
from pathlib import Path

import httpx
import psycopg
import pytest
from click.testing import CliRunner, Result

from channels.sms.numbers import Hasher
from channels.sms.seal import Seal
from channels.sms.settings import SmsSettings
from cli.main import jalon as command
from cli.operations import restoring, saving
from cli.operations.kept import read_kept
from cli.project import ROOT
from tests.city_services import postgres_url
from tests.door_server import alone, serve
from tests.sms_queue import KEY, message, queue, rows

WRITTEN = ("data", "rules/base", "actions/textes.yml", "assistant/nlu")
TOKEN = "un-jeton-de-kannel-de-trente-deux-caracteres"
OPTIONS = {
    "JALON_SMS_KANNEL_URL": "http://127.0.0.1:9",
    "JALON_SMS_KANNEL_UTILISATEUR": "jalon",
    "JALON_SMS_KANNEL_MOT_DE_PASSE": "m",
    "JALON_SMS_KANNEL_EXPEDITEUR": "38000",
    "JALON_SMS_KANNEL_JETON": TOKEN,
}


@pytest.fixture
def city(tmp_path) -> Path:
    """A project of its own: the files that a city writes, a folder run/, a proposal that waits."""
    root = tmp_path / "jalon"
    for name in WRITTEN:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(
                source, root / name, ignore=shutil.ignore_patterns("*.db*", "*.py", "__pycache__")
            )
        else:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, root / name)
    (root / "data" / "propositions").mkdir()
    (root / "data" / "propositions" / "2026-11-21-essai.yml").write_text("lieu: essai\n")
    return root


@pytest.fixture
def archive(tmp_path) -> Path:
    return tmp_path / "sauvegardes" / "jalon.tar.gz"


def jalon(root: Path, *arguments: str, **environment: str) -> Result:
    """The command, for a project whose door is on a port where nobody listens."""
    runner = CliRunner(env={"JALON_PORT": "9", "JALON_SMS_CLE": KEY, **environment})
    return runner.invoke(command, [*arguments, "--racine", str(root)])


def restore(root: Path, archive: Path, **options) -> None:
    kept = read_kept(root, {"JALON_SMS_CLE": KEY, **options})
    with restoring.opened(archive, kept) as (manifest, folder):
        restoring.put_back(manifest, folder, kept, root / "run" / "restauration.json")


def save(root: Path, archive: Path, **options) -> saving.Manifest:
    return saving.save(read_kept(root, {"JALON_SMS_CLE": KEY, **options}), archive)


def content(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def files_of(root: Path) -> dict[str, bytes]:
    """What the city wrote."""
    return {name: path.read_bytes() for name, path in read_kept(root, {}).files()}


class People(threading.Thread):
    """People who write SMS one after the other, until told to stop; `accepted`: what the door said it keeps."""

    def __init__(self, door: str):
        super().__init__(daemon=True)
        self._door, self._end = door, threading.Event()
        self.accepted: list[str] = []

    def run(self) -> None:
        with httpx.Client(base_url=self._door) as client:
            while not self._end.is_set():
                told = f"douche numero {len(self.accepted)}"
                number = f"+336{len(self.accepted):08d}"
                call = {"id": f"m{len(self.accepted)}", "de": number, "texte": told, "jeton": TOKEN}
                if client.get("/webhooks/sms/kannel", params=call).status_code == 200:
                    self.accepted.append(told)

    def stop(self) -> None:
        self._end.set()
        self.join(10)


def test_what_a_running_door_accepted_comes_back_after_everything_is_destroyed(city, archive):
    settings = SmsSettings("kannel", city / "run" / "sms.db", key=KEY, settle=3600, variables=OPTIONS)
    written = files_of(city)
    assert len(written) > 100
    with serve(alone(sms=settings)) as door:
        people = People(door)
        people.start()
        while len(people.accepted) < 50:
            assert people.is_alive()
        before = list(people.accepted)
        done = jalon(city, "sauvegarder", str(archive))
        assert done.exit_code == 0, done.stderr
        during = len(people.accepted)
        people.stop()
    assert during > len(before), "nobody wrote during the backup: it proves nothing"
    assert KEY not in done.stdout and archive.stat().st_mode & 0o077 == 0

    shutil.rmtree(city)
    city.mkdir()
    done = jalon(city, "restaurer", str(archive), "--oui")
    assert done.exit_code == 0, done.stderr
    found = {Seal(KEY).open(row["text"]) for row in rows(settings, "SELECT text FROM received")}
    assert found >= set(before)
    assert files_of(city) == written
    assert not (city / "run" / "restauration.json").exists()


def test_a_door_that_starts_again_answers_the_messages_put_back(city, archive):
    async def receive():
        with queue(city / "run") as one:
            await one.receive(message(1, "douche"), message(2, "manger", number="+33612345679"))

    async def answer():
        with queue(city / "run") as one:
            await one.worker.work()
            return one.gateway.texts("+33612345678")

    asyncio.run(receive())
    save(city, archive)
    shutil.rmtree(city / "run")
    restore(city, archive)
    assert asyncio.run(answer()) == ["vu : douche"]


def test_nothing_of_the_secrets_nor_a_number_nor_a_text_is_in_the_archive(city, archive):
    async def receive():
        with queue(city / "run") as one:
            await one.receive(message(1, "Mme Zarathoustra"))

    asyncio.run(receive())
    (city / "run" / "sms.cle").write_text(KEY)
    save(city, archive)
    with tarfile.open(archive) as tar:
        held = b"".join(tar.extractfile(entry).read() for entry in tar)
        names = tar.getnames()
    assert KEY.encode() not in held and b"Zarathoustra" not in held and b"612345678" not in held
    assert not [name for name in names if name.endswith((".cle", "jalon.db"))]


def test_a_damaged_archive_changes_nothing(city, archive):
    save(city, archive)
    whole, before = archive.read_bytes(), content(city)
    damaged = [whole[: len(whole) // 2], b"", b"PK" + whole]
    middle = bytearray(whole)
    middle[len(whole) // 2] ^= 0xFF
    for bad in (*damaged, bytes(middle)):
        archive.write_bytes(bad)
        with pytest.raises(restoring.RestoringError):
            restore(city, archive)
        assert content(city) == before


def rewritten(archive: Path, change) -> None:
    """The archive with other files and an honest manifest: `change(files, manifest)`."""
    with tarfile.open(archive) as tar:
        files = {entry.name: tar.extractfile(entry).read() for entry in tar}
    manifest = json.loads(files.pop(saving.MANIFEST))
    change(files, manifest)
    with tarfile.open(archive, "w:gz") as tar:
        for name, text in ((saving.MANIFEST, json.dumps(manifest).encode()), *files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text))


@pytest.mark.parametrize("key", ["format", "files"])
def test_an_archive_of_a_newer_jalon_or_with_a_false_manifest_is_refused(city, archive, key):
    save(city, archive)
    before = content(city)

    def change(files, manifest):
        if key == "format":
            manifest["format"] += 1
        else:
            manifest["files"]["fichiers/data/services.yml"] = "0" * 64

    rewritten(archive, change)
    with pytest.raises(restoring.RestoringError, match="récent" if key == "format" else "abîmée"):
        restore(city, archive)
    assert content(city) == before


@pytest.mark.parametrize(
    "name",
    ["../x.yml", "fichiers/../../x.yml", "fichiers/actions/server.py", "fichiers/data/lieux/../../../x.yml", "/etc/x",
     "propositions/../services.yml", "autre.db", "fichiers/data/a/b.yml"],
)  # fmt: skip
def test_an_archive_cannot_write_elsewhere_nor_bring_code(city, archive, name):
    save(city, archive)
    before = content(city.parent / "jalon")

    def change(files, manifest):
        files[name] = b"mal"
        manifest["files"][name] = "0dbd3a8a0a6bb4ea2ed3c4cd1fa0c9ba07a2b1b5dab4e1ad1b3a4e4b2ab0b4a9"

    rewritten(archive, change)
    with pytest.raises(restoring.RestoringError):
        restore(city, archive)
    assert content(city) == before
    with pytest.raises(ValueError):
        read_kept(city, {}).target(name)


def test_a_queue_sealed_with_another_key_is_not_put_back(city, archive):
    (city / "run").mkdir()
    sqlite3.connect(city / "run" / "sms.db").execute("CREATE TABLE essai (x)")
    save(city, archive)
    other = {"JALON_SMS_CLE": "une-autre-cle-de-trente-deux-caracteres"}
    with pytest.raises(restoring.RestoringError, match="JALON_SMS_CLE"):
        restore(city, archive, **other)
    done = jalon(city, "restaurer", str(archive), "--oui", "--sans-sms", **other)
    assert done.exit_code == 0, done.stderr
    assert KEY not in done.stdout + done.stderr


def test_a_restore_cut_in_the_middle_is_seen_and_can_be_ended(city, archive, monkeypatch):
    save(city, archive)
    written = files_of(city)
    for path in (city / "data").glob("*.yml"):
        path.write_text("# perdu\n")
    moved, real = [], os.replace

    def cut(source, target):
        if str(source).endswith(".restaure"):
            if len(moved) == 3:
                raise KeyboardInterrupt
            moved.append(target)
        real(source, target)

    monkeypatch.setattr(os, "replace", cut)
    with pytest.raises(KeyboardInterrupt):
        restore(city, archive)
    monkeypatch.undo()
    again = jalon(city, "restaurer", str(archive), "--oui")
    assert again.exit_code == 1 and "--reprendre" in again.stderr
    done = jalon(city, "restaurer", "--reprendre")
    assert done.exit_code == 0, done.stderr
    assert files_of(city) == written
    assert not list(city.rglob("*.restaure"))


def test_it_asks_first_and_keeps_what_was_there(city, archive):
    save(city, archive)
    services = city / "data" / "services.yml"
    services.write_text("# un autre jour\n")
    assert jalon(city, "restaurer", str(archive)).exit_code != 0, "nobody said yes"
    assert services.read_text() == "# un autre jour\n"
    assert jalon(city, "restaurer", str(archive), "--oui").exit_code == 0
    [before] = (city / "run").glob("avant-restauration-*.tar.gz")
    with tarfile.open(before) as tar:
        assert tar.extractfile("fichiers/data/services.yml").read() == b"# un autre jour\n"


def test_a_running_jalon_is_not_restored_under_its_feet(city, archive):
    save(city, archive)
    with serve(alone()) as door:
        done = jalon(city, "restaurer", str(archive), "--oui", JALON_PORT=door.rsplit(":", 1)[1])
    assert done.exit_code == 1 and "Arrêtez" in done.stderr


def test_a_damaged_queue_is_told_rather_than_saved(city, archive):
    (city / "run").mkdir()
    (city / "run" / "sms.db").write_bytes(b"SQLite format 3\0" + os.urandom(8192))
    with pytest.raises(saving.SavingError):
        save(city, archive)
    assert not archive.exists() and not list(archive.parent.glob(".jalon-*"))


def test_the_database_of_a_city_is_saved_while_used_and_put_back_whole(city, archive):
    async def receive(url: str, ranks: range) -> None:
        with queue(url) as one:
            for rank in ranks:
                await one.receive(message(rank, f"douche {rank}", number=f"+336{rank:08d}"))

    with postgres_url() as url:
        asyncio.run(receive(url, range(20)))
        settings = SmsSettings("essai", postgres=url)
        with psycopg.connect(url, autocommit=True) as db:
            db.execute("CREATE TABLE conversations (qui TEXT, quoi TEXT)")
            db.execute("INSERT INTO conversations VALUES ('a', 'je dors dehors')")
        writing = threading.Thread(target=lambda: asyncio.run(receive(url, range(20, 60))))
        writing.start()
        save(city, archive, JALON_POSTGRES=url)
        writing.join()
        with psycopg.connect(url, autocommit=True) as db:
            db.execute("DELETE FROM conversations")
            [schema] = db.execute(
                "SELECT table_schema FROM information_schema.tables WHERE table_name = 'received'"
            ).fetchone()
            db.execute(f"DROP SCHEMA {schema} CASCADE")
        with queue(url) as elsewhere, pytest.raises(restoring.RestoringError, match="chaque machine"):
            asyncio.run(elsewhere.receive(message(99)))
            restore(city, archive, JALON_POSTGRES=url)
        shutil.rmtree(city / "data")
        restore(city, archive, JALON_POSTGRES=url)
        found = {Seal(KEY).open(row["text"]) for row in rows(settings, "SELECT text FROM received")}
        with psycopg.connect(url) as db:
            [left] = db.execute("SELECT count(*) FROM conversations").fetchone()
    assert found >= {f"douche {rank}" for rank in range(20)}
    assert left == 0, "a conversation under way must not live on in a backup"
    assert (city / "data" / "services.yml").is_file()


def test_the_database_that_is_replaced_is_saved_first_and_can_be_put_back(city, archive, monkeypatch):
    """A backup of yesterday over the accepted SMS of today: they are in the archive made before, and come back."""

    async def receive(url: str, rank: int) -> None:
        with queue(url) as one:
            await one.receive(message(rank, f"jour {rank}", number=f"+336{rank:08d}"))

    with postgres_url() as url:
        settings = SmsSettings("essai", postgres=url)
        asyncio.run(receive(url, 1))
        assert jalon(city, "sauvegarder", str(archive), JALON_POSTGRES=url).exit_code == 0
        asyncio.run(receive(url, 2))

        def kept_now() -> set[str]:
            return {Seal(KEY).open(row["text"]) for row in rows(settings, "SELECT text FROM received")}

        with monkeypatch.context() as without:
            without.setattr("cli.operations.postgres.shutil.which", lambda tool: None)
            refused = jalon(city, "restaurer", str(archive), "--oui", JALON_POSTGRES=url)
        assert refused.exit_code == 1 and "--sans-garder" in refused.stderr
        assert kept_now() == {"jour 1", "jour 2"}

        done = jalon(city, "restaurer", str(archive), "--oui", JALON_POSTGRES=url)
        assert done.exit_code == 0, done.stderr
        assert kept_now() == {"jour 1"}
        [before] = (city / "run").glob("avant-restauration-*.tar.gz")
        assert before.stat().st_mode & 0o077 == 0
        done = jalon(city, "restaurer", str(before), "--oui", JALON_POSTGRES=url)
        assert done.exit_code == 0, done.stderr
        assert kept_now() == {"jour 1", "jour 2"}


def test_what_is_broken_is_replaced_when_it_is_said_not_to_keep_it(city, archive):
    save(city, archive)
    (city / "run").mkdir(exist_ok=True)
    (city / "run" / "sms.db").write_bytes(b"SQLite format 3\0" + os.urandom(8192))
    services = city / "data" / "services.yml"
    services.write_text("# un autre jour\n")
    refused = jalon(city, "restaurer", str(archive), "--oui")
    assert refused.exit_code == 1 and services.read_text() == "# un autre jour\n"
    done = jalon(city, "restaurer", str(archive), "--oui", "--sans-garder")
    assert done.exit_code == 0, done.stderr
    assert services.read_text() != "# un autre jour\n"


def test_a_database_that_cannot_be_reached_is_told_without_its_password(city, archive):
    done = jalon(
        city, "sauvegarder", str(archive), JALON_POSTGRES="postgresql://jalon:motdepasse@127.0.0.1:9/jalon"
    )
    assert done.exit_code == 1 and "pg_dump" in done.stderr
    assert "motdepasse" not in done.stderr + done.stdout
    assert not archive.exists()


def test_the_mark_of_a_key_does_not_tell_the_key(city):
    mark = read_kept(city, {"JALON_SMS_CLE": KEY}).key_mark()
    assert mark and mark not in KEY and mark != Hasher(KEY).session("+33612345678")[:16]
    assert mark != read_kept(city, {"JALON_SMS_CLE": KEY + "x"}).key_mark()
