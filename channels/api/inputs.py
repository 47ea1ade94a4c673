"""From what a request says to what the services take: facts, needs, moments and places, all checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from actions.location import AmbiguousPlace, UnknownPlace, as_position, find_place
from actions.orientation import PARIS
from channels.errors import RequestError, fault, unknown_value
from channels.texts import error_text
from data.database import Database
from data.ranking import Position
from rules import Base, check_facts

# In a query, an unescaped « + » arrives as a space.
_LOST_PLUS = re.compile(r"(T[0-9:.]+) (\d\d:?\d\d)$")


def read_moment(text: str | None, path: str) -> datetime:
    """The moment of an ISO 8601 text, now when None. Without offset it is Paris time.

    Raises RequestError on anything else, or outside the years 2000 to 2100.
    """
    if text is None:
        return datetime.now(PARIS)
    try:
        moment = datetime.fromisoformat(_LOST_PLUS.sub(r"\1+\2", text.strip()))
    except ValueError:
        raise RequestError([fault(path, error_text("date"))]) from None
    if not 2000 <= moment.year <= 2100:
        raise RequestError([fault(path, error_text("date_hors_periode"))])
    return moment.replace(tzinfo=PARIS) if moment.tzinfo is None else moment


def check_values(values: Iterable[str], known: Iterable[str], path: str, kind: str) -> list[dict]:
    """One fault for each value that is not among the `known`, with the nearest one."""
    known = list(known)
    return [
        unknown_value(f"{path}.{rank}", kind, value, known)
        for rank, value in enumerate(values)
        if value not in known
    ]


def check_knowledge(base: Base, needs: list[str], facts: Mapping[str, object]) -> None:
    """Raises RequestError with every unknown need and every wrong fact."""
    faults = check_values(needs, base.needs, "besoins", "besoin")
    faults += [fault(error.path, error.message, error.suggestion) for error in check_facts(base, facts)]
    if faults:
        raise RequestError(faults)


def locate(
    db: Database,
    *,
    lat: float | None,
    lon: float | None,
    lieu: str | None,
    arrondissement: int | None,
    path: str = "",
) -> Position | None:
    """The position that a request gives in one way, None when it gives none.

    Raises RequestError when it gives several, half of a pair, or a place that is unknown or ambiguous;
    the nearest names are then suggested.
    """
    if (lat is None) != (lon is None):
        raise RequestError([fault(path, error_text("lat_lon"))])
    ways = [lat is not None, lieu is not None, arrondissement is not None]
    if sum(ways) > 1:
        raise RequestError([fault(path, error_text("localisation"))])
    if lat is not None:
        return Position(lat, lon)
    if arrondissement is not None:
        return Position(*db.gazetteer.arrondissement_position(arrondissement), None, arrondissement, True)
    return None if lieu is None else _find_place(db, lieu, f"{path}.lieu".lstrip("."))


def _find_place(db: Database, text: str, path: str) -> Position:
    try:
        return as_position(find_place(db, text))
    except UnknownPlace as error:
        kind = "lieu_ambigu" if isinstance(error, AmbiguousPlace) else "lieu_inconnu"
        names = ", ".join(near.label for near in error.suggestions) or None
        raise RequestError([fault(path, error_text(kind, valeur=text), names)]) from None
