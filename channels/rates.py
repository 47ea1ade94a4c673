"""How often one person may ask: wide for people, a wall for machines. Known to all doors when they share a Redis.

Who asks is a session or, where there is none, a network address; only keyed hashes of them are kept, and for twice the
length of the limit at most. With Redis out of order each door counts alone: people are still answered.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import math
import time
from collections.abc import Mapping

from fastapi import Request
from limits import RateLimitItem, parse_many
from limits.aio.storage import MemoryStorage, Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError

from channels.circuits import Broken, Circuits
from channels.errors import ComeBackLater
from channels.guichet.settings import is_loopback

_REDIS_S = 1.0
_REST_S = 3.0
_HOUSEHOLD_BITS = 64  # of an IPv6 address: the rest changes at will
# What costs money, or opens a door, has its own limits, whatever the settings.
_FIXED = {
    "sms_numero": "3/hour;6/day",
    "sms_adresse": "20/hour;60/day",  # an association has one address for many people
    "jeton": "5/minute;30/hour",  # wrong tokens at the counter
}


class Rates:
    """Counts by kind and person. `limits`: kind -> limits (« 60/minute;500/hour »), beside those that never change."""

    def __init__(self, key: str, limits: Mapping[str, str], redis_url: str | None = None):
        self._key = key.encode()
        self._limits = {kind: parse_many(text) for kind, text in {**_FIXED, **limits}.items()}
        self._here = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._shared = SlidingWindowCounterRateLimiter(_redis(redis_url)) if redis_url else None
        self._circuits = Circuits(failures=1, rest=_REST_S)

    async def hit(self, kind: str, who: str) -> int:
        """Count one more; the seconds to wait when it is too many, 0 when it is not."""
        return await self._each("hit", kind, who)

    async def wait(self, kind: str, who: str) -> int:
        """The seconds to wait before one more would be allowed; 0: now. Counts nothing."""
        return await self._each("test", kind, who)

    async def check(self, kind: str, who: str) -> None:
        """`hit`. Raises ComeBackLater (429)."""
        if seconds := await self.hit(kind, who):
            raise ComeBackLater(429, seconds)

    async def _each(self, question: str, kind: str, who: str) -> int:
        name = hmac.new(self._key, f"{kind}:{who}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()
        for limit in self._limits[kind]:
            if seconds := await self._ask(question, limit, kind, name):
                return seconds
        return 0

    async def _ask(self, question: str, limit: RateLimitItem, *name: str) -> int:
        if self._shared:
            try:
                async with self._circuits.around("redis"):
                    return await _seconds(self._shared, question, limit, *name)
            except (Broken, StorageError, OSError):
                pass
        return await _seconds(self._here, question, limit, *name)


async def _seconds(
    limiter: SlidingWindowCounterRateLimiter, question: str, limit: RateLimitItem, *name: str
) -> int:
    if await getattr(limiter, question)(limit, *name):
        return 0
    until = (await limiter.get_window_stats(limit, *name)).reset_time
    return min(max(1, math.ceil(until - time.time())), limit.get_expiry())


def _redis(url: str) -> Storage:
    from limits.aio.storage import RedisStorage  # one door alone does without the client

    return RedisStorage(
        f"async+{url}", wrap_exceptions=True, implementation="redispy", key_prefix="jalon:rythme",
        socket_timeout=_REDIS_S, socket_connect_timeout=_REDIS_S,
    )  # fmt: skip


def address_of(request: Request) -> str:
    """The network that a request comes from. A proxy is believed only when declared (uvicorn does it)."""
    text = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    address = getattr(address, "ipv4_mapped", None) or address
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network(f"{address}/{_HOUSEHOLD_BITS}", strict=False))


async def by_address(request: Request) -> None:
    """Dependency of what people and programs ask. Raises ComeBackLater (429).

    This machine's own address says nothing about who asks: a desk, or a proxy that was not declared.
    """
    if request.client and not is_loopback(request.client.host):
        await request.app.state.rates.check("adresse", address_of(request))


async def by_session(request: Request, session: str) -> None:
    """To be called once for a turn. Raises ComeBackLater (429)."""
    await request.app.state.rates.check("session", session)
