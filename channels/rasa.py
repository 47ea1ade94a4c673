"""The loopback line to the dialogue server. Any failure, of any kind, is one exception: RasaUnavailable."""

from __future__ import annotations

import hashlib
import hmac
import time

import httpx

from assistant import journal
from channels.metrics.counting import part
from channels.settings import Settings

_CHANNEL = "/webhooks/jalon"
_REST_S = 5.0  # how long a server that cannot be reached is tried last


class RasaUnavailable(Exception):
    """The dialogue server is down, too slow, or answered something that is not the agreed form."""


class RasaClient:
    """Calls to the `jalon` channel of the dialogue servers, each with the shared secret of this installation.

    All doors send a session to the same server, so that its messages seldom wait between servers. When it cannot be
    reached the next one answers: conversations are on a shelf that they share.
    """

    def __init__(self, settings: Settings):
        self._key = settings.internal_key.encode()
        self._servers = settings.rasa_url.split()
        self._down: dict[str, float] = {}  # address -> when it may be tried first again
        self._http = httpx.AsyncClient(
            headers={"X-Jalon-Cle": settings.internal_key},
            timeout=httpx.Timeout(settings.rasa_delay, connect=1.0),
            trust_env=False,
        )
        self._health_delay = settings.health_delay

    def sender(self, session: str) -> str:
        """The name under which Rasa knows a session: it cannot be turned back into the session."""
        return hmac.new(self._key, b"session:" + session.encode(), hashlib.sha256).hexdigest()

    async def turn(self, session: str, text: str, channel: str, label: str = "") -> dict:
        """One turn: {"messages": [{"texte", "boutons", "orientation"?}], "etat": {"faits", "besoins", "ecartes"}}.

        `label`: the words that stand for `text`, the value of a button, when it is no longer offered.
        """
        body = {"sender": self.sender(session), "texte": text, "canal": channel, "libelle": label}
        with part("tour"):
            return await self._call("POST", "/tour", body["sender"], json=body)

    async def parse(self, text: str) -> dict:
        """Rasa's own parse of a sentence: intent, entities with offsets in `text`."""
        with part("comprendre"):
            return await self._call("POST", "/comprendre", text, json={"texte": text})

    async def go_on(self, session: str) -> dict | None:
        """Give a session its whole delay again; {"faits", "besoins", "ecartes"}, None when it was forgotten."""
        sender = self.sender(session)
        return (await self._call("POST", f"/sessions/{sender}", sender)).get("etat")

    async def kept(self, session: str) -> dict:
        """What Rasa holds about a session: {"messages": [{"de", "texte"}], "etat": {...}}; empty when unknown."""
        sender = self.sender(session)
        return await self._call("GET", f"/sessions/{sender}", sender)

    async def forget(self, session: str) -> None:
        """Erase everything Rasa holds about a session."""
        sender = self.sender(session)
        await self._call("DELETE", f"/sessions/{sender}", sender)

    async def healthy(self) -> bool:
        """Whether a dialogue server answers and has its model."""
        return await self.model() is not None

    async def model(self) -> str | None:
        """The file of the model that a dialogue server runs; None when none answers."""
        try:
            return str((await self._call("GET", "/sante", timeout=self._health_delay)).get("modele"))
        except RasaUnavailable:
            return None

    async def close(self) -> None:
        await self._http.aclose()

    async def _call(self, method: str, path: str, subject: str = "", **options) -> dict:
        """The answer of the first server, in the order of `subject`, that can be reached.

        Only one that refuses the connection is passed over: any other may have done what was asked.
        """
        try:
            response = await self._reached(method, path, subject, options)
            response.raise_for_status()
            answer = response.json() if response.content else {}
        except (httpx.HTTPError, ValueError) as error:
            # `from None`: the cause may quote the request, hence the person.
            raise RasaUnavailable(type(error).__name__) from None
        if not isinstance(answer, dict):
            raise RasaUnavailable("forme")
        return answer

    async def _reached(self, method: str, path: str, subject: str, options: dict) -> httpx.Response:
        *others, last = self._in_order(subject)
        options = {**options, "headers": {journal.REQUEST_HEADER: journal.request()}}
        for server in others:
            try:
                return await self._http.request(method, f"{server}{_CHANNEL}{path}", **options)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                self._down[server] = time.monotonic() + _REST_S
        return await self._http.request(method, f"{last}{_CHANNEL}{path}", **options)

    def _in_order(self, subject: str) -> list[str]:
        """The servers, best first, by rendezvous hashing: one that leaves or comes back moves its own sessions only."""
        now = time.monotonic()

        def rank(server: str) -> tuple[bool, bytes]:
            return self._down.get(server, 0) > now, hashlib.sha256(f"{server} {subject}".encode()).digest()

        return sorted(self._servers, key=rank)
