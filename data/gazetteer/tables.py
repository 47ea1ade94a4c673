"""The gazetteer inside `data/jalon.db`: rows made from the place files, and places read back.

The tables are `lieux` (one row a place), `lieux_noms` (every name of a place), `lieux_rues` (all the streets of
Paris), `lieux_lexique`
(the words that help to read a place) and `lieux_sources` (credits to show, with licence and date).
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from data.gazetteer.files import read_places, read_streets
from data.gazetteer.place import Lieu

_TABLES = """
CREATE TABLE IF NOT EXISTS lieux (
    id INTEGER PRIMARY KEY, nom TEXT NOT NULL, type TEXT NOT NULL, arrondissement INTEGER,
    commune TEXT NOT NULL, lat REAL NOT NULL, lon REAL NOT NULL, proches TEXT NOT NULL, exige TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS lieux_noms (
    lieu_id INTEGER NOT NULL REFERENCES lieux (id), nom TEXT NOT NULL, principal INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS lieux_rues (
    nom TEXT NOT NULL, arrondissement INTEGER NOT NULL, lat REAL NOT NULL, lon REAL NOT NULL);
CREATE TABLE IF NOT EXISTS lieux_lexique (cle TEXT PRIMARY KEY, json TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS lieux_sources (
    fichier TEXT NOT NULL, titre TEXT NOT NULL, editeur TEXT NOT NULL, licence TEXT NOT NULL, date TEXT,
    adresse TEXT);
"""


def rows_for_build(root: Path | str) -> dict[str, list[dict]]:
    """Rows of every place table, by table name, ready for `create_tables`. Raises PlaceFilesError."""
    places, lexicon, sources = read_places(root)
    rows: dict[str, list[dict]] = {
        "lieux": [],
        "lieux_noms": [],
        "lieux_rues": [
            {"nom": street.nom, "arrondissement": street.arrondissement, "lat": street.lat, "lon": street.lon}
            for street in read_streets(root)
        ],
        "lieux_lexique": [],
        "lieux_sources": sources,
    }
    for number, place in enumerate(places, start=1):
        rows["lieux"].append(
            {
                "id": number,
                "nom": place.nom,
                "type": place.type,
                "arrondissement": place.arrondissement,
                "commune": place.commune,
                "lat": place.lat,
                "lon": place.lon,
                "proches": json.dumps(place.proches),
                "exige": json.dumps(place.exige, ensure_ascii=False),
            }
        )
        for rank, name in enumerate((place.nom, *place.variantes)):
            rows["lieux_noms"].append({"lieu_id": number, "nom": name, "principal": int(rank == 0)})
    for key, value in lexicon.items():
        rows["lieux_lexique"].append({"cle": key, "json": json.dumps(value, ensure_ascii=False)})
    return rows


def create_tables(connection: sqlite3.Connection, rows: dict[str, list[dict]]) -> None:
    """Create the place tables and fill them with `rows_for_build` (called by data/build.py)."""
    connection.executescript(_TABLES)
    for table, table_rows in rows.items():
        if not table_rows:
            continue
        columns = list(table_rows[0])
        marks = ", ".join(f":{column}" for column in columns)
        connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", table_rows)


def streets_of_database(connection: sqlite3.Connection) -> list[Lieu]:
    """Streets stored by `create_tables`. Raises sqlite3.Error when the table is absent."""
    rows = connection.execute("SELECT nom, arrondissement, lat, lon FROM lieux_rues ORDER BY rowid")
    return [Lieu(nom, "rue", number, "Paris", lat, lon) for nom, number, lat, lon in rows]


def places_of_database(connection: sqlite3.Connection) -> tuple[list[Lieu], dict]:
    """Places and lexicon stored by `create_tables`. Raises sqlite3.Error when the tables are absent."""
    names: dict[int, list[str]] = {}
    query = "SELECT lieu_id, nom FROM lieux_noms WHERE principal = 0 ORDER BY rowid"
    for place_id, name in connection.execute(query):
        names.setdefault(place_id, []).append(name)
    columns = "id, nom, type, arrondissement, commune, lat, lon, proches, exige"
    places = [
        Lieu(nom, kind, arrondissement, commune, lat, lon, tuple(names.get(number, ())),
             tuple(json.loads(near)), tuple(json.loads(required)))
        for number, nom, kind, arrondissement, commune, lat, lon, near, required in connection.execute(
            f"SELECT {columns} FROM lieux ORDER BY id"
        )
    ]  # fmt: skip
    lexicon = {
        key: json.loads(text) for key, text in connection.execute("SELECT cle, json FROM lieux_lexique")
    }
    return places, lexicon
