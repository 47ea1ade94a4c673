"""Importing the national addresses: nothing lost in silence, nothing broken by a crash, twice is once."""

import gzip
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli.main import main
from data.gazetteer.addresses import HouseNumber, open_addresses
from data.gazetteer.importing import ImportFault, import_ban, refusals, try_import
from tests.built_base import ROOT

EXTRACT = ROOT / "tests" / "lieux" / "adresses-75-extrait.csv"
BULK = Path(os.environ.get("JALON_SHARED", ROOT.parent / "shared")) / "geo" / "adresses_paris.csv.gz"
HEADER, *LINES = EXTRACT.read_text(encoding="utf-8").splitlines()
SMALL_CHUNKS = 20


@pytest.fixture
def target(tmp_path) -> Path:
    return tmp_path / "adresses.db"


def _file(folder: Path, lines: list[str], name: str = "adresses-75.csv", header: str = HEADER) -> Path:
    path = folder / name
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def _content(target: Path) -> list[tuple]:
    connection = sqlite3.connect(target)
    try:
        return connection.execute(
            "SELECT cle, nom, arrondissement, numero, rep, adresses.lat, adresses.lon FROM adresses"
            " JOIN voies ON voies.id = voie ORDER BY cle, numero, rep"
        ).fetchall()
    finally:
        connection.close()


def _cells(line: str, **changes: str) -> str:
    row = dict(zip(HEADER.split(";"), line.split(";"), strict=True)) | changes
    return ";".join(row.values())


def test_every_line_of_the_official_file_becomes_an_address(target):
    report = import_ban(EXTRACT, target)
    assert (report.read, report.kept, report.merged, report.refused) == (len(LINES), len(LINES), 0, 0)
    assert len(_content(target)) == len(LINES)
    addresses = open_addresses(target)
    streets = [(key, place) for key, place in addresses.streets().items() if place.nom == "Rue Custine"]
    door = addresses.locate(streets, HouseNumber(5))[0]
    line = next(line for line in LINES if ";Rue Custine;" in line and line.split(";")[2] == "5")
    assert (f"{door.lon:.5f}", f"{door.lat:.5f}") == tuple(line.split(";")[12:14])


def test_a_packed_file_and_a_file_with_a_byte_order_mark_give_the_same_base(tmp_path, target):
    import_ban(EXTRACT, target)
    packed, marked = tmp_path / "a.csv.gz", tmp_path / "b.csv"
    packed.write_bytes(gzip.compress(EXTRACT.read_bytes()))
    marked.write_bytes(b"\xef\xbb\xbf" + EXTRACT.read_bytes().replace(b"\n", b"\r\n"))
    for path in (packed, marked):
        other = tmp_path / f"{path.name}.db"
        assert import_ban(path, other).refused == 0
        assert _content(other) == _content(target)


def test_the_order_of_columns_does_not_matter(tmp_path, target):
    import_ban(EXTRACT, target)
    names = HEADER.split(";")
    turned = [";".join(reversed(line.split(";"))) for line in LINES]
    path = _file(tmp_path, turned, header=";".join(reversed(names)))
    import_ban(path, tmp_path / "b.db")
    assert _content(tmp_path / "b.db") == _content(target)


DEFECTS = [
    (lambda line: _cells(line, numero="douze"), "numéro « douze » illisible"),
    (lambda line: _cells(line, numero=""), "numéro «  » illisible"),
    (lambda line: _cells(line, numero="0"), "numéro 0 sans sens"),
    (lambda line: _cells(line, numero="99999"), "numéro 99999 sans sens"),
    (lambda line: _cells(line, numero="-4"), "numéro « -4 » illisible"),
    (lambda line: _cells(line, nom_voie=""), "nom de la voie absent"),
    (lambda line: _cells(line, nom_voie="100P1 Rue de Reuilly"), "voie technique"),
    (lambda line: _cells(line, code_insee="93066", code_postal="93200"), "adresse hors de Paris"),
    (lambda line: _cells(line, code_insee="75121", code_postal="75021"), "adresse hors de Paris"),
    (lambda line: _cells(line, code_insee="", code_postal=""), "adresse hors de Paris"),
    (lambda line: _cells(line, lat=""), "position absente"),
    (lambda line: _cells(line, lon="2,35"), "position absente"),
    (lambda line: _cells(line, lat="43.30"), "position hors de Paris"),
    (lambda line: _cells(line, lat="nan"), "position hors de Paris"),
    (lambda line: _cells(line, id="inconnu"), "identifiant « inconnu » inconnu"),
    (lambda line: line.rsplit(";", 3)[0], "colonnes au lieu de"),
    (lambda line: line + ";;", "colonnes au lieu de"),
    (lambda line: "", "colonnes au lieu de"),
    (lambda line: '"' + line, "colonnes au lieu de"),
    (lambda line: line + "x" * 20_000, "ligne trop longue"),
]


@pytest.mark.parametrize(("spoil", "reason"), DEFECTS)
def test_a_defect_is_said_with_its_line_and_the_others_are_kept(tmp_path, target, spoil, reason):
    lines = [*LINES]
    lines[7] = spoil(lines[7])
    report = import_ban(_file(tmp_path, lines), target)
    ((line, said, _),) = report.refusals
    assert line == 9  # the header is line 1
    assert reason in said
    assert (report.kept, report.refused) == (len(LINES) - 1, 1)


def test_all_defects_at_once_are_all_counted(tmp_path, target):
    lines = [*LINES, *(spoil(LINES[0]) for spoil, _ in DEFECTS)]
    report = import_ban(_file(tmp_path, lines), target)
    assert (report.kept, report.refused) == (len(LINES), len(DEFECTS))
    assert [line for line, _, _ in refusals(target)] == list(range(len(LINES) + 2, len(lines) + 2))
    assert report.read == report.kept + report.merged + report.refused


def test_a_building_letter_is_the_number_and_a_repeated_line_is_counted(tmp_path, target):
    line = LINES[0]
    lettered = _cells(line, rep="c")
    report = import_ban(_file(tmp_path, [line, lettered, line, _cells(line, rep="b")]), target)
    assert (report.kept, report.merged) == (2, 2)
    assert {row[4] for row in _content(target)} == {"", "bis"}


def test_the_arrondissement_comes_from_the_postcode_when_the_commune_is_the_whole_of_paris(tmp_path, target):
    line = _cells(LINES[0], code_insee="75056", code_postal="75116")
    import_ban(_file(tmp_path, [line]), target)
    assert _content(target)[0][2] == 16


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Colonnes absentes"),
        ("nom,adresse\nx,y\n", "Colonnes absentes"),
        (HEADER.replace("nom_voie", "voie") + "\n", "nom_voie"),
        (HEADER.replace(";", ",") + "\n", "points-virgules"),
        (HEADER + "\n", "Aucune adresse de Paris"),
        ("id_rue,numero,rep,lat,lon\n75101_0063,1,,48.86,2.34\n", "rues.csv"),
    ],
)
def test_a_file_that_is_not_addresses_is_refused_and_nothing_is_replaced(tmp_path, target, text, said):
    import_ban(EXTRACT, target)
    before = target.read_bytes()
    path = tmp_path / "autre.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ImportFault, match=said):
        import_ban(path, target)
    assert target.read_bytes() == before


def test_importing_twice_changes_nothing(target):
    import_ban(EXTRACT, target)
    before = target.read_bytes()
    assert import_ban(EXTRACT, target).already
    assert target.read_bytes() == before


def test_a_new_file_replaces_the_whole(tmp_path, target):
    import_ban(EXTRACT, target)
    import_ban(_file(tmp_path, LINES[:5]), target)
    assert len(_content(target)) == 5


def test_a_trial_writes_nothing(tmp_path, target):
    assert try_import(EXTRACT).kept == len(LINES)
    assert list(tmp_path.iterdir()) == []


def test_a_truncated_packed_file_leaves_the_base_and_can_be_followed(tmp_path, target):
    import_ban(EXTRACT, target)
    before = target.read_bytes()
    packed = gzip.compress("\n".join([HEADER, *LINES * 400]).encode())
    path = tmp_path / "adresses.csv.gz"
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(ImportFault, match="incomplet"):
        import_ban(path, target)
    assert target.read_bytes() == before
    path.write_bytes(packed)
    assert import_ban(path, target).kept == len(LINES)


_SLOW_IMPORT = """
import sys, time
from pathlib import Path
from data.gazetteer import importing
importing.CHUNK_LINES = {chunk}
def follow(done, size):
    print("morceau", flush=True)
    time.sleep(0.15)
importing.import_ban(Path({source!r}), Path({target!r}), follow)
"""


def _start(source: Path, target: Path) -> subprocess.Popen:
    script = _SLOW_IMPORT.format(chunk=SMALL_CHUNKS, source=str(source), target=str(target))
    return subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _kill_after(process: subprocess.Popen, chunks: int) -> None:
    for _ in range(chunks):
        assert process.stdout.readline() == "morceau\n"
    time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.mark.parametrize("chunks", [1, 3, 6])
def test_a_kill_in_the_middle_leaves_the_old_base_and_the_next_import_goes_on(tmp_path, target, chunks):
    import_ban(_file(tmp_path, LINES[:3], "avant.csv"), target)
    before = target.read_bytes()
    _kill_after(_start(EXTRACT, target), chunks)
    assert target.read_bytes() == before
    assert open_addresses(target).counts()["adresses"] == 3
    report = import_ban(EXTRACT, target)
    assert report.resumed_at >= chunks * SMALL_CHUNKS
    assert (report.read, report.kept) == (len(LINES), len(LINES))
    import_ban(EXTRACT, tmp_path / "neuve.db")
    assert _content(target) == _content(tmp_path / "neuve.db")
    assert not list(tmp_path.glob("*.part*"))


def test_an_interrupted_import_of_another_file_is_left_and_said(tmp_path, target):
    _kill_after(_start(EXTRACT, target), 2)
    report = import_ban(_file(tmp_path, LINES[:5]), target)
    assert report.dropped and not report.resumed_at
    assert len(_content(target)) == 5


def test_two_imports_at_once_are_refused(tmp_path, target):
    process = _start(EXTRACT, target)
    try:
        process.stdout.readline()
        with pytest.raises(ImportFault, match="Un autre import"):
            import_ban(EXTRACT, target)
    finally:
        process.communicate()
    assert len(_content(target)) == len(LINES)


def test_a_damaged_part_file_is_started_again(tmp_path, target):
    target.with_name("adresses.db.part").write_bytes(b"ceci n'est pas une base" * 100)
    assert import_ban(EXTRACT, target).kept == len(LINES)


def test_a_base_of_another_version_is_not_read(target):
    import_ban(EXTRACT, target)
    connection = sqlite3.connect(target)
    with connection:
        connection.execute("UPDATE meta SET valeur = '0' WHERE cle = 'schema'")
    connection.close()
    assert open_addresses(target) is None


def test_all_of_paris_is_imported_in_less_than_a_minute(target):
    if not BULK.exists():
        pytest.skip("addresses of Paris absent: set JALON_SHARED to their folder")
    report = import_ban(BULK, target)
    assert report.seconds < 60
    assert (report.kept, report.refused, report.arrondissements) == (150_160, 0, 20)
    assert report.streets > 6_400


def _run(capsys, *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ending:
        main(["lieux", *arguments])
    said = capsys.readouterr()
    return ending.value.code, said.out, said.err


def test_the_command_says_what_it_did_and_the_state_says_since_when(capsys, monkeypatch, tmp_path, target):
    monkeypatch.setenv("JALON_ADRESSES", str(target))
    code, out, _ = _run(capsys, "etat")
    assert code == 0 and "importer-ban" in out
    path = _file(tmp_path, [*LINES, _cells(LINES[0], lat="")])
    code, out, _ = _run(capsys, "importer-ban", str(path), "--essai")
    assert code == 0 and "rien n'est écrit" in out and not target.exists()
    listing = tmp_path / "refus.csv"
    code, out, _ = _run(capsys, "importer-ban", str(path), "--refus", str(listing))
    assert code == 0 and f"ligne {len(LINES) + 2} : position absente" in out
    assert "position absente" in listing.read_text(encoding="utf-8-sig")
    code, out, _ = _run(capsys, "etat")
    assert code == 0 and f"{len(LINES)} adresses" in out and path.name in out


def test_the_command_explains_a_wrong_file(capsys, monkeypatch, tmp_path, target):
    monkeypatch.setenv("JALON_ADRESSES", str(target))
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    code, _, err = _run(capsys, "importer-ban", str(path))
    assert code == 1 and "adresses-75.csv" in err and "Traceback" not in err
