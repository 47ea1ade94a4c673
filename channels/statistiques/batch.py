"""What a door hands over: counts added up over some seconds, under an identifier that makes them count once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from channels.statistiques.events import SPLITS, Cell
from channels.statistiques.weeks import monday

_ID = re.compile(r"[0-9a-f]{32}")
_WORD = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Batch:
    """`id`: drawn at random; `counts`: what to add to each cell, 1 or more."""

    id: str
    counts: Mapping[Cell, int]


def encode(batch: Batch) -> bytes:
    """The batch as JSON: {"id", "comptes": [[week, measure, value, split, part, count]]}."""
    rows = [[*cell, count] for cell, count in batch.counts.items()]
    return json.dumps({"id": batch.id, "comptes": rows}).encode()


def decode(body: bytes) -> Batch:
    """The batch that `encode` wrote. Raises ValueError, without quoting it, when it is anything else."""
    try:
        content = json.loads(body)
        counts = {Cell(*row[:-1]): row[-1] for row in content["comptes"]}
        name = content["id"]
        right = isinstance(name, str) and _ID.fullmatch(name) and all(map(_is_right, counts, counts.values()))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
        right = False
    if not right:
        raise ValueError("ce n'est pas un relevé de comptes")
    return Batch(name, counts)


def _is_right(cell: Cell, count: object) -> bool:
    """Whether a cell is one of the statistics. Raises ValueError or TypeError when its week is not one."""
    monday(cell.week)
    words = all(isinstance(word, str) and _WORD.fullmatch(word) for word in cell)
    return words and cell.split in SPLITS.get(cell.measure, ()) and type(count) is int and 0 < count < 2**31
