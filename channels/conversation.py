"""One turn of conversation: clean the text, ask Rasa, and always have something useful to say."""

from __future__ import annotations

import logging
import textwrap
import unicodedata
from collections.abc import Callable
from time import perf_counter

from actions.rendering import danger
from actions.understanding import from_parse
from channels.gate import Full, Gate
from channels.metrics.counting import count_again, count_turn
from channels.quick_json import loads
from channels.rasa import RasaClient, RasaUnavailable
from channels.relecture.review import Review
from channels.replay import LastAnswers, mark
from channels.settings import Settings
from channels.shared import Doors, Occupied, SharedUnavailable
from channels.texts import texts
from rules import Base

journal = logging.getLogger("jalon.porte")

_BARE = {"boutons": [], "orientation": None, "dispositif": None, "alerte": None}
_TOLD = ("faits", "besoins", "ecartes")
_LONGEST_SCANNED = 5000  # characters of a text too long to be taken that are still read for a danger
_JOINERS = "\u200c\u200d"  # they hold some scripts and some emojis together


def clean_text(text: str) -> str:
    """The text in NFC without control characters nor halves of characters; runs of spaces become one."""
    text = unicodedata.normalize("NFC", text)
    kept = (
        " " if category in ("Cc", "Zl", "Zp") else character
        for character in text
        if (category := unicodedata.category(character)) not in ("Cs", "Cn", "Co")
        and (category != "Cf" or character in _JOINERS)
    )
    return " ".join("".join(kept).split())


def has_words(text: str) -> bool:
    """Whether there is at least one letter or digit, in any script."""
    return any(unicodedata.category(character)[0] in "LN" for character in text)


class Conversation:
    """Turns of all sessions.

    `doors`: what the other doors know of these sessions; none unless given. `count` is told the channel and the answer
    of each turn.
    """

    def __init__(
        self,
        settings: Settings,
        rasa: RasaClient,
        base: Base,
        review: Review | None = None,
        doors: Doors | None = None,
        count: Callable[[str, dict], None] = lambda channel, answer: None,
    ):
        self._settings, self._rasa, self._base, self._review = settings, rasa, base, review
        self._doors = doors or Doors()
        self._count = count
        self._last = LastAnswers(self._doors)
        self._gate = Gate(settings.turns_at_once, settings.turns_waiting, settings.turns_patience)

    async def turn_once(
        self, session: str, text: str, channel: str, label: str = "", sending: str = ""
    ) -> dict:
        """`turn`, whose answer is given again when the same `sending` comes a second time."""
        try:
            async with self._doors.alone("envoi", session):
                answer = await self._last.find(session, sending, text)
                if answer is not None:
                    count_again(channel)
                else:
                    answer = await self.turn(session, text, channel, label, sending)
                    await self._last.keep(session, sending, text, answer)
                return answer
        except Occupied:
            journal.warning("une autre porte répond encore à cette session")
            return self._out_of_order()

    async def turn(self, session: str, text: str, channel: str, label: str = "", sending: str = "") -> dict:
        """{"messages": [{"texte", "boutons", "orientation", "dispositif", "alerte"}], "etat": {...}}; never empty.

        `label`: what was written on the button pressed, for when its value `text` is no longer offered. `sending`: the
        dialogue counts a message once, whatever the number of times that it comes under this name, one after the other.
        "entendu": the needs that this message named, those of them that are new in the conversation, the dangers told
        before it, and whether it was not understood, when Rasa says so.
        `orientation` is None on messages that carry none; `dispositif` is the id of the one that a message
        tells, if any. "ecartes", the facts set aside, is there when the dialogue answered. With "repris", the
        text was not taken and the person can change it. When Rasa is down, slow or silent, the messages say
        so, with the emergency numbers and another way to a place; with "panne", it did not answer at all, with "plein"
        because too many ask at once.
        """
        start = perf_counter()
        answer = await self._turn(session, text, channel, label, mark(sending, text))
        count_turn(channel, answer, perf_counter() - start)
        self._count(channel, answer)
        return answer

    async def _turn(self, session: str, text: str, channel: str, label: str, sent: str) -> dict:
        text, label = clean_text(text), clean_text(label)
        if self._review and (taken := self._review.take(text)):
            return {**_answer([]), "messages": [{**_BARE, **taken}]}
        if refusal := self._refusal(text):
            answer = _answer(refusal)
            answer["messages"] = [*await self._dangers(text), *answer["messages"]]
            return {**answer, "repris": True}
        try:
            async with self._rasa.alone(session), self._gate.passage():
                answer = await self._rasa.turn(session, text, channel, label, sent)
            return self._with_offer(text, channel, self._complete(answer))
        except RasaUnavailable as error:
            journal.warning("rasa indisponible : %s", error)
            return self._out_of_order()
        except Full:
            journal.warning("trop de tours à la fois")
            return {**self.refused(503), "panne": True, "plein": True}

    def refused(self, status: int) -> dict:
        """What to say of a message that was not looked at: too many from this person (429) or from all (503).

        It may tell a danger: the numbers to call come first.
        """
        said = texts()["conversation"]
        answer = _answer(
            [self._emergency(), *said["trop_vite" if status == 429 else "plein"], said["panne_suite"]]
        )
        return {**answer, "repris": True}

    def _with_offer(self, text: str, channel: str, answer: dict) -> dict:
        """The answer and, when the text was not understood, the offer to keep it for review."""
        offer = self._review.offer(text, channel, answer["messages"]) if self._review else None
        return {**answer, "messages": [*answer["messages"], {**_BARE, **offer}]} if offer else answer

    async def go_on(self, session: str) -> dict | None:
        """Keep a session for its whole delay again; what it knows, None when it was forgotten.

        Raises RasaUnavailable when it could not be done now.
        """
        return await self._rasa.go_on(session)

    async def kept(self, session: str) -> dict:
        """All that is kept of a session: {"messages": [{"de", "texte"}], "etat": {"faits", "besoins", "ecartes"}}.

        Empty for an unknown one. Raises RasaUnavailable when it cannot be known now.
        """
        answer = await self._rasa.kept(session)
        try:
            messages = [{"de": one["de"], "texte": one["texte"]} for one in answer["messages"]]
            return {"messages": messages, "etat": {key: answer["etat"][key] for key in _TOLD}}
        except (KeyError, TypeError):
            raise RasaUnavailable("forme") from None

    async def forget(self, session: str) -> None:
        """Erase a session. Raises RasaUnavailable when it could not be done now."""
        await self._rasa.forget(session)
        try:
            await self._last.forget(session)
        except SharedUnavailable as error:
            raise RasaUnavailable(str(error)) from None

    def _out_of_order(self) -> dict:
        said = texts()["conversation"]
        answer = _answer([*said["panne"], self._emergency(), said["panne_suite"]])
        return {**answer, "panne": True}

    def _refusal(self, text: str) -> list[str]:
        """What to say of a text that is not sent to Rasa; empty when it can be."""
        said = texts()["conversation"]
        if not text:
            return [said["vide"]]
        limit = self._settings.text_limit
        if len(text) > limit:
            sentences = [line.format(limite=limit, longueur=len(text)) for line in said["trop_long"]]
            return [*sentences, self._emergency()]
        return [] if has_words(text) else [said["sans_mot"]]

    async def _dangers(self, text: str) -> list[dict]:
        """What to say first of a text too long to be taken: the dangers that it tells, if any."""
        limit = self._settings.text_limit
        if len(text) <= limit:
            return []
        alerts: list[str] = []
        try:
            for part in textwrap.wrap(text[:_LONGEST_SCANNED], limit):
                alerts += from_parse(await self._rasa.parse(part), self._base)["alertes"]
        except RasaUnavailable as error:
            journal.warning("rasa indisponible : %s", error)
        spoken = danger(self._base, alerts) if alerts else ()
        return [{**_BARE, "texte": message.texte, "alerte": message.alerte} for message in spoken]

    def _emergency(self) -> str:
        """The numbers to call, as the rules base gives them."""
        said = texts()["conversation"]
        lines = [f"{one.number} : {one.text}" for one in self._base.numbers if one.number in said["numeros"]]
        return "\n".join([said["danger"], *lines])

    def _complete(self, answer: dict) -> dict:
        """Rasa's answer in the door's form. Raises RasaUnavailable when it is not the agreed form."""
        try:
            messages = [
                {
                    "texte": message["texte"],
                    "boutons": [
                        {"texte": button["texte"], "valeur": button["valeur"]}
                        for button in message.get("boutons") or []
                    ],
                    "orientation": _opened(message.get("orientation")),
                    "dispositif": message.get("dispositif"),
                    "alerte": message.get("alerte"),
                    "bref": message.get("bref"),
                    "incompris": message.get("incompris"),
                }
                for message in answer["messages"]
            ]
            state = {"faits": dict(answer["etat"]["faits"]), "besoins": list(answer["etat"]["besoins"])}
            set_aside = list(answer["etat"].get("ecartes") or [])
            heard = {
                "besoins": [],
                "nouveaux": [],
                "alertes_dites": [],
                "incompris": False,
                **(answer.get("entendu") or {}),
            }
        except (KeyError, TypeError, ValueError):
            raise RasaUnavailable("forme") from None
        if not any(message["texte"] or message["orientation"] for message in messages):
            journal.warning("rasa n'a rien répondu")
            spoken = [texts()["conversation"]["sans_reponse"], self._emergency()]
            return {**_answer(spoken), "etat": state, "ecartes": set_aside, "entendu": heard}
        return {"messages": messages, "etat": state, "ecartes": set_aside, "entendu": heard}


def _opened(orientation: str | None) -> dict | None:
    """The orientation, that crosses the dialogue as one JSON text. Raises TypeError or ValueError when it is not one."""
    if orientation is None:
        return None
    opened = loads(orientation)
    if not isinstance(opened, dict):
        raise TypeError("orientation")
    return opened


def _answer(sentences: list[str]) -> dict:
    messages = [{**_BARE, "texte": sentence} for sentence in sentences]
    return {"messages": messages, "etat": {"faits": {}, "besoins": []}}
