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

    besoin: float = 0.5  # nothing else is known of the message
    besoin_avec_faits: float = 0.7  # facts alone may sound like a need
    besoin_en_plus: float = 0.85  # another need is said in clear words
    besoin_clause: float = 0.85
    alerte: float = 0.5
    alerte_mots_inconnus: float = 0.8
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
        needs = _merge(self._requests.needs(reading), self._requests.implied(reading, facts))
        learned, possible = self._learned(reading, self._need_threshold(needs, facts))
        dangers = _merge(self._requests.dangers(reading), [x for x in learned if x.kind == "alerte"])
        needs = _merge(needs, [x for x in learned if x.kind == "besoin"])
        needs = needs or self._requests.shelter(reading, facts)
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

    def _need_threshold(self, needs: list[Label], facts: list[Fact]) -> float:
        if needs:
            return self._thresholds.besoin_en_plus
        return self._thresholds.besoin_avec_faits if facts else self._thresholds.besoin

    def _learned(self, reading: Reading, need_threshold: float) -> tuple[list[Label], list[Label]]:
        if self._model is None or not reading.words:
            return [], []
        refused = self._requests.refused(reading)
        whole = (0, len(reading.words) - 1)
        parts = [whole, *[part for part in clauses(reading) if part[1] - part[0] + 1 >= _SHORTEST_CLAUSE]]
        crossed = self._requests.false_friend_words(reading)
        lines = [_line(reading, part, refused) for part in parts]
        lines.append(_line(reading, whole, crossed))
        scores = self._model.scores(lines)
        known = self._model.knows(lines[0])
        alarm = self._thresholds.alerte if known else self._thresholds.alerte_mots_inconnus
        labels, possible = [], []
        for column, name in enumerate(self._model.labels):
            kind, value = name.split(":", 1)
            if kind == "alerte":
                score, part = float(scores[-1][column]), whole
                if score >= alarm:
                    labels.append(Label(kind, value, *part, score))
                continue
            row = max(range(len(parts)), key=lambda index: scores[index][column] - 0.1 * bool(index))
            score = float(scores[row][column])
            limit = need_threshold if row == 0 else max(need_threshold, self._thresholds.besoin_clause)
            if kind == "acte":
                score, limit = float(scores[0][column]) * known, self._thresholds.acte
            if score >= limit:
                labels.append(Label(kind, value, *parts[row], score))
            elif kind == "besoin" and score >= self._thresholds.possible:
                possible.append(Label(kind, value, *parts[row], score))
        return labels, sorted(possible, key=lambda label: -label.score)[:2]


def _line(reading: Reading, part: tuple[int, int], refused: set[int]) -> str:
    first, last = part
    return " ".join(reading.learning_forms[index] for index in range(first, last + 1) if index not in refused)


def _merge(said: list[Label], learned: list[Label]) -> list[Label]:
    known = {label.value for label in said}
    merged = [*said, *(label for label in learned if label.value not in known)]
    return sorted(merged, key=lambda label: (label.first, label.last, label.value))
