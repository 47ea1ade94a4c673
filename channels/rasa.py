"""The loopback line to the dialogue server. Any failure, of any kind, is one exception: RasaUnavailable."""

from __future__ import annotations

import hashlib
import hmac

import httpx

from channels.settings import Settings


class RasaUnavailable(Exception):
    """The dialogue server is down, too slow, or answered something that is not the agreed form."""


class RasaClient:
    """Calls to the `jalon` channel of Rasa, each with the shared secret of this installation."""

    def __init__(self, settings: Settings):
        self._key = settings.internal_key.encode()
        self._http = httpx.AsyncClient(
            base_url=f"{settings.rasa_url}/webhooks/jalon",
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
        return await self._call("POST", "/tour", json=body)

    async def parse(self, text: str) -> dict:
        """Rasa's own parse of a sentence: intent, entities with offsets in `text`."""
        return await self._call("POST", "/comprendre", json={"texte": text})

    async def kept(self, session: str) -> dict:
        """What Rasa holds about a session: {"messages": [{"de", "texte"}], "etat": {...}}; empty when unknown."""
        return await self._call("GET", f"/sessions/{self.sender(session)}")

    async def forget(self, session: str) -> None:
        """Erase everything Rasa holds about a session."""
        await self._call("DELETE", f"/sessions/{self.sender(session)}")

    async def healthy(self) -> bool:
        """Whether the dialogue server answers and has its model."""
        try:
            await self._call("GET", "/sante", timeout=self._health_delay)
        except RasaUnavailable:
            return False
        return True

    async def close(self) -> None:
        await self._http.aclose()

    async def _call(self, method: str, path: str, **options) -> dict:
        try:
            response = await self._http.request(method, path, **options)
            response.raise_for_status()
            answer = response.json() if response.content else {}
        except (httpx.HTTPError, ValueError) as error:
            # `from None`: the cause may quote the request, hence the person.
            raise RasaUnavailable(type(error).__name__) from None
        if not isinstance(answer, dict):
            raise RasaUnavailable("forme")
        return answer
