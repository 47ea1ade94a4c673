"""The sentences that people agreed to leave for review: redacted text and the day it goes, nothing else.

No session, no channel, no hour, no order of arrival: the primary key is the text itself.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from actions.orientation import PARIS
from data.yaml_reader import read_yaml

_TABLE = "CREATE TABLE IF NOT EXISTS phrases (texte TEXT PRIMARY KEY, efface_le TEXT NOT NULL) WITHOUT ROWID"
_WAIT_S = 1.0


@cache
def lists() -> dict:
    """What is hidden, refused and limited: `words.yml`."""
    return read_yaml(Path(__file__).with_name("words.yml"))


def today() -> date:
    """The day in Paris."""
    return datetime.now(PARIS).date()


@dataclass(frozen=True)
class Sentence:
    """A kept text and the day from which it no longer exists."""

    texte: str
    efface_le: date


class Kept:
    """The file of kept sentences, made at the first one. Every method may raise sqlite3.Error or OSError."""

    def __init__(self, path: Path, most: int):
        """`most`: how many sentences may wait for review."""
        self.path, self._most = path, most

    def keep(self, text: str, today: date, days: int) -> bool:
        """Keep a text for `days`, once: its first day counts. False when there is no room left."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_CREAT, 0o600))  # for the eyes of one account only
        with self._open() as db:
            db.execute(_TABLE)
            _purge(db, today)
            known = db.execute("SELECT 1 FROM phrases WHERE texte = ?", (text,)).fetchone()
            if known or _count(db) < self._most:
                expiry = (today + timedelta(days=days)).isoformat()
                db.execute("INSERT OR IGNORE INTO phrases VALUES (?, ?)", (text, expiry))
                return True
        return False

    def has_room(self, today: date) -> bool:
        """Whether one more text can be kept; what has expired goes."""
        return len(self.sentences(today)) < self._most

    def sentences(self, today: date) -> list[Sentence]:
        """What waits for review, the first to expire first; what has expired goes."""
        if not self.path.exists():
            return []
        with self._open() as db:
            db.execute(_TABLE)
            _purge(db, today)
            rows = db.execute("SELECT texte, efface_le FROM phrases ORDER BY efface_le, texte").fetchall()
        return [Sentence(text, date.fromisoformat(day)) for text, day in rows]

    def remove(self, text: str) -> None:
        with self._open() as db:
            db.execute("DELETE FROM phrases WHERE texte = ?", (text,))

    def clear(self) -> None:
        """Erase everything, the file too."""
        self.path.unlink(missing_ok=True)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=_WAIT_S)) as db, db:
            db.execute("PRAGMA secure_delete = ON")  # an erased text leaves no trace in the file
            yield db


def _purge(db: sqlite3.Connection, today: date) -> None:
    db.execute("DELETE FROM phrases WHERE efface_le <= ?", (today.isoformat(),))


def _count(db: sqlite3.Connection) -> int:
    return db.execute("SELECT count(*) FROM phrases").fetchone()[0]


def kept_sentences(path: Path) -> Kept:
    """The sentences of a file, as many as the lists allow."""
    return Kept(path, lists()["phrases_au_plus"])
