"""Where a place is, in words: for those who do not see the plan, and for those who do not read plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, degrees, radians

from data.distance import distance_m, say_metres, say_minutes, walking_minutes

NEXT_TO_M = 75
_DIRECTIONS = (
    "au nord", "au nord-est", "à l'est", "au sud-est", "au sud", "au sud-ouest", "à l'ouest", "au nord-ouest",
)  # fmt: skip


@dataclass(frozen=True)
class Spot:
    """A named point: a place or a station. Degrees, WGS 84."""

    name: str
    lat: float
    lon: float
    address: str | None = None

    @property
    def point(self) -> tuple[float, float]:
        return self.lat, self.lon


def direction(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Where `end` is, seen from `start`: « au nord », « à l'est »… Points are (latitude, longitude)."""
    north = end[0] - start[0]
    east = (end[1] - start[1]) * cos(radians(start[0]))
    return _DIRECTIONS[round(degrees(atan2(east, north)) / 45) % 8]


def nearest(point: tuple[float, float], spots: Sequence[Spot]) -> Spot | None:
    """The nearest spot; equal metres: by name."""
    return min(spots, key=lambda spot: (distance_m(*point, *spot.point), spot.name), default=None)


def beside(spot: Spot, stations: Sequence[Spot]) -> str | None:
    """« À 350 mètres au nord de la station Gare du Nord. » None without stations."""
    station = nearest(spot.point, stations)
    if station is None:
        return None
    metres = distance_m(*station.point, *spot.point)
    if metres < NEXT_TO_M:
        return f"À côté de la station {station.name}."
    return f"À {say_metres(metres)} {direction(station.point, spot.point)} de la station {station.name}."


def from_person(spot: Spot, person: tuple[float, float]) -> str:
    """« À 1,2 kilomètre à l'est de vous, environ 20 minutes à pied. »"""
    metres = distance_m(*person, *spot.point)
    if metres < NEXT_TO_M:
        return "Tout près de vous."
    walk = say_minutes(walking_minutes(metres))
    return f"À {say_metres(metres)} {direction(person, spot.point)} de vous, environ {walk} à pied."


def describe(spots: Sequence[Spot], stations: Sequence[Spot], person: tuple[float, float] | None) -> str:
    """What the plan shows, in sentences; places are told by their numbers when there are several."""
    sentences = []
    for number, spot in enumerate(spots, start=1):
        name = f"Numéro {number} : {spot.name}" if len(spots) > 1 else spot.name
        sentences.append(f"{name}, {spot.address}." if spot.address else f"{name}.")
        sentences.append(beside(spot, stations))
        if person:
            sentences.append(from_person(spot, person))
    return " ".join(sentence for sentence in sentences if sentence)
