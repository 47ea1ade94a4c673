"""An import killed at any moment leaves the imported places as they were, or as they are after it: never between."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from data.exchange import store
from tests.exchange_files import bring, content, inclusion, repository, service

# Says each block it has read, then that it has finished: the killer knows where it is.
CHILD = """
import sys
from pathlib import Path
from data.exchange.importing import Origin, import_files
say = lambda size: print("lu", flush=True)
import_files(Path(sys.argv[1]), "data-inclusion", [Path(sys.argv[2])], Origin("essai"), True, say)
print("fini", flush=True)
"""
LONG = "Une personne vous aide. " * 150


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """A repository that has imported 300 places, and a longer file to import over them."""
    folder = tmp_path_factory.mktemp("coupure")
    root = repository(folder / "depot")
    bring(root, "data-inclusion", inclusion(folder / "avant.json", [service(n) for n in range(300)]))
    after = [service(n, description=LONG, telephone="01 43 00 00 00") for n in range(100, 900)]
    return root, inclusion(folder / "apres.json", after)


def _child(root, path) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(root), str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )


def _sound(root) -> list[str]:
    return [line for line in content(root) if 'INTO "apports"' not in line]  # an import says its hour


def test_killed_at_any_moment_nothing_is_half_done(tmp_path, known):
    root, path = known
    before = _sound(root)
    draws = random.Random(5)
    blocks = -(-path.stat().st_size // (1 << 20)) * 2  # each block is read twice: structures, then services
    killed = 0
    for moment in (1, blocks // 2 + 1, blocks - 1, blocks, blocks, blocks):
        child = _child(root, path)
        for _ in range(moment):
            assert child.stdout.readline() == "lu\n"
        time.sleep(draws.uniform(0, 0.03))
        os.kill(child.pid, signal.SIGKILL)
        said = child.stdout.read()
        child.wait()
        now = _sound(root)
        if "fini" in said or now != before:
            break
        killed += 1
    assert killed >= 4
    # And the same import then works.
    child = _child(root, path)
    assert child.communicate()[0].endswith("fini\n")
    assert child.returncode == 0
    whole = _sound(root)
    assert now in (before, whole) and whole != before
    report, number = bring(root, "data-inclusion", path)
    assert number is None and report.counts()["inchangé"] == 801
    assert _sound(root) == whole


def test_killed_while_the_very_first_import_makes_the_file(tmp_path):
    root = repository(tmp_path / "depot")
    path = inclusion(tmp_path / "a.json", [service(n, description=LONG) for n in range(400)])
    for wait in (0.0, 0.05, 0.2):
        child = _child(root, path)
        assert child.stdout.readline() == "lu\n"
        time.sleep(wait)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        if store.path_of(root).exists():
            opened = store.open_store(store.path_of(root))
            assert opened.execute("SELECT count(*) FROM services").fetchone() == (0,)
            opened.close()
    report, number = bring(root, "data-inclusion", path)
    assert (number, report.counts()["nouveau"]) == (1, 401)


def test_killed_from_the_command_line(tmp_path, known):
    root, path = known
    before = _sound(root)
    path = inclusion(tmp_path / "b.json", [service(n, description=LONG) for n in range(2000)])
    command = [sys.executable, "-m", "cli.main", "importer", "data-inclusion", str(path)]
    child = subprocess.Popen(
        [*command, "--source", "essai", "--ecrire", "--racine", str(root)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )  # fmt: skip
    journal = store.path_of(root).with_name("apports.db-journal")
    while child.poll() is None and not journal.exists():
        time.sleep(0.01)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert child.returncode == -signal.SIGKILL
    assert _sound(root) == before
