"""What the doors of one Jalon know together: small values, each for a time, and who answers a session now.

One door alone keeps them in its memory; several keep them in Redis (`JALON_REDIS`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol
from weakref import WeakValueDictionary


class SharedUnavailable(Exception):
    """The shared memory is down or too slow: nothing was read, and what was to be written may not be."""


class Occupied(Exception):
    """Another door has been busy with the same key for too long."""


class Shared(Protocol):
    """Values of one kind: JSON objects that live `seconds` after the last `put` or `renew`."""

    async def get(self, key: str) -> dict | None: ...

    async def renew(self, key: str) -> dict | None:
        """`get`, and the time begins again."""

    async def take(self, key: str) -> dict | None:
        """`get`, and it is gone: of several who take at once, one has it."""

    async def put(self, key: str, value: dict) -> None: ...

    async def forget(self, key: str) -> None: ...


class InMemory:
    """`Shared` of one door: the `most` last values. `clock`: seconds, never going back."""

    def __init__(self, seconds: float, most: int, clock: Callable[[], float] = time.monotonic):
        self._seconds, self._most, self._clock = seconds, most, clock
        self._kept: dict[str, tuple[float, dict]] = {}  # in the order of their end

    async def get(self, key: str) -> dict | None:
        self._drop_old()
        _, value = self._kept.get(key, (0, None))
        return value

    async def renew(self, key: str) -> dict | None:
        value = await self.take(key)
        if value is not None:
            await self.put(key, value)
        return value

    async def take(self, key: str) -> dict | None:
        self._drop_old()
        _, value = self._kept.pop(key, (0, None))
        return value

    async def put(self, key: str, value: dict) -> None:
        self._kept.pop(key, None)
        self._kept[key] = (self._clock() + self._seconds, value)
        if len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]
        asyncio.get_running_loop().call_later(self._seconds, self._drop_old)

    async def forget(self, key: str) -> None:
        self._kept.pop(key, None)

    def _drop_old(self) -> None:
        now = self._clock()
        while self._kept and (first := next(iter(self._kept.items())))[1][0] <= now:
            del self._kept[first[0]]


class Doors:
    """The doors of one Jalon, seen from one of them: here the only one."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._values: dict[str, InMemory] = {}

    def values(self, kind: str, seconds: float, most: int) -> Shared:
        """Values of one kind, the same for all who ask, that live `seconds`; a door alone keeps the `most` last ones."""
        return self._values.setdefault(kind, InMemory(seconds, most))

    @asynccontextmanager
    async def alone(self, kind: str, key: str) -> AsyncIterator[None]:
        """One at a time for a key, over all doors. Entering raises Occupied when it takes too long."""
        async with self._locks.setdefault(f"{kind} {key}", asyncio.Lock()):
            yield

    async def close(self) -> None:
        """Leave the others."""


def open_doors(redis_url: str | None, key: str) -> Doors:
    """`key`: what names are hashed with, the same for all doors. Redis may be down: it is asked at the first use."""
    if not redis_url:
        return Doors()
    from channels.shared_redis import DoorsInRedis  # one door alone does without the client

    return DoorsInRedis(redis_url, key)
