"""A base with as many places as wanted: the real places, copied at other spots with other hours.

Nothing here is a real place. Everything is drawn from a seed: the same count gives the same places.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import sqlite_utils

from data.checks import PARIS_BOX
from data.database import Database, open_database
from data.service_tables import TABLES, write_services

WITHOUT_POSITION = 0.03
_SPANS = ("Mo-Fr", "Tu-Sa", "Mo,We,Fr", "Mo-Su", "Tu,Th", "Sa-Su")


def synthetic_base(source: Path, target: Path, count: int) -> Database:
    """A copy at `target` of the built base `source`, whose places are `count` synthetic ones."""
    real = open_database(source)
    models: dict[str, list[dict]] = {}
    for place in real.services():
        models.setdefault(place["categorie"], []).append(place)
    shutil.copy(source, target)
    db = sqlite_utils.Database(target)
    try:
        for table in TABLES:
            db.execute(f"DROP TABLE {table}")
        db.conn.commit()
        write_services(db, _copies(models, count), real.sources, real.categories, {})
        db.execute("PRAGMA optimize")
    finally:
        db.close()
        real.close()
    return open_database(target)


def _copies(models: dict[str, list[dict]], count: int, seed: int = 1) -> Iterator[dict]:
    """Places one by one: a million is never held in memory."""
    draw = random.Random(seed)
    categories = sorted(models)
    south, west, north, east = PARIS_BOX
    for number in range(count):
        model = draw.choice(models[draw.choice(categories)])
        where = {"lat": draw.uniform(south, north), "lon": draw.uniform(west, east)}
        located = draw.random() >= WITHOUT_POSITION
        yield {
            **model,
            "id": f"essai-{number:07}",
            "position": {**where, "origine": "essai", "precision": "numero"} if located else None,
            "horaires": _hours(draw, model["horaires"]),
        }


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
