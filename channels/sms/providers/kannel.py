"""Kannel, and any aggregator behind it (SMPP): sendsms over HTTP, « get-url » for what comes in, « dlr-url » for
reports.

JALON_SMS_KANNEL_URL: smsbox. JALON_SMS_KANNEL_UTILISATEUR, JALON_SMS_KANNEL_MOT_DE_PASSE: its sendsms-user.
JALON_SMS_KANNEL_EXPEDITEUR: short code. JALON_SMS_KANNEL_JETON: in the addresses that Kannel calls.
JALON_SMS_KANNEL_RETOUR: address of this Jalon as Kannel reaches it.
"""

from __future__ import annotations

from urllib.parse import quote

import httpx

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
    ask,
    same_secret,
)

_MASK = 31  # all reports
_FATES = {1: Fate.DELIVERED, 2: Fate.FAILED, 4: Fate.ACCEPTED, 8: Fate.ACCEPTED, 16: Fate.FAILED}


class Kannel(Gateway):
    """See the module. Kannel cannot be asked what it was given: its first report, at once, tells it."""

    def __init__(self, options: Options):
        self._user, self._password = (
            options.need("JALON_SMS_KANNEL_UTILISATEUR"),
            options.need("JALON_SMS_KANNEL_MOT_DE_PASSE"),
        )
        self._sender, self._token = (
            options.need("JALON_SMS_KANNEL_EXPEDITEUR"),
            options.need("JALON_SMS_KANNEL_JETON"),
        )
        self._back = options.get("JALON_SMS_KANNEL_RETOUR", "http://127.0.0.1:8000").rstrip("/")
        self._http = httpx.AsyncClient(
            base_url=options.get("JALON_SMS_KANNEL_URL", "http://127.0.0.1:13013"),
            timeout=httpx.Timeout(10, connect=3),
            trust_env=False,
        )

    async def send(self, sms: Outgoing) -> str:
        report = f"{self._back}/webhooks/sms/kannel?jeton={quote(self._token)}&reference={sms.reference}&rapport=%d"
        query = {
            "username": self._user,
            "password": self._password,
            "from": self._sender,
            "to": sms.number,
            "text": sms.text,
            "charset": "UTF-8",
            "coding": "0",
            "dlr-mask": str(_MASK),
            "dlr-url": report,
        }
        await ask(self._http, "GET", "/cgi-bin/sendsms", params=query)
        return sms.reference

    def read(self, call: Call) -> list[Incoming | Report]:
        asked = call.query
        if not same_secret(asked.get("jeton", ""), self._token):
            raise Forged
        try:
            if "rapport" in asked:
                fate = _FATES.get(int(asked["rapport"]))
                return [Report(asked["reference"], fate, asked["rapport"])] if fate else []
            sent_at = float(asked["heure"]) if asked.get("heure") else None
            return [Incoming(asked["id"], asked["de"], asked.get("texte", ""), sent_at)]
        except (KeyError, ValueError) as error:
            raise Malformed(str(error)) from None

    async def close(self) -> None:
        await self._http.aclose()


open_gateway = Kannel
