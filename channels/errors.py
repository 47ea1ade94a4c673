"""What the door refuses, as data: a status and faults, each with its path, a sentence and a suggestion."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from channels.texts import error_text


class RequestError(Exception):
    """A request that cannot be answered as it is: the status and one or more faults."""

    def __init__(self, faults: Iterable[dict], status: int = 422):
        self.faults, self.status = list(faults), status
        super().__init__(status)


def fault(path: str, message: str, suggestion: str | None = None) -> dict:
    """One entry of « erreurs ». `path` is the key at fault, with dots, or "" for the whole request."""
    return {"chemin": path, "message": message, "suggestion": suggestion}


def unknown_value(path: str, kind: str, value: str, known: Iterable[str]) -> dict:
    """The fault of a value that is not one of `known`, with the nearest one. `kind` names the sentence."""
    near = get_close_matches(value, list(known), n=1, cutoff=0.5)
    return fault(path, error_text(kind, valeur=value), near[0] if near else None)
