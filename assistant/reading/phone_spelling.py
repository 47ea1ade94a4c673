"""Spell a sentence as on a phone (« ke », « jveu », « fèt »), to train on what people type.

Each rule is applied or not by chance, word by word: nobody writes one way only (about a third of the
letters change in real French texting). The same generator gives the same spellings.
"""

from __future__ import annotations

import random
import re

_RATE = 0.45
_RULES = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"eaux?|aux?\b", "o"),
        (r"qu|q(?=[aou])", "k"),
        (r"(?<=[bdfglmnprstv])(er|ez|ée?s?|ai[st]?)\b", "é"),
        (r"ph", "f"),
        (r"(?<=[a-zéè])(ent|es|e|s|t|x|d)\b", ""),
        (r"c(?=[aou])", "k"),
        (r"([bcdfglmnprst])\1", r"\1"),
        (r"[èê]", "e"),
        (r"oi", "wa"),
        (r"\bj[e'’] ?(?=[a-zé])", "j"),
        (r"\b([dlmtsn])['’](?=[a-zéèêh])", r"\1"),
        (r"ai(?=[a-z])", "é"),
        (r"g(?=[ei])", "j"),
        (r"\bh", ""),
    )
]


def phone_spelling(text: str, chance: random.Random) -> str:
    """`text` in lower case, spelled by ear. `chance` decides which rules apply to which word."""
    words = []
    for word in re.split(r"(?<!j)\s+", text.lower()):
        for pattern, replacement in _RULES:
            if chance.random() < _RATE:
                word = pattern.sub(replacement, word)
        words.append(word)
    return " ".join(words)
