"""Expressions of the word lists: a small readable layer over regular expressions.

An expression is written on the normalised line (no capitals, no accents, one space between words,
numbers written `#`). On top of regular expressions:
  `word*`   the word and every word that begins so
  ` .. `    up to three words in between, not across a full stop (` .. .. `: up to six; `(.. )?` the same, glued)
  `{name}`  an alternation kept in macros.yml
  `#<18`    a number below 18 (or `#>39`, above 39)
  `^` `$`   the beginning and the end of the message
  `!` first the expression holds even when the sentence is negative (it says the negation itself)
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from assistant.reading.cues import beginnings, cues
from assistant.reading.text import Reading

_LIMIT = re.compile(r"#([<>])(\d+)")
# The line is searched with this mark before it, so that « ^ » is a word like another.
_START = "^ "
_LOOSE = r"(?:(?!\.)[^ ]+ ){0,3}"
# The end of the message, whatever marks close it.
_END = r"(?: [.,?])*$"
_GAP = r"(?: (?!\.)[^ ]+){0,3} "
_LONG_GAP = r"(?: (?!\.)[^ ]+){0,6} "
_NO_CUE = frozenset(("",))

# The expressions made in this process, and the numbers of those that each cue calls for.
_made: list[str] = []
_numbers_of: defaultdict[str, list[int]] = defaultdict(list)


@dataclass(frozen=True)
class Expression:
    """One expression. `literal`: do not look for a negation around it. `number`: its own."""

    source: str
    pattern: str
    literal: bool
    number: int
    below: float | None = None
    above: float | None = None

    @cached_property
    def regex(self) -> re.Pattern:
        """Compiled at its first use: most are never called for."""
        return re.compile(self.pattern)

    def accepts(self, values: list[float]) -> bool:
        """One of the numbers respects the limit written in the expression, if any."""
        if not values or self.below is None and self.above is None:
            return True
        return any(
            (self.below is None or value < self.below) and (self.above is None or value > self.above)
            for value in values
        )


@dataclass(frozen=True)
class Found:
    """A match: `first` and `last` are word indexes; `numbers` those of the `#` inside it."""

    first: int
    last: int
    expression: Expression
    start: int
    end: int


def compile_expression(source: str, macros: dict[str, str]) -> Expression:
    """Compile one expression. Raises ValueError with the expression at fault."""
    literal = source.startswith("!")
    body = source.lstrip("!").strip()
    for _ in range(4):
        if not re.search(r"\{[a-z_]\w*\}", body):
            break
        body = re.sub(r"\{([a-z_]\w*)\}", lambda m: f"(?:{macros[m.group(1)]})", body)
    limits = dict(_LIMIT.findall(body))
    body = _LIMIT.sub("#", body)
    body = body.replace("(.. )?", _LOOSE)
    body = re.sub(r"\((?!\?)", "(?:", body).replace(" .. .. ", _LONG_GAP).replace(" .. ", _GAP)
    body = re.sub(r"(?<=[a-z])\*", r"[^ ]*", body)
    body = re.sub(r"(?<!\[)\^(?![ |)])", r"^ ", body)
    body = re.sub(r"(?<!\[)\^", r"\^", body)
    body = body.replace("$", _END)
    pattern = rf"(?<![^ ])(?:{body})(?:(?<= )|(?![^ ]))"
    try:
        called_by = cues(pattern) or _NO_CUE
    except re.error as error:
        raise ValueError(f"expression illisible « {source} » : {error}") from error
    below, above = limits.get("<"), limits.get(">")
    number = len(_made)
    _made.append(source)
    for cue in called_by:
        _numbers_of[cue].append(number)
    return Expression(source, pattern, literal, number, below and float(below), above and float(above))


def compile_all(sources: Iterable[str], macros: dict[str, str]) -> list[Expression]:
    """Compile a list of expressions."""
    return [compile_expression(str(source), macros) for source in sources]


def likely(reading: Reading, expressions: Iterable[Expression]) -> Iterator[Expression]:
    """Those of the expressions that may stand in the message, in their order: the words of the others are not there."""
    of_how_many, called = vars(reading).get("called", (0, None))
    if of_how_many != len(_made):
        words = beginnings((*_START.split(), *(word.form for word in reading.words)))
        called = frozenset(
            chain.from_iterable(_numbers_of[cue] for cue in _numbers_of.keys() & (words | _NO_CUE))
        )
        vars(reading)["called"] = len(_made), called
    return (expression for expression in expressions if expression.number in called)


def find(reading: Reading, expressions: Iterable[Expression], line: str | None = None) -> Iterator[Found]:
    """Every place where one of the expressions stands in the message.

    `line` replaces the message's own line (same length: some words crossed out).
    """
    searched = _START + (reading.line if line is None else line)
    for expression in likely(reading, expressions):
        for match in expression.regex.finditer(searched):
            start, end = max(0, match.start() - len(_START)), match.end() - len(_START)
            if end <= start:
                continue
            first, last = reading.word_at(start), reading.word_at(end - 1)
            values = [word.value for word in reading.words[first : last + 1] if word.value is not None]
            if expression.accepts(values):
                yield Found(first, last, expression, start, end)


def stands_in(reading: Reading, expression: Expression) -> bool:
    """The expression stands somewhere in the message."""
    return any(True for _ in find(reading, [expression]))
