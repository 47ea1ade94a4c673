"""Fit the scales of the learned scores and try thresholds, on messages apart from training.

    .venv-rasa/bin/python -m bench.understanding.calibrate                      # tests/nlu/reglage*.jsonl
    .venv-rasa/bin/python -m bench.understanding.calibrate tests/nlu/ma_partie.jsonl …

Prints the (slope, shift) of each kind of label for « etalonnage » in config.yml; with these scales, the weight of each
sign of a need and of a danger for « arbitrage »; with both, the best thresholds by hill climbing: needs by F1, dangers by
what a missed one costs against a false alarm.
"""

from __future__ import annotations

import argparse
import json
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from assistant.reading.arbiter import DANGER_SIGNS, NEED_SIGNS
from assistant.reading.lexicon import load_lexicon
from assistant.reading.linear_model import LinearModel
from assistant.reading.places import load_gazetteer
from assistant.reading.reader import MessageReader
from assistant.reading.requests import RequestReader
from assistant.reading.text import read
from assistant.reading.understanding import Thresholds, Understander
from bench.understanding.scoring import Report, score

DEFAULT_PARTS = "tests/nlu/reglage*.jsonl"
DAY = date(2026, 11, 21)
MISSED_DANGER = 4.0  # false alarms that one missed danger is worth
_STEPS = (0.01, 0.03, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


class _Remembering:
    """What an object finds does not depend on thresholds: each of its methods is asked once for each reading."""

    def __init__(self, asked: object):
        self._asked = asked
        self._kept: dict = {}

    def __getattr__(self, name: str):
        def once(reading, *others):
            key = name, id(reading), *map(id, others)
            if key not in self._kept:
                self._kept[key] = getattr(self._asked, name)(reading, *others)
            return self._kept[key]

        return once


class _ScoredOnce(Understander):
    """An understander whose scores are kept in `kept`."""

    def __init__(self, kept: dict, *arguments):
        super().__init__(*arguments)
        self._kept = kept

    def _scores(self, reading):
        if id(reading) not in self._kept:
            self._kept[id(reading)] = super()._scores(reading)
        return self._kept[id(reading)]


class Trial:
    """Labelled messages, read once: facts and expressions do not depend on thresholds."""

    def __init__(self, messages: Sequence[Mapping]):
        self.messages = messages
        self.lexicon = load_lexicon()
        self.requests = _Remembering(RequestReader(self.lexicon))
        reader = MessageReader(self.lexicon, load_gazetteer(ROOT))
        self.readings = [read(message["texte"], self.lexicon) for message in messages]
        self.facts = [reader.facts(reading, DAY, None) for reading in self.readings]

    def scored(self, model: LinearModel, kind: str) -> Iterator[tuple[float, bool]]:
        """Score of the whole message and truth, for each label of a kind that the conventions settle."""
        columns = [i for i, label in enumerate(model.labels) if label.startswith(f"{kind}:")]
        lines = [" ".join(reading.learning_forms) for reading in self.readings]
        for message, row in zip(self.messages, model.scores(lines), strict=True):
            said, open_ = _truth(message, kind)
            for column in columns:
                value = model.labels[column].partition(":")[2]
                if said is not None and value not in open_:
                    yield float(row[column]), value in said

    def need_signs(self, understander: Understander) -> Iterator[tuple[list[float], bool]]:
        """Signs (in the order of NEED_SIGNS) and truth of each need that the conventions settle."""
        for message, scores, spoken in self._heard(understander):
            truth, open_ = _truth(message, "besoin")
            if truth is None:
                continue
            for value, found in scores.need_signs(spoken).items():
                if value in truth or value not in open_:
                    yield [found[name] for name in NEED_SIGNS], value in truth

    def danger_signs(self, understander: Understander) -> Iterator[tuple[list[float], bool]]:
        """Signs (in the order of DANGER_SIGNS) and truth of each message that the conventions settle."""
        for message, scores, spoken in self._heard(understander):
            truth, open_ = _truth(message, "alerte")
            if truth or not open_:
                found = scores.danger_signs(spoken)
                yield [found[name] for name in DANGER_SIGNS], bool(truth)

    def _heard(self, understander: Understander) -> Iterator[tuple]:
        for message, reading, facts in zip(self.messages, self.readings, self.facts, strict=True):
            scores, spoken = understander.heard(reading, facts)
            if scores is not None:
                yield message, scores, spoken

    def report(self, understander: Understander) -> Report:
        predictions = {}
        for message, reading, facts in zip(self.messages, self.readings, self.facts, strict=True):
            found = understander.understand(reading, facts)
            labels = {"besoins": [], "alertes": []}
            for label in found.labels:
                labels.setdefault(f"{label.kind}s", []).append(label.value)
            bare = not (labels["besoins"] or labels["alertes"] or facts)
            predictions[message["id"]] = {**labels, "faits": {}, "acte": found.intent if bare else None}
        return score(self.messages, predictions)


def _truth(message: Mapping, kind: str) -> tuple[set[str] | None, set[str]]:
    """(labels said, labels left open); None when the message does not label this kind."""
    alerts_only = "besoins" not in message
    if kind == "alerte":
        return set(message["alertes"]), set(
            message["tolere"] if alerts_only else message["tolere"]["alertes"]
        )
    if alerts_only:
        return None, set()
    if kind == "acte":
        return {message["acte"]} - {None}, set(message["tolere"]["actes"])
    others = {other for options in message["alternatives"].values() for other in options}
    return set(message["besoins"]), set(message["tolere"]["besoins"]) | others


def fit(scored: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """(slope, shift) of the log-odds that make the scores as right as they say."""
    values = np.clip([value for value, _ in scored], 1e-6, 1 - 1e-6)
    odds = np.log(values / (1 - values)).reshape(-1, 1)
    model = LogisticRegression(C=1e6).fit(odds, [right for _, right in scored])
    return round(float(model.coef_[0][0]), 3), round(float(model.intercept_[0]), 3)


def fit_weights(names: Sequence[str], signed: Sequence[tuple[Sequence[float], bool]]) -> dict[str, float]:
    """Weight of each sign (`names`), and `biais`, for probabilities as right as they say."""
    values = np.array([found for found, _ in signed])
    spread = values.std(axis=0) + 1e-6
    model = LogisticRegression(C=1.0, max_iter=1000).fit(values / spread, [asked for _, asked in signed])
    weights = dict(zip(names, np.round(model.coef_[0] / spread, 3).tolist(), strict=True))
    return {"biais": round(float(model.intercept_[0]), 3), **weights}


def worth(report: Report) -> float:
    """What is to be made as great as possible: needs, acts, and dangers whose misses weigh most."""
    raised, dangers = report.dangers
    false, calm = report.calm
    alarms = (MISSED_DANGER * (dangers - raised) + false) / max(1, dangers + calm)
    return report.family("besoin").f1 + 0.5 * report.acts[0] / max(1, report.acts[1]) - alarms


def climb(
    trial: Trial, model: LinearModel, weights: Mapping[str, Mapping[str, float]], start: Thresholds
) -> Thresholds:
    """Change one threshold at a time while it helps."""
    kept: dict = {}
    best, best_worth, moved = start, float("-inf"), True
    while moved:
        moved = False
        for field in fields(Thresholds):
            for value in _STEPS:
                tried = replace(best, **{field.name: value})
                found = worth(trial.report(_ScoredOnce(kept, trial.requests, model, tried, weights)))
                if found > best_worth + 1e-4:
                    best, best_worth, moved = tried, found, True
    return best


def _current_model() -> Path:
    """The last trained model. Ends the program when there is none."""
    models = sorted(
        (ROOT / "assistant" / "models").glob("modele-*.tar.gz"), key=lambda path: path.stat().st_mtime
    )
    if not models:
        sys.exit("Pas de modèle. Lancez « make entrainer ».")
    return models[-1]


def main() -> int:
    parser = argparse.ArgumentParser(description="Étalonne les scores et cherche les seuils.")
    parser.add_argument("fichiers", nargs="*", type=Path, help=f"par défaut {DEFAULT_PARTS}")
    files = parser.parse_args().fichiers or sorted(ROOT.glob(DEFAULT_PARTS))
    if not files:
        sys.exit(f"Pas de messages étiquetés : donnez des fichiers, ou écrivez {DEFAULT_PARTS}.")
    lines = [line for file in files for line in file.read_text("utf-8").splitlines() if line]
    messages = [json.loads(line) for line in lines]
    trial = Trial([message for message in messages if "alertes" in message])
    with tempfile.TemporaryDirectory() as folder, tarfile.open(_current_model()) as archive:
        archive.extractall(folder, filter="data")
        raw = LinearModel.load(next(Path(folder).rglob("model.json")).parent)
    scales = {kind: fit(list(trial.scored(raw, kind))) for kind in ("besoin", "alerte", "acte")}
    scales["danger"] = scales["alerte"]
    print("etalonnage:", json.dumps(scales))
    scaled = raw.scaled(scales)
    listener = Understander(trial.requests, scaled)
    weights = {
        "besoin": fit_weights(NEED_SIGNS, list(trial.need_signs(listener))),
        "alerte": fit_weights(DANGER_SIGNS, list(trial.danger_signs(listener))),
    }
    print("arbitrage:", json.dumps(weights))
    best = climb(trial, scaled, weights, Thresholds())
    print("seuils:", json.dumps({field.name: getattr(best, field.name) for field in fields(best)}))
    report = trial.report(Understander(trial.requests, scaled, best, weights))
    print(
        f"needs {report.family('besoin').f1:.3f}, acts {report.acts}, dangers {report.dangers}, false {report.calm}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
