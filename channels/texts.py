"""The door's own sentences, kept in textes.yml beside this module."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from data.yaml_reader import read_yaml

_FILE = Path(__file__).with_name("textes.yml")


@cache
def texts() -> dict:
    """All the texts, as {"conversation": {...}, "erreurs": {...}}."""
    return read_yaml(_FILE)


def error_text(key: str, **values: object) -> str:
    """The sentence of an error, its blanks filled; the general one when `key` has none of its own."""
    known = texts()["erreurs"]
    try:
        return known.get(key, known["autre"]).format(**values)
    except KeyError:
        return known["autre"]
