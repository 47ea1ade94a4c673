"""The search without conversation: a need and a place in, what the search page shows out."""

from __future__ import annotations

from actions.location import UnknownPlace, as_position, find_place
from actions.orientation import orient
from data.database import Database

PLACES, MORE_PLACES = 3, 12  # told for each answer: at first, and on demand
_PLACE_LIMIT = 200


def look_up(db: Database, needs: list[str], place: str, places: int = PLACES) -> dict:
    """{"choisis", "lieu", "orientation", "inconnu", "proches", "plus"} for the search page.

    `places` are told for each answer; `plus` is how many can be asked for, when some may have more.
    `orientation` is None while no known need is chosen, or while the place is not clear; `proches` are then
    the names of the nearest places, and `inconnu` says that the place was not found.
    """
    chosen = [need for need in dict.fromkeys(needs) if need in db.base.needs]
    place = " ".join(place.split())[:_PLACE_LIMIT]
    shown = {
        "choisis": chosen,
        "lieu": place,
        "orientation": None,
        "inconnu": False,
        "proches": [],
        "plus": None,
    }
    if not chosen:
        return shown
    position = None
    if place:
        try:
            position = as_position(find_place(db, place))
        except UnknownPlace as error:
            return {**shown, "inconnu": True, "proches": [near.label for near in error.suggestions]}
    orientation = orient(db, besoins=chosen, faits={}, position=position, limite=places)
    full = any(len(dispositif["services"]) == places for dispositif in orientation["dispositifs"])
    more = MORE_PLACES if full and places < MORE_PLACES else None
    return {**shown, "orientation": orientation, "plus": more}
