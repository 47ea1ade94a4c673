"""What the door refuses, as data: a status and faults, each with its path, a sentence and a suggestion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from pydantic import BaseModel

from channels.texts import error_text


class RequestError(Exception):
    """A request that cannot be answered as it is: the status and one or more faults."""

    def __init__(self, faults: Iterable[dict], status: int = 422):
        self.faults, self.status = list(faults), status
        super().__init__(status)


class ComeBackLater(Exception):
    """Too much is asked now: by this person (status 429) or by everybody (503). `seconds`: when to try again."""

    def __init__(self, status: int, seconds: int):
        self.status, self.seconds = status, seconds
        super().__init__(status)


def fault(path: str, message: str, suggestion: str | None = None) -> dict:
    """One entry of « erreurs ». `path` is the key at fault, with dots, or "" for the whole request."""
    return {"chemin": path, "message": message, "suggestion": suggestion}


def unknown_value(path: str, kind: str, value: str, known: Iterable[str]) -> dict:
    """The fault of a value that is not one of `known`, with the nearest one. `kind` names the sentence."""
    near = get_close_matches(value, list(known), n=1, cutoff=0.5)
    return fault(path, error_text(kind, valeur=value), near[0] if near else None)


def translate(found: dict, location: Sequence, schema: type[BaseModel]) -> dict:
    """The fault that `schema` found at `location` (keys and ranks), in French, with the nearest right thing."""
    key = str(location[-1]) if location else ""
    context = {"cle": key, **found.get("ctx", {})}
    suggestion = None
    if found["type"] == "extra_forbidden":
        suggestion = _nearest(key, _keys_at(schema, location[:-1]))
    if "expected" in context:
        context["expected"] = str(context["expected"]).replace(" or ", ", ").replace("'", "")
        suggestion = _nearest(str(found.get("input")), context["expected"].split(", "))
    return fault(".".join(map(str, location)), error_text(found["type"], **context), suggestion)


def _nearest(word: str, known: Iterable[str]) -> str | None:
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.5)), None)


def _keys_at(schema: type[BaseModel], location: Iterable) -> list[str]:
    """The keys that exist in a schema, at the end of a path of keys and ranks."""
    for part in location:
        if isinstance(part, str):
            schema = _model_of(schema.model_fields[part].annotation)
    return list(schema.model_fields)


def _model_of(annotation: object) -> type[BaseModel] | None:
    """The schema inside « Schema | None » or « list[Schema] »."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    choices = getattr(annotation, "__args__", ())
    return next((found for choice in choices if (found := _model_of(choice))), None)
