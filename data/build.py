"""Build `data/jalon.db` from the YAML files: check everything, then replace the old base in one move.

The version of a base is a hash of its content: the same files give the same version, whenever and
wherever they are built. A base with one fault is never written.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import perf_counter

import sqlite_utils

from data.checks import Places, read_places
from data.database import SCHEMA
from data.hours import PARIS
from data.place_files import PlaceFilesError, create_tables, rows_for_build
from data.yaml_reader import YamlError, read_yaml
from rules import BaseError, Fault, load_base
from rules.calculators.cotation_loading import load_cotation
from rules.calculators.reste_pour_vivre import load_reste_pour_vivre

RULES_FOLDER = "rules/base"
_TREE = (
    "CREATE VIRTUAL TABLE services_rtree USING rtree("
    "id, sorte_min, sorte_max, lat_min, lat_max, lon_min, lon_max, "
    "+service_id, +categorie, +lat, +lon)"
)
_BOX = (
    "INSERT INTO services_rtree (sorte_min, sorte_max, lat_min, lat_max, lon_min, lon_max, "
    "service_id, categorie, lat, lon) "
    "VALUES (:sorte, :sorte + 0.5, :lat, :lat, :lon, :lon, :service_id, :categorie, :lat, :lon)"
)


class BuildError(ValueError):
    """The files cannot make a base. `faults` holds all of them, with file, line, message and hint."""

    def __init__(self, faults: list[Fault]):
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class BuildReport:
    """What was built. `counts` is the number of rows of each table."""

    target: Path
    version: str
    built_on: str
    seconds: float
    size_bytes: int
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Content:
    documents: dict[str, object]
    places: Places
    gazetteer: dict[str, list[dict]]

    @property
    def version(self) -> str:
        content = [SCHEMA, self.documents, vars(self.places), self.gazetteer]
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def build(root: Path | str, target: Path | str | None = None) -> BuildReport:
    """Build the base of the repository `root` into `target` (default: `root`/data/jalon.db).

    Raises BuildError with every fault; the file at `target` is then left as it was.
    """
    start = perf_counter()
    root = Path(root)
    target = Path(target) if target else root / "data" / "jalon.db"
    content = _read(root)
    meta = {
        "schema": str(SCHEMA),
        "version": content.version,
        "construite_le": datetime.now(PARIS).isoformat(timespec="seconds"),
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    os.close(handle)
    try:
        counts = _write(Path(name), content, meta)
        os.chmod(name, 0o644)  # mkstemp makes a private file; the other processes of Jalon must read it
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return BuildReport(
        target, meta["version"], meta["construite_le"], perf_counter() - start, target.stat().st_size, counts
    )


def check(root: Path | str) -> list[Fault]:
    """Every fault of the files of `root`, without building anything."""
    try:
        _read(Path(root))
    except BuildError as error:
        return list(error.faults)
    return []


def read_documents(root: Path | str) -> tuple[dict[str, object], list[Fault]]:
    """The rule files of `root`, by path inside rules/base, with their lines; and those that are not YAML."""
    folder = Path(root) / RULES_FOLDER
    documents: dict[str, object] = {}
    faults: list[Fault] = []
    for path in sorted(folder.rglob("*.yml")):
        name = path.relative_to(folder).as_posix()
        try:
            documents[name] = read_yaml(path, name)
        except YamlError as error:
            faults.append(Fault(f"{RULES_FOLDER}/{name}", error.line, error.message))
    return documents, faults


def _read(root: Path) -> _Content:
    documents, faults = read_documents(root)
    if not faults:
        faults += _rule_faults(documents)
    places, place_faults = read_places(root)
    faults += place_faults
    gazetteer: dict[str, list[dict]] = {}
    try:
        gazetteer = rows_for_build(root)
    except PlaceFilesError as error:
        faults += [Fault(fault.file, fault.line, fault.message) for fault in error.faults]
    if faults:
        raise BuildError(faults)
    return _Content(documents, places, gazetteer)


def _rule_faults(documents: Mapping[str, object]) -> list[Fault]:
    faults: list[Fault] = []
    for load in (load_base, load_cotation, load_reste_pour_vivre):
        try:
            load(documents)
        except BaseError as error:
            faults += error.faults
    return [Fault(f"{RULES_FOLDER}/{fault.file}", fault.line, fault.message, fault.hint) for fault in faults]


def _write(path: Path, content: _Content, meta: Mapping[str, str]) -> dict[str, int]:
    """Fill a new file with every table and return the number of rows of each."""
    db = sqlite_utils.Database(path)
    try:
        db["meta"].insert_all(({"cle": key, "valeur": value} for key, value in meta.items()), pk="cle")
        db["documents"].insert_all(
            ({"path": name, "json": _json(document)} for name, document in content.documents.items()),
            pk="path",
        )
        _write_services(db, content.places)
        with db.conn:
            create_tables(db.conn, content.gazetteer)
        db.execute("PRAGMA optimize")
        db.vacuum()
        fault = db.execute("PRAGMA integrity_check").fetchone()[0]
        if fault != "ok":
            raise OSError(f"La base écrite dans {path} est abîmée : {fault}.")
        return {
            name: db[name].count for name in db.table_names() if "_fts_" not in name and "_rtree_" not in name
        }
    finally:
        db.close()


def _write_services(db: sqlite_utils.Database, places: Places) -> None:
    db["sources"].insert_all(
        ({"id": key, "json": _json(source)} for key, source in places.sources.items()), pk="id"
    )
    db["categories"].insert_all(
        ({"id": key, "libelle": label} for key, label in places.categories.items()), pk="id"
    )
    # An explicit integer key: the R*Tree and the full-text index both point to it.
    db["services"].create(
        {
            "numero": int,
            "id": str,
            "categorie": str,
            "rang": int,
            "sensible": int,
            "json": str,
        },
        pk="numero",
        not_null={"id", "categorie", "sensible", "json"},
    )
    db["services"].insert_all(
        {
            "numero": number,
            "id": place["id"],
            "categorie": place["categorie"],
            "rang": _rank(place),
            "sensible": place["sensible"],
            "json": _json(place),
        }
        for number, place in enumerate(places.services, start=1)
    )
    db["services"].create_index(["id"], unique=True)
    db["services"].create_index(["categorie", "rang", "sensible", "id"])
    db["services_offres"].insert_all(
        (
            {"service_id": place["id"], "offre": offer}
            for place in places.services
            for offer in place["services"]
        ),
        pk=("service_id", "offre"),
    )
    db["services_offres"].create_index(["offre", "service_id"])
    # The kinds of places, numbered: one slice of the R*Tree for each category and for each offer.
    names = [("categorie", name) for name in places.categories] + [("offre", name) for name in places.offers]
    kinds = {kind: number for number, kind in enumerate(names, start=1)}
    db["sortes"].insert_all(
        ({"numero": number, "genre": genre, "nom": name} for (genre, name), number in kinds.items()),
        pk="numero",
    )
    with db.conn:
        db.execute(_TREE)
        db.conn.executemany(_BOX, (box for place in places.services for box in _boxes(place, kinds)))
        # What a place is and offers, never where it is: sensitive places are searched by this too.
        db.execute(
            "CREATE VIRTUAL TABLE services_fts USING fts5("
            'nom, offre, tokenize = "unicode61 remove_diacritics 2")'
        )
        db.conn.executemany(
            "INSERT INTO services_fts (rowid, nom, offre) VALUES (?, ?, ?)",
            [
                (
                    number,
                    place["nom_public"] or place["nom"],
                    ", ".join(
                        [
                            places.categories[place["categorie"]],
                            *(places.offers[one] for one in place["services"]),
                        ]
                    ),
                )
                for number, place in enumerate(places.services, start=1)
            ],
        )


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


def _boxes(place: Mapping, kinds: Mapping[tuple[str, str], int]) -> Iterator[dict]:
    """A row of the R*Tree for each kind of the place; hidden places are numbered below zero."""
    if _rank(place) != 0:
        return
    names = [("categorie", place["categorie"]), *(("offre", name) for name in place["services"])]
    for name in names:
        yield {
            "sorte": -kinds[name] if place["sensible"] else kinds[name],
            "lat": place["position"]["lat"],
            "lon": place["position"]["lon"],
            "service_id": place["id"],
            "categorie": place["categorie"],
        }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
