"""The loopback line to the dialogue server. Any failure, of any kind, is one exception: RasaUnavailable."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from weakref import WeakValueDictionary

from aiohttp import ClientError, ClientSession, ClientTimeout, ConnectionTimeoutError, DummyCookieJar
from aiohttp.client_exceptions import ClientConnectorError

from assistant import journal
from channels.circuits import Broken, Circuits
from channels.metrics.counting import part
from channels.quick_json import loads
from channels.settings import Settings
from data.city import KEY_HEADER

_CHANNEL = "/webhooks/jalon"
_FAILURES = 3  # in a row, before a server is left alone
_REST_S = 5.0  # how long it is
_CONNECT_S = 1.0
_FAILED = (ClientError, TimeoutError, OSError)


class RasaUnavailable(Exception):
    """The dialogue server is down, too slow, or answered something that is not the agreed form."""


class RasaClient:
    """Calls to the `jalon` channel of the dialogue servers, each with the shared secret of this installation.

    All doors send a session to the same server, so that its messages seldom wait between servers. When it cannot be
    reached the next one answers: conversations are on a shelf that they share. A server that fails again and again is
    left alone for a while: people are told at once.

    Turns of one session wait for each other (`alone`), as Rasa needs, also while the servers are replaced by others.
    """

    def __init__(self, settings: Settings):
        self._key = settings.internal_key.encode()
        self.move(settings.rasa_url)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._headers = {KEY_HEADER: settings.internal_key, "Content-Type": "application/json"}
        self._delay, self._health_delay = settings.rasa_delay, settings.health_delay
        self._http: tuple[asyncio.AbstractEventLoop, ClientSession] | None = None

    def move(self, addresses: str) -> None:
        """Talk to other servers from now on; what is under way ends where it began."""
        self._servers = addresses.split()
        self._circuits = Circuits(_FAILURES, _REST_S)

    def sender(self, session: str) -> str:
        """The name under which Rasa knows a session: it cannot be turned back into the session."""
        return hmac.new(self._key, b"session:" + session.encode(), hashlib.sha256).hexdigest()

    async def turn(self, session: str, text: str, channel: str, label: str = "", sent: str = "") -> dict:
        """One turn, `alone`: {"messages": [{"texte", "boutons", "orientation"?}], "etat": {"faits", "besoins", "ecartes"}}.

        An orientation is a JSON text in this JSON: the dialogue carries it without reading it.
        `label`: the words that stand for `text`, the value of a button, when it is no longer offered. `sent`: mark of
        this sending; when the last message has the same, it is taken back first.
        """
        body = {
            "sender": self.sender(session),
            "texte": text,
            "canal": channel,
            "libelle": label,
            "envoi": sent,
        }
        with part("tour"):
            return await self._call("POST", "/tour", body["sender"], body)

    async def parse(self, text: str) -> dict:
        """Rasa's own parse of a sentence: intent, entities with offsets in `text`."""
        with part("comprendre"):
            return await self._call("POST", "/comprendre", text, {"texte": text})

    async def go_on(self, session: str) -> dict | None:
        """Give a session its whole delay again; {"faits", "besoins", "ecartes"}, None when it was forgotten."""
        sender = self.sender(session)
        async with self.alone(session):
            return (await self._call("POST", f"/sessions/{sender}", sender)).get("etat")

    async def kept(self, session: str) -> dict:
        """What Rasa holds about a session: {"messages": [{"de", "texte"}], "etat": {...}}; empty when unknown."""
        sender = self.sender(session)
        return await self._call("GET", f"/sessions/{sender}", sender)

    async def forget(self, session: str) -> None:
        """Erase everything Rasa holds about a session."""
        sender = self.sender(session)
        async with self.alone(session):
            await self._call("DELETE", f"/sessions/{sender}", sender)

    async def healthy(self) -> bool:
        """Whether a dialogue server answers, has its model, and is not left alone for its failures."""
        return any(self.asked().values()) and await self.model() is not None

    def asked(self) -> dict[str, bool]:
        """Each dialogue server, by its rank from 1, and whether it is asked as usual."""
        return {str(rank): self._circuits.closed(one) for rank, one in enumerate(self._servers, 1)}

    async def model(self) -> str | None:
        """The file of the model that a dialogue server runs; None when none answers."""
        found = await asyncio.gather(*(self._model(server) for server in self._servers))
        return next((model for model in found if model is not None), None)

    async def _model(self, server: str) -> str | None:
        """Asked even of a server that is left alone: this tells whether it is well again."""
        try:
            answer = await self._send(server, "GET", "/sante", None, self._health_delay)
            return str(_content(*answer).get("modele"))
        except (RasaUnavailable, *_FAILED):
            return None

    async def close(self) -> None:
        if self._http is not None:
            await self._http[1].close()

    def alone(self, session: str) -> asyncio.Lock:
        """To be held during a turn of a session."""
        return self._locks.setdefault(session, asyncio.Lock())

    async def _call(self, method: str, path: str, subject: str = "", body: Mapping | None = None) -> dict:
        """The answer of the first server, in the order of `subject`, that can be reached and is not left alone."""
        try:
            answer = await self._first_reached(self._in_order(subject), method, path, body)
        except (*_FAILED, Broken) as error:
            # `from None`: the cause may quote the request, hence the person.
            raise RasaUnavailable(type(error).__name__) from None
        return _content(*answer)

    async def _first_reached(
        self, servers: Sequence[str], method: str, path: str, body: Mapping | None
    ) -> tuple[int, bytes]:
        """Raises one of _FAILED or Broken when the last one cannot answer either.

        Only a server that refuses the connection, or that is not asked, is passed over: any other may have done
        what was asked.
        """
        *others, last = servers
        for server in others:
            with suppress(ClientConnectorError, ConnectionTimeoutError, Broken):
                return await self._ask(server, method, path, body)
        return await self._ask(last, method, path, body)

    async def _ask(self, server: str, method: str, path: str, body: Mapping | None) -> tuple[int, bytes]:
        async with self._circuits.around(server):
            status, content = await self._send(server, method, path, body, self._delay)
            if status >= 500:
                raise ClientError(status)
        return status, content

    async def _send(
        self, server: str, method: str, path: str, body: Mapping | None, delay: float
    ) -> tuple[int, bytes]:
        """(status, content) of the answer. Raises one of _FAILED."""
        async with self._session().request(
            method,
            f"{server}{_CHANNEL}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={**self._headers, journal.REQUEST_HEADER: journal.request()},
            timeout=ClientTimeout(delay, sock_connect=_CONNECT_S),
            allow_redirects=False,
        ) as response:
            return response.status, await response.read()

    def _session(self) -> ClientSession:
        """The connections of this loop, kept open."""
        loop = asyncio.get_running_loop()
        if self._http is None or self._http[0] is not loop or self._http[1].closed:
            self._http = loop, ClientSession(cookie_jar=DummyCookieJar())
        return self._http[1]

    def _in_order(self, subject: str) -> list[str]:
        """The servers, best first, by rendezvous hashing: one that leaves or comes back moves its own sessions only."""
        return sorted(
            self._servers, key=lambda server: hashlib.sha256(f"{server} {subject}".encode()).digest()
        )


def _content(status: int, content: bytes) -> dict:
    """The JSON object of an answer. Raises RasaUnavailable."""
    if status >= 300:
        raise RasaUnavailable(f"HTTP {status}")
    try:
        answer = loads(content) if content else {}
    except ValueError as error:
        raise RasaUnavailable(type(error).__name__) from None
    if not isinstance(answer, dict):
        raise RasaUnavailable("forme")
    return answer
