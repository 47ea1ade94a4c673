"""A place seen by one person at one instant: can they use it, is it open, how far is it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from data.distance import distance_m
from data.hours import PARIS, opening_state
from data.ranking.people import obstacles_of

HORIZON = 40  # places of one group: see `ranked`
SOON = timedelta(hours=2)
CLOSED_FOR_WORKS = "Fermé pour travaux. La date de réouverture n'est pas connue."
_WORKS = {"etat": "ferme", "jusqua": None, "prochaine": None, "texte": CLOSED_FOR_WORKS,
          "confiance": "moyenne"}  # fmt: skip
_KEY = attrgetter("key")
_NOWHERE = ("adresse", "code_postal", "arrondissement", "position", "metro")


@dataclass(frozen=True)
class Position:
    """Where to look for places. Degrees, WGS 84. `approximate`: the middle of an area, not the person."""

    lat: float
    lon: float
    name: str | None = None
    arrondissement: int | None = None
    approximate: bool = False


@dataclass(frozen=True)
class Person:
    """Who asks: where (None: not said), when (Europe/Paris), their known facts, and on which channel."""

    position: Position | None
    at: datetime
    facts: Mapping[str, object]
    public_channel: bool = True

    @classmethod
    def of(
        cls,
        position: Position | None,
        at: datetime,
        facts: Mapping[str, object],
        public_channel: bool = True,
    ) -> Person:
        """A person; `at` without a time zone is Paris time."""
        at = at.replace(tzinfo=PARIS) if at.tzinfo is None else at.astimezone(PARIS)
        return cls(position, at, facts, public_channel)


@dataclass(frozen=True)
class Candidate:
    """A place for one person. `obstacles` counts what could stop them; see `_opening_rank`."""

    place: Mapping
    obstacles: int
    opening: Mapping
    opening_rank: int
    distance_m: int | None

    @property
    def best(self) -> bool:
        """Nothing after it in its stream can come before: nothing stops this person, it is surely open."""
        works, unreachable, _, obstacles, closed, _, _ = self.key
        return not (works or unreachable or obstacles or closed)

    @property
    def key(self) -> tuple:
        place = self.place
        reachable = (
            place["adresse"] or place["position"] or place["telephone"] or place["acces"] == "orientation"
        )
        return (
            place["statut"] == "ferme_travaux",
            not reachable,
            self.distance_m is None,
            self.obstacles,
            self.opening_rank,
            self.distance_m or 0,
            place["id"],
        )


def judge(place: Mapping, person: Person) -> Candidate | None:
    """The place as this person sees it; None when they cannot be sent to it."""
    if place["statut"] == "ferme_definitif":
        return None
    if person.public_channel and place["sensible"]:
        place = _hidden(place)
        if not place["telephone"] and place["acces"] != "orientation":
            return None
    position = person.position
    obstacles = obstacles_of(place, person.facts, position.arrondissement if position else None)
    if obstacles is None:
        return None
    opening = _opening(place, person.at)
    return Candidate(place, obstacles, opening, _opening_rank(opening, person.at), _distance(place, position))


def ranked(
    nearest: Iterable[Mapping], aside: Iterable[Mapping], person: Person, group: int = HORIZON
) -> Iterator[Candidate]:
    """Candidates, best first; the order of equal places is that of their ids.

    `nearest` are the places with a known position, nearest first, and `aside` the others: see the methods
    of these names in data.database. Both come in groups of `group` places: one of a group is before all
    those of the next. So few places are looked at in vain when all are closed, and one that is surely open
    and near is told before the others are even read.
    """
    yield from _by_groups(nearest, person, group)
    yield from _by_groups(aside, person, group)


def _by_groups(places: Iterable[Mapping], person: Person, size: int) -> Iterator[Candidate]:
    others: list[Candidate] = []
    for count, place in enumerate(places, start=1):
        candidate = judge(place, person)
        if candidate and candidate.best:
            yield candidate
        elif candidate:
            others.append(candidate)
        if count % size == 0:
            yield from sorted(others, key=_KEY)
            others = []
    yield from sorted(others, key=_KEY)


def _hidden(place: Mapping) -> dict:
    """A place that must not be found by strangers: its public name, its phone, nothing about where."""
    return {**place, **dict.fromkeys(_NOWHERE), "nom": place["nom_public"], "a_savoir": None}


def _distance(place: Mapping, position: Position | None) -> int | None:
    where = place["position"]
    return distance_m(position.lat, position.lon, where["lat"], where["lon"]) if position and where else None


def _opening(place: Mapping, at: datetime) -> Mapping:
    if place["statut"] == "ferme_travaux":
        return _WORKS
    hours = place["horaires"] or {}
    return opening_state(
        hours.get("osm"),
        at,
        hours.get("confiance"),
        hours.get("derniere_entree_min"),
        place["telephone"] is not None,
    )


def _opening_rank(opening: Mapping, at: datetime) -> int:
    """0 open, 1 opens soon, 2 unknown, 3 closed; old hours are worth one rank less than sure ones."""
    doubt = opening["confiance"] == "basse"
    if opening["etat"] == "ouvert":
        return 1 if doubt else 0
    if opening["etat"] == "inconnu":
        return 2
    opens = opening["prochaine"]
    if opens and datetime.fromisoformat(opens) - at <= SOON:
        return 2 if doubt else 1
    return 3
