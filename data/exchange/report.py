"""What an import found, line by line, and what became of every record.

Nothing is held in memory: the lines go to a temporary SQLite file that is gone with the report.
"""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import process

ERROR, WARNING, SUGGESTION = "erreur", "avertissement", "suggestion"
NEW, CHANGED, UNCHANGED, GONE, REFUSED = "nouveau", "changé", "inchangé", "disparu", "refusé"
FATES = (NEW, CHANGED, UNCHANGED, GONE, REFUSED)
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
LIKE = 72  # likeness (0 to 100) above which a word may be what was meant


@dataclass(frozen=True)
class Finding:
    """One thing to know about a line of the file."""

    line: int | None
    level: str
    field: str | None
    message: str
    hint: str | None
    record: str | None

    def __str__(self) -> str:
        where = f"ligne {self.line}" if self.line else "fichier"
        return f"{where} : {self.message}" + (f" {self.hint}" if self.hint else "")


@dataclass(frozen=True)
class Fate:
    """What became of one record. `shown` tells whether people will see it; `why` says why not.

    `changes` lists (field, before, after) for a changed record.
    """

    line: int | None
    kind: str
    id: str | None
    name: str | None
    shown: bool
    why: str | None
    changes: tuple[tuple[str, object, object], ...] = ()


class Report:
    """Findings and fates of one import."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("")  # a file that SQLite spills to and deletes by itself
        self._db.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE findings (line, level, field, message, hint, record);"
            "CREATE TABLE fates (line, kind, id, name, shown, why, changes);"
        )

    def note(
        self,
        line: int | None,
        level: str,
        message: str,
        hint: str | None = None,
        field: str | None = None,
        record: str | None = None,
    ) -> None:
        values = [one and writable(one) for one in (field, message, hint, record)]
        self._db.execute("INSERT INTO findings VALUES (?, ?, ?, ?, ?, ?)", (line, level, *values))

    def fate(
        self,
        line: int | None,
        kind: str,
        id: str | None,
        name: str | None = None,
        shown: bool = False,
        why: str | None = None,
        changes: Iterable = (),
    ) -> None:
        told = json.dumps(list(changes)) if changes else None
        values = [one and writable(one) for one in (id, name, why)]
        self._db.execute(
            "INSERT INTO fates VALUES (?, ?, ?, ?, ?, ?, ?)",
            (line, kind, values[0], values[1], shown, values[2], told),
        )

    def findings(self, level: str | None = None, limit: int = -1) -> Iterator[Finding]:
        """Findings by line, of one level when given."""
        query = "SELECT * FROM findings WHERE ?1 IS NULL OR level = ?1 ORDER BY line, rowid LIMIT ?2"
        return (Finding(*row) for row in self._db.execute(query, (level, limit)))

    def fates(self, kind: str | None = None, limit: int = -1) -> Iterator[Fate]:
        """What became of the records, by line, of one kind when given."""
        query = "SELECT * FROM fates WHERE ?1 IS NULL OR kind = ?1 ORDER BY line, rowid LIMIT ?2"
        for line, kind_, id_, name, shown, why, changes in self._db.execute(query, (kind, limit)):
            told = tuple(tuple(change) for change in json.loads(changes or "[]"))
            yield Fate(line, kind_, id_, name, bool(shown), why, told)

    def counts(self) -> dict[str, int]:
        """How many findings of each level and records of each fate, and how many records are shown."""
        found = dict.fromkeys((ERROR, WARNING, SUGGESTION, *FATES), 0)
        found |= dict(self._db.execute("SELECT level, count(*) FROM findings GROUP BY level"))
        found |= dict(self._db.execute("SELECT kind, count(*) FROM fates GROUP BY kind"))
        shown = "SELECT count(*) FROM fates WHERE shown AND kind NOT IN (?, ?)"
        found["montrés"] = self._db.execute(shown, (GONE, REFUSED)).fetchone()[0]
        return found

    def not_shown(self) -> list[tuple[str, int]]:
        """Why records are kept without being shown, and how many for each reason, most first."""
        query = (
            "SELECT why, count(*) FROM fates WHERE why IS NOT NULL AND NOT shown AND kind NOT IN (?, ?)"
            " GROUP BY why ORDER BY 2 DESC, 1"
        )
        return self._db.execute(query, (GONE, REFUSED)).fetchall()

    def write(self, path: Path) -> None:
        """Write everything for a spreadsheet: one line a finding or a record."""
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            table = csv.writer(file, delimiter=";")
            table.writerow(["ligne", "quoi", "identifiant", "champ", "message", "conseil"])
            for one in self.findings():
                row = [one.line, one.level, one.record, one.field, one.message, one.hint]
                table.writerow([safe_cell(cell) for cell in row])
            for one in self.fates():
                told = [f"{field} : {before} → {after}" for field, before, after in one.changes]
                row = [one.line, one.kind, one.id, None, one.name, "\n".join(told) or one.why]
                table.writerow([safe_cell(cell) for cell in row])


def near(word: object, known: Iterable[str]) -> str | None:
    """« Vouliez-vous dire … ? » when a known word looks like `word`."""
    found = process.extractOne(str(word), list(known), processor=str.lower, score_cutoff=LIKE)
    return f"Vouliez-vous dire « {found[0]} » ?" if found else None


def writable(text: object) -> str:
    """Text without what UTF-8 cannot hold (halves of a character)."""
    return str(text).encode("utf-8", "replace").decode()


def safe_cell(value: object) -> object:
    """A cell that a spreadsheet never runs as a formula."""
    if not isinstance(value, str) or not value.startswith(("=", "+", "-", "@", "\t")):
        return value
    return value if _NUMBER.fullmatch(value) else f"'{value}"


def changes(before: Mapping | None, after: Mapping | None) -> list[tuple[str, object, object]]:
    """(field, before, after) for each field that differs between two places."""
    before, after = before or {}, after or {}
    keys = [*after, *(key for key in before if key not in after)]
    return [(key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)]
