"""Who is at the counter: one-time tokens of the desk machine, and sessions.

A token is a file named by its SHA-256 in a folder that only the account of Jalon can read: taking the file away is
using the token, so it serves once, whatever the number of processes. Only hashes are kept: reading the folder or
the memory lets nobody in.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from channels.shared import Doors

_MOST_SESSIONS = 500


class EntryRefused(Exception):
    """The provider, or what it said, does not let this person in. The message is for the log: it names nobody."""


def issue_token(folder: Path) -> str:
    """A new one-time token, good for `token_life` seconds from now. `folder` is made, for this account only."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    token = secrets.token_urlsafe(32)
    (folder / _digest(token)).touch(mode=0o600, exist_ok=False)
    return token


def use_token(folder: Path, token: str, life: float) -> bool:
    """Whether `token` was issued less than `life` seconds ago and not used. It cannot be used again."""
    wanted, found = _digest(token), None
    for file in folder.glob("*") if folder.is_dir() else ():
        try:
            old = time.time() - file.stat().st_mtime > life
            if old:
                file.unlink()
            elif hmac.compare_digest(file.name, wanted):
                found = file
        except FileNotFoundError:
            continue
    if found is None:
        return False
    try:
        found.unlink()
    except FileNotFoundError:  # used at the same instant by another request
        return False
    return True


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True)
class Session:
    """One browser at the counter. `agent` is who signs corrections; `began`: seconds; `csrf` is shown in every form."""

    agent: str
    began: float
    csrf: str = field(repr=False)


class Sessions:
    """Open sessions, by the hash of their cookie, known to all doors. With a door alone, a restart closes them all.

    `clock`: seconds, the same for all doors. Every call raises SharedUnavailable: nobody is let in on trust.
    """

    def __init__(self, doors: Doors, life: float, idle: float, clock: Callable[[], float] = time.time):
        self._life, self._clock = life, clock
        self._open = doors.values("guichet", idle, _MOST_SESSIONS)

    async def begin(self, agent: str) -> str:
        """Open a session and return the value of its cookie."""
        cookie = secrets.token_urlsafe(32)
        session = Session(agent, self._clock(), secrets.token_urlsafe(24))
        await self._open.put(_digest(cookie), asdict(session))
        return cookie

    async def find(self, cookie: str | None) -> Session | None:
        """The session of a cookie, which counts as used now; None when it is unknown, too old or idle too long."""
        kept = await self._open.renew(_digest(cookie)) if cookie else None
        if kept is None:
            return None
        session = Session(**kept)
        if self._clock() - session.began < self._life:
            return session
        await self.end(cookie)
        return None

    async def end(self, cookie: str | None) -> None:
        """Close a session. Closing an unknown one succeeds too."""
        await self._open.forget(_digest(cookie or ""))
