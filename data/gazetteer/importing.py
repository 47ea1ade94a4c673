"""Import a Base Adresse Nationale file into `data/adresses.db`, by pieces that survive an interruption.

The new base grows in a « .part » file, with a mark of the lines already read in the same transaction as these
lines. It takes the place of the old one in one move, at the end: a reader never sees half of an import.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import TextIOWrapper
from itertools import batched, islice
from pathlib import Path
from time import perf_counter
from typing import BinaryIO
from zoneinfo import ZoneInfo

import sqlite_utils

from data.gazetteer.addresses import SCHEMA
from data.gazetteer.ban import (
    STREET_COLUMNS,
    Address,
    Form,
    Refused,
    Street,
    UnknownForm,
    form_of,
    read_street,
)
from data.gazetteer.ban import reader as line_reader

CHUNK_LINES = 5_000
_LONGEST_LINE = 10_000
_KEPT_TEXT = 200  # characters of a refused line
_PARIS = ZoneInfo("Europe/Paris")

# bytes of the file already read, bytes of the file
Progress = Callable[[int, int], None]


class ImportFault(ValueError):
    """The file cannot be imported; the message is a French sentence. The base in place is untouched."""


@dataclass(frozen=True)
class Report:
    """What an import did. `merged`: lines that repeat an address, or add a building letter to it.

    `reasons`: refused lines by reason. `refusals`: the first ones, as (line, reason, text).
    `resumed_at`: lines read by an interrupted import of this file; `dropped`: that of another file was left.
    """

    form: str
    read: int
    kept: int
    merged: int
    reasons: dict[str, int]
    refusals: tuple[tuple[int, str, str], ...]
    streets: int
    arrondissements: int
    seconds: float
    resumed_at: int = 0
    dropped: bool = False
    already: bool = False

    @property
    def refused(self) -> int:
        return sum(self.reasons.values())


def import_ban(source: Path, target: Path, progress: Progress | None = None) -> Report:
    """Replace the addresses of `target` by those of `source` (.csv or .csv.gz).

    An import of the same file that was interrupted goes on; importing twice the same file changes nothing.
    Raises ImportFault; `target` is then as it was.
    """
    start = perf_counter()
    digest = _digest(source)
    if target.is_file() and _meta(target).get("empreinte") == digest:
        with closing(sqlite_utils.Database(target)) as db:
            return _report(db, perf_counter() - start, already=True)
    part = target.with_name(f"{target.name}.part")
    target.parent.mkdir(parents=True, exist_ok=True)
    dropped = _drop_other(part, digest)
    with _exclusive(part) as db:
        resumed_at = _prepare(db, source, digest)
        _read_lines(db, source, resumed_at, progress)
        _finish(db)
        report = _report(db, perf_counter() - start, resumed_at=resumed_at, dropped=dropped)
        if not report.kept:
            raise ImportFault(f"Aucune adresse de Paris dans {source.name} : rien n'est remplacé.")
    os.replace(part, target)
    return report


def try_import(source: Path, progress: Progress | None = None) -> Report:
    """The report of an import that writes nothing. Raises ImportFault."""
    with tempfile.TemporaryDirectory(prefix="jalon-") as folder:
        return import_ban(source, Path(folder) / "adresses.db", progress)


def refusals(target: Path) -> Iterator[tuple[int, str, str]]:
    """Every refused line of the import that made `target`: number, reason, text."""
    with closing(sqlite3.connect(target)) as connection:
        yield from connection.execute("SELECT ligne, motif, texte FROM refus ORDER BY ligne")


def _digest(source: Path) -> str:
    """Hash of the content of a file, of the streets beside it, and of the schema that will hold them."""
    digest = hashlib.sha256(str(SCHEMA).encode())
    try:
        for path in (source, _streets_file(source)):
            if path == source or path.is_file():
                with path.open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
    except OSError as error:
        raise ImportFault(f"Le fichier {source} ne peut pas être lu : {error.strerror}.") from None
    return digest.hexdigest()


def _streets_file(source: Path) -> Path:
    return source.with_name("rues.csv")


def _meta(path: Path) -> dict[str, str]:
    """What a base of addresses says of itself; nothing when it is not one."""
    try:
        with closing(sqlite3.connect(path, timeout=0)) as connection:
            return dict(connection.execute("SELECT cle, valeur FROM meta"))
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise ImportFault("Un autre import est en cours. Attendez sa fin.") from None
        return {}
    except sqlite3.DatabaseError:
        return {}


def _drop_other(part: Path, digest: str) -> bool:
    """Remove what an interrupted import of another file left. True when there was something."""
    if not part.is_file() or _meta(part).get("empreinte") == digest:
        return False
    for path in (part, part.with_name(f"{part.name}-journal")):
        path.unlink(missing_ok=True)
    return True


@contextmanager
def _exclusive(part: Path) -> Iterator[sqlite_utils.Database]:
    """The part file, held by this process alone until the end."""
    connection = sqlite3.connect(part, timeout=0)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA synchronous = NORMAL")
        yield sqlite_utils.Database(connection)
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise ImportFault("Un autre import est en cours. Attendez sa fin.") from None
        raise ImportFault(f"L'écriture de {part.name} a échoué : {error}.") from error
    finally:
        connection.close()


def _prepare(db: sqlite_utils.Database, source: Path, digest: str) -> int:
    """Create the tables, unless they are there. Returns the number of lines already read."""
    if "meta" in db.table_names():
        return int(_value(db, "lignes_lues"))
    with _lines(source) as (_, lines):
        form = _form(next(lines, ""))
    streets = _read_streets(source) if form.needs_streets else ()
    with db.conn:
        db.conn.execute(
            "CREATE TABLE voies (id INTEGER PRIMARY KEY, cle TEXT NOT NULL UNIQUE, nom TEXT NOT NULL,"
            " arrondissement INTEGER NOT NULL, code_postal TEXT NOT NULL, lat REAL, lon REAL)"
        )
        db.conn.execute(
            "CREATE TABLE adresses (voie INTEGER NOT NULL REFERENCES voies (id), numero INTEGER NOT NULL,"
            " rep TEXT NOT NULL, lat REAL NOT NULL, lon REAL NOT NULL, PRIMARY KEY (voie, numero, rep)) WITHOUT ROWID"
        )
        db.conn.execute(
            "CREATE TABLE refus (ligne INTEGER NOT NULL, motif TEXT NOT NULL, texte TEXT NOT NULL)"
        )
        db.conn.execute("CREATE TABLE meta (cle TEXT PRIMARY KEY, valeur TEXT NOT NULL)")
        _add_streets(db, streets)
        values = {
            "schema": str(SCHEMA), "empreinte": digest, "fichier": source.name, "forme": form.name,
            "lignes_lues": "0", "importe_le": "",
        }  # fmt: skip
        db.conn.executemany("INSERT INTO meta VALUES (?, ?)", values.items())
    return 0


def _form(header: str) -> Form:
    try:
        return form_of(header)
    except UnknownForm as error:
        raise ImportFault(str(error)) from None


def _read_streets(source: Path) -> list[Street]:
    path = _streets_file(source)
    if not path.is_file():
        raise ImportFault(
            f"Il manque le fichier {path.name} à côté de {source.name} : il donne le nom des rues."
        )
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        missing = [name for name in STREET_COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise ImportFault(f"{path.name} : colonnes absentes : {', '.join(missing)}.")
        try:
            return [read_street(row) for row in rows]
        except Refused as error:
            raise ImportFault(f"{path.name}, ligne {rows.line_num} : {error}.") from None


def _read_lines(db: sqlite_utils.Database, source: Path, done: int, progress: Progress | None) -> None:
    """Read the lines after the first `done` ones and write them, one transaction a piece."""
    size = source.stat().st_size
    numbers = dict(db.execute("SELECT cle, id FROM voies"))
    with _lines(source) as (raw, lines):
        header = next(lines)
        form = _form(header)
        names = next(csv.reader([header.lstrip("\ufeff")], delimiter=form.delimiter))
        read = line_reader(form, [name.strip() for name in names], _known_streets(db))
        numbered = enumerate(islice(lines, done, None), start=done + 1)
        try:
            for chunk in batched(numbered, CHUNK_LINES):
                _write(db, numbers, form, read, chunk)
                if progress:
                    progress(raw.tell(), size)
        except (EOFError, OSError) as error:
            raise ImportFault(
                f"{source.name} est abîmé ou incomplet ({error}). Ce qui a été lu est gardé :"
                " téléchargez-le de nouveau, puis relancez."
            ) from error


def _known_streets(db: sqlite_utils.Database) -> dict[str, Street]:
    rows = db.execute("SELECT cle, nom, arrondissement, code_postal, lat, lon FROM voies")
    return {row[0]: Street(*row) for row in rows}


def _write(db: sqlite_utils.Database, numbers: dict[str, int], form: Form, read, chunk) -> None:
    found: list[Address] = []
    refused: list[tuple[int, str, str]] = []
    for number, line in chunk:
        try:
            if len(line) > _LONGEST_LINE:
                raise Refused("ligne trop longue")
            found.append(read(next(csv.reader([line], delimiter=form.delimiter), [])))
        except (Refused, csv.Error) as error:
            # The header is line 1 of the file.
            refused.append((number + 1, str(error), line.strip()[:_KEPT_TEXT]))
    with db.conn:
        new = {address.street.key: address.street for address in found if address.street.key not in numbers}
        numbers |= _add_streets(db, new.values())
        db.conn.executemany(
            "INSERT OR IGNORE INTO adresses VALUES (?, ?, ?, ?, ?)",
            ((numbers[one.street.key], one.numero, one.rep, one.lat, one.lon) for one in found),
        )
        db.conn.executemany("INSERT INTO refus VALUES (?, ?, ?)", refused)
        db.conn.execute("UPDATE meta SET valeur = ? WHERE cle = 'lignes_lues'", [str(chunk[-1][0])])


def _add_streets(db: sqlite_utils.Database, streets: Iterable[Street]) -> dict[str, int]:
    added = {}
    for street in streets:
        cursor = db.conn.execute(
            "INSERT INTO voies (cle, nom, arrondissement, code_postal, lat, lon) VALUES (?, ?, ?, ?, ?, ?)",
            [street.key, street.nom, street.arrondissement, street.code_postal, street.lat, street.lon],
        )
        added[street.key] = cursor.lastrowid
    return added


def _finish(db: sqlite_utils.Database) -> None:
    """Place each street at one of its own addresses, in its middle, and note the day."""
    counts = db.execute(
        "SELECT voie, count(*) FROM adresses JOIN voies ON voie = voies.id WHERE voies.lat IS NULL GROUP BY voie"
    ).fetchall()
    with db.conn:
        for street, count in counts:
            middle = db.execute(
                "SELECT lat, lon FROM adresses WHERE voie = ? ORDER BY numero, rep LIMIT 1 OFFSET ?",
                [street, count // 2],
            ).fetchone()
            db.conn.execute("UPDATE voies SET lat = ?, lon = ? WHERE id = ?", [*middle, street])
        now = datetime.now(_PARIS).isoformat(timespec="seconds")
        db.conn.execute("UPDATE meta SET valeur = ? WHERE cle = 'importe_le'", [now])
    fault = db.execute("PRAGMA integrity_check").fetchone()[0]
    if fault != "ok":
        raise ImportFault(f"La base d'adresses écrite est abîmée : {fault}.")


def _report(db: sqlite_utils.Database, seconds: float, **more) -> Report:
    read, kept = int(_value(db, "lignes_lues")), db["adresses"].count
    reasons = dict(
        db.execute("SELECT motif, count(*) FROM refus GROUP BY motif ORDER BY count(*) DESC, motif")
    )
    return Report(
        form=_value(db, "forme"),
        read=read,
        kept=kept,
        merged=read - kept - sum(reasons.values()),
        reasons=reasons,
        refusals=tuple(db.execute("SELECT ligne, motif, texte FROM refus ORDER BY ligne LIMIT 20")),
        streets=db["voies"].count,
        arrondissements=db.execute("SELECT count(DISTINCT arrondissement) FROM voies").fetchone()[0],
        seconds=seconds,
        **more,
    )


def _value(db: sqlite_utils.Database, key: str) -> str:
    return db.execute("SELECT valeur FROM meta WHERE cle = ?", [key]).fetchone()[0]


@contextmanager
def _lines(source: Path) -> Iterator[tuple[BinaryIO, Iterator[str]]]:
    """The raw file, whose position tells the progress, and its lines; « .gz » is opened by its first bytes."""
    with source.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        binary = gzip.GzipFile(fileobj=raw) if packed else raw
        with TextIOWrapper(binary, encoding="utf-8-sig", errors="replace", newline=None) as text:
            yield raw, iter(text)
