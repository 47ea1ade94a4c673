"""Cut a text into sentences and words, and measure them. Pure functions, by punctuation alone.

spaCy is not asked to cut: it makes three sentences of « Appelez le 115, jour et nuit. ».
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from falc.syntax import Token

HOLE = "\ufffc"  # what a template writes there is not known
_END = re.compile(r"(?<=[.!?…;])[ \u00a0»\"]*\s+|\n+")
_WORD = re.compile(r"\w+(?:['’\-]\w+)*")
_VOWELS = re.compile(r"[aàâäæeéèêëiîïoôöœuùûüyÿ]+")
_WAY = (
    "rue|avenue|boulevard|place|quai|passage|square|impasse|allée|allées|cours|villa|cité|chemin|esplanade|route"
    "|parvis|faubourg|rond-point|galerie|sente|ruelle"
)
# What nobody rewrites: numbers to call, addresses, sites.
PHONE = re.compile(
    r"(?<!\d)(?:0\d(?: \d\d){4}|0 8\d\d(?: \d{3}){2}|0 8\d\d(?: \d\d){3}|39 75|39 19|31 14|116 \d{3}|3\d{3}|11[0-9]|1[578])(?!\d)(?! ?euros?)"
)
ADDRESS = re.compile(
    rf"\b\d+(?: (?:bis|ter))?(?: ?(?:-|et|à) ?\d+)?,? (?:{_WAY})\b[^.,;:?!\n]*"
    r"|\bTSA \d+|\b\d{5} [A-ZÀ-Ý][\w-]+(?: cedex(?: \d+)?)?",
    re.IGNORECASE,
)
SITE = re.compile(
    r"\b(?:\w[\w.-]*@)?(?:[\w-]+\.)+(?:fr|com|org|net|eu|paris)\b(?:/[\w/.-]*\w)?", re.IGNORECASE
)
_FIXED = (SITE, ADDRESS, PHONE)


@dataclass(frozen=True)
class Word:
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Sentence:
    """`bare`: as long as `text`, with addresses, numbers to call, sites and
    official names blanked. `length`: words, an address or a number to call counting for one."""

    text: str
    bare: str
    words: tuple[Word, ...]
    length: int
    tokens: tuple[Token, ...] = ()


def cut(text: str) -> Iterator[str]:
    """Each sentence, without the spaces around it."""
    return (piece for part in _END.split(text) if (piece := part.strip()))


def words_of(text: str) -> tuple[Word, ...]:
    """« l'appel » and « rendez-vous » are one word, as where readability formulas were measured."""
    return tuple(Word(found.start(), found.end(), found.group()) for found in _WORD.finditer(text))


def blank(text: str, patterns: Iterable[re.Pattern]) -> str:
    """`text` with what matches replaced by as many spaces."""
    for pattern in patterns:
        text = pattern.sub(lambda found: " " * len(found.group()), text)
    return text


def read(text: str, names: Iterable[re.Pattern] = (), tokens: tuple[Token, ...] = ()) -> Sentence:
    """The sentence `text`, whose official `names` and fixed parts are told apart."""
    fixed = sum(1 for pattern in _FIXED for _ in pattern.finditer(text))
    movable = blank(text, _FIXED)
    return Sentence(text, blank(movable, names), words_of(text), len(words_of(movable)) + fixed, tokens)


def is_a_line_of_data(sentence: Sentence) -> bool:
    """An address, a number to call or a site takes most of it: formulas of readability do not apply."""
    return any(pattern.search(sentence.text) for pattern in _FIXED) or not words_of(sentence.bare)


def syllables(word: str) -> int:
    """Groups of vowels, without the silent ending: « ent » is silent in « peuvent », not in « logement », « argent »."""
    word = word.lower()
    count = len(_VOWELS.findall(word))
    silent = re.search(r"[^aeiouyéèêàâîôû](?:e|es|(?<![mgcdr])ent)$", word)
    return max(1, count - bool(silent and count > 1))


def kandel_moles(sentences: Iterable[Sentence]) -> float | None:
    """207 - 1.015 words a sentence - 73.6 syllables a word (Kandel and Moles, 1958); None without words."""
    lengths = [[word.text for word in words_of(one.bare)] for one in sentences]
    words = [word for sentence in lengths for word in sentence]
    if not words:
        return None
    return (
        207
        - 1.015 * len(words) / sum(1 for sentence in lengths if sentence)
        - 73.6 * sum(map(syllables, words)) / len(words)
    )
