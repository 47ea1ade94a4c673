"""The gate's plain values: a text, what a rule finds in it, and a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

BLOCKS, WARNS = "bloque", "avertit"
CHANNELS = ("web", "sms", "voix", "guichet")
KINDS = (
    "bulle",  # a whole message
    "phrase",  # a piece that is only shown among others
    "question",
    "pourquoi",
    "bouton",
    "titre",
    "nom",  # what an organisation calls itself: we do not choose it
    "lieu",
    "page",
    "erreur",
    "resultat",  # a whole answer, made of several pieces
    "style",  # a style sheet, not words
)


@dataclass(frozen=True)
class Text:
    """Words that someone may read. `id` is stable (file, then path of keys or first words); `line` is 1-based."""

    id: str
    file: str
    line: int | None
    channel: str
    kind: str
    words: str


@dataclass(frozen=True)
class Hit:
    """What a rule saw between two positions of what it was given (a sentence or a whole text)."""

    start: int
    end: int
    problem: str
    better: str
    level: str = BLOCKS


@dataclass(frozen=True)
class Finding:
    """A hit, placed: `sentence` is what was judged and `start:end` is the part of it at fault."""

    text: Text
    code: str
    level: str
    sentence: str
    start: int
    end: int
    problem: str
    better: str


@dataclass(frozen=True)
class Rule:
    """`check` yields the hits of one sentence (`whole` false) or of a whole text (`whole` true)."""

    code: str
    meaning: str
    source: str
    whole: bool
    check: Callable[..., Iterator[Hit]]
