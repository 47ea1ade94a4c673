"""Read the built base `data/jalon.db`: rules, places and gazetteer, read-only and shared by threads.

Runs on Python 3.10 and later with the standard library (and rapidfuzz for the gazetteer).
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Collection, Iterator
from functools import cached_property, lru_cache
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from data.base_file import DEFAULT_PATH, connect
from data.distance import box, distance_m
from rules import Base, Evaluator, load_base
from rules.calculators.cotation import Grid
from rules.calculators.cotation_loading import load_cotation
from rules.calculators.reste_pour_vivre import Calculator, load_reste_pour_vivre

if TYPE_CHECKING:
    from data.gazetteer import Gazetteer

# How far to look around a person, in metres: each circle holds about twice the one before. Then everywhere.
RADII_M = (*(round(300 * 1.5**step) for step in range(8)), None)
_RECORDS_KEPT = 1024
# A choice of so few places is read once, then sorted in memory: that costs less than to look around a person.
_FEW = 128
_CHOICES_KEPT = 256


# Places that `nearest` gives and their order, in SQL; the key tells whether hidden ones are wanted too.
_MAPPED = {False: "rang = 0 AND NOT sensible", True: "rang = 0"}


def open_database(path: Path | str | None = None) -> Database:
    """Open the built base read-only. `path` defaults to $JALON_BASE, then to data/jalon.db.

    Raises DatabaseError with a sentence that says what to do.
    """
    return Database(*connect(Path(path or os.environ.get("JALON_BASE") or DEFAULT_PATH)))


class Database:
    """The built base. Every record it returns is shared between callers: read it, never change it."""

    def __init__(self, connection: sqlite3.Connection, meta: dict[str, str]):
        self.connection = connection
        self.version = meta["version"]
        self.built_on = meta["construite_le"]
        self._lock = RLock()
        self._record = lru_cache(maxsize=_RECORDS_KEPT)(self._read_record)
        self._few = lru_cache(maxsize=_CHOICES_KEPT)(self._read_few)

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
        """Names of places and where they are, with the imported addresses when there are some."""
        from data.gazetteer import Gazetteer, open_addresses  # only those who ask for it need rapidfuzz

        with self._lock:
            return Gazetteer.from_database(self.connection, open_addresses())

    @cached_property
    def sources(self) -> dict[str, dict]:
        """Sources of the places, by id."""
        return {key: json.loads(text) for key, text in self._rows("SELECT id, json FROM sources")}

    @cached_property
    def categories(self) -> dict[str, str]:
        """Categories of places and their French names, in the order of data/categories.yml."""
        return dict(self._rows("SELECT id, libelle FROM categories ORDER BY rowid"))

    @cached_property
    def offers(self) -> tuple[str, ...]:
        """What at least one place offers, in alphabetical order."""
        return tuple(name for (name,) in self._rows("SELECT DISTINCT offre FROM services_offres ORDER BY 1"))

    @cached_property
    def public_places(self) -> frozenset[str]:
        """Ids of the places that are not closed for good and that anybody may be told where to find."""
        found = self._rows("SELECT id FROM services WHERE rang IS NOT NULL AND NOT sensible")
        return frozenset(name for (name,) in found)

    def services(
        self, categories: Collection[str] = (), services: Collection[str] = (), ids: Collection[str] = ()
    ) -> list[dict]:
        """Places by id order: those of `categories` that offer one of `services`, and those of `ids`.

        An empty collection does not filter; with `ids` alone, only these. Places closed for good are never
        returned. All are read at once: for the few that a person needs, see `nearest`.
        """
        return list(self._chosen(categories, services, ids))

    def nearest(
        self,
        point: tuple[float, float] | None,
        categories: Collection[str] = (),
        services: Collection[str] = (),
        ids: Collection[str] = (),
        hidden: bool = False,
    ) -> Iterator[dict]:
        """The same places as `services`, nearest to `point` first, read as they are wanted.

        `point`: latitude and longitude in degrees; without it, the order is that of the ids. Only places
        that one can be sent to by distance: with a position, not closed for works and, unless `hidden`, not
        to be kept hidden (`sensible`). The others are those of `aside`. Equal metres: the order of the ids.
        """
        if point is None:
            yield from self._chosen(categories, services, ids, _MAPPED[hidden])
            return
        few = self._few(tuple(categories), tuple(services), tuple(ids), _MAPPED[hidden], "id")
        if few is not None:
            yield from sorted(map(self._record, few), key=lambda place: _metres(point, place))
            return
        slices = self._slices(categories, services, ids, hidden)
        named = {
            (place["id"], place["position"]["lat"], place["position"]["lon"])
            for place in (self._chosen((), (), ids, _MAPPED[hidden]) if ids else ())
        }
        reached = -1
        for radius in RADII_M:
            found = set(named)
            for part in slices:
                found.update(self._around(point, radius, part, categories if services else ()))
            metres = ((distance_m(*point, lat, lon), key) for key, lat, lon in found)
            ring = sorted(one for one in metres if reached < one[0] and (radius is None or one[0] <= radius))
            yield from (self._record(key) for _, key in ring)
            reached = radius

    def aside(
        self,
        categories: Collection[str] = (),
        services: Collection[str] = (),
        ids: Collection[str] = (),
        hidden: bool = False,
    ) -> Iterator[dict]:
        """The places of `services` that `nearest` leaves out.

        First those that someone can be sent to, then those that nothing tells how to reach, then those
        closed for works; among equals, the order of the ids.
        """
        return self._chosen(categories, services, ids, f"NOT ({_MAPPED[hidden]})", "max(rang, 1), id")

    def service(self, key: str) -> dict | None:
        """One place by its id, even closed for good; None when there is no such place."""
        return self._record(key)

    def search_services(self, text: str, limit: int = 10) -> list[dict]:
        """Places whose public name, category or offers contain the words of `text`, best first."""
        words = re.findall(r"\w+", text)
        if not words:
            return []
        query = " ".join(f'"{word}"*' for word in words)
        found = self._rows(
            "SELECT s.id FROM services_fts f JOIN services s ON s.numero = f.rowid"
            " WHERE services_fts MATCH ? AND s.rang IS NOT NULL ORDER BY f.rank, s.id LIMIT ?",
            [query, limit],
        )
        return [self._record(key) for (key,) in found]

    def _chosen(
        self,
        categories: Collection[str],
        services: Collection[str],
        ids: Collection[str],
        condition: str = "1",
        order: str = "id",
    ) -> Iterator[dict]:
        choice = (tuple(categories), tuple(services), tuple(ids), condition, order)
        few = self._few(*choice)
        yield from map(self._record, self._ids(*choice) if few is None else few)

    def _read_few(self, *choice: tuple[str, ...] | str) -> tuple[str, ...] | None:
        """The ids of a choice; None when they are many."""
        found = self._ids(*choice, most=_FEW + 1)
        return found if len(found) <= _FEW else None

    def _ids(
        self,
        categories: Collection[str],
        services: Collection[str],
        ids: Collection[str],
        condition: str,
        order: str,
        most: int = -1,
    ) -> tuple[str, ...]:
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
        where = f"({chosen or 1}) AND rang IS NOT NULL AND {condition}"
        sql = f"SELECT id FROM services WHERE {where} ORDER BY {order} LIMIT ?"
        return tuple(key for (key,) in self._rows(sql, [*values, most]))

    def _slices(
        self, categories: Collection[str], services: Collection[str], ids: Collection[str], hidden: bool
    ) -> list[tuple[int, int]]:
        """The parts of the R*Tree to look into: first and last number of kinds of places.

        The kinds of hidden places are the same numbers below zero.
        """
        kinds = [("offre", name) for name in services] or [("categorie", name) for name in categories]
        numbers = (self._kinds.get(kind) for kind in dict.fromkeys(kinds))
        slices = [(number, number) for number in numbers if number]
        if not (categories or services or ids):
            slices = [(1, len(self.categories))]
        return slices + [(-last, -first) for first, last in slices if hidden]

    @cached_property
    def _kinds(self) -> dict[tuple[str, str], int]:
        return {(genre, name): n for n, genre, name in self._rows("SELECT numero, genre, nom FROM sortes")}

    def _around(
        self,
        point: tuple[float, float],
        radius: int | None,
        kinds: tuple[int, int],
        categories: Collection[str],
    ) -> list[tuple[str, float, float]]:
        """(id, latitude, longitude) of the places of some `kinds` in a box around `point`."""
        # A kind fills from its number to a half more.
        where, values = ["sorte_max >= ?", "sorte_min <= ?"], [kinds[0] + 0.25, kinds[1] + 0.25]
        if radius is not None:
            south, west, north, east = box(*point, radius + 1)  # distances are rounded to the metre
            where += ["lat_max >= ?", "lat_min <= ?", "lon_max >= ?", "lon_min <= ?"]
            values += [south, north, west, east]
        if categories:
            where.append(f"categorie IN ({_marks(categories)})")
            values += categories
        return self._rows(
            f"SELECT service_id, lat, lon FROM services_rtree WHERE {' AND '.join(where)}", values
        )

    def _read_record(self, key: str) -> dict | None:
        rows = self._rows("SELECT json FROM services WHERE id = ?", [key])
        return json.loads(rows[0][0]) if rows else None

    def document(self, path: str) -> dict:
        """One file of the rules base as it was written, by its path. Raises KeyError."""
        for (text,) in self._rows("SELECT json FROM documents WHERE path = ?", [path]):
            return json.loads(text)
        raise KeyError(path)

    @property
    def _documents(self) -> dict[str, object]:
        return {path: json.loads(text) for path, text in self._rows("SELECT path, json FROM documents")}

    def _rows(self, sql: str, values: Collection = ()) -> list[tuple]:
        with self._lock:
            return self.connection.execute(sql, list(values)).fetchall()


def _metres(point: tuple[float, float], place: dict) -> int:
    return distance_m(*point, place["position"]["lat"], place["position"]["lon"])


def _marks(values: Collection) -> str:
    return ", ".join("?" * len(values))
