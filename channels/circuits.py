"""Circuit breakers: a server that failed lately is not asked again at each turn, so nobody waits for it in vain."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import CLOSED, HALF_OPENED, Context, OpenedState


class Broken(Exception):
    """The server failed lately: it was not asked."""


class Circuits:
    """One circuit for each server: after `failures` in a row it is left alone `rest` seconds, then tried by one request."""

    def __init__(self, failures: int, rest: float):
        self._breakers = AsyncCircuitBreakerFactory(default_threshold=failures, default_ttl=rest)
        self._known: dict[str, Context] = {}

    @asynccontextmanager
    async def around(self, server: str) -> AsyncIterator[None]:
        """Call `server` inside the block; any exception in it is a failure. Entering raises Broken."""
        breaker = await self._breakers.get_breaker(server)
        context = self._known[server] = breaker.context
        if context.state == HALF_OPENED:  # one request at a time tries a server that failed
            raise Broken(server)
        opened = context.opened_at
        if opened is not None and opened > time.time():  # the clock went back: the end would be hours away
            context._state.opened_at = 0.0
        try:
            await breaker.__aenter__()
        except OpenedState:
            raise Broken(server) from None
        try:
            yield
        except BaseException as error:
            await breaker.__aexit__(type(error), error, error.__traceback__)
            raise
        await breaker.__aexit__(None, None, None)

    def closed(self, server: str) -> bool:
        """Whether `server` is asked as usual."""
        known = self._known.get(server)
        return known is None or known.state == CLOSED
