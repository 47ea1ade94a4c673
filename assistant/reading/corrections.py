"""« j'ai 38 ans, pardon 39 »: a number taken back gives way to the one said after it."""

from __future__ import annotations

from dataclasses import replace

from assistant.reading.lexicon import Lexicon
from assistant.reading.patterns import Found, compile_expression, find
from assistant.reading.text import Reading


class Corrector:
    """Rewrites a reading as if the right number had been said at once. Lists in `nombres.yml` (reprise)."""

    def __init__(self, lexicon: Lexicon):
        lists = lexicon.documents["nombres"]["reprise"]
        self._taken_back = compile_expression(lists["expression"], lexicon.macros)
        self._units = frozenset(str(word) for word in lists["unites"])

    def corrected(self, reading: Reading) -> Reading:
        """The reading without what was taken back. Offsets still point at the original text."""
        found = next(find(reading, [self._taken_back]), None)
        if found is None:
            return reading
        return replace(reading, words=self._without(reading, found))

    def _without(self, reading: Reading, found: Found):
        words = reading.words
        right = words[found.last]
        unit = words[found.first + 1]
        has_unit = found.last + 1 < len(words) and words[found.last + 1].form in self._units
        kept = (
            ()
            if has_unit or unit.form not in self._units
            else (replace(unit, start=right.start, end=right.end),)
        )
        return (*words[: found.first], right, *kept, *words[found.last + 1 :])
