"""`jalon remplacer`: people notice nothing, and what is not proven never serves."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles

import httpx
import pytest

from channels.door_orders import serving_file, socket_of
from channels.replacing import Door
from cli import orders, served, supervisor
from cli.project import DIALOGUE_PYTHON, ROOT
from cli.replacement import Replacement, ReplacementError, Serving
from cli.stack import Stack
from data.database import open_database
from tests.city_services import postgres_url, redis_url
from tests.door_server import alone, base_path, closed_port, serve_app
from tests.sms_peers import Peers, door_environment, receive_by_kannel, start_door, wait_for

TALK = (
    ("j'ai 22 ans", "age", 22),
    ("je dors dehors", "logement_actuel", "rue"),
    ("je suis dans le 14e", "arrondissement", 14),
    ("je veux me laver", None, None),
    ("pourquoi ?", None, None),
)
PACE_S = 0.3


class Own:
    """A Jalon with a base and a model that the test may break."""

    def __init__(self, folder: Path, **settings: str):
        self.base, self.models = folder / "jalon.db", folder / "models"
        shutil.copy(base_path(), self.base)
        shutil.copytree(served.MANIFEST.parent, self.models, ignore=shutil.ignore_patterns("tmp*"))
        self.manifest = self.models / "modele.json"
        self.stack = Stack(JALON_BASE=str(self.base), JALON_MODELE=str(self.manifest), **settings)

    def replaced(self) -> subprocess.CompletedProcess:
        return subprocess.run(
            self.command, cwd=ROOT, env=self.stack.environment, capture_output=True, text=True, timeout=240, check=False
        )  # fmt: skip

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "cli.main", "remplacer"]

    def say(self, session: str, text: str) -> dict:
        body = {"session": session, "texte": text, "canal": "web"}
        return httpx.post(f"{self.stack.url}/api/v1/messages", json=body, timeout=20).json()

    def doors(self) -> list[int]:
        """The processes of the doors."""
        return [
            int(one.suffix[1:]) for one in served.Shelf(int(self.stack.environment["JALON_PORT"])).doors()
        ]

    def serves(self) -> str:
        """The version of the base that the door reads (of several, the one that answers)."""
        lines = httpx.get(f"{self.stack.url}/metriques", timeout=10).text
        return next(
            line.split('base="')[1].split('"')[0] for line in lines.splitlines() if "jalon_version{" in line
        )

    def change(self, *statements: str) -> None:
        """Another base in the usual place, as a build makes it: a new file that takes the name."""
        new = self.base.with_name("new.db")
        shutil.copy(self.base, new)
        with sqlite3.connect(new) as db:
            for statement in statements:
                db.execute(statement)
        db.close()
        new.replace(self.base)


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> Iterator[Own]:
    if not DIALOGUE_PYTHON.exists():
        pytest.skip("the environment of the dialogue server (.venv-rasa) is absent: use « make test »")
    one = Own(tmp_path_factory.mktemp("replaced"))
    with one.stack:
        yield one


@contextmanager
def people(own: Own) -> Iterator[list[str]]:
    """Some talk during the block, a few turns a second; afterwards, what went wrong for them."""
    wrong: list[str] = []
    turns: list[float] = []
    end = threading.Event()

    def talk(name: str) -> None:
        rank = 0
        while not end.is_set():
            session, known = f"personne-{name}-{rank}", {}
            for text, fact, value in TALK:
                start = time.perf_counter()
                try:
                    answer = own.say(session, text)
                    turns.append(time.perf_counter() - start)
                except (httpx.HTTPError, ValueError) as error:
                    wrong.append(f"{text}: {type(error).__name__}")
                    continue
                known |= {fact: value} if fact else {}
                told = answer.get("etat", {}).get("faits", {})
                if lost := {name for name in known if told.get(name) != known[name]}:
                    wrong.append(f"{text}: {lost} lost, {answer['messages'][0]['texte']!r}")
                time.sleep(PACE_S)
            rank += 1

    threads = [threading.Thread(target=talk, args=(str(number),)) for number in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield wrong
    finally:
        end.set()
        for thread in threads:
            thread.join()
    print(f"\n{len(turns)} turns, p95 {1000 * quantiles(turns, n=20)[-1]:.0f} ms, longest {max(turns):.1f} s")


def test_people_talk_on_while_the_base_and_the_model_are_replaced(own):
    waiting = [f"silencieux-{rank}" for rank in range(20)]
    for session in waiting:
        own.say(session, "j'ai 47 ans")
    own.change("UPDATE meta SET valeur = 'nouvelle' WHERE cle = 'version'")
    with people(own) as wrong:
        done = own.replaced()
        time.sleep(2)
    assert done.returncode == 0, done.stdout + done.stderr + own.stack.output()
    assert "conversations témoins réussissent" in done.stdout
    assert wrong == []
    assert own.serves() == "nouvelle"
    for session in waiting:  # handed over without having written meanwhile
        assert own.say(session, "pourquoi ?")["etat"]["faits"] == {"age": 47}
    assert "s'est arrêté" not in own.stack.output()


def test_a_base_that_forgot_a_danger_does_not_serve_and_is_put_away(own):
    good = own.serves()
    own.change(
        "UPDATE meta SET valeur = 'mauvaise' WHERE cle = 'version'",
        "DELETE FROM services WHERE categorie = 'bains_douches'",
        "DELETE FROM services_rtree WHERE categorie = 'bains_douches'",
    )
    with people(own) as wrong:
        done = own.replaced()
    assert done.returncode == 1
    assert "aucun lieu de la catégorie bains_douches" in done.stdout
    assert "L'ancienne version continue" in done.stdout
    assert wrong == []
    assert own.serves() == good
    assert open_database(own.base).version == good


@pytest.fixture(scope="module")
def several(tmp_path_factory) -> Iterator[Own]:
    """Two doors and two dialogue servers of one machine, with real PostgreSQL and Redis."""
    if not DIALOGUE_PYTHON.exists():
        pytest.skip("the environment of the dialogue server (.venv-rasa) is absent: use « make test »")
    with postgres_url() as postgres, redis_url() as redis:
        shared = {"JALON_POSTGRES": postgres, "JALON_REDIS": redis, "JALON_SMS_CLE": "k" * 32}
        one = Own(tmp_path_factory.mktemp("several"), JALON_PORTES="2", JALON_DIALOGUES="2", **shared)
        with one.stack:
            yield one


def all_serve(own: Own, version: str) -> bool:
    """Whether every door does: each new connection is taken by one or the other."""
    return {own.serves() for _ in range(20)} == {version}


def test_several_doors_and_dialogue_servers_are_replaced_while_people_talk(several):
    several.say("silencieux", "j'ai 47 ans")
    former = several.doors()
    several.change("UPDATE meta SET valeur = 'nouvelle' WHERE cle = 'version'")
    with people(several) as wrong:
        done = several.replaced()
        time.sleep(2)
    assert done.returncode == 0, done.stdout + done.stderr + several.stack.output()
    assert wrong == []
    assert several.doors() == former and len(former) == 2, "the doors stay, with their connections"
    assert all_serve(several, "nouvelle")
    assert several.say("silencieux", "pourquoi ?")["etat"]["faits"] == {"age": 47}

    os.kill(former[0], signal.SIGKILL)  # uvicorn starts another, with the environment of the first day
    wait_for(lambda: len(set(several.doors()) - {former[0]}) == 2, 60)
    wait_for(lambda: all_serve(several, "nouvelle"), 30)
    assert several.say("silencieux", "pourquoi ?")["etat"]["faits"] == {"age": 47}


def test_with_several_too_what_fails_does_not_serve(several):
    good = several.serves()
    several.change(
        "UPDATE meta SET valeur = 'mauvaise' WHERE cle = 'version'",
        "DELETE FROM services WHERE categorie = 'bains_douches'",
        "DELETE FROM services_rtree WHERE categorie = 'bains_douches'",
    )
    with people(several) as wrong:
        done = several.replaced()
    assert done.returncode == 1 and "L'ancienne version continue" in done.stdout
    assert wrong == []
    assert all_serve(several, good)
    assert "s'est arrêté" not in several.stack.output()


class Told:
    """Doors that answer orders as they are told to; `heard`: (door, base) of each order."""

    def __init__(self, folder: Path, faults: dict[int, str | None]):
        self.heard: list[tuple[int, str]] = []
        for process, fault in faults.items():
            server = socket.socket(socket.AF_UNIX)
            server.bind(str(socket_of(folder / "porte", process)))
            server.listen()
            threading.Thread(target=self._answer, args=(server, process, fault), daemon=True).start()

    def _answer(self, server: socket.socket, process: int, fault: str | None) -> None:
        while True:
            connection, _ = server.accept()
            with connection, connection.makefile("rw") as line:
                base = json.loads(line.readline())["base"]
                self.heard.append((process, base))
                if fault == "silence" and base == "nouvelle":
                    continue
                line.write(json.dumps({"erreur": fault if base == "nouvelle" else None}) + "\n")


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        ({1: None, 2: "elle ne se lit pas"}, "ne se lit pas"),
        ({1: None, 2: "silence"}, "n'a pas répondu"),
        ({1: None}, "Seules 1 portes sur 2"),
    ],
    ids=["refused", "cut", "missing"],
)
def test_when_one_door_cannot_all_go_back(tmp_path, monkeypatch, faults, expected):
    monkeypatch.setattr(served.Shelf, "folder", tmp_path, raising=False)
    monkeypatch.setattr(served.Shelf, "__init__", lambda self, port: None)
    shelf, doors = served.Shelf(0), Told(tmp_path, faults)
    urls = {"JALON_RASA_URL": "r", "JALON_ACTIONS_URL": "a"}
    former, new = (
        Serving(rank, served.Files(Path(base), Path("m")), [], urls)
        for rank, base in ((1, "ancienne"), (2, "nouvelle"))
    )
    replacement = Replacement(None, None, None, shelf, former, doors=2)
    with pytest.raises(ReplacementError, match=expected):
        replacement._move_doors(former, new)
    last = dict(doors.heard)
    assert set(last) == set(faults) and set(last.values()) == {"ancienne"}
    assert json.loads(serving_file(tmp_path / "porte").read_text())["base"] == "ancienne"


def test_a_truncated_model_does_not_serve(own):
    good = own.manifest.read_text()
    name = "modele-tronque.tar.gz"
    whole = (own.models / json.loads(good)["fichier"]).read_bytes()
    (own.models / name).write_bytes(whole[: len(whole) // 2])
    digest = hashlib.sha256((own.models / name).read_bytes()).hexdigest()
    own.manifest.unlink()
    own.manifest.write_text(json.dumps({"fichier": name, "sha256": digest, "sources": ""}))
    with people(own) as wrong:
        done = own.replaced()
    assert done.returncode == 1
    assert "rasa" in done.stdout
    assert "s'est arrêté" in done.stdout
    assert wrong == []
    assert own.manifest.read_text() == good
    assert own.say("apres-le-modele", "j'ai 22 ans")["etat"]["faits"] == {"age": 22}


def test_killed_in_the_middle_it_starts_again_with_the_good_files(own):
    good = own.serves()
    before = _ranks(own)
    own.change("UPDATE meta SET valeur = 'jamais prouvée' WHERE cle = 'version'")
    with subprocess.Popen(
        own.command, cwd=ROOT, env=own.stack.environment, stderr=subprocess.PIPE, text=True
    ) as asking:
        while _ranks(own) == before and asking.poll() is None:
            time.sleep(0.1)
        own.stack.process.send_signal(signal.SIGKILL)
        own.stack.process.wait(20)
        assert asking.wait(30) == 1
        assert "remettra les anciens fichiers" in asking.stderr.read()
    _until_free(own.stack)
    own.stack.start()
    assert "les anciens fichiers sont remis" in own.stack.output()
    assert own.serves() == good
    assert own.stack.stop() == 0
    assert not _folder(own.stack).exists()


def test_the_door_alone_keeps_its_base_when_the_new_one_cannot_be_read(tmp_path):
    settings = alone(orders=tmp_path / "porte")
    order = {"rasa_url": settings.rasa_url, "actions_url": settings.actions_url}
    with serve_app(Door(settings)) as url:
        here = socket_of(settings.orders, os.getpid())
        lost = orders.ask(here, {**order, "base": str(tmp_path / "absente.db")}, 30)
        assert "n'existe pas" in lost["erreur"]
        assert orders.ask(here, {"base": "x"}, 30)["erreur"]
        assert httpx.get(f"{url}/api/v1/services?categorie=bains_douches").json()["services"]
        assert orders.ask(here, {**order, "base": str(base_path())}, 30) == {"erreur": None}
        assert httpx.get(f"{url}/api/v1/services?categorie=bains_douches").json()["services"]


def test_only_this_account_may_give_orders_to_the_door(tmp_path):
    settings = alone(orders=tmp_path / "porte")
    with serve_app(Door(settings)):
        assert socket_of(settings.orders, os.getpid()).stat().st_mode & 0o077 == 0


def test_an_agent_stays_in_the_counter_and_a_message_sent_twice_is_known(tmp_path):
    async def replaced() -> None:
        door = Door(alone())
        former = door.app.state
        cookie = await former.counter.sessions.begin("agent")
        await former.conversation.turn_once("session-1", "bonjour", "web", sending="a")
        await door.replace(base=base_path())
        assert door.app.state.db is not former.db
        assert await door.app.state.counter.sessions.find(cookie)
        assert door.app.state.conversation._last._kept is former.conversation._last._kept
        await door.app.state.rasa.close()

    asyncio.run(replaced())


def test_sms_are_answered_once_while_the_door_changes_its_base(tmp_path):
    port = closed_port()
    with Peers() as peers:
        environment = door_environment(tmp_path, peers, port) | {"JALON_ORDRES": str(tmp_path / "porte")}
        order = {"base": environment["JALON_BASE"], "rasa_url": peers.url, "actions_url": peers.url}
        door = start_door(port, environment)
        try:
            for rank in range(12):
                receive_by_kannel(port, rank, f"douche {rank}")
                if rank % 4 == 1:
                    assert orders.ask(socket_of(tmp_path / "porte", door.pid), order, 60) == {"erreur": None}
            wait_for(lambda: len(peers.sent) >= 12, 60)
            time.sleep(1)
        finally:
            door.kill()
            door.wait()
    assert sorted(Counter(peers.sent).values()) == [1] * 12


def test_refused_files_are_known_until_others_serve(tmp_path):
    files = served.Files(tmp_path / "jalon.db", tmp_path / "modele.json")
    good = served.Files(tmp_path / "1" / "jalon.db", tmp_path / "1" / "modele.json")
    for one, name in ((files, "nouveau"), (good, "ancien")):
        one.base.parent.mkdir(exist_ok=True)
        one.base.write_text(name)
        one.manifest.write_text(json.dumps({"fichier": f"modele-{name}.tar.gz"}))
        one.model().write_text(name)
    served.note_trial(files, "sources")
    assert not served.is_refused(files, "sources")
    served.put_back(good, files)
    assert files.base.read_text() == files.model().read_text() == "ancien"
    assert served.is_refused(files, "sources")
    assert not served.is_refused(files, "other sources")
    served.end_trial(files)
    assert not served.is_refused(files, "sources")


def _folder(stack: Stack) -> Path:
    return served.Shelf(int(stack.environment["JALON_PORT"])).folder


def _ranks(own: Own) -> set[str]:
    """Those of the files that serve, and of those under trial."""
    return {one.name for one in _folder(own.stack).glob("[0-9]*")}


def _until_free(stack: Stack) -> None:
    """The processes of a killed supervisor end within seconds."""
    limit = time.monotonic() + 20
    while time.monotonic() < limit and supervisor.port_faults(stack.environment):
        time.sleep(0.2)
