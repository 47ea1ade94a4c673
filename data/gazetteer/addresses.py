"""Streets and house numbers imported in `data/adresses.db` (`jalon lieux importer-ban`), read-only."""

from __future__ import annotations

import math
import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import RLock

from data.gazetteer.place import Lieu

SCHEMA = 1  # raised when the tables change: an old file is then imported again
DEFAULT_PATH = Path(__file__).resolve().parents[1] / "adresses.db"
# A number that does not exist is found at its neighbour; further, only the street is known.
_FARTHEST_NUMBER = 20
_OTHER_SIDE = 12  # numbers along the street that crossing it is worth
# Two streets that come this near meet there.
_CROSSING_METRES = 80


@dataclass(frozen=True)
class HouseNumber:
    """« 12 bis »: `rep` is "", "bis", "ter" or "quater"."""

    numero: int
    rep: str = ""

    def __str__(self) -> str:
        return f"{self.numero} {self.rep}".strip()


@dataclass(frozen=True)
class _Door:
    """A house number that exists, and how far it is from the one that was looked for."""

    gap: float
    house: HouseNumber
    lat: float
    lon: float


def addresses_path() -> Path:
    """The file of $JALON_ADRESSES, else data/adresses.db."""
    return Path(os.environ.get("JALON_ADRESSES") or DEFAULT_PATH)


def open_addresses(path: Path | None = None) -> Addresses | None:
    """The imported addresses; None when there are none, or when they come from another version of Jalon."""
    path = path or addresses_path()
    if not path.is_file():
        return None
    # The import replaces the file in one move and never writes into it: an open reader keeps its copy.
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
    )
    try:
        meta = dict(connection.execute("SELECT cle, valeur FROM meta"))
    except sqlite3.DatabaseError:
        meta = {}
    if meta.get("schema") != str(SCHEMA):
        connection.close()
        return None
    return Addresses(connection, meta)


class Addresses:
    """The streets of Paris and their numbers. Shared between threads."""

    def __init__(self, connection: sqlite3.Connection, meta: dict[str, str]):
        self._connection = connection
        self._lock = RLock()
        self.meta = meta

    def close(self) -> None:
        self._connection.close()

    def streets(self) -> dict[int, Lieu]:
        """Every street by its number, one for each arrondissement it crosses."""
        rows = self._rows(
            "SELECT id, nom, arrondissement, lat, lon FROM voies WHERE lat IS NOT NULL ORDER BY id"
        )
        return {key: Lieu(name, "rue", number, "Paris", lat, lon) for key, name, number, lat, lon in rows}

    def counts(self) -> dict[str, int]:
        """Number of addresses, streets and refused lines."""
        tables = {"adresses": "adresses", "voies": "voies", "refus": "refus"}
        return {name: self._rows(f"SELECT count(*) FROM {table}")[0][0] for name, table in tables.items()}

    def locate(self, streets: Iterable[tuple[int, Lieu]], house: HouseNumber) -> list[Lieu]:
        """The doors of these streets that are nearest to this number, in the order of the streets.

        Empty when no street has a near number. `precision` is `numero` or `numero_voisin`.
        """
        found = [(door, street) for key, street in streets if (door := self._nearest(key, house))]
        best = min((door.gap for door, _ in found), default=0)
        return [_address(street, door, house) for door, street in found if door.gap == best]

    def crossing(self, one: Iterable[int], other: Iterable[int]) -> tuple[float, float, int] | None:
        """Where two streets meet, halfway between their nearest doors, and which part of the first one meets there.

        None when the streets stay apart.
        """
        pairs = ((a, b) for a in self._doors(one) for b in self._doors(other))
        nearest = min(pairs, key=lambda pair: _metres(*pair), default=None)
        if nearest is None or _metres(*nearest) > _CROSSING_METRES:
            return None
        (lat, lon, street), (lat2, lon2, _) = nearest
        return round((lat + lat2) / 2, 5), round((lon + lon2) / 2, 5), street

    def _nearest(self, street: int, house: HouseNumber) -> _Door | None:
        rows = self._rows(
            "SELECT numero, rep, lat, lon FROM adresses WHERE voie = ? AND numero BETWEEN ? AND ?",
            [street, house.numero - _FARTHEST_NUMBER, house.numero + _FARTHEST_NUMBER],
        )
        doors = (_Door(_gap(house, HouseNumber(*row[:2])), HouseNumber(*row[:2]), *row[2:]) for row in rows)
        return min(doors, key=lambda door: (door.gap, door.house.rep), default=None)

    def _doors(self, streets: Iterable[int]) -> list[tuple[float, float, int]]:
        return [
            (*place, street)
            for street in streets
            for place in self._rows("SELECT lat, lon FROM adresses WHERE voie = ?", [street])
        ]

    def _rows(self, sql: str, values: Iterable = ()) -> list[tuple]:
        with self._lock:
            return self._connection.execute(sql, list(values)).fetchall()


def _gap(wanted: HouseNumber, door: HouseNumber) -> float:
    """How far a door is from the one that is looked for; odd and even numbers face each other."""
    numbers = abs(door.numero - wanted.numero)
    return numbers + _OTHER_SIDE * (numbers % 2) + (0 if door.rep == wanted.rep else 0.5)


def _address(street: Lieu, door: _Door, wanted: HouseNumber) -> Lieu:
    return replace(
        street,
        nom=f"{door.house} {street.nom}",
        type="adresse",
        lat=door.lat,
        lon=door.lon,
        variantes=(),
        precision="numero" if door.house == wanted else "numero_voisin",
    )


def _metres(one: tuple, other: tuple) -> float:
    east = math.radians(other[1] - one[1]) * math.cos(math.radians(one[0]))
    return 6_371_000 * math.hypot(math.radians(other[0] - one[0]), east)
