"""Asks a person whether a sentence that was not understood may be kept, redacted; keeps it if they say so.

Nothing waits on the server for the answer: the button itself carries the redacted sentence, signed, and the
other buttons of the answer, to be offered again. Decision 23 says what is kept and why so little.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import sqlite3

from channels.relecture.kept import Kept, kept_sentences, lists, today
from channels.relecture.redaction import Redactor, load_redactor
from channels.settings import Settings
from channels.texts import texts
from data.database import Database

journal = logging.getLogger("jalon.porte")

CHANNELS = ("web", "guichet")  # each SMS costs the person money
_PREFIX = "/garder:"
_PURGE_EVERY_S = 3600


class Review:
    """The offer and its answer. `days`: how long a sentence is kept."""

    def __init__(self, key: str, days: int, kept: Kept, redactor: Redactor):
        self._key, self._days, self._kept, self._redactor = key.encode(), days, kept, redactor

    def offer(self, text: str, channel: str, messages: list[dict]) -> dict | None:
        """The message that shows what would be kept of `text`, None when nothing may be asked.

        `messages`: Jalon's answer to the text; one of them says with "incompris" that it was not understood.
        """
        if channel not in CHANNELS or not any(message.get("incompris") for message in messages):
            return None
        sentence = self._redactor.keepable(text)
        if sentence is None or not self._has_room():
            return None
        buttons = [button for message in messages for button in message["boutons"]]
        said = texts()["relecture"]
        return {
            "texte": self._fill("offre", sentence),
            "boutons": [{"texte": said["bouton"], "valeur": self._sign(sentence, buttons)}],
        }

    def take(self, value: str) -> dict | None:
        """The answer to the button; None when `value` is not this button."""
        if not value.startswith(_PREFIX):
            return None
        sentence, buttons = self._read(value)
        if sentence and self._keep(sentence):
            return {"texte": self._fill("garde", sentence), "boutons": buttons}
        return {"texte": self._fill("rien", ""), "boutons": buttons}

    def _fill(self, key: str, sentence: str) -> str:
        days = f"{self._days} jour{'s' if self._days > 1 else ''}"
        return "\n".join(line.format(jours=days, phrase=sentence) for line in texts()["relecture"][key])

    def _has_room(self) -> bool:
        try:
            return self._kept.has_room(today())
        except (sqlite3.Error, OSError) as error:
            journal.error("relecture : %s", type(error).__name__)
            return False

    def _keep(self, sentence: str) -> bool:
        try:
            return self._kept.keep(sentence, today(), self._days)
        except (sqlite3.Error, OSError) as error:
            journal.error("relecture : %s", type(error).__name__)
            return False

    def _sign(self, sentence: str, buttons: list[dict]) -> str:
        content = base64.urlsafe_b64encode(json.dumps([sentence, buttons]).encode()).decode()
        return f"{_PREFIX}{self._signature(content)}:{content}"

    def _read(self, value: str) -> tuple[str | None, list[dict]]:
        """The sentence and the other buttons; nothing of a button that this door did not make."""
        signature, _, content = value.removeprefix(_PREFIX).partition(":")
        if not hmac.compare_digest(signature.encode(), self._signature(content).encode()):
            return None, []
        sentence, buttons = json.loads(base64.urlsafe_b64decode(content))
        return sentence, buttons

    def _signature(self, content: str) -> str:
        return hmac.new(self._key, b"garder:" + content.encode(), hashlib.sha256).hexdigest()


def load_review(settings: Settings, db: Database) -> Review | None:
    """None when the settings do not ask for it, which is the default."""
    if not settings.review_days:
        return None
    redactor = load_redactor(db.gazetteer, lists())
    return Review(settings.internal_key, settings.review_days, kept_sentences(settings.review_file), redactor)


async def forget_expired(settings: Settings) -> None:
    """Erase what has expired, now and every hour, even when sentences are no longer kept."""
    kept = kept_sentences(settings.review_file)
    while True:
        try:
            await asyncio.to_thread(kept.sentences, today())
        except (sqlite3.Error, OSError) as error:
            journal.error("relecture : %s", type(error).__name__)
        await asyncio.sleep(_PURGE_EVERY_S)
