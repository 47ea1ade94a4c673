"""Build `data/jalon.db` from the YAML files: check everything, then replace the old base in one move.

The version of a base is a hash of its content: the same files give the same version, whenever and
wherever they are built. A base with one fault is never written.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import perf_counter

import sqlite_utils

from data.checks import Places, read_places
from data.database import SCHEMA
from data.gazetteer import PlaceFilesError, create_tables, rows_for_build
from data.hours import PARIS
from data.service_tables import write_services
from data.yaml_reader import YamlError, read_yaml
from rules import BaseError, Fault, load_base
from rules.calculators.cotation_loading import load_cotation
from rules.calculators.reste_pour_vivre import load_reste_pour_vivre

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
        places = content.places
        write_services(db, places.services, places.sources, places.categories, places.offers)
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
