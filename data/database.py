"""Read the built base `data/jalon.db`: rules, places and gazetteer, read-only and shared by threads.

Runs on Python 3.10 and later with the standard library (and rapidfuzz for the gazetteer).
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Collection
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from rules import Base, Evaluator, load_base
from rules.calculators.cotation import Grid
from rules.calculators.cotation_loading import load_cotation
from rules.calculators.reste_pour_vivre import Calculator, load_reste_pour_vivre

if TYPE_CHECKING:
    from data.gazetteer import Gazetteer

SCHEMA = 1  # raised when the tables change: an old file is then refused with a clear message
DEFAULT_PATH = Path(__file__).parent / "jalon.db"


class DatabaseError(RuntimeError):
    """The base is missing or was built by another version of Jalon."""


def open_database(path: Path | str | None = None) -> Database:
    """Open the built base read-only. `path` defaults to $JALON_BASE, then to data/jalon.db.

    Raises DatabaseError with a sentence that says what to do.
    """
    file = Path(path or os.environ.get("JALON_BASE") or DEFAULT_PATH)
    if not file.is_file():
        raise DatabaseError(f"La base {file} n'existe pas. Lancez « jalon construire ».")
    # The builder replaces the file in one move and never writes into it: an open reader keeps its copy.
    connection = sqlite3.connect(
        f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
    )
    try:
        meta = dict(connection.execute("SELECT cle, valeur FROM meta"))
    except sqlite3.DatabaseError as error:
        connection.close()
        raise DatabaseError(f"{file} n'est pas une base de Jalon. Lancez « jalon construire ».") from error
    if meta.get("schema") != str(SCHEMA):
        connection.close()
        raise DatabaseError(f"La base {file} a été faite par une autre version. Lancez « jalon construire ».")
    return Database(connection, meta)


class Database:
    """The built base. Every record it returns is shared between callers: read it, never change it."""

    def __init__(self, connection: sqlite3.Connection, meta: dict[str, str]):
        self.connection = connection
        self.version = meta["version"]
        self.built_on = meta["construite_le"]
        self._lock = RLock()

    def close(self) -> None:
        self.connection.close()

    @cached_property
    def base(self) -> Base:
        """The rules: needs, facts, dispositifs."""
        return load_base(self._documents)

    @cached_property
    def cotation(self) -> Grid:
        """The housing score of 2019."""
        return load_cotation(self._documents)

    @cached_property
    def reste_pour_vivre(self) -> Calculator:
        """The AORIF calculation."""
        return load_reste_pour_vivre(self._documents)

    @cached_property
    def evaluator(self) -> Evaluator:
        """The engine for these rules; it keeps the diagrams it has built."""
        return Evaluator(self.base)

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Names of places and where they are."""
        from data.gazetteer import Gazetteer  # only those who ask for it need rapidfuzz

        with self._lock:
            return Gazetteer.from_database(self.connection)

    @cached_property
    def sources(self) -> dict[str, dict]:
        """Sources of the places, by id."""
        return {key: json.loads(text) for key, text in self._rows("SELECT id, json FROM sources")}

    @cached_property
    def categories(self) -> dict[str, str]:
        """Categories of places and their French names, in the order of data/categories.yml."""
        return dict(self._rows("SELECT id, libelle FROM categories ORDER BY rowid"))

    def services(
        self,
        categories: Collection[str] = (),
        services: Collection[str] = (),
        ids: Collection[str] = (),
        window: tuple[float, float, float, float] | None = None,
    ) -> list[dict]:
        """Places by id order: those of `categories` that offer one of `services`, and those of `ids`.

        An empty collection does not filter; with `ids` alone, only these. `window` (south, west, north,
        east, in degrees) keeps the places located inside it. Places closed for good are never returned.
        """
        clauses, values = [], []
        if categories:
            clauses.append(f"categorie IN ({_marks(categories)})")
            values += categories
        if services:
            clauses.append(
                f"id IN (SELECT service_id FROM services_offres WHERE offre IN ({_marks(services)}))"
            )
            values += services
        chosen = " AND ".join(clauses)
        if ids:
            chosen = f"({chosen}) OR id IN ({_marks(ids)})" if chosen else f"id IN ({_marks(ids)})"
            values += ids
        where = [f"({chosen})"] if chosen else []
        where.append("statut <> 'ferme_definitif'")
        if window:
            south, west, north, east = window
            where.append(
                "numero IN (SELECT id FROM services_rtree"
                " WHERE lat_max >= ? AND lat_min <= ? AND lon_max >= ? AND lon_min <= ?)"
            )
            values += [south, north, west, east]
        found = self._rows(f"SELECT id FROM services WHERE {' AND '.join(where)} ORDER BY id", values)
        return [self._records[key] for (key,) in found]

    def service(self, key: str) -> dict | None:
        """One place by its id, even closed for good; None when there is no such place."""
        return self._records.get(key)

    def search_services(self, text: str, limit: int = 10) -> list[dict]:
        """Places whose public name, category or offers contain the words of `text`, best first."""
        words = re.findall(r"\w+", text)
        if not words:
            return []
        query = " ".join(f'"{word}"*' for word in words)
        found = self._rows(
            "SELECT s.id FROM services_fts f JOIN services s ON s.numero = f.rowid"
            " WHERE services_fts MATCH ? AND s.statut <> 'ferme_definitif' ORDER BY f.rank, s.id LIMIT ?",
            [query, limit],
        )
        return [self._records[key] for (key,) in found]

    @cached_property
    def _records(self) -> dict[str, dict]:
        return {key: json.loads(text) for key, text in self._rows("SELECT id, json FROM services")}

    @property
    def _documents(self) -> dict[str, object]:
        return {path: json.loads(text) for path, text in self._rows("SELECT path, json FROM documents")}

    def _rows(self, sql: str, values: Collection = ()) -> list[tuple]:
        with self._lock:
            return self.connection.execute(sql, list(values)).fetchall()


def _marks(values: Collection) -> str:
    return ", ".join("?" * len(values))
