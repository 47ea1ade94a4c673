"""The last answer to each session, kept a few minutes: a message sent twice is answered once.

A phone that loses the network does not know whether its message arrived; a page reloaded without JavaScript
sends its form again. Neither may count as a second answer to the next question.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

KEPT_S = 300.0
_MOST_SESSIONS = 500


class LastAnswers:
    """In memory only. `clock`: seconds, never going back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, tuple[str, str], dict]] = OrderedDict()

    def find(self, session: str, sending: str, text: str) -> dict | None:
        """The answer given to this very sending; None when it is new or too old. `sending`: "" is never known."""
        self.drop_old()
        kept = self._kept.get(session)
        return kept[2] if sending and kept and kept[1] == (sending, text) else None

    def keep(self, session: str, sending: str, text: str, answer: dict) -> None:
        """Remember the answer, instead of the previous one of the session."""
        self.forget(session)
        if sending:
            self._kept[session] = (self._clock(), (sending, text), answer)
        if len(self._kept) > _MOST_SESSIONS:
            self._kept.popitem(last=False)

    def forget(self, session: str) -> None:
        self._kept.pop(session, None)

    def drop_old(self) -> None:
        """Forget what is older than KEPT_S."""
        limit = self._clock() - KEPT_S
        while self._kept and next(iter(self._kept.values()))[0] <= limit:
            self._kept.popitem(last=False)
