"""The last answer to each session, kept a few minutes: a message sent twice is answered once.

A phone that loses the network does not know whether its message arrived; a page reloaded without JavaScript
sends its form again. Neither may count as a second answer to the next question. When the answer was lost with the door
that had it, the dialogue takes the message back before it reads it again (`mark`).
"""

from __future__ import annotations

import hashlib
import logging

from channels.shared import Doors, SharedUnavailable

KEPT_S = 300.0
_MOST_SESSIONS = 500

journal = logging.getLogger("jalon.porte")


class LastAnswers:
    """Known to all doors. When they cannot be read, every message counts as new: better answered twice than never."""

    def __init__(self, doors: Doors):
        self._kept = doors.values("reponse", KEPT_S, _MOST_SESSIONS)

    async def find(self, session: str, sending: str, text: str) -> dict | None:
        """The answer given to this very sending; None when it is new or too old. `sending`: "" is never known."""
        if not sending:
            return None
        try:
            kept = await self._kept.get(session)
        except SharedUnavailable as error:
            journal.warning("dernières réponses illisibles : %s", error)
            return None
        return kept["reponse"] if kept and kept["envoi"] == mark(sending, text) else None

    async def keep(self, session: str, sending: str, text: str, answer: dict) -> None:
        """Remember the answer, instead of the previous one of the session."""
        try:
            if sending:
                await self._kept.put(session, {"envoi": mark(sending, text), "reponse": answer})
            else:
                await self._kept.forget(session)
        except SharedUnavailable as error:
            journal.warning("dernière réponse non gardée : %s", error)

    async def forget(self, session: str) -> None:
        """Raises SharedUnavailable: the answer then stays until its time is over."""
        await self._kept.forget(session)


def mark(sending: str, text: str) -> str:
    """What tells a sending from another, without the words of the person; "" for one that has no name."""
    if not sending:
        return ""
    return hashlib.sha256(f"{sending}\0{text}".encode("utf-8", "replace")).hexdigest()
