"""`make pannes`: every fault, what the person sees, what was lost, how long until it works again.

Starts real servers, prints one page and writes it to bench/resultats/pannes.md. `--seulement ville|porte|tests`.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from bench.faults import of_city, of_door, proved
from bench.faults.seen import Row

PAGE = Path(__file__).resolve().parents[1] / "resultats" / "pannes.md"
_HEADER = "| Panne | La personne reçoit | Perdu | Attente | Retour | Tenu |\n|---|---|---|---|---|---|"

_READING = (
    "« Attente » : le temps avant la réponse au message envoyé pendant la panne. « Retour » : de la réparation à la"
    " première réponse, démarrage compris. Les pannes sont provoquées pour de vrai : `kill -9`, SIGSTOP, verrou,"
    " disque plein, faux serveurs. Chaque personne de la ville avait déjà dit son âge : il doit encore être connu après."
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--seulement", choices=["ville", "porte", "tests"], help="one part, without writing the page"
    )
    only = parser.parse_args().seulement
    parts = {"ville": _city, "porte": of_door.rows, "tests": proved.rows}
    tables = {name: list(_told(part())) for name, part in parts.items() if only in (None, name)}
    page = _page(tables)
    print(page)
    if not only:
        PAGE.write_text(page, encoding="utf-8")
    return 0 if all(row.held for rows in tables.values() for row in rows) else 1


def _city() -> Iterator[Row]:
    with of_city.scene() as scene:
        yield from of_city.rows(scene)


def _told(rows: Iterator[Row]) -> Iterator[Row]:
    for row in rows:
        print(_line(row), file=sys.stderr, flush=True)
        yield row


def _line(row: Row) -> str:
    seconds = lambda value: "" if value is None else f"{value:.1f} s".replace(".", ",")
    held = "oui" if row.held else "**NON**"
    return (
        f"| {row.fault} | {row.person} | {row.lost} | {seconds(row.waited)} | {seconds(row.back)} | {held} |"
    )


def _page(tables: dict[str, list[Row]]) -> str:
    titles = {
        "ville": "## Deux portes, deux serveurs de dialogue, PostgreSQL et Redis",
        "porte": "## Une porte",
        "tests": "## Montré par les tests (joués pour cette page)",
    }
    held = sum(row.held for rows in tables.values() for row in rows)
    total = sum(len(rows) for rows in tables.values())
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    measured = (
        f"`make pannes`, {datetime.now():%d/%m/%Y}, version {commit.stdout.strip() or '?'}, Python"
        f" {platform.python_version()}, {os.cpu_count()} cœurs, charge de la machine {os.getloadavg()[0]:.1f}."
        f" **{held} pannes sur {total} se passent comme promis.**"
    )
    parts = ["# Quand quelque chose tombe en panne", measured, _READING]
    for name, rows in tables.items():
        parts += [titles[name], "\n".join([_HEADER, *map(_line, rows)])]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
