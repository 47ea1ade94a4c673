"""One thread, one connection, one disk synchronisation for all that waits at the same time.

Each commit on disk takes milliseconds; at fifty messages a second, one for each step of each message would
not hold. Steps that arrive together share a transaction, and each is told it is done once it is on disk.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from data.sql.engine import Engine
from data.sql.errors import Lost, StoreError

_TOGETHER = 200  # most steps of one transaction
_CLEAN_S = 5.0  # what is erased leaves the files within that time, log of changes included
_PAUSES_S = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)  # before asking again a database that went away
_RETRY_S = 5.0  # in all: a provider waits for the answer

T = TypeVar("T")
Step = Callable[[Engine], T]


class Writer:
    """Runs steps one after the other on `engine`, which is then its own."""

    def __init__(self, engine: Engine):
        self._engine, self._down = engine, False
        self._steps: queue.SimpleQueue[tuple[Step, Future] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sms", daemon=True)
        self._thread.start()

    async def do(self, step: Step[T]) -> T:
        """The result of `step`, on disk. Raises what `step` raises, its changes undone; or StoreError.

        Done again when the database went away at the end: a step must bear being done twice.
        """
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
                cleaned, dirty = time.monotonic(), not self._clean()
            if not open_:
                self._engine.close()
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
        try:
            done = self._kept(batch)
        except StoreError as error:
            done = [lambda future=future, error=error: future.set_exception(error) for _, future in batch]
        for tell, (_, future) in zip(done, batch, strict=True):
            if not future.cancelled():
                tell()

    def _kept(self, batch: list[tuple[Step, Future]]) -> list[Callable[[], None]]:
        """Do all steps in one transaction; again for a few seconds, later each time, when the database goes away.

        While it stays away each batch asks once only: whoever waits is told soon.
        """
        limit = time.monotonic() + (0 if self._down else _RETRY_S)
        for pause in _PAUSES_S:
            try:
                with self._engine.transaction():
                    done = [self._one(step, future) for step, future in batch]
                self._down = False
                return done
            except Lost as error:
                lost = error
            if time.monotonic() + pause > limit:
                break
            time.sleep(pause)
        self._down = True
        raise lost

    def _clean(self) -> bool:
        try:
            return self._engine.clean()
        except StoreError:
            return False  # later

    def _one(self, step: Step, future: Future) -> Callable[[], None]:
        db = self._engine
        db.execute("SAVEPOINT step")
        try:
            result = step(db)
        except Lost:
            raise
        except Exception as error:  # noqa: BLE001 - it belongs to who asked for the step
            db.execute("ROLLBACK TO step")
            db.execute("RELEASE step")
            return lambda error=error: future.set_exception(error)
        db.execute("RELEASE step")
        return lambda: future.set_result(result)
