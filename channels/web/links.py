"""Where the pages send people: the way to a place on a map, the sheet to print. Pure functions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

_DIRECTIONS = "https://www.openstreetmap.org/directions"


def directions(service: Mapping) -> str:
    """The way to a place, on foot. Says nothing of where the person is: the map asks them."""
    to = f"{service['lat']},{service['lon']}"
    return f"{_DIRECTIONS}?{urlencode({'engine': 'fossgis_osrm_foot', 'to': to}, safe=',')}"


def sheet(needs: Sequence[str], facts: Mapping[str, object]) -> str:
    """The page to print for these needs and facts."""
    told = {
        key: value if isinstance(value, (str, list)) else json.dumps(value) for key, value in facts.items()
    }
    return "/fiche?" + urlencode({"besoin": list(needs), **told}, doseq=True)


def need_of(value: str) -> str | None:
    """The need that a button asks for, None when it asks for something else."""
    try:
        return json.loads(value.removeprefix("/informer")).get("besoin")
    except (ValueError, AttributeError):
        return None
