"""A text with its sentences read: what the rules look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from falc.model import BLOCKS, Hit, Text
from falc.sentences import Sentence, cut


@dataclass(frozen=True)
class Reading:
    text: Text
    sentences: tuple[Sentence, ...]

    def hit(self, problem: str, better: str, level: str = BLOCKS) -> Hit:
        """A hit on the whole text."""
        return Hit(0, len(self.text.words), problem, better, level)


def pieces_of(texts: Iterable[Text]) -> list[str]:
    """Every different sentence of the texts."""
    return list(dict.fromkeys(piece for text in texts if text.kind != "style" for piece in cut(text.words)))


def reading_of(text: Text, sentences: Mapping[str, Sentence]) -> Reading:
    """`sentences`: those of the text (and of others), read, by their words."""
    return Reading(text, () if text.kind == "style" else tuple(sentences[piece] for piece in cut(text.words)))
