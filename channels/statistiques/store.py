"""The counts of the weeks: SQLite on one machine, PostgreSQL for a city (data/sql/engine.py). No hour, no order.

A batch counts once whatever the number of times it comes: its identifier is written with its counts, and stays until
its weeks are closed, after which it could add nothing.
"""

from __future__ import annotations

import logging
from datetime import date, timedelta
from threading import Lock

from channels.statistiques.batch import Batch
from channels.statistiques.events import Cell
from channels.statistiques.settings import StatisticsSettings
from channels.statistiques.weeks import closing_day, oldest_kept, week_of
from data.sql.engine import Engine, open_engine
from data.sql.errors import Lost

_NAME = "statistiques"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS comptes (
    semaine TEXT NOT NULL, mesure TEXT NOT NULL, valeur TEXT NOT NULL, ventilation TEXT NOT NULL,
    modalite TEXT NOT NULL, nombre BIGINT NOT NULL,
    PRIMARY KEY (semaine, mesure, valeur, ventilation, modalite));
CREATE TABLE IF NOT EXISTS releves (id TEXT PRIMARY KEY, semaine TEXT NOT NULL);
"""
_ONCE = "INSERT INTO releves (id, semaine) VALUES (:id, :week) ON CONFLICT DO NOTHING"
_ADD = """
INSERT INTO comptes (semaine, mesure, valeur, ventilation, modalite, nombre)
VALUES (:week, :measure, :value, :split, :part, :count)
ON CONFLICT (semaine, mesure, valeur, ventilation, modalite) DO UPDATE SET nombre = comptes.nombre + excluded.nombre
"""
_READ = "SELECT mesure, valeur, ventilation, modalite, nombre FROM comptes WHERE semaine = :week"

journal = logging.getLogger("jalon.statistiques")


class Counts:
    """For any thread, one at a time. Every method may raise StoreError (data/sql/errors.py)."""

    def __init__(self, engine: Engine):
        self._engine, self._lock = engine, Lock()

    def add(self, batch: Batch, today: date) -> None:
        """Add a batch, unless it was added already; what belongs to a closed week is left out."""
        try:
            self._add(batch, today)
        except Lost:  # the server closes a connection that says nothing for long
            self._add(batch, today)

    def week(self, week: str) -> dict[Cell, int]:
        """All the cells of a week."""
        with self._lock:
            rows = self._engine.execute(_READ, {"week": week}).fetchall()
        return {
            Cell(week, row["mesure"], row["valeur"], row["ventilation"], row["modalite"]): row["nombre"]
            for row in rows
        }

    def erase_old(self, today: date) -> None:
        """Erase the weeks that are too old, and the identifiers of batches whose weeks are closed."""
        with self._lock, self._engine.transaction():
            self._erase_old(today)

    def close(self) -> None:
        with self._lock:
            self._engine.close()

    def _add(self, batch: Batch, today: date) -> None:
        taken = {cell: count for cell, count in batch.counts.items() if _takes(cell.week, today)}
        if len(taken) < len(batch.counts):
            journal.warning("comptes hors de leur semaine, laissés : %d", len(batch.counts) - len(taken))
        if not taken:
            return
        latest = max(cell.week for cell in taken)
        with self._lock, self._engine.transaction():
            self._erase_old(today)
            if self._engine.execute(_ONCE, {"id": batch.id, "week": latest}).rowcount:
                for cell, count in taken.items():
                    self._engine.execute(_ADD, {**cell._asdict(), "count": count})

    def _erase_old(self, today: date) -> None:
        self._engine.execute("DELETE FROM comptes WHERE semaine < :week", {"week": oldest_kept(today)})
        still_open = week_of(today - timedelta(days=13))
        self._engine.execute("DELETE FROM releves WHERE semaine < :week", {"week": still_open})


def _takes(week: str, today: date) -> bool:
    """Whether a week still takes counts. The clock of a door may be a day ahead of ours."""
    return closing_day(week) > today and week <= week_of(today + timedelta(days=1))


def open_counts(settings: StatisticsSettings, create: bool = True) -> Counts:
    """The counts where the settings say. Raises StoreError or OSError when the file cannot be opened, or is absent
    and not to be created."""
    return Counts(open_engine(settings.postgres, settings.file, _NAME, _SCHEMA, create))
