"""What of a week may be read: no number under the threshold, and none that subtraction would give back.

A row is one value (a need, a place) with its total and its splits. In each split the cells under the threshold are
hidden, then the smallest ones left, until those hidden are at least two, not all equal, and together at least the
threshold; only their sum is told. Names play no part in that choice: two different hidden cells could be exchanged
without changing one published number, so that no hidden cell can be computed, even by who knows the method.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from channels.statistiques.events import SPLITS, Cell


@dataclass(frozen=True)
class Split:
    """The cells of one split that may be read, and the sum of those hidden: 0 when none is."""

    parts: Mapping[str, int]
    others: int


@dataclass(frozen=True)
class Row:
    """One value of one measure over a week, by channel, status or arrondissement."""

    measure: str
    value: str
    total: int
    splits: Mapping[str, Split]


def published(counts: Mapping[Cell, int], threshold: int) -> list[Row]:
    """The rows of one week, by measure then from the most to the least counted. `counts`: all its cells."""
    grouped: dict[tuple[str, str], dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for cell, count in counts.items():
        grouped[cell.measure, cell.value][cell.split][cell.part] = count
    rows = [_row(*name, splits, threshold) for name, splits in grouped.items()]
    order = list(SPLITS)
    kept = [row for row in rows if row]
    return sorted(kept, key=lambda row: (order.index(row.measure), -row.total, row.value))


def _row(measure: str, value: str, splits: Mapping[str, Mapping[str, int]], threshold: int) -> Row | None:
    """None when nothing can be told of it."""
    total = sum(next(iter(splits.values())).values())
    told = {name: _split(splits[name], threshold) for name in SPLITS[measure] if name in splits}
    if total < threshold or None in told.values():
        return None
    return Row(measure, value, total, told)


def _split(parts: Mapping[str, int], threshold: int) -> Split | None:
    """None when hiding every cell is not enough: their total would tell them."""
    cut = threshold  # cells under it are hidden
    while True:
        hidden = [count for count in parts.values() if count < cut]
        if not hidden or _hide_each_other(hidden, threshold):
            shown = {part: count for part, count in parts.items() if count >= cut}
            return Split(shown, sum(hidden))
        if len(hidden) == len(parts):
            return None
        cut = min(count for count in parts.values() if count >= cut) + 1


def _hide_each_other(hidden: list[int], threshold: int) -> bool:
    return sum(hidden) >= threshold and len(set(hidden)) >= 2
