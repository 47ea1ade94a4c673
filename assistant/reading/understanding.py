"""What a message asks: needs, dangers, act and intent, by expressions and by the learned model together."""

from __future__ import annotations

from dataclasses import dataclass, field

from assistant.reading.facts import Fact
from assistant.reading.requests import Label, RequestReader, clauses
from assistant.reading.text import Reading

DANGER, INFORM, NOT_UNDERSTOOD, OFF_TOPIC = "danger", "informer", "nlu_fallback", "hors_sujet"
# Lone letters of « a », « y »... weigh nothing; a message shorter than this is not scored by clauses.
_SHORTEST_CLAUSE = 3


@dataclass(frozen=True)
class Thresholds:
    """Probabilities from which the learned model is believed. A danger is believed early."""

    besoin: float = 0.5
    besoin_clause: float = 0.8
    alerte: float = 0.5
    acte: float = 0.4
    possible: float = 0.12


@dataclass(frozen=True)
class Understanding:
    """Labels of a message, its intent, and the needs it may mean when nothing is sure."""

    labels: list[Label]
    intent: str
    confidence: float
    possible: list[Label] = field(default_factory=list)


class Understander:
    """Joins the expressions (`RequestReader`) and the model (`LinearModel`, optional)."""

    def __init__(self, requests: RequestReader, model=None, thresholds: Thresholds = Thresholds()):
        self._requests = requests
        self._model = model
        self._thresholds = thresholds

    def understand(self, reading: Reading, facts: list[Fact]) -> Understanding:
        """Labels and intent. `facts`: facts and lone numbers read in the message."""
        learned, possible = self._learned(reading)
        dangers = _merge(self._requests.dangers(reading), [x for x in learned if x.kind == "alerte"])
        needs = _merge(self._requests.needs(reading), self._requests.implied(reading, facts))
        needs = _merge(needs, [x for x in learned if x.kind == "besoin"])
        if dangers:
            return Understanding([*dangers, *needs], DANGER, max(x.score for x in dangers))
        if needs or facts:
            return Understanding(needs, INFORM, max((x.score for x in needs), default=1.0))
        act = self._requests.act(reading)
        if act:
            return Understanding([], act, 1.0)
        acts = [x for x in learned if x.kind == "acte"]
        if acts:
            best = max(acts, key=lambda label: label.score)
            return Understanding([], best.value, best.score, possible if best.value == OFF_TOPIC else [])
        return Understanding([], NOT_UNDERSTOOD, 0.0, possible)

    def _learned(self, reading: Reading) -> tuple[list[Label], list[Label]]:
        if self._model is None or not reading.words:
            return [], []
        refused = self._requests.refused(reading)
        whole = (0, len(reading.words) - 1)
        parts = [whole, *[part for part in clauses(reading) if part[1] - part[0] + 1 >= _SHORTEST_CLAUSE]]
        calm = self._requests.without_false_friends(reading)
        lines = [_line(reading, part, refused) for part in parts]
        lines.append(" ".join(calm.replace("~", " ").split()))
        scores = self._model.scores(lines)
        labels, possible = [], []
        for column, name in enumerate(self._model.labels):
            kind, value = name.split(":", 1)
            if kind == "alerte":
                score, part = float(scores[-1][column]), whole
                if score >= self._thresholds.alerte:
                    labels.append(Label(kind, value, *part, score))
                continue
            row = max(range(len(parts)), key=lambda index: scores[index][column] - 0.1 * bool(index))
            score = float(scores[row][column])
            limit = getattr(self._thresholds, kind if row == 0 or kind == "acte" else "besoin_clause")
            if kind == "acte":
                score = float(scores[0][column]) if self._model.knows(lines[0]) else 0.0
            if score >= limit:
                labels.append(Label(kind, value, *parts[row], score))
            elif kind == "besoin" and score >= self._thresholds.possible:
                possible.append(Label(kind, value, *parts[row], score))
        return labels, sorted(possible, key=lambda label: -label.score)[:2]


def _line(reading: Reading, part: tuple[int, int], refused: set[int]) -> str:
    first, last = part
    return " ".join(reading.words[index].form for index in range(first, last + 1) if index not in refused)


def _merge(said: list[Label], learned: list[Label]) -> list[Label]:
    known = {label.value for label in said}
    merged = [*said, *(label for label in learned if label.value not in known)]
    return sorted(merged, key=lambda label: (label.first, label.last, label.value))
