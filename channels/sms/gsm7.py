"""Text for SMS: every character in the GSM-7 alphabet, and how many segments a text costs.

One character outside the alphabet makes a whole message UCS-2 (70 characters a segment instead of 160) or
a « ? » on the way: every text that leaves goes through `to_gsm7`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import smsutil

# What the alphabet lacks and that decomposing a letter into letter and accent does not give.
_WRITTEN = {
    "œ": "oe", "Œ": "OE", "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"',
    "«": '"', "»": '"', "‹": '"', "›": '"', "–": "-", "—": "-", "‑": "-", "−": "-", "…": "...", "•": "-",
    "·": "-", "°": "o", "×": "x", "⁄": "/", "→": "->", "₂": "2",
}  # fmt: skip
_QUOTED = re.compile(r"«\s*(.*?)\s*»")
_BEFORE_SIGN = re.compile(r" +([:;?!])")
_UNREADABLE = re.compile(r"\?{2,}")
_SPACES = re.compile(r"[^\S\n]+")


def to_gsm7(text: str) -> str:
    """The text in GSM-7: é è à ù ì ò and Ç stay, ê ç œ ’ « » … – lose only what cannot be sent.

    Signs without letters (emoji) go; a word in another script becomes « ? ». The space that French puts
    before : ; ? ! goes too: it is paid for.
    """
    text = _QUOTED.sub(r'"\1"', unicodedata.normalize("NFC", text))
    folded = "".join(_fold(character) for character in text)
    return "\n".join(_tidy(line) for line in folded.split("\n"))


def _tidy(line: str) -> str:
    line = _BEFORE_SIGN.sub(r"\1", _SPACES.sub(" ", line))
    return _UNREADABLE.sub("?", line).strip()


def is_gsm7(text: str) -> bool:
    """Whether the text can be sent as it is, without becoming UCS-2."""
    return not text or smsutil.is_valid_gsm(text)


def segments(text: str) -> int:
    """How many SMS the text costs (160 characters alone, 153 each when several). Raises ValueError outside GSM-7."""
    if not is_gsm7(text):
        raise ValueError("Ce texte n'est pas en GSM-7.")
    return len(smsutil.split(text).parts) if text else 0


@lru_cache(maxsize=4096)
def _fold(character: str) -> str:
    if character == "\n" or (character.isprintable() and smsutil.is_valid_gsm(character)):
        return character
    if character in _WRITTEN:
        return _WRITTEN[character]
    if character.isspace():
        return " "
    plain = "".join(
        part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part)
    )
    plain = "".join(_WRITTEN.get(part, part) for part in plain)
    if plain and smsutil.is_valid_gsm(plain):
        return plain
    return "?" if unicodedata.category(character)[0] in "LN" else ""
