"""One at a time over several machines: a lock in Redis, held for a short lease that its holder renews.

Used by dialogue servers and doors, whose Pythons have different versions of the client: only what both know.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, LockError, RedisError

from assistant.turns import Held

LEASE_S = 4.0  # how long a killed holder makes the next one wait
PATIENCE_S = 6.0  # longest wait for another holder; the door gives a turn up after 8 s
_LOOK_AGAIN_S = 0.02
_ANSWER_S = 1.0  # a Redis slower than this is out of order
_REST_S = 3.0  # then it is left alone

logger = logging.getLogger("jalon.redis")


def connect(url: str) -> redis.asyncio.Redis:
    """A client that gives up after a second. Nothing is asked of the server before the first use."""
    # A line cut by a restart of Redis is made again once; a Redis that is slow is not asked twice.
    retry = Retry(NoBackoff(), 1, supported_errors=(ConnectionError,))
    return redis.asyncio.Redis.from_url(
        url, socket_timeout=_ANSWER_S, socket_connect_timeout=_ANSWER_S, retry=retry
    )


class Leases:
    """Locks by name. With Redis out of order there is none: each process still keeps the order of its own turns."""

    def __init__(self, client: redis.asyncio.Redis):
        self._client = client
        self._left_alone_until = 0.0

    @contextlib.asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[None]:
        """Hold `name` until the end of the block. Raises Held after PATIENCE_S."""
        lock = self._client.lock(f"jalon:tour:{name}", timeout=LEASE_S, sleep=_LOOK_AGAIN_S)
        if not await self._acquired(lock):
            yield
            return
        renewal = asyncio.create_task(_renew(lock))
        try:
            yield
        finally:
            renewal.cancel()
            with contextlib.suppress(RedisError):  # a lease that ended, or that will end by itself
                await lock.release()

    async def _acquired(self, lock: redis.asyncio.lock.Lock) -> bool:
        if time.monotonic() < self._left_alone_until:
            return False
        try:
            if await lock.acquire(blocking_timeout=PATIENCE_S):
                return True
        except (RedisError, OSError) as error:
            self._left_alone_until = time.monotonic() + _REST_S
            logger.error("Redis is out of order, turns are not locked: %s", type(error).__name__)
            return False
        raise Held


async def _renew(lock: redis.asyncio.lock.Lock) -> None:
    while True:
        await asyncio.sleep(LEASE_S / 3)
        try:
            await lock.reacquire()
        except LockError:
            return  # lost: somebody else may hold it by now
        except (RedisError, OSError):
            continue
