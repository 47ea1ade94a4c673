"""SQLite: one file, read and written by the processes of one machine; what is erased leaves it."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from data.sql.errors import StoreError

_BUSY_MS = 10_000
_RANK = "INTEGER PRIMARY KEY"


class Sqlite:
    """An `Engine` (data/sql/engine.py). The turn is a lock on a file beside, that the system frees when we die."""

    def __init__(self, path: Path, schema: str, create: bool = True):
        self._path, self._lock = path, None
        if create:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(
                os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            )  # SQLite gives its other files the same rights
        try:
            self._db = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise _told(error) from None
        self._db.row_factory = sqlite3.Row
        for pragma in (
            f"busy_timeout = {_BUSY_MS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "secure_delete = ON",
            "temp_store = MEMORY",
        ):
            self.execute(f"PRAGMA {pragma}")
        if create:
            for statement in schema.format(rank=_RANK).split(";"):
                self.execute(statement)

    def execute(self, query: str, values: Mapping = {}) -> sqlite3.Cursor:
        try:
            return self._db.execute(query, values)
        except sqlite3.Error as error:
            raise _told(error) from None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self.execute("ROLLBACK")

    def take_turn(self) -> bool:
        if self._lock is None:
            self._lock = _locked(self._path.with_suffix(".verrou"))
        return self.has_turn()

    def has_turn(self) -> bool:
        return self._lock is not None

    def clean(self) -> bool:
        """Empties the log of changes; a reader in the way only makes it later."""
        return not self.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()["busy"]

    def close(self) -> None:
        self._db.close()
        if self._lock:
            self._lock.close()


def _locked(path: Path) -> IO | None:
    file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def _told(error: sqlite3.Error) -> StoreError:
    return StoreError(getattr(error, "sqlite_errorname", None) or type(error).__name__)
