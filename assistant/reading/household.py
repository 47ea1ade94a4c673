"""Adults and children of the household. Lists in `nombres.yml` (adultes, enfants)."""

from __future__ import annotations

from itertools import pairwise

from assistant.reading.facts import Fact
from assistant.reading.lexicon import Lexicon
from assistant.reading.patterns import Found, compile_all, compile_expression, find, stands_in
from assistant.reading.text import Reading

_MOST = 15


class HouseholdReader:
    """Reads `adultes` and `enfants`. Returns facts and the word indexes of the numbers used."""

    def __init__(self, lexicon: Lexicon):
        adults, children = lexicon.documents["nombres"]["adultes"], lexicon.documents["nombres"]["enfants"]
        macros = lexicon.macros
        self._alone = compile_all(adults["1"], macros)
        self._only_parent = compile_all(adults["avec_enfants_seulement"], macros)
        self._with_us = compile_expression(adults["avec_nous"], macros)
        self._pair = compile_all(adults["2"], macros)
        self._trio = compile_all(adults["3"], macros)
        self._with_grown = compile_expression(adults["avec_majeur"], macros)
        self._gone = frozenset(adults["pas_un"].split("|"))
        self._adult_count = compile_expression(adults["nombre"], macros)
        self._grown = compile_all(children["grands"], macros)
        self._jargon = compile_expression(adults["avec_enfants"], macros)
        self._total = compile_expression(adults["foyer_total"], macros)
        self._count = compile_all(children["compte"], macros)
        self._single = compile_all(children["un"], macros)
        self._never_single = compile_expression(children["jamais_un"], macros)
        self._several = compile_expression(children["plusieurs"], macros)
        self._twins = compile_expression(children["jumeaux"], macros)
        self._none = compile_all(children["zero"], macros)
        self._ages = compile_expression(children["ages"], macros)

    def read(self, reading: Reading, helped_is_child: bool) -> tuple[list[Fact], set[int]]:
        """Facts about the household. `helped_is_child`: the child spoken of is the person to help."""
        never = list(find(reading, [self._never_single]))
        used = {i for found in find(reading, [self._ages]) for i in _numbers(reading, found)}
        for found in find(reading, [self._jargon]):
            adult, child = _numbers(reading, found)[:2]
            span = reading.span(found.first, found.last)
            counts = (("adultes", adult), ("enfants", child))
            return [Fact(fait, int(reading.words[i].value), *span) for fait, i in counts], {adult, child}
        children, place = (None, None) if helped_is_child else self._children(reading, used, never)
        facts = []
        if children is not None:
            facts.append(Fact("enfants", children, *reading.span(*place)))
        adults, place = self._adults(reading, children, used)
        if adults is not None:
            facts.append(Fact("adultes", adults, *reading.span(*place)))
        return facts, used

    def _children(self, reading: Reading, used: set[int], never: list[Found]):
        for found in find(reading, self._none):
            used.update(_numbers(reading, found))
            return 0, (found.first, found.last)
        said = [found for found in find(reading, self._count) if not _overlap(found, never)]
        counted = [(self._counted(reading, found, used), found) for found in said]
        counted = [(count, found) for count, found in counted if count is not None]
        mentioned = self._from_mentions(reading, never)
        if counted and max(count for count, _ in counted) >= (mentioned[0] or 0):
            plural = [found for count, found in counted if count > 1]
            total = max(counted, key=lambda item: item[0]) if len(plural) < 2 else counted[0]
            if len(counted) > 1 and not _says_including(reading):
                distinct = {found.last: (count, found) for count, found in counted}
                total = (sum(count for count, _ in distinct.values()), counted[0][1])
            extra = 0 if _says_including(reading) else self._extra(reading, [f for _, f in counted])
            return max(0, min(total[0] + extra, _MOST) - self._grown_up(reading)), (
                total[1].first,
                total[1].last,
            )
        return mentioned

    def _grown_up(self, reading: Reading) -> int:
        """« trois enfants dont un majeur »: those who are not children any more."""
        for found in find(reading, self._grown):
            value = reading.words[found.first + 1].value
            return int(value) if value is not None else 1
        return 0

    def _counted(self, reading: Reading, found: Found, used: set[int]) -> int | None:
        indexes = _numbers(reading, found)
        if not indexes:
            return 1
        value = reading.words[indexes[0]].value
        if value is None or value != int(value) or not 0 <= value <= _MOST:
            return None
        used.update(indexes)
        return int(value)

    def _extra(self, reading: Reading, counted: list[Found]) -> int:
        """A baby named beside counted children (« 2 enfants et un bébé »)."""
        return sum(
            1
            for found in find(reading, self._single)
            if any(
                word.form in ("bebe", "nourrisson") for word in reading.words[found.first : found.last + 1]
            )
            and reading.words[max(0, found.first - 1)].form in ("et", "plus")
            and not any(other.first <= found.last and found.first <= other.last for other in counted)
        )

    def _from_mentions(self, reading: Reading, never: list[Found]):
        for found in find(reading, [self._twins]):
            return 2, (found.first, found.last)
        if any(True for _ in find(reading, [self._several])):
            for found in find(reading, [self._ages]):
                ages = [reading.words[i].value for i in _numbers(reading, found)]
                if len(ages) > 1:
                    return len([age for age in ages if age < 18]), (found.first, found.last)
        mentions: dict[str, Found] = {}
        for found in find(reading, self._single):
            twice = _overlap(found, list(mentions.values()))
            if not twice and not _overlap(found, never) and not self._is_adult(reading, found):
                mentions.setdefault(reading.words[found.last].form, found)
        if "enfant" in mentions and len(mentions) > 1:
            mentions.pop("enfant")
        if not mentions:
            return None, None
        first = min(mentions.values(), key=lambda found: found.first)
        return len(mentions), (first.first, first.last)

    def _is_adult(self, reading: Reading, found: Found) -> bool:
        """« mon fils de 22 ans », « ma fille majeure »."""
        after = reading.words[found.last + 1 : found.last + 6]
        if after and after[0].form in ("majeur", "majeure", "adulte"):
            return True
        for word, unit in pairwise(after):
            if word.form in (".", "et", "j", "je"):
                break
            if word.value is not None:
                return unit.form in ("ans", "an") and word.value >= 18
        return False

    def _adults(self, reading: Reading, children: int | None, used: set[int]):
        for found in find(reading, [self._adult_count]):
            index = _numbers(reading, found)[0]
            if 1 <= reading.words[index].value <= _MOST:
                used.add(index)
                return int(reading.words[index].value), (found.first, found.last)
        for found in find(reading, self._trio):
            return 3, (found.first, found.last)
        for found in find(reading, [self._with_grown]):
            spouse = any(not self._left(reading, pair) for pair in find(reading, self._pair))
            spouse = spouse or stands_in(reading, self._with_us)
            return 3 if spouse else 2, (found.first, found.last)
        pairs = [found for found in find(reading, self._pair) if not self._left(reading, found)]
        alone = list(find(reading, self._alone))
        if alone and not any(word.form == "couple" for word in reading.words):
            return 1, (alone[0].first, alone[0].last)
        if pairs:
            return 2 + self._grown_up(reading), (pairs[0].first, pairs[0].last)
        for found in [*alone, *find(reading, self._only_parent)]:
            return 1, (found.first, found.last)
        for found in find(reading, [self._total]):
            index = _numbers(reading, found)[0]
            total = int(reading.words[index].value)
            if children is not None and children < total <= _MOST:
                used.add(index)
                return total - children, (found.first, found.last)
        return None, None

    def _left(self, reading: Reading, found: Found) -> bool:
        around = reading.words[max(0, found.first - 2) : found.last + 5]
        return any(word.form in self._gone for word in around)


def _overlap(found: Found, others: list[Found]) -> bool:
    return any(other.first <= found.last and found.first <= other.last for other in others)


def _says_including(reading: Reading) -> bool:
    return any(word.form in ("dont", "parmi", "notamment", "soit") for word in reading.words)


def _numbers(reading: Reading, found: Found) -> list[int]:
    return [i for i in range(found.first, found.last + 1) if reading.words[i].value is not None]
