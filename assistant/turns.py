"""One message at a time per person, in order, whatever the number of dialogue servers.

Rasa has locks of its own, taken by each turn and kept in this process: they look again only every second, and know
nothing of what the channel does before and after Rasa (buttons, state, erasing). This one covers all of it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

MAX_WAITING = 4


class Held(Exception):
    """Another process still holds the turn of this person."""


class Order(Protocol):
    """What keeps the order between servers (`assistant.leases.Leases`)."""

    def hold(self, name: str) -> AbstractAsyncContextManager[None]:
        """Alone with `name` until the end of the block. Entering raises Held when it takes too long."""


class TooMany(Exception):
    """This person has too many messages waiting."""


class Turns:
    """`order`: None when this server is alone."""

    def __init__(self, order: Order | None = None):
        self._order = order
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting: Counter[str] = Counter()

    @contextlib.asynccontextmanager
    async def of(self, sender: str) -> AsyncIterator[None]:
        """Wait for the messages of `sender` that came before, in this server first. Raises TooMany."""
        if self._waiting[sender] >= MAX_WAITING:
            raise TooMany
        self._waiting[sender] += 1
        try:
            async with self._turns[sender], self._among_servers(sender):
                yield
        except Held:
            raise TooMany from None
        finally:
            self._waiting[sender] -= 1
            if not self._waiting[sender]:
                del self._waiting[sender], self._turns[sender]

    def _among_servers(self, sender: str) -> AbstractAsyncContextManager[None]:
        return self._order.hold(sender) if self._order else contextlib.nullcontext()
