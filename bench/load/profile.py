"""`make profil`: the processor that a turn costs in each process, and where it goes; bench/resultats/profil.md (1 minute).

`python -m bench.load.profile --secondes 20`: how long people talk without a pause.
"""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

import psutil

from bench import memory
from bench.load.crowd import measure
from cli.project import ROOT
from cli.stack import Stack

PAGE = ROOT / "bench" / "resultats" / "profil.md"
SAMPLER = Path(__file__).with_name("sampler")
PEOPLE = 4
WARM_UP_S = 5
LEAST = 0.03  # of a process: what is below is not told
MOST = 30  # lines for a process
_WRITTEN_S = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--secondes", type=int, default=20)
    seconds = parser.parse_args().secondes
    with (
        tempfile.TemporaryDirectory() as folder,
        Stack(alone=True, PYTHONPATH=str(SAMPLER), PROFIL_DOSSIER=folder) as stack,
    ):
        measure(stack.url, PEOPLE, WARM_UP_S)
        before = memory.processor(stack.process.pid)
        turns = measure(stack.url, PEOPLE, seconds).turns
        spent = memory.processor(stack.process.pid)
        # Apart: sampling costs a little itself.
        roles = _servers(stack.process.pid)
        _signal(roles)
        measure(stack.url, PEOPLE, seconds)
        _signal(roles)
        samples = {role: _read(Path(folder) / f"{pid}.txt") for pid, role in roles.items()}
    cost = {role: 1000 * (spent[role] - before[role]) / turns for role in roles.values()}
    lines = [
        "# Où passe le temps d'un tour",
        "",
        (
            f"{datetime.now().astimezone():%Y-%m-%d %H:%M}, profil « local », {PEOPLE} personnes sans pause (celles de"
            f" `bench/load`), {turns} tours. Charge de la machine : {os.getloadavg()[0]:.1f} sur {os.cpu_count()} cœurs."
            " Temps de processeur, pas d'attente. Pour les fonctions : leur part du temps du processus, appels compris."
        ),
        "",
        "| processus | processeur par tour (ms) |",
        "|---|---:|",
        *(f"| {role} | {milliseconds:.1f} |" for role, milliseconds in cost.items()),
        f"| en tout | {sum(cost.values()):.1f} |",
        "",
    ]
    for role, found in samples.items():
        lines += [f"## {role}", "", "| part | fonction |", "|---:|---|", *_table(found), ""]
    PAGE.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


def _servers(pid: int) -> dict[int, str]:
    """Number and role of the processes that answer a turn."""
    found = {one.pid: memory.role(one) for one in psutil.Process(pid).children(recursive=True)}
    return {number: role for number, role in found.items() if role != "superviseur"}


def _signal(pids: dict[int, str]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGUSR1)


def _read(path: Path) -> Counter[tuple[str, ...]]:
    """Samples by calls, outermost first. Raises FileNotFoundError when the process wrote nothing in time."""
    limit = time.monotonic() + _WRITTEN_S
    while not path.exists() and time.monotonic() < limit:
        time.sleep(0.1)
    lines = (line.rpartition(" ") for line in path.read_text(encoding="utf-8").splitlines())
    return Counter({tuple(calls.split(";")): int(count) for calls, _, count in lines})


def _table(samples: Counter[tuple[str, ...]]) -> list[str]:
    """The functions that cost most, what they call included, but for those that do nothing else than call one."""
    total = samples.total()
    inclusive: Counter[str] = Counter()
    for calls, count in samples.items():
        inclusive.update(dict.fromkeys(calls, count))
    told: list[str] = []
    last = total
    for name, count in inclusive.most_common():
        if count < LEAST * total or len(told) == MOST:
            break
        if count < 0.97 * last:
            told.append(f"| {100 * count / total:.0f} % | `{name}` |")
            last = count
    return told


if __name__ == "__main__":
    main()
