"""The outlines of the arrondissements, and the Seine that their limits follow."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from pathlib import Path

from data.plan.geometry import Point
from data.yaml_reader import read_yaml

RIGHT_BANK = frozenset({1, 2, 3, 4, 8, 9, 10, 11, 12, 16, 17, 18, 19, 20})
Edge = tuple[Point, Point]


@lru_cache(maxsize=1)
def arrondissements() -> dict[int, tuple[Point, ...]]:
    """Number of each arrondissement and its outline: (latitude, longitude) in degrees."""
    document = read_yaml(Path(__file__).with_name("contours.yml"))
    return {
        int(number): tuple((lat, lon) for lat, lon in points)
        for number, points in document["arrondissements"].items()
    }


@lru_cache(maxsize=1)
def limits() -> tuple[tuple[Edge, ...], tuple[Edge, ...]]:
    """The limits between arrondissements and around Paris, then those that follow the Seine."""
    sides: dict[frozenset[Point], set[int]] = defaultdict(set)
    for number, outline in arrondissements().items():
        for start, end in zip(outline, outline[1:] + outline[:1], strict=True):
            sides[frozenset((start, end))].add(number)
    land, river = [], []
    for edge, numbers in sides.items():
        (river if _two_banks(numbers) else land).append(tuple(sorted(edge)))
    return tuple(land), tuple(river)


def _two_banks(numbers: set[int]) -> bool:
    return 0 < len(numbers & RIGHT_BANK) < len(numbers)
