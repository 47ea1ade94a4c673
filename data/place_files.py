"""Read data/lieux/*.yml, refuse what cannot be right, and turn it into database rows.

The tables are `lieux` (one row a place), `lieux_noms` (every name of a place), `lieux_lexique`
(the words that help to read a place) and `lieux_sources` (credits to show, with licence and date).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from data.yaml_reader import YamlError, read_yaml
from rules.reading.located import line_of

TYPES = (
    "station", "arrondissement", "quartier", "gare", "porte", "rue", "commune", "adresse", "hopital",
    "parc", "mairie", "lieu",
)  # fmt: skip
LEXICON_FILE = "mots_ordinaires.yml"
# Île-de-France, rounded outwards (degrees).
_LATITUDES = (48.1, 49.3)
_LONGITUDES = (1.4, 3.6)
_KEYS = {
    "nom", "type", "lat", "lon", "arrondissement", "commune", "proches", "variantes", "exige",
    "codes_postaux", "note",
}  # fmt: skip

_TABLES = """
CREATE TABLE IF NOT EXISTS lieux (
    id INTEGER PRIMARY KEY, nom TEXT NOT NULL, type TEXT NOT NULL, arrondissement INTEGER,
    commune TEXT NOT NULL, lat REAL NOT NULL, lon REAL NOT NULL, proches TEXT NOT NULL, exige TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS lieux_noms (
    lieu_id INTEGER NOT NULL REFERENCES lieux (id), nom TEXT NOT NULL, principal INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS lieux_lexique (cle TEXT PRIMARY KEY, json TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS lieux_sources (
    fichier TEXT NOT NULL, titre TEXT NOT NULL, editeur TEXT NOT NULL, licence TEXT NOT NULL, date TEXT,
    adresse TEXT);
"""


@dataclass(frozen=True)
class PlaceFault:
    """One entry that was refused, and where to repair it."""

    file: str
    line: int | None
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class PlaceFilesError(ValueError):
    """The place files hold errors; `.faults` lists them all."""

    def __init__(self, faults: list[PlaceFault]):
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True)
class Lieu:
    """A place. `proches`: other arrondissements it touches. `exige`: words one of which must come before it."""

    nom: str
    type: str
    arrondissement: int | None
    commune: str
    lat: float
    lon: float
    variantes: tuple[str, ...] = ()
    proches: tuple[int, ...] = ()
    exige: tuple[str, ...] = ()

    @property
    def arrondissements(self) -> frozenset[int]:
        """Every arrondissement in which a person standing there may be."""
        return frozenset(self.proches) | ({self.arrondissement} if self.arrondissement else frozenset())

    def as_dict(self, score: float) -> dict:
        """The place as `GET /api/v1/lieux` gives it."""
        return {
            "nom": self.nom,
            "type": self.type,
            "arrondissement": self.arrondissement,
            "commune": self.commune,
            "lat": self.lat,
            "lon": self.lon,
            "score": round(score, 2),
        }


def read_places(root: Path | str) -> tuple[list[Lieu], dict, list[dict]]:
    """Places, lexicon and sources of `root`/data/lieux. Raises PlaceFilesError with every fault."""
    folder = Path(root) / "data" / "lieux"
    places: list[Lieu] = []
    sources: list[dict] = []
    faults: list[PlaceFault] = []
    lexicon: dict = {}
    for path in sorted(folder.glob("*.yml")):
        name = f"data/lieux/{path.name}"
        try:
            document = read_yaml(path, name)
        except YamlError as error:
            faults.append(PlaceFault(name, error.line, error.message))
            continue
        if path.name == LEXICON_FILE:
            lexicon = _plain(document)
            continue
        file_places, file_faults = _read_document(document, name)
        places += file_places
        faults += file_faults
        sources += _read_sources(document, name, faults)
    if not lexicon:
        faults.append(PlaceFault(f"data/lieux/{LEXICON_FILE}", None, "fichier absent ou vide"))
    if faults:
        raise PlaceFilesError(faults)
    return places, lexicon, sources


def rows_for_build(root: Path | str) -> dict[str, list[dict]]:
    """Rows of every place table, by table name, ready for `create_tables`. Raises PlaceFilesError."""
    places, lexicon, sources = read_places(root)
    rows: dict[str, list[dict]] = {
        "lieux": [],
        "lieux_noms": [],
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


def _read_document(document: object, name: str) -> tuple[list[Lieu], list[PlaceFault]]:
    if not isinstance(document, dict) or not isinstance(document.get("lieux"), list):
        return [], [PlaceFault(name, line_of(document), "écrivez une liste sous la clé « lieux »")]
    places: list[Lieu] = []
    faults: list[PlaceFault] = []
    entries = document["lieux"]
    for index, entry in enumerate(entries):
        line = line_of(entries, index)
        messages = _entry_faults(entry, document.get("type"))
        faults += [PlaceFault(name, line, message) for message in messages]
        if not messages:
            places.append(_place(entry, document.get("type")))
    return places, faults


def _entry_faults(entry: object, default_type: object) -> list[str]:
    if not isinstance(entry, dict):
        return ["écrivez un lieu entre accolades : {nom: …, lat: …, lon: …}"]
    messages = [f"clé inconnue « {key} »" for key in entry if key not in _KEYS]
    if not isinstance(entry.get("nom"), str) or not entry["nom"].strip():
        messages.append("il manque « nom »")
    kind = entry.get("type", default_type)
    if kind not in TYPES:
        messages.append(f"type inconnu « {kind} » : choisissez parmi {', '.join(TYPES)}")
    lat, lon = entry.get("lat"), entry.get("lon")
    if not _is_number(lat) or not _is_number(lon):
        messages.append("il manque la position « lat » et « lon »")
    elif not (_LATITUDES[0] <= lat <= _LATITUDES[1] and _LONGITUDES[0] <= lon <= _LONGITUDES[1]):
        messages.append(f"position hors de l'Île-de-France : {lat}, {lon}")
    numbers = [n for n in (entry.get("arrondissement"), *_items(entry.get("proches"))) if n is not None]
    if any(not isinstance(n, int) or not 1 <= n <= 20 for n in numbers):
        messages.append("un arrondissement va de 1 à 20")
    for key in ("proches", "variantes", "exige", "codes_postaux"):
        if not isinstance(entry.get(key, []), list):
            messages.append(f"« {key} » est une liste : écrivez [ … ]")
    return messages


def _place(entry: dict, default_type: object) -> Lieu:
    names = [*_items(entry.get("variantes")), *_items(entry.get("codes_postaux"))]
    return Lieu(
        nom=entry["nom"],
        type=str(entry.get("type", default_type)),
        arrondissement=entry.get("arrondissement"),
        commune=entry.get("commune") or "Paris",
        lat=float(entry["lat"]),
        lon=float(entry["lon"]),
        variantes=tuple(str(name) for name in names),
        proches=tuple(_items(entry.get("proches"))),
        exige=tuple(_items(entry.get("exige"))),
    )


def _read_sources(document: object, name: str, faults: list[PlaceFault]) -> list[dict]:
    sources = document.get("sources") if isinstance(document, dict) else None
    if not isinstance(sources, list) or not sources:
        faults.append(PlaceFault(name, 1, "il manque « sources » : titre, editeur, licence, date"))
        return []
    keys = ("titre", "editeur", "licence", "date", "adresse")
    for index, source in enumerate(sources):
        missing = [key for key in keys[:4] if not isinstance(source, dict) or not source.get(key)]
        if missing:
            faults.append(PlaceFault(name, line_of(sources, index), f"source sans {', '.join(missing)}"))
    return [
        {"fichier": name, **{key: source.get(key) for key in keys}}
        for source in sources
        if isinstance(source, dict)
    ]


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _items(value: object) -> Iterable:
    return value if isinstance(value, list) else ()


def _plain(value: object) -> object:
    """The same content in plain dicts and lists, as it will come back from the database."""
    return json.loads(json.dumps(value))
