"""What a message asks: needs, dangers, act and intent, by expressions and by the learned model together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.reading.facts import Fact
from assistant.reading.requests import Label, RequestReader, clauses
from assistant.reading.text import Reading

DANGER, INFORM, NOT_UNDERSTOOD, OFF_TOPIC = "danger", "informer", "nlu_fallback", "hors_sujet"
FEELING = "ressenti"
_ERASING = ("recommencer", "stop")
_SHORTEST_CLAUSE = 3
_LONE_NUMBER = "nombre"  # « 2 minutes », « repartir à zéro »: a number that says no fact
# A part of the message must do better than the whole by this much to be preferred.
_PART_COST = 0.1


@dataclass(frozen=True)
class Thresholds:
    """Probabilities from which the learned model is believed: the less is known, the sooner."""

    besoin: float = 0.5
    besoin_dit: float = 0.15  # said in clear words: enough that the model does not deny it
    besoin_avec_faits: float = 0.6  # facts alone may sound like a need
    besoin_en_plus: float = 0.85  # another need is said in clear words
    besoin_proposition: float = 0.85  # seen only in one part of the message
    alerte: float = 0.6
    alerte_dite: float = 0.03  # said in clear words: the model must find it all but impossible to deny it
    alerte_avec_besoin: float = 0.8  # a need is said in clear words
    alerte_en_plus: float = 0.8  # another danger is said in clear words
    alerte_mots_inconnus: float = 0.8
    acte: float = 0.3
    acte_qui_efface: float = 0.6  # beginning again or stopping loses what was said
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

    def __init__(self, requests: RequestReader, model=None, thresholds: Thresholds | None = None):
        self._requests = requests
        self._model = model
        self._thresholds = thresholds or Thresholds()

    def understand(self, reading: Reading, facts: list[Fact]) -> Understanding:
        """Labels and intent. `facts`: facts and lone numbers read in the message."""
        scores = self._scores(reading)
        alarms = _not_denied(self._requests.dangers(reading), scores, self._thresholds.alerte_dite)
        clear = _not_denied(self._requests.needs(reading), scores, self._thresholds.besoin_dit)
        said = _merge(clear, self._requests.implied(reading, facts))
        dangers = _merge(alarms, self._learned_dangers(scores, bool(said), bool(alarms)))
        learned, possible = self._learned_needs(scores, bool(said), bool(facts))
        needs = _merge(said, learned) or self._requests.shelter(reading, facts)
        if dangers:
            return Understanding([*dangers, *needs], DANGER, max(x.score for x in dangers))
        sure = any(label.score >= self._thresholds.besoin_en_plus for label in needs)
        whole_act = self._requests.act(reading)
        if whole_act and not sure and all(fact.fait == _LONE_NUMBER for fact in facts):
            return Understanding([], whole_act, 1.0)
        act, score = self._learned_act(scores)
        felt = self._requests.feeling(reading)
        if facts or said or any(label.score > score for label in needs):
            return Understanding([*needs, *felt], INFORM, max((x.score for x in needs), default=1.0))
        if felt and act in (None, OFF_TOPIC):
            return Understanding(felt, FEELING, 1.0)
        if act:
            return Understanding([], act, score, possible if act == OFF_TOPIC else [])
        return Understanding([], NOT_UNDERSTOOD, 0.0, possible)

    def _scores(self, reading: Reading) -> _Scores | None:
        if self._model is None or not reading.words:
            return None
        whole = (0, len(reading.words) - 1)
        parts = [whole, *(part for part in clauses(reading) if part[1] - part[0] + 1 >= _SHORTEST_CLAUSE)]
        refused = self._requests.refused(reading)
        lines = [_line(reading, part, refused) for part in parts]
        calm = _line(reading, whole, self._requests.false_friend_words(reading))
        return _Scores(
            self._model.labels, parts, self._model.scores([*lines, calm]), self._model.knows(lines[0])
        )

    def _learned_dangers(self, scores: _Scores | None, needs_said: bool, danger_said: bool) -> list[Label]:
        if scores is None:
            return []
        limits = self._thresholds
        limit = limits.alerte if scores.known_words else limits.alerte_mots_inconnus
        limit = max(limit, limits.alerte_avec_besoin if needs_said else 0)
        limit = max(limit, limits.alerte_en_plus if danger_said else 0)
        found = []
        for column, value in scores.columns("alerte"):
            # Believed only with and without the figures of speech: each view alone misleads.
            score = float(min(scores.table[0][column], scores.table[-1][column]))
            if score >= limit:
                found.append(Label("alerte", value, *scores.parts[0], score))
        return found

    def _learned_needs(
        self, scores: _Scores | None, need_said: bool, fact_said: bool
    ) -> tuple[list[Label], list[Label]]:
        """(needs believed, at most two needs it may mean)."""
        if scores is None:
            return [], []
        limits = self._thresholds
        limit = limits.besoin_avec_faits if fact_said else limits.besoin
        limit = limits.besoin_en_plus if need_said else limit
        believed, possible = [], []
        for column, value in scores.columns("besoin"):
            row = max(
                range(len(scores.parts)), key=lambda row: scores.table[row][column] - _PART_COST * bool(row)
            )
            label = Label("besoin", value, *scores.parts[row], float(scores.table[row][column]))
            if label.score >= (max(limit, limits.besoin_proposition) if row else limit):
                believed.append(label)
            elif label.score >= limits.possible:
                possible.append(label)
        return believed, sorted(possible, key=lambda label: -label.score)[:2]

    def _learned_act(self, scores: _Scores | None) -> tuple[str | None, float]:
        if scores is None or not scores.known_words:
            return None, 0.0
        best = max(scores.columns("acte"), key=lambda pair: scores.table[0][pair[0]], default=None)
        score = float(scores.table[0][best[0]]) if best else 0.0
        limits = self._thresholds
        limit = limits.acte_qui_efface if best and best[1] in _ERASING else limits.acte
        return (best[1], score) if score >= limit else (None, 0.0)


@dataclass(frozen=True)
class _Scores:
    """Probabilities: one row for the message, one for each part, the last without figures of speech."""

    labels: list[str]
    parts: list[tuple[int, int]]
    table: Sequence[Sequence[float]]
    known_words: bool

    def best(self, kind: str, value: str) -> float:
        """Highest probability of a label over the message and its parts; 1 for a label never learned."""
        name = f"{kind}:{value}"
        if name not in self.labels:
            return 1.0
        column = self.labels.index(name)
        return max(float(row[column]) for row in self.table[: len(self.parts)])

    def columns(self, kind: str) -> list[tuple[int, str]]:
        """(column, value) of the labels of one kind."""
        prefix = kind + ":"
        return [(i, label[len(prefix) :]) for i, label in enumerate(self.labels) if label.startswith(prefix)]


def _line(reading: Reading, part: tuple[int, int], left_out: set[int]) -> str:
    first, last = part
    return " ".join(
        reading.learning_forms[index] for index in range(first, last + 1) if index not in left_out
    )


def _not_denied(said: list[Label], scores: _Scores | None, least: float) -> list[Label]:
    """Labels found by expressions, less those that the model finds out of place in this message.

    « Je travaille dans un restaurant » holds the words of a need and asks for nothing.
    """
    if scores is None or not scores.known_words:
        return said
    return [label for label in said if scores.best(label.kind, label.value) >= least]


def _merge(said: list[Label], learned: list[Label]) -> list[Label]:
    """What was said in clear words first, in its order; then what only the model sees."""
    known = {label.value for label in said}
    guessed = [label for label in learned if label.value not in known]
    return [
        *sorted(said, key=lambda label: (label.first, label.last, label.value)),
        *sorted(guessed, key=lambda label: (label.first, label.last, label.value)),
    ]
