"""`make bench`: every figure of a running Jalon on one page, written to bench/resultats/.

Nothing is simulated: the base is built, the model trained and the processes started as for a person.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import tempfile
import time
from datetime import datetime
from pathlib import Path

import httpx
import psutil

from bench import memory, turns
from bench.understanding import page
from bench.understanding.run import LOOKED_AT, SHARED, measure, parts, shared_score
from bench.understanding.served import Served
from cli.project import ROOT
from cli.stack import Stack
from cli.training import MANIFEST, train_if_needed
from data.base_file import DEFAULT_PATH
from data.build import build
from data.database import open_database

RESULTS = ROOT / "bench" / "resultats"
FIRST_MESSAGE = "bonjour je dors dehors vers gare du nord et je voudrais me laver"
BUILDS, WARM_STARTS, ROUNDS = 3, 3, 5
AIMS = {
    "construction_s": 5,
    "entrainement_s": 60,
    "demarrage_chaud_s": 8,
    "tour_p95_ms": 40,
    "memoire_totale_mo": 700,
}


def main() -> None:
    measures = {
        "date": datetime.now().astimezone().isoformat(timespec="seconds"),
        "version": _git("rev-parse", "--short=12", "HEAD")
        + ("+" if _git("status", "--porcelain", "--", ".", ":!bench/resultats") else ""),
        "machine": _machine(),
        "construction_s": _build_seconds(),
        "entrainement_s": round(train_if_needed(force=True).seconds, 1),
        "demarrage_froid_s": _cold_start_seconds(),
    }
    starts = []
    for remaining in reversed(range(WARM_STARTS)):
        with Stack() as stack:
            starts.append(_first_answer_seconds(stack))
            if not remaining:
                measures["tour"] = turns.measure(stack.url, ROUNDS)
                measures["comprendre"] = _understanding(stack.url)
                measures["memoire_mo"] = memory.measure(stack.process.pid)
    measures["demarrage_chaud_s"] = round(statistics.median(starts), 1)
    measures["machine"]["charge_fin"] = round(os.getloadavg()[0], 1)
    page = render(measures)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "mesures.json").write_text(json.dumps(measures, ensure_ascii=False, indent=2) + "\n")
    (RESULTS / "mesures.md").write_text(page)
    print(page)


def _build_seconds() -> float:
    with tempfile.TemporaryDirectory() as folder:
        return round(
            statistics.median(build(ROOT, Path(folder, "jalon.db")).seconds for _ in range(BUILDS)), 2
        )


def _cold_start_seconds() -> float:
    """From a clone where nothing is built yet to the first answer: base, model, processes."""
    for path in (*DEFAULT_PATH.parent.glob(f"{DEFAULT_PATH.name}*"), MANIFEST):
        path.unlink(missing_ok=True)
    with Stack() as stack:
        return _first_answer_seconds(stack)


def _first_answer_seconds(stack: Stack) -> float:
    """Seconds from the command to the first answer that holds an orientation."""
    start = time.perf_counter()
    body = {"session": "mesure", "texte": FIRST_MESSAGE, "canal": "web"}
    answer = httpx.post(f"{stack.url}/api/v1/messages", json=body, timeout=30).raise_for_status().json()
    assert answer["orientation"], answer
    return round(stack.start_seconds + time.perf_counter() - start, 1)


def _understanding(url: str) -> dict[str, list[str]]:
    """What was understood of each labelled file that is there, through the door; by title, in lines."""
    found = {}
    with Served(url, open_database()) as served:
        for path in parts():
            title = (LOOKED_AT | SHARED).get(path.name)
            if title and path.name != "lieux.jsonl":
                lines = path.read_text("utf-8").splitlines()
                measured = measure(served, path, [json.loads(line) for line in lines if line.strip()])
                whole = page.whole(measured.report).splitlines()
                found[title] = [*whole, *shared_score(path), page.speed(measured.times)]
    return found


def _machine() -> dict[str, object]:
    return {
        "systeme": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "coeurs": os.cpu_count(),
        "memoire_go": round(psutil.virtual_memory().total / 1e9),
        "charge_debut": round(os.getloadavg()[0], 1),
    }


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def render(measures: dict) -> str:
    """The page, in Markdown: each figure beside what is aimed at."""
    machine, turn, sizes = measures["machine"], measures["tour"], measures["memoire_mo"]
    figures = {
        "Construction de la base": (measures["construction_s"], "s", AIMS["construction_s"]),
        "Entraînement": (measures["entrainement_s"], "s", AIMS["entrainement_s"]),
        "Première réponse, rien de construit": (measures["demarrage_froid_s"], "s", None),
        "Première réponse, tout à jour": (measures["demarrage_chaud_s"], "s", AIMS["demarrage_chaud_s"]),
        f"Tour de dialogue, médiane de {turn['tours']}": (turn["mediane_ms"], "ms", None),
        "Tour de dialogue, p95": (turn["p95_ms"], "ms", AIMS["tour_p95_ms"]),
        "Tour de dialogue, le plus long": (turn["max_ms"], "ms", None),
        "Mémoire, tous les processus (PSS)": (sizes["total"]["pss"], "Mo", AIMS["memoire_totale_mo"]),
    }
    lines = [
        "# Mesures",
        "",
        (
            f"{measures['date']}, version {measures['version']}. {machine['systeme']}, {machine['coeurs']} cœurs,"
            f" {machine['memoire_go']} Go. Charge de la machine : {machine['charge_debut']} au début,"
            f" {machine['charge_fin']} à la fin."
        ),
        "",
        "| mesure | valeur | visé |",
        "|---|---:|---:|",
        *(
            f"| {name} | {value:g} {unit} | {f'{aim} {unit}' if aim else ''} |"
            for name, (value, unit, aim) in figures.items()
        ),
        "",
        "| processus | PSS (Mo) | RSS (Mo) |",
        "|---|---:|---:|",
        *(f"| {name} | {size['pss']:g} | {size['rss']:g} |" for name, size in sizes.items()),
        "",
    ]
    for title, said in measures["comprendre"].items():
        lines += [
            f"**{title}**",
            "",
            "```",
            *said,
            "```",
            "",
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
