"""Where to look for places: what a person, a page or a program gave, turned into a position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from data.database import Database
from data.gazetteer import Lieu
from data.places import Position


class UnknownPlace(LookupError):
    """The name is not in the gazetteer. `suggestions` are near names."""

    def __init__(self, text: str, suggestions: Sequence[Lieu] = ()):
        super().__init__(text)
        self.suggestions = tuple(suggestions)


class AmbiguousPlace(UnknownPlace):
    """The name means several places: `suggestions` are the meanings to choose from."""


def find_place(db: Database, text: str) -> Lieu:
    """The one place that `text` names. Raises UnknownPlace or AmbiguousPlace."""
    found = db.gazetteer.search(text, limit=3)
    if not found.lieux:
        raise UnknownPlace(text)
    if found.ambigu:
        raise AmbiguousPlace(text, found.lieux)
    return found.lieux[0]


def as_position(lieu: Lieu) -> Position:
    """The position of a place of the gazetteer."""
    return Position(lieu.lat, lieu.lon, lieu.nom, lieu.arrondissement)


def position_of(db: Database, facts: Mapping[str, object]) -> Position | None:
    """Where the person is, from the facts `lieu` (more precise) or `arrondissement`; None when unsaid."""
    arrondissement = facts.get("arrondissement")
    if facts.get("lieu"):
        try:
            return as_position(find_place(db, str(facts["lieu"])))
        except UnknownPlace as error:
            # « Saint-Denis, dans le 10e » : the arrondissement tells which meaning was meant.
            near = [lieu for lieu in error.suggestions if lieu.arrondissement == arrondissement]
            if near and arrondissement:
                return as_position(near[0])
    if arrondissement:
        lat, lon = db.gazetteer.arrondissement_position(arrondissement)
        return Position(lat, lon, None, arrondissement)
    return None
