"""An answer read in the light of its question: « 3 » after « Combien d'enfants ? ». Lists in `reponses.yml`."""

from __future__ import annotations

from datetime import date

from assistant.reading.durations import months_before
from assistant.reading.facts import Fact
from assistant.reading.lexicon import Lexicon
from assistant.reading.numbers import home_size
from assistant.reading.patterns import compile_all, compile_expression, find, stands_in
from assistant.reading.text import Reading

HOME = "taille_logement_demande"
LENGTH, COUNT, EUROS, YES_NO = "duree", "nombre", "euros", "oui_non"
_RANGES = {
    "age": range(10, 121),
    "arrondissement": range(1, 21),
    "adultes": range(1, 21),
    "enfants": range(21),
    "enfants_majeurs_a_charge": range(21),
    "surface_m2": range(1, 1001),
}
_MOST_MONTHS = 1320


class AnswerReader:
    """Reads the fact that was asked, when the words of the answer do not say it by themselves."""

    def __init__(self, lexicon: Lexicon):
        lists, macros = lexicon.documents["reponses"], lexicon.macros
        self._kinds = {fact: kind for kind, facts in lists["genres"].items() for fact in facts}
        self._values = {
            fact: {str(value): compile_all(items, macros) for value, items in values.items()}
            for fact, values in lists["valeurs"].items()
        }
        self._yes, self._no = (compile_expression(lists[name], macros) for name in ("oui", "non"))
        self._unsure = compile_expression(lists["incertain"], macros)
        self._total = compile_expression(lists["total"], macros)
        self._since = compile_expression("{depuis_quand}", macros)

    def read(self, reading: Reading, asked: str, free: list[int], today: date) -> Fact | None:
        """The fact `asked`, or None. `free`: indexes of the numbers that nothing else explains."""
        kind = self._kinds.get(asked)
        if kind == LENGTH:
            return self._length(reading, asked, today)
        if kind in (COUNT, EUROS):
            number = self._number(reading, asked, kind, free)
            if number:
                return number
        if kind == YES_NO:
            return self._yes_no(reading, asked) or self._short(reading, asked, kind)
        home = home_size(reading) if asked == HOME else None
        if home:
            return Fact(asked, home[0], *reading.span(home[1], home[1]))
        return self._short(reading, asked, kind)

    def leading(self, reading: Reading, asked: str) -> Fact | None:
        """« Quatre, dont le petit de 3 ans »: a count said first is the answer, whatever follows."""
        words = reading.words
        if self._kinds.get(asked) != COUNT or not words or words[0].value not in _RANGES[asked]:
            return None
        alone = len(words) == 1 or words[1].form in (",", ".", "dont")
        return Fact(asked, int(words[0].value), *reading.span(0, 0)) if alone else None

    def asks_length(self, asked: str | None) -> bool:
        """A number without a unit is no answer to « depuis combien de temps ? »."""
        return self._kinds.get(asked) == LENGTH

    def _length(self, reading: Reading, asked: str, today: date) -> Fact | None:
        for found in find(reading, [self._since]):
            months = months_before(reading, found.first, found.last, today)
            if months is not None and months <= _MOST_MONTHS:
                return Fact(asked, months, *reading.span(found.first, found.last))
        return None

    def _number(self, reading: Reading, asked: str, kind: str, free: list[int]) -> Fact | None:
        totals = [found.last for found in find(reading, [self._total])]
        for index in [*totals, *free]:
            value = int(reading.words[index].value)
            if kind == EUROS or value in _RANGES[asked]:
                return Fact(asked, value, *reading.span(index, index))
        return None

    def _yes_no(self, reading: Reading, asked: str) -> Fact | None:
        if stands_in(reading, self._unsure):
            return None
        for value, expression in ((True, self._yes), (False, self._no)):
            for found in find(reading, [expression]):
                return Fact(asked, value, *reading.span(found.first, found.last))
        return None

    def _short(self, reading: Reading, asked: str, kind: str | None) -> Fact | None:
        for value, expressions in self._values.get(asked, {}).items():
            for found in find(reading, expressions):
                said = value == "oui" if kind == YES_NO else int(value) if kind else value
                return Fact(asked, said, *reading.span(found.first, found.last))
        return None
