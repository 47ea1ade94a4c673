"""A square piece of the Earth as a square of paper, and what can be done with boxes on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, radians

METRES_PER_DEGREE = 111_195
Point = tuple[float, float]  # on the Earth: latitude, longitude in degrees; on paper: right, down


@dataclass(frozen=True)
class Box:
    """A rectangle of paper: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def around(cls, x: float, y: float, width: float, height: float) -> Box:
        return cls(x - width / 2, y - height / 2, x + width / 2, y + height / 2)

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    @property
    def corners(self) -> tuple[Point, ...]:
        return (
            (self.left, self.top),
            (self.right, self.top),
            (self.right, self.bottom),
            (self.left, self.bottom),
        )

    def holds(self, other: Box) -> bool:
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )


@dataclass(frozen=True)
class Frame:
    """What a plan shows: `size` units of paper for `metres` of ground, around a centre (degrees)."""

    lat: float
    lon: float
    metres: float
    size: float

    @classmethod
    def around(cls, points: Sequence[Point], least_m: float, margin: float, size: float) -> Frame:
        """The smallest square that holds all the points, at least `least_m` wide, `margin` of it empty
        on each side."""
        lats, lons = [lat for lat, _ in points], [lon for _, lon in points]
        lat, lon = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
        height = (max(lats) - min(lats)) * METRES_PER_DEGREE
        width = (max(lons) - min(lons)) * METRES_PER_DEGREE * cos(radians(lat))
        return cls(lat, lon, max(least_m, max(height, width) / (1 - 2 * margin)), size)

    def place(self, point: Point) -> Point:
        """Where a point of the Earth falls on the paper, maybe outside."""
        lat, lon = point
        scale = METRES_PER_DEGREE * self.size / self.metres
        x = (lon - self.lon) * cos(radians(self.lat)) * scale + self.size / 2
        return x, self.size / 2 - (lat - self.lat) * scale

    @property
    def box(self) -> Box:
        return Box(0, 0, self.size, self.size)


def clipped(polygon: Iterable[Point], box: Box) -> list[Point]:
    """The part of a polygon inside a box (Sutherland-Hodgman), as a polygon that may touch its sides twice."""
    points = list(polygon)
    for axis, limit, sign in ((0, box.left, 1), (0, box.right, -1), (1, box.top, 1), (1, box.bottom, -1)):
        kept: list[Point] = []
        for start, end in zip(points[-1:] + points[:-1], points, strict=True):
            inside = [sign * (one[axis] - limit) >= 0 for one in (start, end)]
            if inside[0] != inside[1]:
                share = (limit - start[axis]) / (end[axis] - start[axis])
                kept.append(tuple(a + share * (b - a) for a, b in zip(start, end, strict=True)))
            if inside[1]:
                kept.append(end)
        points = kept
    return points


def holds(polygon: Sequence[Point], point: Point) -> bool:
    """Whether a point is inside a polygon (a ray to the right meets its sides an odd number of times)."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
            inside = not inside
    return inside


def middle(polygon: Sequence[Point]) -> Point:
    """The centre of the surface of a polygon."""
    area = x = y = 0.0
    for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        cross = x1 * y2 - x2 * y1
        area, x, y = area + cross, x + (x1 + x2) * cross, y + (y1 + y2) * cross
    if abs(area) < 1e-9:
        return polygon[0]
    return x / (3 * area), y / (3 * area)
