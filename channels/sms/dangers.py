"""Dangers said in clear words, found without the dialogue server: they pass first, and are answered even when it is down.

The dialogue finds more (its model learns); this only decides an order and a last resort.
"""

from __future__ import annotations

from functools import cache

from assistant.reading.lexicon import load_lexicon
from assistant.reading.requests import RequestReader
from assistant.reading.text import read
from channels.sms.composer import one
from channels.sms.words import words

_LONGEST = 2000  # characters: more than any SMS
_MOST = 2


def said_dangers(text: str) -> list[str]:
    """Ids of the dangers (rules/base/alertes.yml) that the text says, the gravest first."""
    lexicon, requests = _reader()
    found = {label.value for label in requests.dangers(read(text[:_LONGEST], lexicon))}
    return [danger for danger in words()["danger"] if danger in found]


def danger_texts(dangers: list[str]) -> list[str]:
    """What to send at once for them: one segment each."""
    return [one(words()["danger"][danger]) for danger in dangers[:_MOST]]


@cache
def _reader():
    lexicon = load_lexicon()
    return lexicon, RequestReader(lexicon)
