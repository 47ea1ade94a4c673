"""Where to look for places: what a person, a page or a program gave, turned into a position."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import lru_cache

from data.database import Database
from data.gazetteer import Lieu
from data.gazetteer.online import geocoder
from data.ranking import Position

_AREAS = ("arrondissement", "commune", "quartier", "rue", "parc")  # too wide to say « vous êtes ici »
_MEANINGS = 3  # choices offered for an ambiguous name


class UnknownPlace(LookupError):
    """The name is not in the gazetteer. `suggestions` are near names."""

    def __init__(self, text: str, suggestions: Sequence[Lieu] = ()):
        super().__init__(text)
        self.suggestions = tuple(suggestions)


class AmbiguousPlace(UnknownPlace):
    """The name means several places: `suggestions` are the meanings to choose from."""


def find_place(db: Database, text: str) -> Lieu:
    """The one place that a name or a label tells. Raises UnknownPlace or AmbiguousPlace.

    A name that is in no file of Jalon is asked to the online service, when the operator has set one.
    """
    service = geocoder(os.environ.get("JALON_GEOCODAGE_URL"))
    if service and (known := service.remembered(text)):
        return known
    known = db.gazetteer.resolve(text)
    if known:
        return known
    found = db.gazetteer.search(text.partition(" (")[0])
    if found.lieux:
        raise AmbiguousPlace(text, (found.choix or found.lieux)[:_MEANINGS])
    online = service.find(text) if service else None
    if online is None:
        raise UnknownPlace(text)
    return online


def name_of(db: Database, lieu: Lieu, said: str = "") -> str:
    """The shortest text that finds the place again, near to what was `said`."""
    try:
        known = find_place(db, lieu.nom) == lieu
    except UnknownPlace:
        known = False
    return lieu.nom if known and not said else db.gazetteer.name_of(lieu, said)


def as_position(lieu: Lieu) -> Position:
    """The position of a place of the gazetteer."""
    return Position(lieu.lat, lieu.lon, lieu.nom, lieu.arrondissement, lieu.type in _AREAS)


def position_of(db: Database, facts: Mapping[str, object]) -> Position | None:
    """Where the person is, from the facts `lieu` (more precise) or `arrondissement`; None when unsaid."""
    name, arrondissement = facts.get("lieu"), facts.get("arrondissement")
    if name and (place := _place_of(db, str(name), arrondissement)):
        return as_position(place)
    if arrondissement:
        lat, lon = db.gazetteer.arrondissement_position(arrondissement)
        return Position(lat, lon, None, arrondissement, approximate=True)
    return None


@lru_cache(maxsize=512)
def _place_of(db: Database, name: str, arrondissement: int | None) -> Lieu | None:
    """The place of a name already settled, which one conversation asks for many times."""
    try:
        return find_place(db, name)
    except UnknownPlace as error:
        # « Saint-Denis, dans le 10e »: the arrondissement tells which meaning was meant.
        near = (
            lieu for lieu in error.suggestions if arrondissement and lieu.arrondissement == arrondissement
        )
        return next(near, None)
