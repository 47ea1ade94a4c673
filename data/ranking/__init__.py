"""Which place should this person go to: what they can use, what is open, what is near.

Order of the answer: places with a known position, by groups of the HORIZON nearest; in a group, the fewest
obstacles for this person (public, animal, wheelchair, need to be sent by someone), then open, opening soon,
unknown, closed, then metres, then id. After them: places without a known position; those that nothing tells
how to reach; places closed for works. docs/donnees.md says it for people.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from itertools import islice

from data.database import Database
from data.distance import DETOUR, WALKING_M_PER_MIN, distance_m, walking_minutes
from data.ranking.candidates import HORIZON, Candidate, Person, Position, judge, ranked
from data.ranking.people import fits, obstacles_of

__all__ = [
    "DETOUR", "FAR_M", "HORIZON", "WALKING_M_PER_MIN", "Candidate", "Person", "Position", "UnknownCursor",
    "distance_m", "find_places", "fits", "judge", "obstacles_of", "ranked", "walking_minutes",
]  # fmt: skip

FAR_M = 3_000  # about 50 minutes on foot: the answer then says that it is far
_WHEELCHAIR = {
    True: "Vous pouvez entrer en fauteuil roulant.",
    False: "Vous ne pouvez pas entrer en fauteuil roulant.",
    None: "Demandez si vous pouvez entrer en fauteuil roulant.",
}


class UnknownCursor(ValueError):
    """`after` is not the id of a place of this list."""


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
    keep: Callable[[Mapping], bool] | None = None,
    nearest_first: bool = False,
) -> list[dict]:
    """The `limit` best places for a person, each as a `services[...]` object of the contract.

    Chooses among the places of `categories` that offer one of `services`, and those of `ids` (see
    Database.nearest). `facts` are the known facts of the vocabulary. On a `public_channel` the places
    marked `sensible` are told without anything that says where they are. `open_only` keeps the places where
    a person who arrives at `at` is let in. `after` is the id of the last place of the previous page;
    raises UnknownCursor when it is not in the list. `keep` tells, from its record, whether a place is looked at;
    `nearest_first`: in the order of distances alone.
    """
    person = Person.of(position, at, facts, public_channel)
    point = (position.lat, position.lon) if position else None
    wanted = (categories, services, ids, not public_channel)
    near, aside = db.nearest(point, *wanted), db.aside(*wanted)
    if keep:
        near, aside = filter(keep, near), filter(keep, aside)
    found = ranked(near, aside, person, 1 if nearest_first else HORIZON)
    if open_only:
        found = (candidate for candidate in found if candidate.opening["etat"] == "ouvert")
    if after is not None and not any(candidate.place["id"] == after for candidate in found):
        raise UnknownCursor(f"« {after} » n'est pas un lieu de cette liste.")
    return [_described(db, candidate, person) for candidate in islice(found, limit)]


def _told(place: Mapping, facts: Mapping[str, object]) -> str | None:
    """What to know before going, for this person."""
    texts = [place["conditions"], place["tarif"], place["a_savoir"]]
    if facts.get("animal") is True:
        texts.append((place["animaux"] or {"texte": "Demandez si votre animal peut venir."})["texte"])
    if facts.get("mobilite_reduite") is True:
        texts.append(_WHEELCHAIR[place["accessible"]])
    return " ".join(text for text in texts if text) or None


def _described(db: Database, candidate: Candidate, person: Person) -> dict:
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
        "loin": None if distance is None else distance > FAR_M,
        "metro": " ou ".join(place["metro"]) if place["metro"] else None,
        "ouverture": dict(candidate.opening),
        "horaires_texte": (place["horaires"] or {}).get("texte"),
        "telephone": (place["telephone"] or {}).get("numero"),
        "gratuit": place["gratuit"],
        "publics": (place["publics"] or {}).get("texte"),
        "conditions": _told(place, person.facts),
        "verifie_le": place["verifie_le"] or place["derniere_source_le"],
        "a_verifier": place["statut"] == "a_verifier" or candidate.opening["confiance"] == "basse",
        "sources": [_cited(db.sources[source["id"]]) for source in place["sources"]],
    }


def _cited(source: Mapping) -> str:
    date = f", {source['date']}" if source["date"] else ", sans date"
    return f"{source['titre']}, {source['editeur']}{date}"
