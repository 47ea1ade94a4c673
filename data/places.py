"""Which place should this person go to: what they can use, what is open, what is near.

Order of the answer: places closed for works last; then places that nothing tells how to reach; then places
with a known position before the others; then the fewest obstacles for this person (public, animal,
wheelchair, need to be sent by someone); then open, opening soon, unknown, closed; then metres; then id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt

from data.database import Database
from data.hours import PARIS, opening_state

EARTH_RADIUS_M = 6_371_000
DETOUR = 1.3  # streets are about this much longer than the straight line
WALKING_M_PER_MIN = 80  # 4.8 km/h
SOON = timedelta(hours=2)
ADULT = 18
RADII_M = (1_000, 4_000)
CLOSED_FOR_WORKS = "Fermé pour travaux. La date de réouverture n'est pas connue."
_WHEELCHAIR = {
    True: "Vous pouvez entrer en fauteuil roulant.",
    False: "Vous ne pouvez pas entrer en fauteuil roulant.",
    None: "Demandez si vous pouvez entrer en fauteuil roulant.",
}
# States change with the minute; within one, many people look at the same doors.
_state_at = lru_cache(maxsize=4096)(opening_state)
_METRES_PER_DEGREE = EARTH_RADIUS_M * radians(1)
_NOWHERE = ("adresse", "code_postal", "arrondissement", "position", "metro")


class UnknownCursor(ValueError):
    """`after` is not the id of a place of this list."""


@dataclass(frozen=True)
class Position:
    """Where to look for places. Degrees, WGS 84."""

    lat: float
    lon: float
    name: str | None = None
    arrondissement: int | None = None


@dataclass(frozen=True)
class Candidate:
    """A place seen by one person at one instant. `obstacles` counts what could stop this person."""

    place: Mapping
    obstacles: int
    opening: Mapping
    opening_rank: int
    distance_m: int | None

    @property
    def best(self) -> bool:
        """Nothing farther can come before: usable, open, located, and not closed for works."""
        return not (self.obstacles or self.opening_rank or self.place["statut"] == "ferme_travaux")

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


def find_places(
    db: Database,
    *,
    categories: Collection[str] = (),
    services: Collection[str] = (),
    ids: Collection[str] = (),
    position: Position | None,
    at: datetime,
    facts: Mapping[str, object],
    limit: int,
    public_channel: bool = True,
    open_only: bool = False,
    after: str | None = None,
) -> list[dict]:
    """The `limit` best places for a person, each as a `services[...]` object of the contract.

    Chooses among the places of `categories` that offer one of `services`, and those of `ids` (see
    Database.services). `facts` are the known facts of the vocabulary. On a `public_channel` the places
    marked `sensible` are told without anything that says where they are. `open_only` keeps the places where
    a person who arrives at `at` is let in. `after` is the id of the last place of the previous page;
    raises UnknownCursor when it is not in the list.
    """

    def candidates(window=None) -> list[Candidate]:
        found = db.services(categories, services, ids, window)
        return judge(found, position, at, facts, public_channel, open_only)

    if position and after is None:
        ranked = rank(_widening(candidates, position, limit))
    else:
        ranked = rank(candidates())
    if after is not None:
        known = [candidate.place["id"] for candidate in ranked]
        if after not in known:
            raise UnknownCursor(f"« {after} » n'est pas un lieu de cette liste.")
        ranked = ranked[known.index(after) + 1 :]
    return [_described(db, candidate, facts) for candidate in ranked[:limit]]


def judge(
    places: Iterable[Mapping],
    position: Position | None,
    at: datetime,
    facts: Mapping[str, object],
    public_channel: bool = True,
    open_only: bool = False,
) -> list[Candidate]:
    """The places that this person can be sent to, each with its obstacles, opening and distance."""
    at = at.replace(tzinfo=PARIS) if at.tzinfo is None else at.astimezone(PARIS)
    found = []
    for place in places:
        if public_channel and place["sensible"]:
            place = _hidden(place)
            if not place["telephone"] and place["acces"] != "orientation":
                continue
        obstacles = obstacles_of(place, facts, position.arrondissement if position else None)
        if obstacles is None or place["statut"] == "ferme_definitif":
            continue
        opening = _opening(place, at)
        if open_only and opening["etat"] != "ouvert":
            continue
        found.append(
            Candidate(place, obstacles, opening, _opening_rank(opening, at), _distance(place, position))
        )
    return found


def rank(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Best place first; the order of equal places is that of their ids."""
    return sorted(candidates, key=lambda candidate: candidate.key)


def distance_m(lat: float, lon: float, other_lat: float, other_lon: float) -> int:
    """Great-circle distance in metres (haversine), in degrees WGS 84."""
    half_lat, half_lon = radians(other_lat - lat) / 2, radians(other_lon - lon) / 2
    chord = sin(half_lat) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(half_lon) ** 2
    return round(2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord))))


def walking_minutes(metres: int) -> int:
    """Minutes on foot for a straight line of `metres`, with the usual detour of streets."""
    return round(metres * DETOUR / WALKING_M_PER_MIN)


def obstacles_of(
    place: Mapping, facts: Mapping[str, object], arrondissement: int | None = None
) -> int | None:
    """How many things could stop this person at the door; None when the place is certainly not for them.

    Only known facts count against a place, and a public that is not well sourced never excludes.
    `arrondissement` is where the person is, used as a doubtful answer to « where do you live? ».
    """
    count = 0
    publics = place["publics"]
    if publics and publics["profils"]:
        fit = fits(publics["profils"], facts, arrondissement)
        if fit is False and publics["confiance"] != "basse":
            return None
        count += {True: 0, None: 1, False: 2}[fit]
    if facts.get("animal") is True:
        welcome = (place["animaux"] or {}).get("accueil")
        count += {"oui": 0, "dehors": 1, None: 1, "non": 2}[welcome]
    if facts.get("mobilite_reduite") is True:
        count += {True: 0, None: 1, False: 2}[place["accessible"]]
    if place["acces"] == "orientation" and facts.get("suivi_social") is not True:
        count += 1
    return count


def fits(profiles: Iterable[Mapping], facts: Mapping[str, object], here: int | None = None) -> bool | None:
    """Whether the person is one of the `profiles` of a place; None when a missing fact decides."""
    answers = [_all(_criteria(profile, facts, here)) for profile in profiles]
    return True if True in answers else None if None in answers else False


def _criteria(profile: Mapping, facts: Mapping[str, object], here: int | None) -> list[bool | None]:
    answers: list[bool | None] = []
    age, children = facts.get("age"), facts.get("enfants")
    if "genre" in profile:
        answers.append(None if facts.get("genre") is None else facts["genre"] == profile["genre"])
    if "age_min" in profile:
        # Most people who ask are adults: an unsaid age does not stop anybody at the door of adults.
        unsaid = True if profile["age_min"] <= ADULT else None
        answers.append(unsaid if age is None else age >= profile["age_min"])
    if "age_max" in profile:
        answers.append(None if age is None else age <= profile["age_max"])
    if profile.get("sans_enfant"):
        answers.append(None if children is None else children == 0)
    if "avec" in profile:
        minor = None if age is None else age < ADULT  # a child who asks for themselves is the child
        has = {
            "enfant": _any([None if children is None else children > 0, minor]),
            "grossesse": facts.get("enceinte"),
        }
        answers.append(_any([has[one] for one in profile["avec"]]))
    if "arrondissements" in profile:
        home = facts.get("arrondissement")
        if home is None:
            answers.append(True if here in profile["arrondissements"] else None)
        else:
            answers.append(home in profile["arrondissements"])
    return answers


def _all(answers: Collection[bool | None]) -> bool | None:
    return False if False in answers else None if None in answers else True


def _any(answers: Collection[bool | None]) -> bool | None:
    return True if True in answers else None if None in answers else False


def _widening(candidates, position: Position, limit: int) -> list[Candidate]:
    """Look around `position`, ever wider, until no place outside could enter the first `limit`."""
    for radius in RADII_M:
        found = candidates(_window(position, radius))
        sure = [one for one in found if one.best and one.distance_m is not None and one.distance_m <= radius]
        if len(sure) >= limit:
            return found
    return candidates()


def _window(position: Position, radius_m: float) -> tuple[float, float, float, float]:
    """South, west, north, east of a box that contains the circle."""
    height = radius_m / _METRES_PER_DEGREE
    width = height / max(cos(radians(position.lat) + radians(height)), 0.01)
    return position.lat - height, position.lon - width, position.lat + height, position.lon + width


def _hidden(place: Mapping) -> dict:
    """A place that must not be found by strangers: its public name, its phone, nothing about where."""
    return {**place, **dict.fromkeys(_NOWHERE), "nom": place["nom_public"], "a_savoir": None}


def _distance(place: Mapping, position: Position | None) -> int | None:
    where = place["position"]
    return distance_m(position.lat, position.lon, where["lat"], where["lon"]) if position and where else None


def _opening(place: Mapping, at: datetime) -> dict:
    if place["statut"] == "ferme_travaux":
        return {
            "etat": "ferme",
            "jusqua": None,
            "prochaine": None,
            "texte": CLOSED_FOR_WORKS,
            "confiance": "moyenne",
        }
    hours = place["horaires"] or {}
    return _state_at(
        hours.get("osm"),
        at.astimezone(timezone.utc).replace(
            second=0, microsecond=0
        ),  # in UTC, the hour said twice in October is two
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


def _told(place: Mapping, facts: Mapping[str, object]) -> str | None:
    """What to know before going, for this person."""
    texts = [place["conditions"], place["tarif"], place["a_savoir"]]
    if facts.get("animal") is True:
        texts.append((place["animaux"] or {"texte": "Demandez si votre animal peut venir."})["texte"])
    if facts.get("mobilite_reduite") is True:
        texts.append(_WHEELCHAIR[place["accessible"]])
    return " ".join(text for text in texts if text) or None


def _described(db: Database, candidate: Candidate, facts: Mapping[str, object]) -> dict:
    place, where, distance = candidate.place, candidate.place["position"] or {}, candidate.distance_m
    return {
        "id": place["id"],
        "nom": place["nom"],
        "categorie": place["categorie"],
        "adresse": place["adresse"],
        "code_postal": place["code_postal"],
        "arrondissement": place["arrondissement"],
        "lat": where.get("lat"),
        "lon": where.get("lon"),
        "distance_m": distance,
        "a_pied_min": None if distance is None else walking_minutes(distance),
        "metro": " ou ".join(place["metro"]) if place["metro"] else None,
        "ouverture": dict(candidate.opening),
        "horaires_texte": (place["horaires"] or {}).get("texte"),
        "telephone": (place["telephone"] or {}).get("numero"),
        "gratuit": place["gratuit"],
        "publics": (place["publics"] or {}).get("texte"),
        "conditions": _told(place, facts),
        "verifie_le": place["verifie_le"] or place["derniere_source_le"],
        "a_verifier": place["statut"] == "a_verifier" or candidate.opening["confiance"] == "basse",
        "sources": [_cited(db.sources[source["id"]]) for source in place["sources"]],
    }


def _cited(source: Mapping) -> str:
    date = f", {source['date']}" if source["date"] else ", sans date"
    return f"{source['titre']}, {source['editeur']}{date}"
