"""How many turns are under way at once: the others wait a little, in a short line, or are told at once to come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Full(Exception):
    """Nobody more can be answered now."""


class Gate:
    """`at_once` turns, and a line of `waiting` more for `patience` seconds at most."""

    def __init__(self, at_once: int, waiting: int, patience: float):
        self._free, self._most, self._patience = asyncio.Semaphore(at_once), waiting, patience
        self._waiting = 0

    @asynccontextmanager
    async def passage(self) -> AsyncIterator[None]:
        """Be one of those under way until the end of the block. Entering raises Full."""
        await self._enter()
        try:
            yield
        finally:
            self._free.release()

    async def _enter(self) -> None:
        if self._free.locked() and self._waiting >= self._most:
            raise Full
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience):
                await self._free.acquire()
        except TimeoutError:
            raise Full from None
        finally:
            self._waiting -= 1
