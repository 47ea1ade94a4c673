"""What every request to the counter must show: the right machine or provider, a session, and that it comes from the page."""

from __future__ import annotations

import secrets
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from channels.errors import RequestError, fault
from channels.guichet.access import Session, Sessions
from channels.guichet.settings import CounterSettings, is_loopback
from channels.guichet.words import words
from channels.shared import Doors

COOKIE = "jalon_guichet"
PATH = "/guichet"
CSRF_HEADER = "x-jalon-jeton"
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


class Counter:
    """What the counter holds between two requests: who is in."""

    def __init__(self, settings: CounterSettings, doors: Doors):
        self.settings = settings
        self.sessions = Sessions(doors, settings.session_life, settings.session_idle)
        self.provider = None
        if settings.oidc:
            from channels.guichet.oidc import Provider  # a desk machine does without Authlib

            self.provider = Provider(settings.oidc, doors)


class Outside(Exception):
    """Nobody is in this session: a page sends to the entrance."""


def counter_of(request: Request) -> Counter:
    """The counter, when this request may know that it exists; else 404.

    Without an identity provider the counter is for the desk machine: reached from loopback, by a loopback name
    (no other site can then be resolved to it), without a proxy in between.
    """
    counter: Counter = request.app.state.counter
    if counter.settings.closed_because or not (counter.provider or _is_at_the_desk(request)):
        raise HTTPException(404)
    return counter


def _is_at_the_desk(request: Request) -> bool:
    if any(name in request.headers for name in _FORWARDED):
        return False
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    client = request.client.host if request.client else ""
    return is_loopback(host) and is_loopback(client)


OpenCounter = Annotated[Counter, Depends(counter_of)]


async def session_of(request: Request, counter: OpenCounter) -> Session:
    """The session of the cookie. Raises Outside."""
    session = await counter.sessions.find(request.cookies.get(COOKIE))
    if session is None:
        raise Outside
    return session


Agent = Annotated[Session, Depends(session_of)]


def from_this_page(request: Request, session: Agent) -> Session:
    """The session of a request that acts: same origin, and the session's own token in a header."""
    check_origin(request)
    check_token(session, request.headers.get(CSRF_HEADER, ""))
    return session


Acting = Annotated[Session, Depends(from_this_page)]


def check_origin(request: Request) -> None:
    """Refuse what another site makes a browser send. Raises RequestError (403)."""
    origin = urlsplit(request.headers.get("origin", ""))
    site = request.headers.get("sec-fetch-site", "same-origin")
    if origin.netloc.lower() != request.headers.get("host", "").lower() or site not in (
        "same-origin",
        "none",
    ):
        _refuse()


def check_token(session: Session, shown: str) -> None:
    """Raises RequestError (403) when `shown` is not the session's token."""
    if not secrets.compare_digest(session.csrf.encode(), shown.encode("utf-8", "replace")):
        _refuse()


def _refuse() -> None:
    raise RequestError([fault("", words()["messages"]["origine"])], 403)


async def let_in(counter: Counter, agent: str, response: Response) -> None:
    """Open a session for `agent` and put its cookie in `response`."""
    settings = counter.settings
    response.set_cookie(
        COOKIE, await counter.sessions.begin(agent), max_age=settings.session_life, path=PATH, httponly=True,
        samesite="strict", secure=bool(settings.oidc and settings.oidc.door.startswith("https://")),
    )  # fmt: skip
