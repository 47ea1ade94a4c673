"""Hide what identifies a person in a text that is kept: telephone, e-mail, social-security number."""

from __future__ import annotations

import re

MASK = "•"

_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
# Nine digits or more, with the separators people write: French and foreign telephones, social-security
# numbers (2A and 2B are Corsican departments), CAF files, bank accounts. Amounts and ages are shorter.
_LONG_NUMBER = re.compile(r"(?<![\w])\+?\(?\d(?:[ .\-/()]{0,2}(?:\d|(?<=2)[ABab](?=[ .\-/]?\d))){8,}(?!\w)")
_SHORTEST = 9


def mask(text: str) -> str:
    """Replace each identifying character by MASK; the length, hence every offset, is unchanged."""
    if "@" in text:
        text = _EMAIL.sub(_hidden, text)
    return _LONG_NUMBER.sub(_hidden, text) if len(text) >= _SHORTEST else text


def _hidden(found: re.Match) -> str:
    return MASK * len(found.group())


def mask_all(value: object) -> object:
    """The same value with `mask` applied to every string inside dicts and lists (keys are kept)."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {key: mask_all(item) for key, item in value.items()}
    if isinstance(value, list):
        return [mask_all(item) for item in value]
    return value
