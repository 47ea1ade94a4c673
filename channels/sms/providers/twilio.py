"""Twilio: signed webhooks in, REST out, status callbacks.

JALON_SMS_TWILIO_COMPTE: account SID. JALON_SMS_TWILIO_JETON: auth token, it signs and authenticates.
JALON_SMS_TWILIO_EXPEDITEUR: short code or number, or MG… for a messaging service. JALON_SMS_TWILIO_URL: public
address of this Jalon, as Twilio calls it: it is part of the signature.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

import httpx
from twilio.request_validator import RequestValidator

from channels.sms.providers import (
    Call,
    Fate,
    Forged,
    Gateway,
    Incoming,
    Malformed,
    Options,
    Outgoing,
    Report,
    Uncertain,
    ask,
)

_FATES = {
    "sent": Fate.ACCEPTED,
    "delivered": Fate.DELIVERED,
    "read": Fate.DELIVERED,
    "undelivered": Fate.FAILED,
    "failed": Fate.FAILED,
}


class Twilio(Gateway):
    """See the module."""

    acknowledgement = ("<Response/>", "text/xml")

    def __init__(self, options: Options):
        self._account, token = options.need("JALON_SMS_TWILIO_COMPTE"), options.need("JALON_SMS_TWILIO_JETON")
        self._sender, self._public = (
            options.need("JALON_SMS_TWILIO_EXPEDITEUR"),
            options.need("JALON_SMS_TWILIO_URL").rstrip("/"),
        )
        self._validator = RequestValidator(token)
        self._http = httpx.AsyncClient(
            base_url=options.get("JALON_SMS_TWILIO_API", "https://api.twilio.com"),
            auth=(self._account, token),
            timeout=httpx.Timeout(10, connect=3),
            trust_env=False,
        )
        self._messages = f"/2010-04-01/Accounts/{self._account}/Messages.json"

    async def send(self, sms: Outgoing) -> str:
        who = "MessagingServiceSid" if self._sender.startswith("MG") else "From"
        body = {
            "To": sms.number,
            who: self._sender,
            "Body": sms.text,
            "StatusCallback": f"{self._public}/webhooks/sms/twilio?reference={quote(sms.reference)}",
        }
        return _field(await ask(self._http, "POST", self._messages, data=body), "sid")

    async def find(self, sms: Outgoing) -> str | None:
        since = datetime.fromtimestamp(sms.created, UTC).date().isoformat()
        query = {"To": sms.number, "DateSent>": since, "PageSize": "50"}
        found = (await ask(self._http, "GET", self._messages, params=query)).json()["messages"]
        created = datetime.fromtimestamp(sms.created, UTC).replace(microsecond=0)
        for message in found:
            when = datetime.strptime(message["date_created"], "%a, %d %b %Y %H:%M:%S %z")
            if message["body"] == sms.text and when >= created:
                return message["sid"]
        return None

    def read(self, call: Call) -> list[Incoming | Report]:
        signature = call.headers.get("x-twilio-signature", "")
        if call.method != "POST" or not self._validator.validate(
            self._public + call.path, dict(call.form), signature
        ):
            raise Forged
        if "MessageStatus" in call.form:
            return _report(call)
        return [Incoming(_need(call.form, "MessageSid"), _need(call.form, "From"), call.form.get("Body", ""))]

    async def close(self) -> None:
        await self._http.aclose()


def _report(call: Call) -> list[Incoming | Report]:
    fate = _FATES.get(call.form["MessageStatus"])
    reference = _need(call.query, "reference")
    return [Report(reference, fate, call.form.get("ErrorCode", ""))] if fate else []


def _need(fields: Mapping[str, str], name: str) -> str:
    if value := fields.get(name):
        return value
    raise Malformed(name)


def _field(response: httpx.Response, name: str) -> str:
    try:
        return str(response.json()[name])
    except (ValueError, KeyError, TypeError):
        raise Uncertain("forme") from None


open_gateway = Twilio
