"""Metres between two points, minutes on foot, how they are said, and the box that holds a circle.

Degrees are WGS 84.
"""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_000
DETOUR = 1.3  # streets are about this much longer than the straight line
WALKING_M_PER_MIN = 80  # 4.8 km/h
_METRES_PER_DEGREE = EARTH_RADIUS_M * radians(1)


def distance_m(lat: float, lon: float, other_lat: float, other_lon: float) -> int:
    """Great-circle distance in metres (haversine), in degrees WGS 84."""
    half_lat, half_lon = radians(other_lat - lat) / 2, radians(other_lon - lon) / 2
    chord = sin(half_lat) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(half_lon) ** 2
    return round(2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord))))


def walking_minutes(metres: int) -> int:
    """Minutes on foot for a straight line of `metres`, with the usual detour of streets."""
    return round(metres * DETOUR / WALKING_M_PER_MIN)


def box(lat: float, lon: float, radius_m: float) -> tuple[float, float, float, float]:
    """South, west, north, east (degrees) of a box that contains the circle of `radius_m` metres."""
    height = radius_m / _METRES_PER_DEGREE
    width = height / max(cos(min(radians(90), abs(radians(lat)) + radians(height))), 0.01)
    return lat - height, lon - width, lat + height, lon + width


def say_metres(metres: int) -> str:
    """A distance that one can picture: « 400 mètres », « 1,2 kilomètre »."""
    if metres < 1000:
        return f"{max(50, round(metres / 50) * 50)} mètres"
    kilometres = round(metres / 1000, 1)
    said = f"{kilometres:.1f}".replace(".", ",").removesuffix(",0")
    return f"{said} kilomètre{'s' if kilometres >= 2 else ''}"


def say_minutes(count: int) -> str:
    """A walking time: « 13 minutes », « 1 heure 10 »."""
    if count < 60:
        return f"{max(1, count)} minute{'s' if count > 1 else ''}"
    hours, rest = divmod(count, 60)
    return f"{hours} heure{'s' if hours > 1 else ''}" + (f" {rest}" if rest else "")
