"""The statistics of a door put together: what its answers add, where it goes, what is erased."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from channels.statistiques.batch import Batch
from channels.statistiques.counting import Counting
from channels.statistiques.events import Event, cells, of_orientation, of_turn, vocabulary
from channels.statistiques.settings import StatisticsSettings
from channels.statistiques.store import Counts, open_counts
from channels.statistiques.weeks import today, week_of
from data.database import Database
from data.sql.errors import StoreError

if TYPE_CHECKING:
    from channels.statistiques.broker import Publisher

_ERASE_EVERY_S = 3600

journal = logging.getLogger("jalon.statistiques")


class Statistics:
    """Counts what a door answers. `settings`: None counts nothing, as does a file that cannot be opened.

    A count never costs an answer.
    """

    def __init__(self, settings: StatisticsSettings | None, db: Database):
        self._publisher: Publisher | None = None
        self._counts: Counts | None = None
        self._counting: Counting | None = None
        if settings and settings.rabbitmq:
            from channels.statistiques.broker import (
                Publisher,
            )  # a door on one machine does without its client

            self._publisher = Publisher(settings.rabbitmq)
            self._counting = Counting(self._publisher.deliver)
        elif settings and (counts := _opened(settings)):
            self._counts = counts
            self._counting = Counting(self._add)
        self._known = vocabulary(db) if self._counting else {}

    def turn(self, channel: str, answer: Mapping) -> None:
        """Count a turn of conversation, from the door's answer. From any thread."""
        self._count(lambda: of_turn(channel, answer))

    def orientation(self, channel: str, needs: Sequence[str], orientation: Mapping) -> None:
        """Count an orientation given without conversation. From any thread."""
        self._count(lambda: of_orientation(channel, needs, orientation))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hand the counts over until the end of the block."""
        if self._counting is None:
            yield
            return
        try:
            async with self._counting.running():
                if self._counts is None:
                    yield
                else:
                    async with erasing(self._counts):
                        yield
        finally:
            if self._publisher:
                await self._publisher.close()
            if self._counts:
                self._counts.close()

    def _count(self, event: Callable[[], Event]) -> None:
        if self._counting is None:
            return
        try:
            self._counting.add(cells(event(), week_of(today()), self._known))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            journal.error("réponse non comptée : %s", type(error).__name__)

    async def _add(self, batch: Batch) -> None:
        await asyncio.to_thread(self._counts.add, batch, today())


def _opened(settings: StatisticsSettings) -> Counts | None:
    try:
        return open_counts(settings)
    except (StoreError, OSError) as error:
        journal.error("pas de statistiques, %s : %s", settings.file.name, type(error).__name__)
        return None


@asynccontextmanager
async def erasing(counts: Counts) -> AsyncIterator[None]:
    """Erase what is too old, now and every hour, until the end of the block."""
    task = asyncio.create_task(_erase(counts))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _erase(counts: Counts) -> None:
    while True:
        try:
            await asyncio.to_thread(counts.erase_old, today())
        except StoreError as error:
            journal.error("effacement des statistiques : %s", error)
        await asyncio.sleep(_ERASE_EVERY_S)
