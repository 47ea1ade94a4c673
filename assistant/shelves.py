"""Where conversations wait for the next message.

A shelf keeps a text under a key for a time. It knows nothing of Rasa nor of what it keeps. `assistant.postgres_shelf`
holds the one that several servers share.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol


class Shelf(Protocol):
    """What is kept is forgotten after its time, at once when asked. Every call raises what its server raises."""

    async def get(self, key: str) -> str | None: ...

    async def put(self, key: str, text: str, seconds: float) -> None: ...

    async def forget(self, key: str) -> bool:
        """Erase one at once; tell whether it was there."""

    async def sweep(self) -> None:
        """Erase all whose time is over."""


class MemoryShelf:
    """In this process only. `clock`: seconds, never going back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self.kept: dict[str, tuple[float, str]] = {}

    async def get(self, key: str) -> str | None:
        expiry, text = self.kept.get(key, (0, None))
        return text if expiry > self._clock() else None

    async def put(self, key: str, text: str, seconds: float) -> None:
        self.kept[key] = (self._clock() + seconds, text)

    async def forget(self, key: str) -> bool:
        return self.kept.pop(key, None) is not None

    def names(self) -> list[str]:
        """The keys of all that is kept, even past its time."""
        return list(self.kept)

    def give(self, key: str) -> tuple[str, float] | None:
        """Take one off: its text and the seconds that it has left; None when it is not there."""
        expiry, text = self.kept.pop(key, (0.0, ""))
        left = expiry - self._clock()
        return (text, left) if left > 0 else None

    async def sweep(self) -> None:
        now = self._clock()
        for key in [key for key, (expiry, _) in self.kept.items() if expiry <= now]:
            del self.kept[key]
