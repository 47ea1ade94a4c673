"""Write the places into the built base: rows, offers, R*Tree and full text, one place at a time.

Read back by data.database, which explains how they are searched.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping

import sqlite_utils

TABLES = ("services", "services_offres", "services_rtree", "services_fts", "sources", "categories", "sortes")
_TREE = (
    "CREATE VIRTUAL TABLE services_rtree USING rtree("
    "id, sorte_min, sorte_max, lat_min, lat_max, lon_min, lon_max, +service_id, +categorie, +lat, +lon)"
)
_BOX = (
    "INSERT INTO services_rtree (sorte_min, sorte_max, lat_min, lat_max, lon_min, lon_max, "
    "service_id, categorie, lat, lon) "
    "VALUES (:sorte, :sorte + 0.5, :lat, :lat, :lon, :lon, :service_id, :categorie, :lat, :lon)"
)
_TEXT = 'CREATE VIRTUAL TABLE services_fts USING fts5(nom, offre, tokenize = "unicode61 remove_diacritics 2")'
_ROW = (
    "INSERT INTO services (numero, id, categorie, statut, rang, sensible, json) "
    "VALUES (:numero, :id, :categorie, :statut, :rang, :sensible, :json)"
)
Kinds = dict[tuple[str, str], int]


def write_services(
    db: sqlite_utils.Database,
    services: Iterable[Mapping],
    sources: Mapping[str, Mapping],
    categories: Mapping[str, str],
    offers: Mapping[str, str],
) -> None:
    """Make and fill the TABLES. `services` is read once, one place at a time: there may be many.

    `sources` by id; `categories` and `offers`: French names by id, in their order. Each place has every
    field of data.checks; its category must be known.
    """
    db["sources"].insert_all(({"id": key, "json": _json(source)} for key, source in sources.items()), pk="id")
    db["categories"].insert_all(({"id": key, "libelle": label} for key, label in categories.items()), pk="id")
    # An explicit integer key: the full-text index points to it.
    db["services"].create(
        {
            "numero": int,
            "id": str,
            "categorie": str,
            "statut": str,
            "rang": int,
            "sensible": int,
            "json": str,
        },
        pk="numero",
        not_null={"id", "categorie", "statut", "sensible", "json"},
    )
    db["services_offres"].create({"service_id": str, "offre": str}, pk=("service_id", "offre"))
    # One slice of the R*Tree for each category, then for each offer.
    kinds: Kinds = {("categorie", name): number for number, name in enumerate(categories, start=1)}
    with db.conn:
        db.execute(_TREE)
        # What a place is and offers, never where it is: sensitive places are searched by this too.
        db.execute(_TEXT)
        for number, place in enumerate(services, start=1):
            _write_service(db.conn, number, place, kinds)
            words = [categories[place["categorie"]], *(offers.get(one, one) for one in place["services"])]
            db.conn.execute(
                "INSERT INTO services_fts (rowid, nom, offre) VALUES (?, ?, ?)",
                [number, place["nom_public"] or place["nom"], ", ".join(words)],
            )
    db["sortes"].insert_all(
        ({"numero": number, "genre": genre, "nom": name} for (genre, name), number in kinds.items()),
        pk="numero",
    )
    db["services"].create_index(["id"], unique=True)
    db["services"].create_index(["categorie", "rang", "sensible", "id"])
    db["services_offres"].create_index(["offre", "service_id"])


def _write_service(db: sqlite3.Connection, number: int, place: Mapping, kinds: Kinds) -> None:
    row = {name: place[name] for name in ("id", "categorie", "statut", "sensible")}
    db.execute(_ROW, {**row, "numero": number, "rang": _rank(place), "json": _json(place)})
    db.executemany(
        "INSERT INTO services_offres VALUES (?, ?)", [(place["id"], offer) for offer in place["services"]]
    )
    if _rank(place) == 0:
        db.executemany(_BOX, _boxes(place, kinds))


def _rank(place: Mapping) -> int | None:
    """0: one can be sent there by distance; 1: no position; 2: nothing tells how to reach it; 3: closed for
    works; None: closed for good. See Database.nearest and Database.aside.
    """
    if place["statut"] == "ferme_definitif":
        return None
    if place["statut"] == "ferme_travaux":
        return 3
    if place["position"]:
        return 0
    return 1 if place["adresse"] or place["telephone"] or place["acces"] == "orientation" else 2


def _boxes(place: Mapping, kinds: Kinds) -> Iterator[dict]:
    """A row of the R*Tree for each kind of the place; hidden places are numbered below zero."""
    for kind in [("categorie", place["categorie"]), *(("offre", name) for name in place["services"])]:
        number = kinds.setdefault(kind, len(kinds) + 1)
        yield {
            "sorte": -number if place["sensible"] else number,
            "lat": place["position"]["lat"],
            "lon": place["position"]["lon"],
            "service_id": place["id"],
            "categorie": place["categorie"],
        }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
