"""Measure understanding on the project's own test parts with the trained model (`make evaluer`).

Runs in the dialogue server's environment. Writes in bench/resultats/: comprendre.md (tables), fiabilite.png
(reliability diagram), and in run/: erreurs-<part>.md, one line for each message that was not understood whole.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import statistics
import sys
import time
from collections.abc import Collection, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = {
    "epreuve.jsonl": "Test part: messages written apart from the training part",
    "epreuve_alertes.jsonl": "Test part: dangers and near-misses",
    "essai.jsonl": "Messages looked at while tuning",
    "essai_alertes.jsonl": "Dangers looked at while tuning",
}
RESULTS = ROOT / "bench" / "resultats"
_INTRODUCTION = """# How well messages are understood

Written by `make evaluer`. The test part was written by another hand than the training examples, and none of its
texts is close to one of theirs (tests/test_epreuve.py). Of what was understood, facts that a part never labels
are left out: it says nothing of them."""
_NO_ACT = ("informer", "danger", "nlu_fallback")


def main() -> int:
    """Evaluate every part, or the files given; print the whole figures, write the tables."""
    arguments = _arguments()
    sys.path.insert(0, str(ROOT))
    from bench.understanding import page, reliability
    from bench.understanding.scoring import score

    parse = _model(arguments.modele or _current_model())
    files = arguments.fichiers or [ROOT / "tests" / "nlu" / name for name in PARTS]
    chapters, curves = [], {"needs": [], "dangers": []}
    for file in files:
        messages = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
        parses, times = {}, []
        for index, message in enumerate(messages, 1):
            start = time.perf_counter()
            parses[message["id"]] = parse(message["texte"])
            times.append((time.perf_counter() - start) * 1000)
            if sys.stderr.isatty():
                print(f"\r{file.name} {index}/{len(messages)}", end="", file=sys.stderr)
        labelled = {name for message in messages for name in message.get("faits", ())}
        report = score(messages, {key: prediction(found, labelled) for key, found in parses.items()})
        if file.name.startswith("epreuve") or arguments.fichiers:
            for message in messages:
                _collect(curves, message, parses[message["id"]])
        speed = f"{statistics.median(times):.1f} ms a message (median), {_p95(times):.1f} ms (p95)."
        chapters.append(f"## {PARTS.get(file.name, file.name)}\n\n{page.tables(report)}\n\n{speed}")
        (ROOT / "run").mkdir(exist_ok=True)
        (ROOT / "run" / f"erreurs-{file.stem}.md").write_text(page.errors(report), "utf-8")
        print(f"\r{file.name}\n{page.tables(report).partition('###')[0].strip()}\n{speed}\n")
    points = {name: reliability.bins(scored) for name, scored in curves.items() if scored}
    gaps = ", ".join(f"{name} {reliability.calibration_error(p):.3f}" for name, p in points.items())
    if not arguments.fichiers:
        RESULTS.mkdir(exist_ok=True)
        reliability.draw(points, RESULTS / "fiabilite.png")
        scores = f"## Scores\n\n![Reliability diagram](fiabilite.png)\n\nMean gap to a perfect score: {gaps}."
        text = "\n\n".join([_INTRODUCTION, *chapters, scores])
        (RESULTS / "comprendre.md").write_text(text + "\n", "utf-8")
    return 0


def prediction(parse: Mapping, labelled: Collection[str]) -> dict:
    """What a Rasa parse understood: needs, facts among the `labelled`, dangers; the act when there is nothing else."""
    told = False
    found: dict = {"besoins": [], "faits": {}, "alertes": [], "acte": None}
    for entity in parse["entities"]:
        name, value = entity["entity"], entity["value"]
        if name in ("besoin", "alerte"):
            found[name + "s"].append(value)
        elif name not in ("nombre", "besoin_possible"):
            told = True
            if name in labelled:
                found["faits"][name] = ("oui" if value else "non") if isinstance(value, bool) else value
    intent = parse["intent"]["name"]
    if intent not in _NO_ACT and not found["besoins"] and not told:
        found["acte"] = intent
    return found


def _collect(curves: Mapping[str, list], message: Mapping, parse: Mapping) -> None:
    """Scores announced for needs (guesses included) and dangers, and whether they were right."""
    for entity in parse["entities"]:
        value, said = entity["value"], entity.get("confidence_entity", 1.0)
        if entity["entity"] in ("besoin", "besoin_possible") and "besoins" in message:
            accepted = {*message["besoins"], *message["tolere"]["besoins"]}
            accepted.update(other for others in message["alternatives"].values() for other in others)
            curves["needs"].append((said, value in accepted))
        if entity["entity"] == "alerte":
            tolerated = message["tolere"] if "besoins" not in message else message["tolere"]["alertes"]
            curves["dangers"].append((said, value in {*message["alertes"], *tolerated}))


def _model(path: Path):
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import structlog
    from rasa.core.agent import Agent

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    agent = Agent.load(str(path))
    loop = asyncio.new_event_loop()
    return lambda text: loop.run_until_complete(agent.parse_message(text))


def _current_model() -> Path:
    folder = ROOT / "assistant" / "models"
    models = sorted(folder.glob("modele-*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not models:
        sys.exit("Pas de modèle. Lancez « make entrainer ».")
    return models[-1]


def _p95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * (len(times) - 1))]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Mesure la compréhension des messages.")
    parser.add_argument(
        "fichiers", nargs="*", type=Path, help="messages étiquetés (jsonl), sinon ceux du projet"
    )
    parser.add_argument("--modele", type=Path, help="modèle à interroger (le dernier entraîné, par défaut)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
