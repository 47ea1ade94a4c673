"""Build `data/jalon.db` from the YAML files and the imported places: check all, then replace the old base.

The version of a base is a hash of its content: the same files give the same version, whenever and
wherever they are built. A base with one fault is never written.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from pathlib import Path
from time import perf_counter

import sqlite_utils

from data.base_file import SCHEMA
from data.checks import Places, read_places
from data.exchange import duplicates, store
from data.exchange.correspondances import read_correspondances
from data.gazetteer import PlaceFilesError, create_tables, rows_for_build
from data.hours import PARIS
from data.service_tables import write_services
from data.yaml_reader import YamlError, read_yaml
from rules import BaseError, Fault, load_base
from rules.calculators.cotation_loading import load_cotation
from rules.calculators.reste_pour_vivre import load_reste_pour_vivre
from rules.reading.faults import near
from rules.reading.located import line_of

RULES_FOLDER = "rules/base"


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

    def version(self, imported: _Imported) -> str:
        content = [SCHEMA, self.documents, vars(self.places), self.gazetteer, imported.sources]
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(text.encode())
        for place in imported.places():
            digest.update(_json(place).encode())
        return digest.hexdigest()[:16]


class _Imported:
    """The places of data/apports.db that join the base, read one by one: there may be 100,000 of them."""

    def __init__(self, opened: sqlite3.Connection | None, places: Places):
        self._opened = opened
        self._held = duplicates.held_back(opened, places.services) if opened else set()
        self.sources = store.imported_sources(opened) if opened else {}

    def places(self) -> Iterator[dict]:
        return store.imported_places(self._opened, self._held) if self._opened else iter(())


@contextmanager
def _imports(root: Path, places: Places) -> Iterator[_Imported]:
    """One unchanging view of data/apports.db, empty when there is no such file. Raises BuildError."""
    path = store.path_of(root)
    if not path.exists():
        yield _Imported(None, places)
        return
    try:
        opened = store.open_store(path)
    except store.StoreError as error:
        raise BuildError([Fault(store.FILE, None, str(error))]) from error
    with closing(opened):
        opened.execute("BEGIN")
        yield _Imported(opened, places)


def build(root: Path | str, target: Path | str | None = None) -> BuildReport:
    """Build the base of the repository `root` into `target` (default: `root`/data/jalon.db).

    Raises BuildError with every fault; the file at `target` is then left as it was.
    """
    start = perf_counter()
    root = Path(root)
    target = Path(target) if target else root / "data" / "jalon.db"
    content = _read(root)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    os.close(handle)
    try:
        with _imports(root, content.places) as imported:
            meta = {
                "schema": str(SCHEMA),
                "version": content.version(imported),
                "construite_le": datetime.now(PARIS).isoformat(timespec="seconds"),
            }
            counts = _write(Path(name), content, imported, meta)
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
    if not place_faults:
        faults += read_correspondances(root, places)[1]
        faults += _import_faults(root, places)
        faults += _place_rule_faults(documents, places)
    gazetteer: dict[str, list[dict]] = {}
    try:
        gazetteer = rows_for_build(root)
    except PlaceFilesError as error:
        faults += [Fault(fault.file, fault.line, fault.message) for fault in error.faults]
    if faults:
        raise BuildError(faults)
    return _Content(documents, places, gazetteer)


def _import_faults(root: Path, places: Places) -> list[Fault]:
    """Imported places that the present words or ids no longer allow."""
    if not store.path_of(root).exists():
        return []
    try:
        opened = store.open_store(store.path_of(root))
    except store.StoreError as error:
        return [Fault(store.FILE, None, str(error))]
    with closing(opened):
        query = (
            "SELECT DISTINCT source, json_extract(place, '$.categorie') FROM services WHERE place IS NOT NULL"
        )
        faults = [
            Fault(
                store.FILE, None, f"La catégorie « {word} » n'existe plus.", f"Refaites l'import de {source}."
            )
            for source, word in opened.execute(query)
            if word not in places.categories
        ]
        for place in places.services:
            if opened.execute("SELECT 1 FROM services WHERE id = ?", (place["id"],)).fetchone():
                told = f"L'identifiant « {place['id']} » est déjà pris par un lieu importé."
                faults.append(Fault("data/services.yml", None, told))
    return faults


def _place_rule_faults(documents: Mapping[str, object], places: Places) -> list[Fault]:
    """Words of `lieux` that name no place: the person would be told of a right, and of nowhere to go.

    Raises nothing on a document of another shape: the reader of the rules tells it.
    """
    known = {"categories": ("La catégorie", places.categories), "services": ("Le service", places.offers)}
    faults: list[Fault] = []
    for name, document in documents.items():
        rules = document.get("lieux") if isinstance(document, dict) and "conditions" in document else None
        for rule in rules if isinstance(rules, list) else ():
            for key, (what, words) in known.items() if isinstance(rule, dict) else ():
                found = rule.get(key)
                for word in found if isinstance(found, list) else [found] if found else ():
                    if word not in words:
                        told = f"{what} « {word} » n'existe pas."
                        line = line_of(rule, key)
                        faults.append(Fault(f"{RULES_FOLDER}/{name}", line, told, near(str(word), words)))
    return faults


def _rule_faults(documents: Mapping[str, object]) -> list[Fault]:
    faults: list[Fault] = []
    for load in (load_base, load_cotation, load_reste_pour_vivre):
        try:
            load(documents)
        except BaseError as error:
            faults += error.faults
    return [Fault(f"{RULES_FOLDER}/{fault.file}", fault.line, fault.message, fault.hint) for fault in faults]


def _write(path: Path, content: _Content, imported: _Imported, meta: Mapping[str, str]) -> dict[str, int]:
    """Fill a new file with every table and return the number of rows of each."""
    db = sqlite_utils.Database(path)
    try:
        db["meta"].insert_all(({"cle": key, "valeur": value} for key, value in meta.items()), pk="cle")
        db["documents"].insert_all(
            ({"path": name, "json": _json(document)} for name, document in content.documents.items()),
            pk="path",
        )
        places = content.places
        services = chain(places.services, imported.places())
        sources = {**places.sources, **imported.sources}
        write_services(db, services, sources, places.categories, places.offers)
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


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
