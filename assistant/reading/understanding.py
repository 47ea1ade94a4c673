"""What a message asks: needs, dangers, act and intent, by expressions and by the learned model together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assistant.reading.arbiter import PLAIN_WEIGHTS, asked, signs
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
    """Probabilities from which what was found is believed: the less is known, the sooner."""

    besoin: float = 0.5  # weighed by the arbiter
    alerte: float = 0.6
    alerte_dite: float = 0.03  # said in clear words: the model must find it all but impossible to deny it
    alerte_avec_besoin: float = 0.8  # a need is said in clear words
    alerte_en_plus: float = 0.8  # another danger is said in clear words
    alerte_mots_inconnus: float = 0.8
    acte: float = 0.3
    acte_qui_efface: float = 0.6  # beginning again or stopping loses what was said
    acte_contre_besoin: float = 0.9  # an act in clear words gives way to a need as sure as this
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

    def __init__(
        self,
        requests: RequestReader,
        model=None,
        thresholds: Thresholds | None = None,
        weights: Mapping[str, float] | None = None,
    ):
        """`weights`: of the signs of a need (arbiter.SIGNS), and « biais »."""
        self._requests = requests
        self._model = model
        self._thresholds = thresholds or Thresholds()
        self._weights = weights or PLAIN_WEIGHTS

    def understand(self, reading: Reading, facts: list[Fact]) -> Understanding:
        """Labels and intent. `facts`: facts and lone numbers read in the message."""
        scores, spoken = self.heard(reading, facts)
        needs, possible = self._needs(spoken, self._requests.implied(reading, facts), scores)
        needs = needs or self._requests.shelter(reading, facts)
        alarms = _not_denied(self._requests.dangers(reading), scores, self._thresholds.alerte_dite)
        dangers = _merge(alarms, self._learned_dangers(scores, bool(spoken.needs), bool(alarms)))
        if dangers:
            return Understanding([*dangers, *needs], DANGER, max(x.score for x in dangers))
        sure = any(label.score >= self._thresholds.acte_contre_besoin for label in needs)
        if spoken.act and not sure and all(fact.fait == _LONE_NUMBER for fact in facts):
            return Understanding([], spoken.act, 1.0)
        act, score = self._learned_act(scores)
        felt = self._requests.feeling(reading)
        if facts or needs:
            return Understanding([*needs, *felt], INFORM, max((x.score for x in needs), default=1.0))
        if felt and act in (None, OFF_TOPIC):
            return Understanding(felt, FEELING, 1.0)
        if act:
            return Understanding([], act, score, possible if act == OFF_TOPIC else [])
        return Understanding([], NOT_UNDERSTOOD, 0.0, possible)

    def heard(self, reading: Reading, facts: list[Fact]) -> tuple[_Scores | None, Spoken]:
        """What the model (None without one) and the expressions find, before anything is decided."""
        number = any(fact.fait == _LONE_NUMBER for fact in facts)
        requests = self._requests
        spoken = Spoken(requests.needs(reading), requests.act(reading), number, len(reading.words))
        return self._scores(reading), spoken

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

    def _needs(
        self, spoken: Spoken, by_fact: list[Label], scores: _Scores | None
    ) -> tuple[list[Label], list[Label]]:
        """(needs believed, at most two needs it may mean)."""
        if scores is None:
            return _merge(spoken.needs, by_fact), []
        believed, possible = list(by_fact), []
        sure = {label.value for label in by_fact}
        said = {label.value: (label.first, label.last) for label in spoken.needs}
        for value, found in scores.signs(spoken).items():
            if value in sure:
                continue
            score = asked(found, self._weights)
            label = Label("besoin", value, *(said.get(value) or scores.best_part(value)), score)
            if score >= self._thresholds.besoin:
                believed.append(label)
            elif score >= self._thresholds.possible:
                possible.append(label)
        clear = [label for label in believed if label.value in said or label.value in sure]
        guessed = [label for label in believed if label not in clear]
        return _merge(clear, guessed), sorted(possible, key=lambda label: -label.score)[:2]

    def _learned_act(self, scores: _Scores | None) -> tuple[str | None, float]:
        if scores is None or not scores.known_words:
            return None, 0.0
        best = max(scores.columns("acte"), key=lambda pair: scores.table[0][pair[0]], default=None)
        score = float(scores.table[0][best[0]]) if best else 0.0
        limits = self._thresholds
        limit = limits.acte_qui_efface if best and best[1] in _ERASING else limits.acte
        return (best[1], score) if score >= limit else (None, 0.0)


@dataclass(frozen=True)
class Spoken:
    """What expressions find in a message: needs, the act that it is as a whole, a number that says no fact; its words."""

    needs: list[Label]
    act: str | None
    number: bool
    words: int


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

    def signs(self, spoken: Spoken) -> dict[str, dict[str, float]]:
        """What each learned need has for it and against it, as `arbiter.signs` gives it."""
        said = {label.value for label in spoken.needs}
        return {
            value: signs(
                float(self.table[0][column]),
                self.best("besoin", value),
                self._rival(column),
                said=value in said,
                other_said=bool(said - {value}),
                act=spoken.act is not None,
                number=spoken.number,
                words=spoken.words,
            )
            for column, value in self.columns("besoin")
        }

    def best_part(self, need: str) -> tuple[int, int]:
        """The part of the message where a need is seen best; the whole message unless a part does clearly better."""
        column = self.labels.index(f"besoin:{need}")
        row = max(range(len(self.parts)), key=lambda row: self.table[row][column] - _PART_COST * bool(row))
        return self.parts[row]

    def _rival(self, column: int) -> float:
        """The highest probability of another label for the whole message."""
        return max(float(score) for rank, score in enumerate(self.table[0]) if rank != column)

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
