"""Measure the gazetteer: time of a query by names known, import of the addresses, memory. Writes one page."""

from __future__ import annotations

import argparse
import os
import platform
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from data.gazetteer import Gazetteer, Lieu, open_addresses
from data.gazetteer.text import fold

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "bench" / "resultats" / "gazetteer.md"
SHARED = Path(os.environ.get("JALON_SHARED", ROOT.parent / "shared"))
QUERIES = 2_000
SENTENCE = "bonjour je suis {} avec mes 2 enfants on cherche un endroit pour dormir ce soir svp merci"
# Each in a process of its own: seconds, then the peak memory of that process in megabytes.
_MEASURED = """
import resource, sys, time
from pathlib import Path
{imports}
start = time.perf_counter()
{work}
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def measured(imports: str, work: str) -> tuple[float, float]:
    """Seconds and peak megabytes of `work` in a fresh process."""
    script = _MEASURED.format(imports=imports, work=work)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    seconds, megabytes = done.stdout.split()
    return float(seconds), float(megabytes)


def times(function: Callable, texts: Iterable[str]) -> tuple[float, float]:
    """Median and 95th centile of the processor time, in milliseconds, after one call unmeasured.

    Processor time: what other programs do meanwhile is not counted.
    """
    texts = list(texts)
    function(texts[0])
    spent = []
    for text in texts:
        start = time.thread_time()
        function(text)
        spent.append(1000 * (time.thread_time() - start))
    return statistics.median(spent), statistics.quantiles(spent, n=20)[-1]


def misspelt(name: str, chance: random.Random) -> str:
    """The name in small letters without accents, one letter lost, doubled or changed places."""
    letters = list(fold(name))
    where = chance.randrange(1, max(2, len(letters) - 1))
    kind = chance.randrange(3)
    if kind == 0:
        del letters[where]
    elif kind == 1:
        letters.insert(where, letters[where - 1])
    else:
        letters[where - 1 : where + 1] = reversed(letters[where - 1 : where + 1])
    return "".join(letters)


def _misspelt_street(door: str, chance: random.Random) -> str:
    number, street = door.split(" ", 1)
    return f"{number} {misspelt(street, chance)}"


def right_first(gazetteer: Gazetteer, asked: Iterable[tuple[str, str]]) -> float:
    """Share (%) of the (query, name) pairs whose first answer has this name."""
    found = [
        bool(answer := gazetteer.search(query, limit=1).lieux) and fold(answer[0].nom) == fold(name)
        for query, name in asked
    ]
    return 100 * sum(found) / len(found)


def addresses_of(target: Path, count: int, chance: random.Random) -> list[str]:
    """Some addresses of the base, as a person writes them: « 12 bis Rue … »."""
    with sqlite3.connect(target) as connection:
        rows = connection.execute(
            "SELECT numero, rep, nom FROM adresses JOIN voies ON voies.id = voie"
        ).fetchall()
    connection.close()
    return [f"{number} {rep} {name}".replace("  ", " ") for number, rep, name in chance.sample(rows, count)]


def _names(places: Iterable[Lieu], chance: random.Random) -> list[str]:
    names = sorted({place.nom for place in places if not place.exige and place.type != "arrondissement"})
    return chance.sample(names, min(QUERIES, len(names)))


def _row(title: str, known: int, median: float, last: float, right: float | None = None) -> str:
    share = "" if right is None else f"{right:.1f} %"
    return f"| {title} | {known} | {median:.2f} | {last:.2f} | {share} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fichier", nargs="?", type=Path, default=SHARED / "geo" / "adresses_paris.csv.gz")
    source = parser.parse_args().fichier
    if not source.exists():
        sys.exit(f"Il faut un fichier d'adresses : {source} n'existe pas.")
    chance = random.Random(2026)
    with tempfile.TemporaryDirectory(prefix="jalon-") as folder:
        target = Path(folder) / "adresses.db"
        seconds, import_memory = measured(
            "from data.gazetteer.importing import import_ban",
            f"import_ban(Path({str(source)!r}), Path({str(target)!r}))",
        )
        load = "Gazetteer.from_yaml({root!r}, {addresses})"
        loads = [
            measured(
                "from data.gazetteer import Gazetteer, open_addresses",
                load.format(root=str(ROOT), addresses=addresses),
            )
            for addresses in ("None", f"open_addresses(Path({str(target)!r}))")
        ]
        plain = Gazetteer.from_yaml(ROOT)
        whole = Gazetteer.from_yaml(ROOT, open_addresses(target))
        lines = []
        for title, gazetteer in (("sans les adresses", plain), ("avec toutes les rues", whole)):
            names = _names(gazetteer.places, chance)
            wrong = [(misspelt(name, chance), name) for name in names]
            known = len(gazetteer.places)
            exact = [(name, name) for name in names]
            lines += [
                _row(
                    f"un nom juste, {title}",
                    known,
                    *times(gazetteer.search, names),
                    right_first(gazetteer, exact),
                ),
                _row(
                    f"un nom avec une faute, {title}",
                    known,
                    *times(gazetteer.search, [query for query, _ in wrong]),
                    right_first(gazetteer, wrong),
                ),
                _row(
                    f"une phrase de 18 mots, {title}",
                    known,
                    *times(gazetteer.find_in, [SENTENCE.format(query) for query, _ in wrong]),
                ),
            ]
        doors = addresses_of(target, QUERIES, chance)
        wrong = [(_misspelt_street(door, chance), door) for door in doors]
        lines += [
            _row("une adresse juste", len(whole.places), *times(whole.search, doors),
                 right_first(whole, [(door, door) for door in doors])),
            _row("une adresse avec une faute", len(whole.places), *times(whole.search, [q for q, _ in wrong]),
                 right_first(whole, wrong)),
        ]  # fmt: skip
        counts = open_addresses(target).counts()
    rate = (counts["adresses"] + counts["refus"]) / seconds
    PAGE.write_text(_page(lines, counts, seconds, rate, import_memory, loads), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


def _page(lines, counts, seconds, rate, import_memory, loads) -> str:
    return f"""# Noms de lieux et adresses : mesures

`make bench-lieux-noms` refait cette page. Mesuré le {date.today().isoformat()} sur {platform.system()} {platform.machine()},
{os.cpu_count()} cœurs, charge {os.getloadavg()[0]:.1f}. Les recherches sont en temps de processeur ; l'import et le chargement en temps réel.

## Une recherche

{QUERIES} demandes au plus par ligne, tirées au hasard (graine fixe). « Faute » : le nom en minuscules et sans accent, avec une
lettre perdue, doublée ou échangée avec sa voisine. « Juste » : la première réponse a exactement le nom demandé ; plusieurs
lieux peuvent porter presque le même nom, et une faute peut en faire un autre nom juste, ou un autre numéro.

| Demande | noms connus | médiane (ms) | 95e centile (ms) | première réponse juste |
|---|---|---|---|---|
{chr(10).join(lines)}

But : 5 ms en médiane avec 7 000 noms, 20 ms avec toutes les adresses.

## L'import

{counts["adresses"]} adresses, {counts["voies"]} rues, en {seconds:.1f} s ({rate:.0f} lignes par seconde), mémoire au plus
{import_memory:.0f} Mo (Python compris). But : 150 000 adresses en 60 s.

## Le chargement

| | secondes | mémoire au plus (Mo) |
|---|---|---|
| sans les adresses | {loads[0][0]:.2f} | {loads[0][1]:.0f} |
| avec toutes les rues et tous les numéros | {loads[1][0]:.2f} | {loads[1][1]:.0f} |
"""


if __name__ == "__main__":
    main()
