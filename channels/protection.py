"""What wraps every answer: security headers, limits of size and time, a last resort, a log without anyone's words."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Mapping, Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.journal import REQUEST_HEADER, new_request, note
from channels.handlers import answer_failure, answer_http_error
from channels.metrics.counting import count_request

journal = logging.getLogger("jalon.porte")

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
# What the pages of other sites may load: the script that opens Jalon in a dialog.
_FOR_OTHER_SITES = ("/jalon.js",)
_BODY_S = 10.0  # for the whole body of a request
_ASKED_ALL_THE_TIME = ("/sante", "/metriques")  # by machines: their lines would hide the others
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "x-frame-options": "SAMEORIGIN",
}


class Protection:
    """The outermost layer of the door.

    The log line of a request holds the method, the route as written in the code, the status and the time:
    no address, no query, no text. Each answer carries its mark, that the other processes write too. A failure is logged by its kind and its place in the code, never by its
    message, which could hold what the person wrote. `host_sites`: origins that may show the pages in a frame.
    """

    def __init__(self, app: ASGIApp, body_limit: int, host_sites: Sequence[str] = ()):
        self.app, self.body_limit = app, body_limit
        self._headers = _headers(host_sites)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        start, status, mark = time.perf_counter(), 0, new_request()

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                _complete(headers, self._headers, scope["path"])
                headers[REQUEST_HEADER] = mark
            await send(message)

        try:
            await self._answer(scope, receive, send_with_headers)
        except Exception as error:  # noqa: BLE001 - the last resort catches everything
            journal.error("panne %s %s", type(error).__name__, _where(error))
            if status:
                raise _AlreadyAnswered from None
            response = await answer_failure(Request(scope))
            await response(scope, receive, send_with_headers)
        finally:
            _note(
                scope["method"], getattr(scope.get("route"), "path", "-"), status, time.perf_counter() - start
            )

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdecimal() or int(declared[:12]) > self.body_limit:
            response = await answer_http_error(Request(scope), HTTPException(413))
            return await response(scope, receive, send)
        await self.app(scope, _limited(receive, self.body_limit), send)


def _note(method: str, route: str, status: int, seconds: float) -> None:
    """Count a request and write its log line. Methods that HTTP does not know are the sender's own words."""
    count_request(route, status, seconds)
    if route in _ASKED_ALL_THE_TIME and status == 200:
        return
    method = method if method in _METHODS else "-"
    note(journal, f"{method} {route}", status, seconds, methode=method, chemin=route)


class _AlreadyAnswered(Exception):
    """A failure after the answer began: the connection is cut, nothing more can be said."""


def _limited(receive: Receive, limit: int) -> Receive:
    """Count and time the body as it comes: a sender may give no length, a false one, or a byte now and then."""
    total, whole, until = 0, False, time.monotonic() + _BODY_S

    async def receive_counted() -> Message:
        nonlocal total, whole
        if whole:  # what is waited for now is the end of the connection
            return await receive()
        try:
            async with asyncio.timeout(until - time.monotonic()):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408, headers={"connection": "close"}) from None
        whole = not message.get("more_body", False)
        total += len(message.get("body", b""))
        if total > limit:
            raise HTTPException(413)
        return message

    return receive_counted


def _headers(host_sites: Sequence[str]) -> dict[str, str]:
    if not host_sites:
        return _HEADERS
    policy = _POLICY.replace("frame-ancestors 'self'", " ".join(("frame-ancestors 'self'", *host_sites)))
    # X-Frame-Options cannot name several sites; browsers that know frame-ancestors ignore it anyway.
    kept = {name: value for name, value in _HEADERS.items() if name != "x-frame-options"}
    return {**kept, "content-security-policy": policy}


def _complete(headers: MutableHeaders, added: Mapping[str, str], path: str) -> None:
    for name, value in added.items():
        headers.setdefault(name, value)
    if path in _FOR_OTHER_SITES:
        headers["cross-origin-resource-policy"] = "cross-origin"
    headers.setdefault("cache-control", "no-cache" if path.startswith("/static/") else "no-store")


def _where(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames[:-4:-1])
