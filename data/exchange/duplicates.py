"""Which records look like one and the same place: a score, its reasons, and what a person decided.

Two records are compared by name, address, position and phone; what one of them does not say does not count.
Only records that share a phone, an address, a name or a corner of the map are compared.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import cos, floor, hypot, radians

from rapidfuzz import fuzz

from data.exchange.store import DIFFERENT, SAME, StoreError, touch, transaction
from data.exchange.values import fold

LIKELY = 75  # score (0 to 100) from which a person has to decide
NEAR_M, FAR_M = 30, 300  # same door; surely another door
_WEIGHTS = {"nom": 50, "adresse": 25, "position": 15, "téléphone": 10}
_NAME_ALONE = 0.85  # what a name is worth when nothing else can be compared
_CELL = (0.0008, 0.0012)  # degrees: about 90 metres in Paris
_MOST = 200  # records compared at most with one other
_SHORT = {"av": "avenue", "ave": "avenue", "bd": "boulevard", "bld": "boulevard", "r": "rue", "pl": "place",
          "st": "saint", "ste": "sainte", "fbg": "faubourg", "fg": "faubourg"}  # fmt: skip
_EMPTY_WORDS = {"de", "du", "des", "la", "le", "les", "l", "d", "et", "a"}


@dataclass(frozen=True)
class Sides:
    """What is compared of one record."""

    id: str
    group: str
    name: str
    name_key: str
    address_key: str | None
    phone: str | None
    lat: float | None
    lon: float | None

    @property
    def cell(self) -> int | None:
        return None if self.lat is None else _cell(self.lat, self.lon)


@dataclass(frozen=True)
class Pair:
    """Two records that look like one place. `a` comes first in the base: hand-kept, or older."""

    number: int | None
    a: str
    b: str
    score: int
    reasons: tuple[str, ...]
    decision: str | None = None
    by: str | None = None
    on: str | None = None
    names: tuple[str, str] = ("", "")


def sides(place: Mapping, group: str | None = None) -> Sides:
    """What to compare of a place in the shape of services.yml."""
    where = place["position"] or {}
    return Sides(
        place["id"],
        group or place["id"],
        place["nom"],
        " ".join(sorted(set(fold(place["nom"]).split()) - _EMPTY_WORDS)),
        address_key(place["adresse"], place["code_postal"]),
        (place["telephone"] or {}).get("numero"),
        where.get("lat"),
        where.get("lon"),
    )


def address_key(address: str | None, postcode: str | None) -> str | None:
    """One writing for all the ways to write an address."""
    if not address:
        return None
    words = [_SHORT.get(word, word) for word in fold(re.sub(r"^(\d+)\s*[-,/]\s*\d+", r"\1", address)).split()]
    return " ".join([*(word for word in words if word not in _EMPTY_WORDS), postcode or ""]).strip()


def compare(a: Sides, b: Sides) -> tuple[int, tuple[str, ...]]:
    """Score from 0 to 100, and what speaks for it, in French."""
    name = fuzz.token_sort_ratio(a.name_key, b.name_key)
    known = {"nom": name}
    if a.address_key and b.address_key:
        known["adresse"] = (
            100 if a.address_key == b.address_key else _same_street(a.address_key, b.address_key)
        )
    metres = _metres(a, b)
    if metres is not None:
        known["position"] = 100 * min(1, max(0, (FAR_M - metres) / (FAR_M - NEAR_M)))
    if a.phone and b.phone:
        known["téléphone"] = 100 * (a.phone == b.phone)
    if len(known) == 1:
        return round(name * _NAME_ALONE), (_told("nom", name, None),)
    total = sum(_WEIGHTS[key] for key in known)
    score = round(sum(_WEIGHTS[key] * value for key, value in known.items()) / total)
    return score, tuple(_told(key, value, metres) for key, value in known.items() if value >= 50)


def find(store: sqlite3.Connection, one: Sides) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """(id, score, reasons) of the imported records that look like `one`, itself and its group left out."""
    cells = _around(one.lat, one.lon) if one.lat is not None else []
    parts = [
        ("nom_cle = ?", [one.name_key], bool(one.name_key)),
        ("adresse_cle = ?", [one.address_key], one.address_key is not None),
        ("telephone = ?", [one.phone], one.phone is not None),
        (f"maille IN ({', '.join('?' * len(cells))})", cells, bool(cells)),
    ]
    query = " UNION ".join(
        f"SELECT * FROM (SELECT {_FIELDS} FROM services WHERE place IS NOT NULL AND {clause} LIMIT {_MOST})"
        for clause, _, used in parts
        if used
    )
    values = [value for _, listed, used in parts if used for value in listed]
    for row in store.execute(query, values) if query else ():
        other = Sides(*row)
        if other.id == one.id or other.group == one.group:
            continue
        score, reasons = compare(one, other)
        if score >= LIKELY:
            yield other.id, score, reasons


def note_pairs(store: sqlite3.Connection, one: Sides) -> None:
    """Note the records imported before that look like `one`, and forget the pairs that nobody decided."""
    store.execute("DELETE FROM doublons WHERE b = ? AND decision IS NULL", (one.id,))
    for key, score, reasons in find(store, one):
        _insert(store, key, one.id, score, reasons)


def note_hand_kept(store: sqlite3.Connection, places: Iterable[Mapping]) -> None:
    """Note the imported records that look like places of services.yml; forget those that no longer do."""
    kept, found = set(), set()
    for place in places:
        kept.add(place["id"])
        for key, score, reasons in find(store, sides(place)):
            found.add((place["id"], key))
            _insert(store, place["id"], key, score, reasons)
    undecided = store.execute("SELECT numero, a, b FROM doublons WHERE decision IS NULL").fetchall()
    for number, a, b in undecided:
        if a in kept and (a, b) not in found:
            store.execute("DELETE FROM doublons WHERE numero = ?", (number,))


def held_back(store: sqlite3.Connection, places: Iterable[Mapping]) -> set[str]:
    """Imported records that look like a place of services.yml, and that nobody has said to be another."""
    decided = set(store.execute("SELECT a, b FROM doublons WHERE decision = ?", (DIFFERENT,)))
    return {
        key for place in places for key, *_ in find(store, sides(place)) if (place["id"], key) not in decided
    }


def pairs(store: sqlite3.Connection, names: Mapping[str, str], all_of_them: bool = False) -> list[Pair]:
    """Pairs to decide, best score first; with `all_of_them`, the decided ones too.

    `names`: names of the hand-kept places. Pairs whose record is gone are left out.
    """
    query = (
        "SELECT d.numero, d.a, d.b, d.score, d.raisons, d.decision, d.par, d.le, x.nom, s.nom FROM doublons d"
        " JOIN services s ON s.id = d.b LEFT JOIN services x ON x.id = d.a"
        " WHERE ? OR d.decision IS NULL ORDER BY d.decision IS NOT NULL, d.score DESC, d.numero"
    )
    found = []
    for number, a, b, score, reasons, decision, by, on, name_a, name_b in store.execute(
        query, (all_of_them,)
    ):
        if a in names or name_a is not None:
            both = (names.get(a) or name_a, name_b)
            found.append(Pair(number, a, b, score, tuple(json.loads(reasons)), decision, by, on, both))
    return found


def decide(store: sqlite3.Connection, number: int, decision: str, by: str, on: str) -> None:
    """Keep what a person says of a pair: « meme » or « different ». Raises StoreError."""
    if decision not in (SAME, DIFFERENT):
        raise StoreError(f"« {decision} » n'est pas permis. Écrivez {SAME} ou {DIFFERENT}.")
    with transaction(store):
        changed = store.execute(
            "UPDATE doublons SET decision = ?, par = ?, le = ? WHERE numero = ?", (decision, by, on, number)
        )
        if not changed.rowcount:
            raise StoreError(f"Il n'y a pas de paire {number}. Lancez « jalon doublons ».")
        touch(store)


_FIELDS = "id, groupe, nom, nom_cle, adresse_cle, telephone, lat, lon"


def _insert(store: sqlite3.Connection, a: str, b: str, score: int, reasons: Collection[str]) -> None:
    told = json.dumps(list(reasons), ensure_ascii=False)
    # Deciding again is never asked; a pair already there the other way round is the same.
    store.execute(
        "INSERT INTO doublons (a, b, score, raisons) SELECT ?1, ?2, ?3, ?4"
        " WHERE NOT EXISTS (SELECT 1 FROM doublons WHERE (a = ?1 AND b = ?2) OR (a = ?2 AND b = ?1))",
        (a, b, score, told),
    )


def _same_street(a: str, b: str) -> float:
    """Two writings of a street count only when the numbers agree."""
    return fuzz.ratio(a, b) if re.findall(r"\d+", a) == re.findall(r"\d+", b) else 0


def _metres(a: Sides, b: Sides) -> float | None:
    if a.lat is None or b.lat is None:
        return None
    return 111_200 * hypot(a.lat - b.lat, (a.lon - b.lon) * cos(radians(a.lat)))


def _told(key: str, value: float, metres: float | None) -> str:
    if key == "position":
        return f"à {metres:.0f} m"
    if value >= 99.5:
        return f"même {key}"
    return f"{key} semblable à {value:.0f} %"


def _cell(lat: float, lon: float, up: int = 0, right: int = 0) -> int:
    return (floor(lat / _CELL[0]) + up) * 1_000_000 + floor(lon / _CELL[1]) + right


def _around(lat: float, lon: float) -> list[int]:
    return [_cell(lat, lon, up, right) for up in (-1, 0, 1) for right in (-1, 0, 1)]
