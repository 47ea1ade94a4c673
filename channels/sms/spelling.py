"""Words as they are written on a phone: without case, accents or repeated letters, compared by sound."""

from __future__ import annotations

import re
from functools import cache

from assistant.reading.phonetic import phonetic_key
from assistant.reading.text import plain

_WORD = re.compile(r"[a-z]+|\d+")
_REPEATED = re.compile(r"([a-z])\1{2,}")


def spelled_words(text: str) -> list[str]:
    """The words and numbers of a text: lower case, no accents, three same letters in a row made one."""
    return _WORD.findall(_REPEATED.sub(r"\1", plain(text)))


@cache
def _sound(word: str) -> str:
    return phonetic_key(word)


def same_sound(word: str, other: str) -> bool:
    """Whether two spellings read the same aloud."""
    return _sound(word) == _sound(other)
