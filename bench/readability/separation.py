"""How well the gate tells plain sentences from administrative ones, with how sure we can be. Pure functions."""

from __future__ import annotations

import math
import random
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

_DRAWS, _SEED, _Z = 2000, 7, 1.96


@dataclass(frozen=True)
class Estimate:
    """A share or an area, with the bounds of its 95 % interval."""

    value: float
    low: float
    high: float


def auc(plain: Sequence[float], hard: Sequence[float]) -> float:
    """Chance that a hard sentence has more findings than a plain one; a tie counts for half (Mann-Whitney)."""
    ordered = sorted(plain)
    below = sum(bisect_left(ordered, value) + bisect_right(ordered, value) for value in hard)
    return below / (2 * len(plain) * len(hard))


def auc_estimate(plain: Sequence[float], hard: Sequence[float]) -> Estimate:
    """The area, and its 95 % interval by drawing the sentences again 2,000 times."""
    draw = random.Random(_SEED)
    drawn = sorted(
        auc(draw.choices(plain, k=len(plain)), draw.choices(hard, k=len(hard))) for _ in range(_DRAWS)
    )
    return Estimate(auc(plain, hard), drawn[round(0.025 * _DRAWS)], drawn[round(0.975 * _DRAWS) - 1])


def share(count: int, total: int) -> Estimate:
    """A share with Wilson's 95 % interval: honest near 0 and 1, where the usual one is not."""
    p, square = count / total, _Z**2 / total
    middle = (p + square / 2) / (1 + square)
    half = _Z * math.sqrt(p * (1 - p) / total + square / total / 4) / (1 + square)
    return Estimate(p, max(0.0, middle - half), min(1.0, middle + half))
