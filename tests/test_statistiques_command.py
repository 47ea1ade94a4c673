"""`jalon statistiques`: what a reader gets, and what they never get."""

import csv
import io
import os
import re
import signal
import subprocess
import sys
import time
from datetime import timedelta
from uuid import uuid4

import pytest

from channels.statistiques.batch import Batch
from channels.statistiques.events import Cell
from channels.statistiques.settings import StatisticsSettings
from channels.statistiques.store import open_counts
from channels.statistiques.weeks import last_closed, monday, today, week_of
from cli.main import main
from cli.project import ROOT

LAST = last_closed(today())
COUNTS = {
    ("besoin", "douche", "canal"): {"web": 80, "sms": 30, "guichet": 4, "formulaire": 7},
    ("besoin", "repas", "canal"): {"web": 9},
    ("alerte", "suicide", "canal"): {"web": 12, "sms": 3},
    ("reponse", "douche", "statut"): {"oui": 100, "a_verifier": 21},
    ("reponse", "douche", "arrondissement"): {"10": 100, "2": 12, "18": 6, "inconnu": 3},
}


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run `jalon statistiques` on a file of the test: exit code, what is printed, errors."""
    monkeypatch.setenv("JALON_STATISTIQUES_FICHIER", str(tmp_path / "statistiques.db"))

    def command(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ending:
            main(["statistiques", *arguments])
        said = capsys.readouterr()
        return ending.value.code, said.out, said.err

    return command


@pytest.fixture
def filled(run, tmp_path):
    """The same, with counts in the last week that is read."""
    counts = open_counts(StatisticsSettings(tmp_path / "statistiques.db"))
    cells = {
        Cell(LAST, *name, part): count for name, parts in COUNTS.items() for part, count in parts.items()
    }
    counts.add(Batch(uuid4().hex, cells), monday(LAST))
    counts.close()
    return run


def test_a_week_is_read_as_text(filled):
    code, said, _ = filled()
    assert code == 0
    assert f"Semaine {LAST}, du {monday(LAST):%d/%m/%Y}" in said and "pas des personnes" in said
    assert "douche    121   web 80, sms 30, autres 11" in said
    assert "oui 100, a_verifier 21 ; 10e 100, autres 21\n" in said
    assert re.search(r"suicide +15$", said, re.MULTILINE)  # 12 and 3: one would tell the other
    assert "repas" not in said


def test_the_table_holds_the_same_and_no_number_under_the_threshold(filled):
    code, said, _ = filled("--csv")
    rows = list(csv.DictReader(io.StringIO(said)))
    assert code == 0 and all(int(row["nombre"]) >= 10 for row in rows)
    assert {row["semaine"] for row in rows} == {LAST}
    assert ("besoin", "douche", "canal", "autres", "11") in {tuple(row.values())[1:] for row in rows}
    assert not any(row["modalite"] in ("guichet", "formulaire", "18", "inconnu") for row in rows)


def test_a_higher_threshold_hides_more(filled, monkeypatch):
    monkeypatch.setenv("JALON_STATISTIQUES_SEUIL", "50")
    assert "suicide" not in filled()[1]


def test_a_week_that_is_not_closed_is_not_read(filled):
    code, said, error = filled("--semaine", week_of(today()))
    assert code == 1 and not said and "se lit à partir du" in error
    code, said, error = filled("--semaine", week_of(monday(LAST) + timedelta(days=7)))
    assert code == 1 and not said


@pytest.mark.parametrize("week", ["hier", "2026-W60", "2026-11-02"])
def test_what_is_not_a_week_is_refused_in_french(run, week):
    code, _, error = run("--semaine", week)
    assert code == 2 and "il faut une semaine comme 2026-W45" in error


def test_a_week_without_anything_says_so(filled):
    assert "Rien n'atteint 10" in filled("--semaine", "2026-W01")[1]


def test_before_anything_was_counted(run, tmp_path):
    code, _, error = run()
    assert code == 1 and "Rien n'a encore été compté" in error and not list(tmp_path.iterdir())


def test_when_nothing_is_to_be_counted(run, monkeypatch):
    monkeypatch.setenv("JALON_STATISTIQUES", "non")
    assert "JALON_STATISTIQUES=non" in run()[2]


def test_there_is_nothing_to_consume_without_a_broker(run, monkeypatch):
    monkeypatch.delenv("JALON_RABBITMQ", raising=False)
    code, _, error = run("consommer")
    assert code == 1 and "JALON_RABBITMQ" in error


def test_a_base_that_does_not_answer_is_told_without_its_password(run, monkeypatch):
    monkeypatch.setenv("JALON_POSTGRES", "postgresql://x:motdepasse@127.0.0.1:1/x")
    code, said, error = run()
    assert code == 1 and "ne se lisent pas" in error and "motdepasse" not in said + error


def test_the_consumer_stops_when_it_is_asked_to_even_with_no_broker(tmp_path):
    environment = os.environ | {
        "JALON_RABBITMQ": "amqp://x:motdepasse@127.0.0.1:1/",
        "JALON_STATISTIQUES_FICHIER": str(tmp_path / "statistiques.db"),
    }
    command = [sys.executable, "-m", "cli.main", "statistiques", "consommer"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    limit = time.monotonic() + 30
    while not (tmp_path / "statistiques.db").exists() and time.monotonic() < limit:
        time.sleep(0.05)
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=20)
    assert process.returncode == 0 and "attendent dans la file" in said
    assert "Traceback" not in said and "motdepasse" not in said
