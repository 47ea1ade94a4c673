"""A text with its sentences read: what the rules look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from falc.lexicon import Lexicon
from falc.model import BLOCKS, Hit, Text
from falc.sentences import Sentence, cut, read
from falc.syntax import Token


@dataclass(frozen=True)
class Reading:
    text: Text
    sentences: tuple[Sentence, ...]

    def hit(self, problem: str, better: str, level: str = BLOCKS) -> Hit:
        """A hit on the whole text."""
        return Hit(0, len(self.text.words), problem, better, level)


def sentences_of(texts: Iterable[Text]) -> list[str]:
    """Every sentence to be read, once."""
    pieces = (piece for text in texts if text.kind != "style" for _, piece in cut(text.words))
    return list(dict.fromkeys(pieces))


def reading_of(text: Text, lexicon: Lexicon, tokens: Mapping[str, tuple[Token, ...]]) -> Reading:
    """`tokens`: by sentence, as the syntax reader gives them."""
    if text.kind == "style":
        return Reading(text, ())
    return Reading(
        text,
        tuple(read(start, piece, lexicon.names, tokens.get(piece, ())) for start, piece in cut(text.words)),
    )
