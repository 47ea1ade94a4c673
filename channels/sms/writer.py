"""One thread, one SQLite connection, one disk synchronisation for all that waits at the same time.

Each commit on disk takes milliseconds; at fifty messages a second, one for each step of each message would
not hold. Steps that arrive together share a transaction, and each is told it is done once it is on disk.
"""

from __future__ import annotations

import asyncio
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

_TOGETHER = 200  # most steps of one transaction
_CLEAN_S = 5.0  # what is erased leaves the files within that time, log of changes included
_BUSY_MS = 10_000

T = TypeVar("T")
Step = Callable[[sqlite3.Connection], T]


class Writer:
    """Runs steps one after the other on the database of `path`, made with `schema` when absent.

    Raises sqlite3.Error or OSError when the file cannot be opened.
    """

    def __init__(self, path: Path, schema: str):
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its other files the same rights
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        for pragma in (
            f"busy_timeout = {_BUSY_MS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "secure_delete = ON",
            "temp_store = MEMORY",
        ):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(schema)
        self._steps: queue.SimpleQueue[tuple[Step, Future] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sms", daemon=True)
        self._thread.start()

    async def do(self, step: Step[T]) -> T:
        """The result of `step`, on disk. Raises what `step` raises, its changes undone; or sqlite3.Error."""
        return await asyncio.wrap_future(self._put(step))

    def close(self) -> None:
        """Finish what waits and leave nothing in the log of changes."""
        self._steps.put(None)
        self._thread.join()

    def _put(self, step: Step) -> Future:
        future: Future = Future()
        self._steps.put((step, future))
        return future

    def _run(self) -> None:
        cleaned, dirty = time.monotonic(), False
        while True:
            batch, open_ = self._next()
            if batch:
                self._commit(batch)
                dirty = True
            if dirty and (not open_ or time.monotonic() - cleaned >= _CLEAN_S):
                # A reader in the way only makes it later.
                busy, *_ = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                cleaned, dirty = time.monotonic(), bool(busy)
            if not open_:
                self._db.close()
                return

    def _next(self) -> tuple[list[tuple[Step, Future]], bool]:
        """What waits now, at most _TOGETHER steps; after _CLEAN_S without any, nothing. False: it is the end."""
        batch: list[tuple[Step, Future]] = []
        try:
            item = self._steps.get(timeout=_CLEAN_S)
            while item is not None:
                batch.append(item)
                if len(batch) == _TOGETHER:
                    return batch, True
                item = self._steps.get_nowait()
        except queue.Empty:
            return batch, True
        return batch, False

    def _commit(self, batch: list[tuple[Step, Future]]) -> None:
        done: list[Callable[[], None]] = []
        try:
            self._db.execute("BEGIN IMMEDIATE")
            for step, future in batch:
                done.append(self._one(step, future))
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            done = [lambda future=future, error=error: future.set_exception(error) for _, future in batch]
        for tell, (_, future) in zip(done, batch, strict=True):
            if not future.cancelled():
                tell()

    def _one(self, step: Step, future: Future) -> Callable[[], None]:
        self._db.execute("SAVEPOINT step")
        try:
            result = step(self._db)
        except Exception as error:  # noqa: BLE001 - it belongs to who asked for the step
            self._db.execute("ROLLBACK TO step")
            return lambda error=error: future.set_exception(error)
        finally:
            self._db.execute("RELEASE step")
        return lambda: future.set_result(result)
