"""A base with as many places as wanted: the real places, copied at other spots with other hours.

Nothing here is a real place. Everything is drawn from a seed: the same count gives the same places.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlite_utils

from data.build import _write_services
from data.checks import PARIS_BOX, Places
from data.database import Database, open_database

WITHOUT_POSITION = 0.03
_TABLES = ("services", "services_offres", "services_rtree", "services_fts", "sources", "categories", "sortes")
_SPANS = ("Mo-Fr", "Tu-Sa", "Mo,We,Fr", "Mo-Su", "Tu,Th", "Sa-Su")


@dataclass(frozen=True)
class Copies:
    """`count` places, made again each time they are read: a million is never held in memory."""

    models: dict[str, list[dict]]
    count: int
    seed: int = 1

    def __iter__(self) -> Iterator[dict]:
        draw = random.Random(self.seed)
        categories = sorted(self.models)
        south, west, north, east = PARIS_BOX
        for number in range(self.count):
            model = draw.choice(self.models[draw.choice(categories)])
            where = {"lat": draw.uniform(south, north), "lon": draw.uniform(west, east)}
            located = draw.random() >= WITHOUT_POSITION
            yield {
                **model,
                "id": f"essai-{number:07}",
                "position": {**where, "origine": "essai", "precision": "numero"} if located else None,
                "horaires": _hours(draw, model["horaires"]),
            }


def synthetic_base(source: Path, target: Path, count: int) -> Database:
    """A copy at `target` of the built base `source`, whose places are `count` synthetic ones."""
    real = open_database(source)
    models: dict[str, list[dict]] = {}
    for place in real.services():
        models.setdefault(place["categorie"], []).append(place)
    places = Places(
        Copies(models, count), real.sources, real.categories, {name: name for name in real.offers}
    )
    shutil.copy(source, target)
    db = sqlite_utils.Database(target)
    try:
        for table in _TABLES:
            db.execute(f"DROP TABLE {table}")
        db.conn.commit()
        _write_services(db, places)
        db.execute("PRAGMA optimize")
    finally:
        db.close()
        real.close()
    return open_database(target)


def size_mb(db: Database) -> float:
    """Size of the file of a base, in megabytes."""
    pages = db.connection.execute("PRAGMA page_count").fetchone()[0]
    return pages * db.connection.execute("PRAGMA page_size").fetchone()[0] / 1e6


def _hours(draw: random.Random, model: dict | None) -> dict | None:
    """Other hours of the same trust, most of them unlike all others; as often unknown as in the model."""
    if not model or not model["osm"]:
        return model
    opens, lasts = draw.randrange(7 * 60, 15 * 60, 5), draw.randrange(120, 600, 5)
    closes = min(opens + lasts, 23 * 60)
    span = f"{opens // 60:02}:{opens % 60:02}-{closes // 60:02}:{closes % 60:02}"
    return {**model, "osm": f"{draw.choice(_SPANS)} {span}; PH off"}
