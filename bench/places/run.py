"""`make bench-lieux`: time to find the 3 nearest usable places of one category, from 1,000 to 1,000,000 places.

Each question draws a spot of Paris, a minute of one week (night included) and a category; nothing is asked
twice, so that almost nothing is answered from memory. Writes bench/resultats/lieux.json and lieux.md.
"""

from __future__ import annotations

import json
import os
import platform
import random
import resource
import statistics
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from bench.places.synthetic import size_mb, synthetic_base
from cli.project import ROOT
from data.build import build
from data.database import Database
from data.ranking import DETOUR, HORIZON, WALKING_M_PER_MIN, Position, find_places

RESULTS = ROOT / "bench" / "resultats"
COUNTS = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
AIMED_COUNT, AIM_MS = 100_000, 5
QUESTIONS = 1_000
WEEK = datetime(2026, 11, 16)  # a Monday, without public holiday
_PAGE = """\
# Trouver les 3 lieux les plus proches

{date}. {machine}. Charge au début : {load}.
Commande : `make bench-lieux`. « Calcul » : le temps du processeur seul, sans l'attente ; il diffère de la médiane
quand la machine fait autre chose (colonne « Charge », 1 par cœur occupé) ou lit le disque.

{questions} questions par taille : un point de Paris, une minute de la semaine (la nuit aussi), une catégorie,
tirés au hasard. La vraie base et le vrai classement. Les lieux sont des copies des vrais, ailleurs, avec
d'autres horaires : aucun n'existe.

{verdict}

| Lieux | Médiane (ms) | dont calcul | 95 % | Pire | Médiane, un ouvert | Médiane, aucun ouvert | Base (Mo) | \
Construction (s) | Charge |
|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
{rows}

![Temps selon le nombre de lieux](lieux.png)

La réponse est exacte : c'est celle de la définition ({group} lieux par groupe, voir `docs/donnees.md`), comparée
à l'essai de tous les lieux dans `tests/test_places_scale.py`. La marche : {speed} mètres par minute,
{detour} % de détour.
"""


def main() -> None:
    counts = [int(text.replace("_", "")) for text in sys.argv[1:]] or COUNTS
    load = round(os.getloadavg()[0], 1)
    with tempfile.TemporaryDirectory() as folder:
        source = build(ROOT, Path(folder, "jalon.db")).target
        sizes = [_measure_size(source, Path(folder, f"{count}.db"), count) for count in counts]
    measures = {
        "date": datetime.now().astimezone().isoformat(timespec="seconds"),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cœurs, "
        f"Python {platform.python_version()}",
        "charge": load,
        "questions": QUESTIONS,
        "tailles": sizes,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "lieux.json").write_text(json.dumps(measures, ensure_ascii=False, indent=2) + "\n")
    page = render(measures)
    (RESULTS / "lieux.md").write_text(page)
    print(page)


def _measure_size(source: Path, target: Path, count: int) -> dict:
    start = time.perf_counter()
    db = synthetic_base(source, target, count)
    seconds = time.perf_counter() - start
    try:
        answers = _ask(db)
        size = size_mb(db)
    finally:
        db.close()
        target.unlink()
    wall = sorted(answer["ms"] for answer in answers)
    return {
        "lieux": count,
        "construction_s": round(seconds, 1),
        "fichier_mo": round(size),
        "mediane_ms": round(statistics.median(wall), 2),
        "calcul_ms": round(statistics.median(answer["cpu_ms"] for answer in answers), 2),
        "p95_ms": round(wall[int(len(wall) * 0.95)], 2),
        "pire_ms": round(wall[-1], 2),
        "ouvert_ms": _median(answer["ms"] for answer in answers if answer["open"]),
        "rien_ouvert_ms": _median(answer["ms"] for answer in answers if not answer["open"]),
        "charge": round(os.getloadavg()[0], 1),
        "memoire_mo": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _ask(db: Database) -> list[dict]:
    draw = random.Random(2)
    categories = sorted(db.categories)
    answers = []
    for _ in range(QUESTIONS):
        position = Position(draw.uniform(48.82, 48.90), draw.uniform(2.26, 2.41))
        at = WEEK + timedelta(minutes=draw.randrange(7 * 24 * 60))
        category = draw.choice(categories)
        wall, cpu = time.perf_counter(), time.thread_time()
        found = find_places(db, categories=[category], position=position, at=at, facts={}, limit=3)
        wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
        opened = any(place["ouverture"]["etat"] == "ouvert" for place in found)
        answers.append({"ms": wall * 1000, "cpu_ms": cpu * 1000, "open": opened})
    return answers


def _median(values) -> float | None:
    values = list(values)
    return round(statistics.median(values), 2) if values else None


def render(measures: dict) -> str:
    """The page, in French: what is measured, the table, what it means."""
    rows = [
        f"| {_thousands(one['lieux'])} | **{_said(one['mediane_ms'])}** | {_said(one['calcul_ms'])} "
        f"| {_said(one['p95_ms'])} | {_said(one['pire_ms'])} | {_said(one['ouvert_ms'])} "
        f"| {_said(one['rien_ouvert_ms'])} | {one['fichier_mo']} | {_said(one['construction_s'])} "
        f"| {_said(one['charge'])} |"
        for one in measures["tailles"]
    ]
    return _PAGE.format(
        date=measures["date"],
        machine=measures["machine"],
        load=measures["charge"],
        questions=_thousands(measures["questions"]),
        verdict=_verdict(measures["tailles"]),
        rows="\n".join(rows),
        group=HORIZON,
        speed=WALKING_M_PER_MIN,
        detour=round((DETOUR - 1) * 100),
    )


def _verdict(sizes: list[dict]) -> str:
    for one in sizes:
        if one["lieux"] == AIMED_COUNT:
            kept = "**Tenu.**" if one["mediane_ms"] <= AIM_MS else "**Pas tenu.**"
            aim = f"But : au plus {AIM_MS} ms (médiane) à {_thousands(AIMED_COUNT)} lieux."
            return f"{aim} Mesuré : {_said(one['mediane_ms'])} ms. {kept}"
    return f"La taille du but, {_thousands(AIMED_COUNT)} lieux, n'a pas été mesurée."


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _said(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}".replace(".", ",")


if __name__ == "__main__":
    main()
