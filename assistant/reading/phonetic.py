"""A short phonetic key for French: two spellings that sound alike have the same key."""

from __future__ import annotations

import re
from functools import lru_cache

_CONSONANT = "b-df-hj-np-tv-z"
# Order matters: long spellings first. Capitals stand for sounds that no single letter writes.
_RULES = [
    (r"([a-z])\1$", r"\1\1e"),
    (r"ph", "f"),
    (r"(?<!^)(?<=[b-df-hj-np-uwz])ill(?=[aeo]|es?$)", "iY"),
    (r"(?<=[aeou])ill?(?=[aeo]|e?s?$)", "Y"),
    (r"oy(?=[aeiou])", "waY"),
    (r"ay(?=[aeiou])", "eY"),
    (r"y(?=[aeou])|(?<=[aeiou])y(?=e?s?$)", "Y"),
    (r"t(?=ion)", "s"),
    (r"ngt(?=s?$)", "n"),
    (r"(?:aient|ai[st]?|ez|er|et|ees?)$", "E"),
    (r"aud$|e?aux?", "o"),
    (r"qu|cqu|ck|q|k", "k"),
    (r"sc(?=[eiy])|c(?=[eiy])", "s"),
    (r"sch|ch|sh", "H"),
    (r"c", "k"),
    (r"gn", "N"),
    (r"gu(?=[eiy])", "G"),
    (r"g(?=[eiy])|ge(?=[ao])", "j"),
    (r"ien(?![aeiouyEhmn])", "iI"),
    (r"(?:[ae]?in|yn|un|[iuy]m(?=[pb])|aim$|um$)(?![aeiouyEhmn])", "I"),
    (r"(?:ean|aon|an|en|[ae]m(?=[pb]))(?![aeiouyEhmn])", "A"),
    (r"(?:on|om(?=[pb]))(?![aeiouyEhmn])", "O"),
    (r"oua|oi", "wa"),
    (r"ou", "U"),
    (r"oeu|eu", "2"),
    (r"ai|ei|ay", "e"),
    (rf"x(?=[{_CONSONANT}])", "s"),
    (r"y", "i"),
    (r"h", ""),
    (r"z|ss", "s"),
    (r"(.)\1", r"\1"),
    (r"(?<=..)(?:es?|(?<=[aeiouAEIOU2nr])[stdxp]+)$", ""),
    (rf"(?<=[{_CONSONANT}GHN])e(?=[{_CONSONANT}GHN][aeiouyAEIOU2w])", ""),
]
_COMPILED = [(re.compile(pattern), replacement) for pattern, replacement in _RULES]


@lru_cache(maxsize=20000)
def phonetic_key(word: str) -> str:
    """Key of a word written without accents. Only keys are to be compared, never shown."""
    key = word
    for pattern, replacement in _COMPILED:
        key = pattern.sub(replacement, key)
    return key
