"""HTTP connections that send nothing do not stay: a few slow ones would otherwise take every place of the door."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.auto import AutoHTTPProtocol

HEADERS_S = 10.0


class Patient(AutoHTTPProtocol):
    """uvicorn's own protocol, which closes a connection that began no request for HEADERS_S."""

    _seen = None  # the request that was there the last time

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._look_later()

    def _look_later(self) -> None:
        self._looking = self.loop.call_later(HEADERS_S, self._look)

    def _look(self) -> None:
        idle = self.cycle is None or self.cycle.response_complete
        if idle and self.cycle is self._seen:
            self.transport.close()
        else:
            self._seen = self.cycle
            self._look_later()

    def connection_lost(self, error: Exception | None) -> None:
        self._looking.cancel()
        super().connection_lost(error)
