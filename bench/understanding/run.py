"""Measure understanding on the project's own test parts with the trained model (`make evaluer`).

    .venv/bin/python -m bench.understanding.run                                  # starts a Jalon, asks its dialogue server
    .venv/bin/python -m bench.understanding.run --adresse http://127.0.0.1:8000  # asks a Jalon through its door
    .venv/bin/python -m bench.understanding.run ma_partie.jsonl

Writes in bench/resultats/: comprendre.md (tables), fiabilite.png (reliability diagram), and in run/:
erreurs-<part>.md, what was not understood whole, and predictions-<part>.jsonl. The shared examples are
measured too when JALON_SHARED is set, by the scorer that stands beside them as well.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.understanding import page, reliability
from bench.understanding.places import PlaceReport, score_places
from bench.understanding.scoring import Report, score
from bench.understanding.served import Located, Served, Understood
from cli.project import ROOT
from cli.stack import Stack
from data.database import open_database

TRIAL = ROOT / "tests" / "nlu"
BLIND = {
    "epreuve.jsonl": "Test part: messages that nobody looked at",
    "epreuve_alertes.jsonl": "Test part: dangers and near-misses that nobody looked at",
    "epreuve_lieux.jsonl": "Test part: places that nobody looked at",
    "epreuve_2.jsonl": "Second test part, as the shared examples: messages that nobody looked at",
    "epreuve_alertes_2.jsonl": "Second test part, as the shared examples: dangers and near-misses that nobody looked at",
    "epreuve_alertes_3.jsonl": "Third test part, as the shared examples: dangers and near-misses that nobody looked at",
    "epreuve_lieux_2.jsonl": "Second test part, as the shared examples: places that nobody looked at",
}
LOOKED_AT = {
    "essai.jsonl": "Messages looked at while tuning",
    "essai_alertes.jsonl": "Dangers looked at while tuning",
    "reglage.jsonl": "Messages looked at while tuning, last part",
    "reglage_alertes.jsonl": "Dangers looked at while tuning, last part",
    "reglage_2.jsonl": "Messages looked at while tuning, by two other hands",
    "reglage_alertes_2.jsonl": "Dangers looked at while tuning, by two other hands",
    "reglage_lieux.jsonl": "Places looked at while tuning, by two other hands",
    "reglage_3.jsonl": "Messages that only fitted the scales, the weights and the thresholds",
    "reglage_alertes_3.jsonl": "Dangers that only fitted the scales and the thresholds",
    "reglage_alertes_4.jsonl": "Dangers by seven more hands, that only fitted the weights and the thresholds",
}
SHARED = {name: f"Shared examples: {name}" for name in ("messages.jsonl", "alertes.jsonl", "lieux.jsonl")}
RESULTS, RUN = ROOT / "bench" / "resultats", ROOT / "run"
_LABELLED_FOR_PLACES = "arrondissements_acceptes"


@dataclass
class Measured:
    """One part: its report, the times of its messages (ms), the scores announced and whether they were right."""

    file: Path
    report: Report
    times: list[float]
    scored: list[tuple[str, float, bool]] = field(default_factory=list)


def main() -> int:
    """Evaluate every part, or the files given; print the whole figures, write the tables."""
    arguments = _arguments()
    files = arguments.fichiers or parts()
    if arguments.adresse:
        with Served(arguments.adresse, open_database()) as served:
            try:
                chapters = measure_all(served, files)
            except httpx.HTTPError as error:
                print(f"Impossible de joindre le produit : {error}", file=sys.stderr)
                return 1
    else:
        with Stack() as stack, Served(stack.url, open_database(), (stack.rasa_url, stack.key)) as served:
            chapters = measure_all(served, files)
    if not arguments.fichiers:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "comprendre.md").write_text(chapters, "utf-8")
    return 0


def parts() -> list[Path]:
    """The parts that are there: the project's own, then the shared examples (JALON_SHARED)."""
    own = [TRIAL / name for name in (*BLIND, *LOOKED_AT)]
    shared = os.environ.get("JALON_SHARED")
    others = [Path(shared, "exemples", name) for name in SHARED] if shared else []
    return [path for path in (*own, *others) if path.exists()]


def measure_all(served: Served, files: Sequence[Path]) -> str:
    """Measure each file, print its whole figures, draw the diagram; the page, in Markdown."""
    RUN.mkdir(exist_ok=True)
    chapters, blind = [], []
    for file in files:
        lines = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
        if _LABELLED_FOR_PLACES in lines[0]:
            text = _places(served, file, lines)
        else:
            measured = measure(served, file, lines)
            blind += [measured] if file.name in BLIND else []
            text = _messages(measured)
        title = (BLIND | LOOKED_AT | SHARED).get(file.name, file.name)
        chapters.append(f"## {title}\n\n{text}")
        print(f"{file.name}\n{text.partition('###')[0].strip()}\n", flush=True)
    if blind:
        chapters = [page.expected([one.report for one in blind]), *chapters, _reliability(blind)]
    return "\n\n".join([page.INTRODUCTION, *chapters]) + "\n"


def measure(served: Served, file: Path, messages: Sequence[dict]) -> Measured:
    """Ask each message of a part and score the answers. Facts that the part never labels are left out."""
    understood = {}
    for index, message in enumerate(messages, 1):
        understood[message["id"]] = served.understand(message["texte"], message.get("canal", "web"))
        if sys.stderr.isatty():
            print(f"\r{file.name} {index}/{len(messages)}", end="\r", file=sys.stderr)
    labelled = {name for message in messages for name in message.get("faits", ())}
    predictions = {key: one.prediction(key) for key, one in understood.items()}
    for prediction in predictions.values():
        prediction["faits"] = {k: v for k, v in prediction["faits"].items() if k in labelled}
    report = score(messages, predictions)
    lines = [json.dumps(prediction, ensure_ascii=False) for prediction in predictions.values()]
    _predictions_of(file).write_text("\n".join(lines) + "\n", "utf-8")
    (RUN / f"erreurs-{file.stem}.md").write_text(page.errors(report), "utf-8")
    scored = [one for message in messages for one in _scored(message, understood[message["id"]])]
    return Measured(file, report, [one.milliseconds for one in understood.values()], scored)


def shared_score(file: Path) -> list[str]:
    """What the scorer beside a measured file says of the predictions, without the figures of each label."""
    scorer = file.parent / "score.py"
    if not scorer.exists():
        return []
    command = [sys.executable, str(scorer), str(file), str(_predictions_of(file))]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return [line for line in done.stdout.splitlines() if not line.startswith("   ")]


def _predictions_of(file: Path) -> Path:
    return RUN / f"predictions-{file.stem}.jsonl"


def _messages(measured: Measured) -> str:
    text = f"{page.whole(measured.report)}\n\n{page.speed(measured.times)}"
    if said := shared_score(measured.file):
        text += "\n\n```\n" + "\n".join(said) + "\n```"
    return f"{text}\n\n{page.tables(measured.report)}".strip()


def _places(served: Served, file: Path, phrases: Sequence[dict]) -> str:
    """Each phrase read as facts by themselves, then given as the answer to « où êtes-vous ? »."""

    def read(text: str) -> Located:
        return Located(served.understand(text, "web").answer["faits"])

    reports: dict[str, PlaceReport] = {
        "facts read in the phrase": score_places(served.db, phrases, read),
        "answer to « où êtes-vous ? »": score_places(served.db, phrases, served.locate),
    }
    (RUN / f"erreurs-{file.stem}.md").write_text(page.place_errors(reports), "utf-8")
    return page.places(reports)


def _scored(message: dict, understood: Understood) -> list[tuple[str, float, bool]]:
    """(kind, score announced, right) of the needs (guesses included) and the dangers of one message."""
    alerts_only = "besoins" not in message
    tolerated = message["tolere"] if alerts_only else message["tolere"]["alertes"]
    accepted = {"alerte": {*message["alertes"], *tolerated}}
    if not alerts_only:
        also = {other for others in message["alternatives"].values() for other in others}
        accepted["besoin"] = {*message["besoins"], *message["tolere"]["besoins"], *also}
    return [
        (kind, said, label in accepted[kind]) for kind, label, said in understood.scored if kind in accepted
    ]


def _reliability(blind: Sequence[Measured]) -> str:
    points = {}
    for kind, name in (("besoin", "needs"), ("alerte", "dangers")):
        scored = [(said, right) for part in blind for one, said, right in part.scored if one == kind]
        points[name] = reliability.bins(scored)
    reliability.draw(points, RESULTS / "fiabilite.png")
    gaps = ", ".join(f"{name} {reliability.calibration_error(p):.3f}" for name, p in points.items())
    return f"## Scores\n\n![Reliability diagram](fiabilite.png)\n\nMean gap to a perfect score: {gaps}."


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Mesure la compréhension des messages.")
    parser.add_argument(
        "fichiers", nargs="*", type=Path, help="exemples étiquetés (jsonl), sinon ceux du projet"
    )
    parser.add_argument("--adresse", help="un Jalon qui tourne déjà (sinon, un Jalon est démarré)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
