"""The plan of a few places: the drawing at /plan.svg, and what a card shows beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from channels.api import schemas
from channels.errors import RequestError, fault
from channels.texts import error_text
from data.database import Database
from data.plan import MOST_SPOTS, Spot, beside, draw

KEPT_S = 3600
_OSM = "https://www.openstreetmap.org/"
routes = APIRouter(include_in_schema=False)


@routes.get("/plan.svg")
def get_plan(request: Request, query: Annotated[schemas.DemandePlan, Query()]) -> Response:
    """The plan of one to three places, drawn here: nothing is asked of another site.

    A place that is unknown, hidden, closed for good or without position has no plan: 404 for the whole.
    With the position of a person, only their own browser may keep it.
    """
    if (query.lat is None) != (query.lon is None):
        raise RequestError([fault("", error_text("lat_lon"))])
    person = None if query.lat is None else (query.lat, query.lon)
    audience = "public" if person is None else "private"
    return Response(
        drawing(request.app.state.db, query.lieu, person),
        media_type="image/svg+xml",
        headers={"cache-control": f"{audience}, max-age={KEPT_S}"},
    )


def drawing(db: Database, keys: Sequence[str], person: tuple[float, float] | None) -> str:
    """The plan of one to three places, as SVG. Raises RequestError (404) when one of them has no plan."""
    spots = [_spot(db, key) for key in dict.fromkeys(keys)]
    if None in spots:
        raise RequestError([fault(f"lieu.{spots.index(None)}", error_text("plan"))], 404)
    return draw(spots, _stations(db), person)


def card_plan(db: Database, services: Sequence[Mapping], position: Mapping | None) -> dict | None:
    """What a card shows of its places: {"adresse", "titre", "lieux"}; None when none can be shown.

    `services` and `position` are those of the orientation object. `lieux`: for each place on the plan its id,
    number (None when it is alone), where it is in words, and the address of an online map.
    """
    shown = [service for service in services if service["lat"] is not None][:MOST_SPOTS]
    if not shown:
        return None
    query = [("lieu", service["id"]) for service in shown]
    if position and not position["approximative"]:
        query += [("lat", round(position["lat"], 4)), ("lon", round(position["lon"], 4))]
    return {
        "adresse": f"/plan.svg?{urlencode(query)}",
        "titre": ", ".join(service["nom"] for service in shown),
        "lieux": [
            {
                "id": service["id"],
                "nom": service["nom"],
                "numero": number if len(shown) > 1 else None,
                "repere": _beside(db, service["nom"], service["lat"], service["lon"]),
                "carte": f"{_OSM}?mlat={service['lat']}&mlon={service['lon']}"
                f"#map=17/{service['lat']}/{service['lon']}",
            }
            for number, service in enumerate(shown, start=1)
        ],
    }


def _spot(db: Database, key: str) -> Spot | None:
    place = db.service(key)
    if place is None or place["sensible"] or place["statut"] == "ferme_definitif" or not place["position"]:
        return None
    return Spot(place["nom"], place["position"]["lat"], place["position"]["lon"], place["adresse"])


# A place is told many times, and looking at each station was most of a turn of the page.
@lru_cache(maxsize=4096)
def _beside(db: Database, name: str, lat: float, lon: float) -> str:
    return beside(Spot(name, lat, lon), _stations(db))


@lru_cache(maxsize=2)
def _stations(db: Database) -> tuple[Spot, ...]:
    return tuple(
        Spot(place.nom, place.lat, place.lon) for place in db.gazetteer.places if place.type == "station"
    )
