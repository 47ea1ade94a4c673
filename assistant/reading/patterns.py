"""Expressions of the word lists: a small readable layer over regular expressions.

An expression is written on the normalised line (no capitals, no accents, one space between words,
numbers written `#`). On top of regular expressions:
  `word*`   the word and every word that begins so
  ` .. `    up to three words in between, not across a full stop
  `{name}`  an alternation kept in macros.yml
  `!` first the expression holds even when the sentence is negative (it says the negation itself)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from assistant.reading.text import Reading

_GAP = r"(?: (?!\.)[^ ]+){0,3} "


@dataclass(frozen=True)
class Expression:
    """One compiled expression. `literal`: do not look for a negation around it."""

    source: str
    regex: re.Pattern
    literal: bool


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
    body = re.sub(r"\((?!\?)", "(?:", body).replace(" .. ", _GAP)
    body = re.sub(r"(?<=[a-z])\*", r"[^ ]*", body)
    try:
        return Expression(source, re.compile(rf"(?<![^ ])(?:{body})(?![^ ])"), literal)
    except re.error as error:
        raise ValueError(f"expression illisible « {source} » : {error}") from error


def compile_all(sources: Iterable[str], macros: dict[str, str]) -> list[Expression]:
    """Compile a list of expressions."""
    return [compile_expression(str(source), macros) for source in sources]


def find(reading: Reading, expressions: Iterable[Expression]) -> Iterator[Found]:
    """Every place where one of the expressions stands in the message."""
    line = reading.line
    for expression in expressions:
        for match in expression.regex.finditer(line):
            if match.end() > match.start():
                first = reading.word_at(match.start())
                yield Found(first, reading.word_at(match.end() - 1), expression, match.start(), match.end())
