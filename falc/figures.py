"""A few numbers on many texts: how long sentences are, how readable messages are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from falc.checks.length import AIM, SHORTEST_MESSAGE
from falc.lexicon import Lexicon
from falc.model import Text
from falc.reading import pieces_of, reading_of
from falc.sentences import is_a_line_of_data, kandel_moles, read

_MESSAGES = ("bulle", "question", "pourquoi", "resultat")
_WRITTEN = (*_MESSAGES, "phrase", "lieu", "page", "erreur")


@dataclass(frozen=True)
class Figures:
    """`mean`: words a sentence. Of the whole messages of 8 words or more, `readable` is the share (0 to 1) whose
    Kandel-Moles is 75 or more, `lowest` the lowest value; None without such a message."""

    texts: int
    sentences: int
    mean: float
    readable: float | None
    lowest: float | None


def figures(texts: Iterable[Text], lexicon: Lexicon) -> Figures:
    """Numbers on the texts that people read, agents' screens and labels left out."""
    counted = [text for text in texts if _counts(text)]
    sentences = {words: read(words, lexicon.names) for words in pieces_of(counted)}
    readings = [reading_of(text, sentences) for text in counted]
    lengths = [sentence.length for reading in readings for sentence in reading.sentences]
    scores = []
    for reading in readings:
        judged = [sentence for sentence in reading.sentences if not is_a_line_of_data(sentence)]
        if reading.text.kind in _MESSAGES and sum(one.length for one in judged) >= SHORTEST_MESSAGE:
            scores.append(kandel_moles(judged) or 0.0)
    return Figures(
        len(readings),
        len(lengths),
        sum(lengths) / len(lengths) if lengths else 0.0,
        sum(score >= AIM for score in scores) / len(scores) if scores else None,
        min(scores, default=None),
    )


def _counts(text: Text) -> bool:
    """A text ready to be sent by SMS has lost its accents: its pieces were counted with them."""
    sent = text.channel == "sms" and text.kind == "resultat"
    return text.channel != "guichet" and text.kind in _WRITTEN and not sent
