"""What a message asks: needs, dangers, act and intent, by expressions and by the learned model together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from assistant.reading.arbiter import PLAIN_WEIGHTS, danger_signs, need_signs, weighed
from assistant.reading.facts import Fact
from assistant.reading.requests import Label, RequestReader, clauses
from assistant.reading.text import Reading

DANGER, INFORM, NOT_UNDERSTOOD, OFF_TOPIC = "danger", "informer", "nlu_fallback", "hors_sujet"
FEELING = "ressenti"
ANY_DANGER = "danger:quelconque"  # learned beside the kinds of danger
_ERASING = ("recommencer", "stop")
_SHORTEST_CLAUSE = 3
_LONGEST_WHOLE = 40  # words
_LONE_NUMBER = "nombre"  # « 2 minutes », « repartir à zéro »: a number that says no fact
# A part of the message must do better than the whole by this much to be preferred.
_PART_COST = 0.1


@dataclass(frozen=True)
class Thresholds:
    """Probabilities from which what was found is believed: the less is known, the sooner."""

    besoin: float = 0.5  # weighed by the arbiter
    alerte: float = 0.5  # weighed by the arbiter: a danger, of whatever kind
    alerte_sorte: float = 0.5  # which kinds, once there is a danger
    alerte_en_plus: float = 0.8  # which kinds, beside one said in clear words
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
        weights: Mapping[str, Mapping[str, float]] | None = None,
    ):
        """`weights`: by kind (besoin, alerte), of its signs (see arbiter.py), and « biais »."""
        self._requests = requests
        self._model = model
        self._thresholds = thresholds or Thresholds()
        self._weights = weights or PLAIN_WEIGHTS

    def understand(self, reading: Reading, facts: list[Fact]) -> Understanding:
        """Labels and intent. `facts`: facts and lone numbers read in the message."""
        scores, spoken = self.heard(reading, facts)
        needs, possible = self._needs(spoken, self._requests.implied(reading, facts), scores)
        needs = needs or self._requests.shelter(reading, facts)
        dangers = self._dangers(spoken, scores)
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
        spoken = Spoken(
            requests.needs(reading),
            requests.dangers(reading),
            requests.act(reading),
            number,
            len(reading.words),
        )
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

    def _dangers(self, spoken: Spoken, scores: _Scores | None) -> list[Label]:
        """The dangers told, none when the message tells none: said in clear words, then seen by the model."""
        if scores is None:
            return spoken.dangers
        limits = self._thresholds
        # In a long message the rest drowns what one part tells.
        rows = range(len(scores.parts)) if spoken.words > _LONGEST_WHOLE else (0,)
        sure = max(weighed(scores.danger_signs(spoken, row), self._weights["alerte"]) for row in rows)
        if sure < limits.alerte:
            return []
        kinds = [Label("alerte", kind, *scores.parts[0], score) for kind, score in scores.kinds_of_danger()]
        limit = limits.alerte_en_plus if spoken.dangers else limits.alerte_sorte
        learned = [label for label in kinds if label.score >= limit]
        if not spoken.dangers and not learned:
            learned = [replace(max(kinds, key=lambda label: label.score), score=sure)]
        return _merge(spoken.dangers, learned)

    def _needs(
        self, spoken: Spoken, by_fact: list[Label], scores: _Scores | None
    ) -> tuple[list[Label], list[Label]]:
        """(needs believed, at most two needs it may mean)."""
        if scores is None:
            return _merge(spoken.needs, by_fact), []
        believed, possible = list(by_fact), []
        sure = {label.value for label in by_fact}
        said = {label.value: (label.first, label.last) for label in spoken.needs}
        for value, found in scores.need_signs(spoken).items():
            if value in sure:
                continue
            score = weighed(found, self._weights["besoin"])
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
    """What expressions find in a message: needs, dangers, the act that it is as a whole, a number that says no fact; its words."""

    needs: list[Label]
    dangers: list[Label]
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

    def need_signs(self, spoken: Spoken) -> dict[str, dict[str, float]]:
        """What each learned need has for it and against it, as `arbiter.need_signs` gives it."""
        said = {label.value for label in spoken.needs}
        return {
            value: need_signs(
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

    def danger_signs(self, spoken: Spoken, row: int = 0) -> dict[str, float]:
        """What says that a danger is told in a part, and what says not, as `arbiter.danger_signs` gives it."""
        first, last = self.parts[row]
        return danger_signs(
            self._danger_in(self.table[row]),
            self._danger_in(self.table[-1 if row == 0 else row]),
            said=any(first <= label.first and label.last <= last for label in spoken.dangers),
            need_said=bool(spoken.needs),
        )

    def kinds_of_danger(self) -> list[tuple[str, float]]:
        """(danger, probability in the whole message)."""
        return [(value, float(self.table[0][column])) for column, value in self.columns("alerte")]

    def _danger_in(self, row: Sequence[float]) -> tuple[float, float]:
        """Probability of a danger, whatever it is, and of the likeliest kind."""
        kinds = [float(row[column]) for column, _ in self.columns("alerte")]
        return float(row[self.labels.index(ANY_DANGER)]), max(kinds)

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


def _merge(said: list[Label], learned: list[Label]) -> list[Label]:
    """What was said in clear words first, in its order; then what only the model sees."""
    known = {label.value for label in said}
    guessed = [label for label in learned if label.value not in known]
    return [
        *sorted(said, key=lambda label: (label.first, label.last, label.value)),
        *sorted(guessed, key=lambda label: (label.first, label.last, label.value)),
    ]
