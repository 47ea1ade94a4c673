"""A short phonetic key for French: two spellings that sound alike have the same key."""

from __future__ import annotations

import re
from functools import lru_cache

# Order matters: long spellings first.
_RULES = [
    (r"(e)?aux?", "o"),
    (r"ph", "f"),
    (r"qu|q|ck|cqu|k", "k"),
    (r"ç", "s"),
    (r"sc(?=[eiy])|c(?=[eiy])", "s"),
    (r"ch|sh", "H"),
    (r"c", "k"),
    (r"gu(?=[eiy])", "g"),
    (r"g(?=[eiy])|ge(?=[ao])", "j"),
    (r"gn", "N"),
    (r"t(?=ion)", "s"),
    (r"[ao]i[st]?$|aient$|ait$|ez$|er$|ée?s?$|et$|ai$", "e"),
    (r"(?<!o)ai|ei", "e"),
    (r"oi", "wa"),
    (r"ou", "u2"),
    (r"[ae][mn](?=[^aeiouymn]|$)", "A"),
    (r"[iy][mn](?=[^aeiouymn]|$)", "I"),
    (r"eu|oeu", "2"),
    (r"y", "i"),
    (r"h", ""),
    (r"z|ss", "s"),
    (r"(.)\1", r"\1"),
]
_COMPILED = [(re.compile(pattern), replacement) for pattern, replacement in _RULES]
_SILENT_END = re.compile(r"(?<=..)(?:ent|es|e|s|t|x|d)$")


@lru_cache(maxsize=20000)
def phonetic_key(word: str) -> str:
    """Key of a word written without accents. Only keys are to be compared, never shown."""
    key = _SILENT_END.sub("", word)
    for pattern, replacement in _COMPILED:
        key = pattern.sub(replacement, key)
    return key
