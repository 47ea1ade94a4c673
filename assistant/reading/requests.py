"""Needs, dangers, acts and feelings said in clear words: `besoins.yml`, `alertes.yml`, `actes.yml`, `ressentis.yml`."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.reading.facts import Fact
from assistant.reading.lexicon import Lexicon
from assistant.reading.patterns import Expression, compile_all, compile_expression, find, likely
from assistant.reading.text import Reading

_BREAKS = frozenset((".", "?", ",", "et", "puis", "mais", "ou"))
# A shorter message (« dehors », « dans ma voiture ») answers a question and asks for nothing.
_SHORTEST_TALE = 6
_HARD_BREAKS = frozenset((".", "?", ",", "mais", "juste", "seulement"))


@dataclass(frozen=True)
class Label:
    """A need, a danger, an act or a feeling. `first` and `last` are word indexes; `score` in 0..1."""

    kind: str
    value: str
    first: int
    last: int
    score: float


class RequestReader:
    """Finds by expressions. What the learned model adds is decided in `understanding.py`."""

    def __init__(self, lexicon: Lexicon):
        needs, dangers, acts = (lexicon.documents[name] for name in ("besoins", "alertes", "actes"))
        macros = lexicon.macros
        self._by_fact = dict(needs["faits"])
        self._by_housing = dict(needs["logement_seul"])
        self._refusals = compile_all(needs["refus"], macros)
        self._needs = {name: compile_all(items, macros) for name, items in needs["besoins"].items()}
        self._except = {name: compile_all(items, macros) for name, items in needs["sauf"].items()}
        self._false_friends = compile_all(dangers["faux_amis"], macros)
        self._dangers = {name: compile_all(items, macros) for name, items in dangers["alertes"].items()}
        self._acts = {name: compile_all(items, macros) for name, items in acts["actes"].items()}
        feelings = lexicon.documents["ressentis"]
        self._feelings = {name: compile_all(items, macros) for name, items in feelings.items()}
        self._politeness = compile_expression(acts["politesse"], macros).regex

    def needs(self, reading: Reading) -> list[Label]:
        """One label per need, at the first place it stands. What is refused is left out."""
        refused = self.refused(reading)
        labels = []
        for name, expressions in self._needs.items():
            barred = _spans(reading, self._except.get(name, []))
            found = [
                item
                for item in find(reading, expressions)
                if not set(range(item.first, item.last + 1)) <= refused
                and not (item.first in refused and item.last in refused)
                and not any(a <= item.last and item.first <= b for a, b in barred)
            ]
            if found:
                first = min(found, key=lambda item: (item.first, -item.last))
                labels.append(Label("besoin", name, first.first, first.last, 1.0))
        return labels

    def implied(self, reading: Reading, facts: list[Fact]) -> list[Label]:
        """Needs that a fact is by itself: an unpaid rent asks for help with the rent."""
        labels = []
        for fact in facts:
            if fact.fait in self._by_fact:
                inside = [i for i, word in enumerate(reading.words) if fact.start <= word.start < fact.end]
                labels.append(Label("besoin", self._by_fact[fact.fait], inside[0], inside[-1], 1.0))
        return labels

    def shelter(self, reading: Reading, facts: list[Fact]) -> list[Label]:
        """The need of someone who tells that they have no home and asks for nothing else."""
        if len(reading.words) < _SHORTEST_TALE:
            return []
        return [
            Label("besoin", self._by_housing[fact.value], 0, len(reading.words) - 1, 1.0)
            for fact in facts
            if fact.fait == "logement_actuel" and fact.value in self._by_housing
        ]

    def refused(self, reading: Reading) -> set[int]:
        """Indexes of the words that the sentence says are not asked for."""
        words: set[int] = set()
        for item in find(reading, self._refusals):
            index = item.first
            while index < len(reading.words) and (
                index <= item.last or reading.words[index].form not in _HARD_BREAKS
            ):
                words.add(index)
                index += 1
        return words

    def dangers(self, reading: Reading) -> list[Label]:
        """One label per danger. Figures of speech are set aside first."""
        crossed = self.false_friend_words(reading)
        calm = " ".join(
            "~" * len(word.form) if index in crossed else word.form
            for index, word in enumerate(reading.words)
        )
        labels = []
        for name, expressions in self._dangers.items():
            found = min(find(reading, expressions, calm), key=lambda item: item.start, default=None)
            if found:
                labels.append(Label("alerte", name, found.first, found.last, 1.0))
        return labels

    def false_friend_words(self, reading: Reading) -> set[int]:
        """Indexes of the words of figures of speech (« mort de fatigue », « tuer le temps »)."""
        spans = [range(item.first, item.last + 1) for item in find(reading, self._false_friends)]
        return {index for span in spans for index in span}

    def act(self, reading: Reading) -> str | None:
        """The act of a message that is nothing else: its whole text must match."""
        for line in dict.fromkeys((reading.line, self._bare(reading.line))):
            for name, expressions in self._acts.items():
                if line and any(_full(expression, line) for expression in likely(reading, expressions)):
                    return name
        return None

    def feeling(self, reading: Reading) -> list[Label]:
        """The first feeling said, if any."""
        for name, expressions in self._feelings.items():
            if found := next(find(reading, expressions), None):
                return [Label("ressenti", name, found.first, found.last, 1.0)]
        return []

    def _bare(self, line: str) -> str:
        """The line without politeness nor punctuation, unless nothing else is left."""
        bare = " ".join(word for word in line.split() if word not in (".", "?", ",", "et"))
        stripped = " ".join(self._politeness.sub(" ", bare).split())
        return stripped or bare


def clauses(reading: Reading) -> list[tuple[int, int]]:
    """(first word, last word) of each part of the message between breaks, at least two words long."""
    parts, start = [], 0
    for index, word in enumerate(reading.words):
        if word.form in _BREAKS:
            parts.append((start, index - 1))
            start = index + 1
    parts.append((start, len(reading.words) - 1))
    return [(first, last) for first, last in parts if last - first >= 1]


def _full(expression: Expression, line: str) -> bool:
    return expression.regex.fullmatch(line) is not None


def _spans(reading: Reading, expressions: list[Expression]) -> list[tuple[int, int]]:
    return [(item.first, item.last) for item in find(reading, expressions)]
