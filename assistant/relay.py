"""Conversations in memory handed over, one by one, by the dialogue server that another one replaces.

The new server asks the former one for a conversation when its person writes, then for all that remain. Giving one
waits for the end of its turn and takes it off the former shelf: a conversation is never in two places.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from weakref import WeakValueDictionary

import aiohttp

from assistant.shelves import MemoryShelf

PATH = "/webhooks/jalon/relais"
_PATIENCE_S = 7.0  # the turn under way on the former server may take 5 s; the door gives up after 8 s


class RelayShelf(MemoryShelf):
    """A shelf that begins with what is on another server's. `former`: address of that server, `headers`: what opens it."""

    def __init__(self, former: str, headers: Mapping[str, str]):
        super().__init__()
        self._former: str | None = former
        self._headers = dict(headers)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def get(self, key: str) -> str | None:
        """Raises aiohttp.ClientError or TimeoutError when the former server does not answer: better a turn that
        fails than a person taken for a new one."""
        await self._fetch(key)
        return await super().get(key)

    async def forget(self, key: str) -> bool:
        await self._fetch(key)
        return await super().forget(key)

    async def fetch_all(self) -> int:
        """Take what remains there, and ask that server no more; how many there were. Raises as `get`."""
        if self._former is None:
            return 0
        keys = (await self._ask("GET", ""))["conversations"]
        for key in keys:
            await self._fetch(key)
        self._former = None
        return len(keys)

    async def _fetch(self, key: str) -> None:
        async with self._locks.setdefault(key, asyncio.Lock()):
            if self._former is None or key in self.kept:
                return
            given = await self._ask("POST", f"/{key}")
            if given["texte"] is not None:
                await self.put(key, given["texte"], given["secondes"])

    async def _ask(self, method: str, path: str) -> dict:
        limit = aiohttp.ClientTimeout(total=_PATIENCE_S)
        async with (
            aiohttp.ClientSession(headers=self._headers, timeout=limit, raise_for_status=True) as http,
            http.request(method, f"{self._former}{PATH}{path}") as answer,
        ):
            return await answer.json()
