"""Import a file of another directory: read it, compare it with what is known, report, and maybe write.

A dry run does exactly the same and undoes it: what the report says is what writing would do.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from data.checks import Places, read_places
from data.exchange import duplicates, store
from data.exchange.correspondances import read_correspondances
from data.exchange.fiche import Context, Refused, read_towns, to_place
from data.exchange.formats import SERVICE, Format, NotShown, format_class
from data.exchange.json_records import Record
from data.exchange.report import (
    CHANGED,
    ERROR,
    GONE,
    NEW,
    REFUSED,
    SUGGESTION,
    UNCHANGED,
    WARNING,
    Report,
    changes,
)
from data.exchange.values import clean_text
from data.hours import PARIS
from rules import Fault

MANY_GONE = 0.2  # share of a source whose disappearance is worth a warning
_SOURCE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class ImportFault(ValueError):
    """The import cannot be done. `faults` lists what to repair in the files of the repository."""

    def __init__(self, message: str, faults: Sequence[Fault] = ()):
        super().__init__(message)
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Origin:
    """Where a file comes from: `source` is its short name, kept for ever, since ids are made of it."""

    source: str
    publisher: str | None = None
    licence: str | None = None
    confidence: str = "moyenne"


def make_format(root: Path, name: str) -> tuple[Format, Context]:
    """The format `name`, and what reading its records needs to know. Raises ImportFault."""
    places, faults = read_places(root)
    words, more = read_correspondances(root, places)
    if faults or more:
        raise ImportFault("Les fichiers de Jalon ont des fautes.", [*faults, *more])
    return format_class(name)(words, places), Context(places, words, "", towns=read_towns(root))


def import_files(
    root: Path,
    format_name: str,
    paths: Sequence[Path],
    origin: Origin,
    write: bool = False,
    advance: Callable[[int], None] = lambda size: None,
    today: date | None = None,
) -> tuple[Report, int | None]:
    """Read `paths` and compare them with what `origin.source` said before; write when asked.

    Returns the report, and the number of the import when something was written. `advance` is told the bytes
    read, over all passes of the format. Raises ImportFault, UnreadableFile, StoreError, OSError.
    """
    if not _SOURCE.fullmatch(origin.source):
        raise ImportFault(
            f"« {origin.source} » : écrivez la source en minuscules, comme dora ou ville-paris."
        )
    kind, known = make_format(root, format_name)
    context = Context(
        _with_source(known.places, origin.source),
        known.words,
        store.source_key(origin.source),
        origin.confidence,
        today or date.today(),
        known.towns,
    )
    path = store.path_of(root)
    with TemporaryDirectory(prefix="jalon-") as folder:
        # A dry run must not even make the file.
        opened = store.open_store(path if write or path.exists() else Path(folder) / path.name)
        try:
            report = Report()
            run = _Run(opened, kind, context, origin, report)
            try:
                with store.transaction(opened, keep=write):
                    number = run.all(paths, advance, places=known.places)
                    if number is None:
                        raise _NothingNew
            except _NothingNew:
                number = None
            return report, number if write else None
        finally:
            opened.close()


def undo(root: Path, number: int) -> int:
    """Undo the import `number`; returns how many records it gives back. Raises StoreError."""
    path = store.path_of(root)
    if not path.exists():
        raise store.StoreError("Il n'y a encore aucun apport.")
    opened = store.open_store(path)
    try:
        with store.transaction(opened):
            ids = store.undo(opened, number, _now())
            for key in ids:
                found = opened.execute("SELECT place, groupe FROM services WHERE id = ?", (key,)).fetchone()
                if found and found[0]:
                    duplicates.note_pairs(opened, duplicates.sides(json.loads(found[0]), found[1]))
            duplicates.note_hand_kept(opened, read_places(root)[0].services)
        return len(ids)
    finally:
        opened.close()


class _NothingNew(Exception):
    """Undoes a transaction that would only have noted that nothing changed."""


class _Run:
    """One import, inside its transaction."""

    def __init__(
        self, opened: sqlite3.Connection, kind: Format, context: Context, origin: Origin, report: Report
    ):
        self.db, self.kind, self.context, self.origin, self.report = opened, kind, context, origin, report
        query = "SELECT coalesce(max(numero), 0) + 1 FROM apports"
        self.number = opened.execute(query).fetchone()[0]
        self.counts = dict.fromkeys((NEW, CHANGED, GONE, UNCHANGED, REFUSED), 0)
        self.unknown: dict[str, int] = {}

    def all(self, paths: Sequence[Path], advance: Callable[[int], None], places: Places) -> int | None:
        """Read every record; returns the number of the import, None when nothing changed."""
        self.db.execute("PRAGMA temp_store = FILE")
        self.db.execute("CREATE TEMP TABLE vus (id TEXT PRIMARY KEY, ligne INT) WITHOUT ROWID")
        try:
            for record in self.kind.read(paths, advance):
                self._one(record)
            self._gone()
        finally:
            self.db.execute("DROP TABLE vus")
        for field, count in sorted(self.unknown.items(), key=lambda one: -one[1]):
            told = f"Le champ « {field[:60]} » n'a pas de place dans Jalon ({count} fois)."
            self.report.note(None, SUGGESTION, told, "Il est gardé tel quel.", field)
        if not any(self.counts[one] for one in (NEW, CHANGED, GONE)):
            return None
        duplicates.note_hand_kept(self.db, places.services)
        self._sign(paths)
        return self.number

    def _one(self, record: Record) -> None:
        if record.values is None:
            self._refuse(record, record.problem or "illisible")
            return
        identity, _ = clean_text(self.kind.identity(record.values), longest=200)
        if identity is None:
            self._refuse(record, "L'identifiant manque.", self.kind.fields.get("identifiant", "id"))
            return
        genre = self.kind.kind(record.values)
        key = store.stable_id(self.origin.source, identity if genre == SERVICE else f"{genre}:{identity}")
        seen = self.db.execute("SELECT ligne FROM vus WHERE id = ?", (key,)).fetchone()
        if seen:
            told = f"L'identifiant « {identity} » est déjà pris, ligne {seen[0]}."
            self._refuse(record, told, self.kind.fields.get("identifiant", "id"), identity)
            return
        self.db.execute("INSERT INTO vus VALUES (?, ?)", (key, record.line))
        try:
            name, place, why = self._read(record, key, genre)
        except Refused as refusal:
            self.db.execute("DELETE FROM vus WHERE id = ?", (key,))
            self._refuse(record, str(refusal), self.kind.fields.get("nom", "nom"), identity)
            return
        self._keep(record, key, genre, identity, name, place, why)

    def _read(self, record: Record, key: str, genre: str) -> tuple[str | None, dict | None, str | None]:
        """Name, place and why it is not shown. Raises Refused."""
        values, told = record.values, set()

        def note(level: str, field: str | None, message: str, hint: str | None = None) -> None:
            told.add(field)
            self.report.note(record.line_of(field), level, message, hint, field, key)

        def note_more(level: str, field: str | None, message: str, hint: str | None = None) -> None:
            written = self.kind.fields.get(field or "", field)
            if level != ERROR or written not in told:
                self.report.note(record.line_of(written), level, message, hint, written, key)

        if record.encoding != "utf-8":
            note(WARNING, None, "Cet enregistrement n'est pas en UTF-8.", "Il est lu comme du Windows-1252.")
        if _broken(values):
            note(WARNING, None, "Un texte contient une moitié de caractère.", "Elle est retirée de la fiche.")
        self.kind.check(values, note)
        for field in self.kind.homeless(values):
            field = clean_text(field)[0] or "?"
            if field in self.unknown or len(self.unknown) < 1000:
                self.unknown[field] = self.unknown.get(field, 0) + 1
        try:
            fiche = self.kind.fiche(values, note_more)
        except NotShown as reason:
            name = clean_text(values.get("nom") or values.get("name"))[0]
            if not name and genre != SERVICE:
                raise Refused("Le nom manque.") from None
            return name, None, str(reason)
        name = clean_text(fiche["nom"])[0]
        place, why = to_place({**fiche, "id": key}, self.context, note_more)
        return name, place, why

    def _keep(
        self, record: Record, key: str, genre: str, identity: str,
        name: str | None, place: dict | None, why: str | None,
    ) -> None:  # fmt: skip
        raw = json.dumps(record.values, separators=(",", ":"))
        written = place and json.dumps(place, ensure_ascii=False)
        digest = hashlib.sha256(f"{raw}\0{written}\0{why}".encode()).hexdigest()
        before = self.db.execute("SELECT * FROM services WHERE id = ?", (key,)).fetchone()
        known = dict(zip(store.COLUMNS, before, strict=True)) if before else {}
        if known.get("hash") == digest:
            self._count(record.line, UNCHANGED, key, name, place, why)
            return
        group, _ = clean_text(self.kind.group(record.values))
        row = {
            "id": key,
            "source": self.origin.source,
            "genre": genre,
            "identifiant": identity,
            "groupe": f"{self.origin.source}/{group}",
            "apport": self.number,
            "ligne": record.line,
            "hash": digest,
            "nom": name,
            "place": written,
            "pourquoi": why,
            "brut": raw,
        }
        compared = duplicates.sides(place, row["groupe"]) if place else None
        if compared:
            row |= {"nom_cle": compared.name_key, "adresse_cle": compared.address_key}
            row |= {
                "telephone": compared.phone,
                "lat": compared.lat,
                "lon": compared.lon,
                "maille": compared.cell,
            }
        if compared:
            duplicates.note_pairs(self.db, compared)
        marks = ", ".join("?" * len(store.COLUMNS))
        values = [row.get(column) for column in store.COLUMNS]
        self.db.execute(f"INSERT OR REPLACE INTO services VALUES ({marks})", values)
        self._remember(key, CHANGED if before else NEW, before)
        differences = _differences(known, place, record.values) if before else ()
        self._count(record.line, CHANGED if before else NEW, key, name, place, why, differences)

    def _gone(self) -> None:
        query = (
            "SELECT id FROM services WHERE source = ? AND id NOT IN (SELECT id FROM vus) ORDER BY ligne, id"
        )
        known = "SELECT count(*) FROM services WHERE source = ?"
        total = self.db.execute(known, (self.origin.source,)).fetchone()[0]
        for (key,) in self.db.execute(query, (self.origin.source,)).fetchall():
            before = self.db.execute("SELECT * FROM services WHERE id = ?", (key,)).fetchone()
            row = dict(zip(store.COLUMNS, before, strict=True))
            self.db.execute("DELETE FROM services WHERE id = ?", (row["id"],))
            self._remember(row["id"], GONE, before)
            self._count(None, GONE, row["id"], row["nom"], row["place"], None)
        if total and self.counts[GONE] > MANY_GONE * total:
            told = f"{self.counts[GONE]} enregistrements sur {total} ne sont plus dans le fichier."
            self.report.note(None, WARNING, told, "Vérifiez que le fichier est entier.")

    def _refuse(
        self, record: Record, why: str, field: str | None = None, identity: str | None = None
    ) -> None:
        line = record.line_of(field)
        self.report.note(line, ERROR, why, None, field, identity)
        self._count(line, REFUSED, identity, None, None, why)

    def _count(
        self, line: int | None, fate: str, key: str | None, name: str | None,
        place: object, why: str | None, differences: Sequence = (),
    ) -> None:  # fmt: skip
        self.counts[fate] += 1
        self.report.fate(line, fate, key, name, bool(place), why, differences)

    def _remember(self, key: str, what: str, before: Sequence | None) -> None:
        told = json.dumps(before) if before else None
        self.db.execute("INSERT INTO historique VALUES (?, ?, ?, ?)", (self.number, key, what, told))

    def _sign(self, paths: Sequence[Path]) -> None:
        digest = hashlib.sha256()
        for path in paths:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        row = {
            "numero": self.number,
            "source": self.origin.source,
            "format": self.kind.name,
            "fichier": ", ".join(path.name for path in paths),
            "sha256": digest.hexdigest(),
            "le": _now(),
            "editeur": self.origin.publisher,
            "licence": self.origin.licence,
            "confiance": self.origin.confidence,
            "nouveaux": self.counts[NEW],
            "changes": self.counts[CHANGED],
            "disparus": self.counts[GONE],
            "inchanges": self.counts[UNCHANGED],
            "refuses": self.counts[REFUSED],
        }
        names = ", ".join(row)
        self.db.execute(f"INSERT INTO apports ({names}) VALUES (:{', :'.join(row)})", row)
        store.touch(self.db)


def _differences(known: Mapping, place: dict | None, raw: Mapping) -> list[tuple[str, object, object]]:
    """Field by field what changes for people; of the raw record when nothing does."""
    before = json.loads(known["place"]) if known["place"] else None
    return (
        changes(before, place)
        or changes(json.loads(known["brut"]), raw)
        or [("pourquoi", known["pourquoi"], None)]
    )


def _broken(values: Mapping) -> bool:
    """Whether a text somewhere holds half of a character, that no file can hold."""
    try:
        json.dumps(values, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _with_source(places: Places, source: str) -> Places:
    """The same words, and the one source that imported places cite. Its date is that of each record."""
    return Places(
        categories=places.categories,
        offers=places.offers,
        sources={store.source_key(source): {"date": None}},
    )


def _now() -> str:
    return datetime.now(PARIS).isoformat(timespec="seconds")
