"""What several doors share, kept in Redis under hashed names, each value for a time."""

from __future__ import annotations

import hashlib
import hmac
import json
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import redis.asyncio
from redis.exceptions import RedisError

from assistant.leases import Leases, connect
from assistant.turns import Held
from channels.circuits import Broken, Circuits
from channels.shared import Doors, Occupied, Shared, SharedUnavailable

_FAILURES = 1  # before Redis is left alone
_REST_S = 3.0


class Line:
    """The door's line to Redis, left alone for a while when it fails. `key`: what names are hashed with."""

    def __init__(self, client: redis.asyncio.Redis, key: str):
        self._client, self._key = client, key.encode()
        self._circuits = Circuits(_FAILURES, _REST_S)

    def name(self, kind: str, key: str) -> str:
        """The name of a value: it cannot be turned back into `key`."""
        digest = hmac.new(self._key, f"{kind}:{key}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()
        return f"jalon:{kind}:{digest}"

    async def ask(self, *command: object) -> object:
        """The answer to one command. Raises SharedUnavailable."""
        try:
            async with self._circuits.around("redis"):
                return await self._client.execute_command(*command)
        except (RedisError, OSError, Broken) as error:
            raise SharedUnavailable(type(error).__name__) from None


class InRedis:
    """`Shared` of all doors. Every call raises SharedUnavailable when Redis does not answer within a second."""

    def __init__(self, line: Line, kind: str, seconds: float):
        self._line, self._kind, self._milliseconds = line, kind, round(1000 * seconds)

    async def get(self, key: str) -> dict | None:
        return _read(await self._line.ask("GET", self._name(key)))

    async def renew(self, key: str) -> dict | None:
        return _read(await self._line.ask("GETEX", self._name(key), "PX", self._milliseconds))

    async def take(self, key: str) -> dict | None:
        return _read(await self._line.ask("GETDEL", self._name(key)))

    async def put(self, key: str, value: dict) -> None:
        # A turn is tens of kilobytes of text, of which a tenth is left.
        packed = zlib.compress(json.dumps(value).encode(), 1)
        await self._line.ask("SET", self._name(key), packed, "PX", self._milliseconds)

    async def forget(self, key: str) -> None:
        await self._line.ask("DEL", self._name(key))

    def _name(self, key: str) -> str:
        return self._line.name(self._kind, key)


def _read(packed: object) -> dict | None:
    return json.loads(zlib.decompress(packed)) if packed else None


class DoorsInRedis(Doors):
    """Several doors with one Redis."""

    def __init__(self, url: str, key: str):
        super().__init__()
        self._client = connect(url)
        self._line, self._leases = Line(self._client, key), Leases(self._client)

    def values(self, kind: str, seconds: float, most: int) -> Shared:
        return InRedis(self._line, kind, seconds)

    @asynccontextmanager
    async def alone(self, kind: str, key: str) -> AsyncIterator[None]:
        async with super().alone(kind, key):
            try:
                async with self._leases.hold(self._line.name(kind, key)):
                    yield
            except Held:
                raise Occupied from None

    async def close(self) -> None:
        await self._client.aclose()
