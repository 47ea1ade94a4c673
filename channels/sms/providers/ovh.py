"""OVHcloud SMS: signed REST calls, out and in.

JALON_SMS_OVH_CLE_APPLICATION, JALON_SMS_OVH_SECRET_APPLICATION, JALON_SMS_OVH_CLE_CONSOMMATEUR: the API's keys.
JALON_SMS_OVH_SERVICE: sms-xx00000-1. JALON_SMS_OVH_EXPEDITEUR: a virtual number; empty: « senderForResponse ».
JALON_SMS_OVH_JETON: 32 characters or more, at the end of the addresses given to OVHcloud.

OVHcloud signs nothing when it calls: its calls only ring the bell. Messages and delivery reports are then read
from its API, which proves where they come from, and deleted there once stored.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from datetime import datetime

import httpx

from channels.sms.providers import (
    Call,
    Fate,
    Forged,
    Gateway,
    Incoming,
    Options,
    Outgoing,
    Refused,
    Report,
    SendError,
    Uncertain,
    Unreachable,
    ask,
    same_secret,
)

_ENDPOINT = "https://eu.api.ovh.com/1.0"
_AT_ONCE = 5  # calls at the same time
_DELIVERED, _FAILED = {1}, {2, 16}  # deliveryReceipt: the usual delivery codes; others mean « not yet »
_SHORTEST_TOKEN = 32


class Ovh(Gateway):
    """See the module."""

    polled = 30.0

    def __init__(self, options: Options, clock: Callable[[], float] = time.time):
        self._application = options.need("JALON_SMS_OVH_CLE_APPLICATION")
        self._secret = options.need("JALON_SMS_OVH_SECRET_APPLICATION")
        self._consumer = options.need("JALON_SMS_OVH_CLE_CONSOMMATEUR")
        self._sender, self._token = (
            options.get("JALON_SMS_OVH_EXPEDITEUR"),
            options.need("JALON_SMS_OVH_JETON"),
        )
        if len(self._token) < _SHORTEST_TOKEN:
            raise ValueError(f"JALON_SMS_OVH_JETON : il faut {_SHORTEST_TOKEN} caractères ou plus.")
        self._url = options.get("JALON_SMS_OVH_URL", _ENDPOINT).rstrip("/")
        self._service = "/sms/" + options.need("JALON_SMS_OVH_SERVICE")
        self._clock, self._drift = clock, None
        delay = float(options.get("JALON_SMS_OVH_DELAI", "10"))
        self._http = httpx.AsyncClient(timeout=httpx.Timeout(delay, connect=3), trust_env=False)
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def send(self, sms: Outgoing) -> str:
        body = {
            "message": sms.text,
            "receivers": [sms.number],
            "noStopClause": True,  # an answer to a person: no « STOP au 36111 », no night without answers
            "coding": "7bit",
            "charset": "UTF-8",
            "class": "phoneDisplay",
            "priority": "high",
            "validityPeriod": 240,
            "tag": sms.reference,
            **({"sender": self._sender} if self._sender else {"senderForResponse": True}),
        }
        report = await self._call("POST", "/jobs", body)
        try:
            if not report["ids"] and report["invalidReceivers"]:
                raise Refused("destinataire")
            return str(report["ids"][0])
        except (KeyError, IndexError, TypeError):
            raise Uncertain("forme") from None

    async def find(self, sms: Outgoing) -> str | None:
        for history in ("/outgoing", "/jobs"):
            if ids := await self._call("GET", f"{history}?tag={sms.reference}"):
                return str(ids[0])
        return None

    def read(self, call: Call) -> list[Incoming | Report]:
        if not same_secret(call.query.get("jeton", ""), self._token):
            raise Forged
        return []

    async def look(self, awaiting: Sequence[Outgoing]) -> list[Incoming | Report]:
        ids = await self._call("GET", "/incoming")
        received = await asyncio.gather(*(self._incoming(one) for one in ids))
        reports = await asyncio.gather(*(self._report(sms) for sms in awaiting if sms.provider_id))
        return [*received, *(report for report in reports if report)]

    async def taken(self, news: Sequence[Incoming | Report]) -> None:
        received = [one.id for one in news if isinstance(one, Incoming)]
        await asyncio.gather(*(self._delete(f"/incoming/{one}") for one in received))

    async def close(self) -> None:
        await self._http.aclose()

    async def _incoming(self, message_id: int) -> Incoming:
        found = await self._call("GET", f"/incoming/{message_id}")
        try:
            sent_at = datetime.fromisoformat(found["creationDatetime"]).timestamp()
            return Incoming(str(found["id"]), found["sender"], found["message"], sent_at)
        except (KeyError, TypeError, ValueError):
            raise Uncertain("forme") from None

    async def _report(self, sms: Outgoing) -> Report | None:
        try:
            found = await self._call("GET", f"/outgoing/{sms.provider_id}")
        except Refused:  # still among the jobs
            return None
        receipt = found.get("deliveryReceipt")
        if receipt not in _DELIVERED | _FAILED:
            return None
        # It holds the number and the text: OVHcloud need not keep them either.
        await self._delete(f"/outgoing/{sms.provider_id}")
        if receipt in _DELIVERED:
            return Report(sms.reference, Fate.DELIVERED)
        return Report(sms.reference, Fate.FAILED, f"ptt_{found.get('ptt', '')}")

    async def _delete(self, path: str) -> None:
        try:
            await self._call("DELETE", path)
        except Refused:  # already gone
            return

    async def _call(self, method: str, path: str, body: dict | None = None):
        url = f"{self._url}{self._service}{path}"
        content = json.dumps(body, ensure_ascii=False) if body else ""
        async with self._room:
            stamp = str(int(self._clock() + await self._clock_drift()))
            signed = f"{self._secret}+{self._consumer}+{method}+{url}+{content}+{stamp}"
            headers = {
                "X-Ovh-Application": self._application,
                "X-Ovh-Consumer": self._consumer,
                "X-Ovh-Timestamp": stamp,
                "X-Ovh-Signature": f"$1${hashlib.sha1(signed.encode()).hexdigest()}",
                "Content-Type": "application/json; charset=utf-8",
            }
            response = await ask(self._http, method, url, content=content.encode() or None, headers=headers)
        try:
            return response.json() if response.content else None
        except ValueError:
            raise Uncertain("forme") from None

    async def _clock_drift(self) -> float:
        """Seconds to add to our clock to have OVHcloud's, which a signature must follow closely."""
        if self._drift is None:
            try:
                theirs = float((await ask(self._http, "GET", f"{self._url}/auth/time")).text)
            except (SendError, ValueError):
                raise Unreachable("heure") from None
            self._drift = theirs - self._clock()
        return self._drift


open_gateway = Ovh
