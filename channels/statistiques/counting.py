"""Adds up what a door answers and hands it over every few seconds, off the path of the answers."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from threading import Lock
from uuid import uuid4

from channels.statistiques.batch import Batch
from channels.statistiques.events import Cell

EVERY_S = 5.0
MOST_CELLS = 20_000  # about two weeks of all that the vocabulary allows, 6 MB
_LAST_S = 2.0  # what the last delivery may take, when the door stops

journal = logging.getLogger("jalon.statistiques")


class Counting:
    """`deliver` takes one batch for good, or raises: the same batch, with the same id, is then tried again.

    While it cannot be reached, counts add up in memory: at most `most` cells, then events are lost and counted.
    """

    def __init__(
        self, deliver: Callable[[Batch], Awaitable[None]], every: float = EVERY_S, most: int = MOST_CELLS
    ):
        self._deliver, self._every, self._most = deliver, every, most
        self._counts: Counter[Cell] = Counter()
        self._leaving: Batch | None = None
        self._lock = Lock()
        self._away = False
        self.lost = 0

    def add(self, cells: Sequence[Cell]) -> None:
        """Count one event: all its cells, or none when there is no room. From any thread; never waits."""
        with self._lock:
            if len(self._counts) + len(cells) > self._most and any(c not in self._counts for c in cells):
                self.lost += 1
            else:
                self._counts.update(cells)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hand over until the end of the block, and once more then."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            with suppress(TimeoutError):
                async with asyncio.timeout(_LAST_S):
                    await self._empty()
            if self._leaving or self._counts:
                journal.error("des comptes sont perdus avec l'arrêt de la porte")

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            await self._empty()

    async def _empty(self) -> None:
        """Deliver what waits: first the batch that could not leave, then the rest."""
        while self._leaving or self._counts:
            self._leaving = self._leaving or self._take()
            try:
                await self._deliver(self._leaving)
            except Exception as error:  # noqa: BLE001 - whatever happens there, answers go on
                if not self._away:
                    journal.warning("les comptes restent en mémoire : %s", type(error).__name__)
                self._away = True
                return
            self._leaving = None
            if self._away:
                self._away = False
                journal.warning("les comptes sont partis, événements perdus : %d", self.lost)

    def _take(self) -> Batch:
        with self._lock:
            counts, self._counts = self._counts, Counter()
        return Batch(uuid4().hex, dict(counts))
