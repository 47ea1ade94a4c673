"""One incoming SMS, the outgoing SMS: commands, numbered answers, a turn of conversation, SUITE."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Protocol
from weakref import WeakValueDictionary

from actions.orientation import PARIS, orient
from actions.rendering import question as question_message
from channels.rasa import RasaUnavailable
from channels.sms import composer
from channels.sms.choices import Choices, ChoicesInProcess, Memory, Option, pick
from channels.sms.commands import Command, read
from channels.sms.composer import Sms
from channels.sms.explaining import fit_explained
from channels.sms.parts import Part, tell, tell_place, tell_steps
from channels.sms.questions import ask, numbered
from channels.sms.words import words
from data.database import Database
from data.ranking import find_places

CHANNEL = "sms"

journal = logging.getLogger("jalon.sms")


class Turns(Protocol):
    """The conversation behind the channel (channels.conversation.Conversation)."""

    async def turn(self, session: str, text: str, channel: str) -> dict: ...

    async def forget(self, session: str) -> None: ...


class Replies:
    """The dialogue by SMS. `choices` keeps what was offered; `now` gives the time in Paris."""

    def __init__(
        self,
        conversation: Turns,
        db: Database,
        choices: Choices | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(PARIS),
    ):
        self._conversation, self._db, self._now = conversation, db, now
        self._choices: Choices = choices or ChoicesInProcess()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def answer(self, session: str, text: str) -> list[str]:
        """The SMS to send back for one received: GSM-7, within the budget of textes.yml, at least one.

        `session` is opaque: never the number. Never raises for what the person wrote nor because the
        dialogue is down; errors of `choices` pass through.
        """
        async with self._locks.setdefault(session, asyncio.Lock()):
            memory = Memory.from_dict(await self._choices.load(session))
            command = read(text)
            if command is Command.EFFACER:
                return [await self._erase(session)]
            sms = await self._reply(session, text, command, memory)
            options = memory.options if sms.options is None else sms.options
            places = tuple(dict.fromkeys((*memory.lieux, *sms.places)))
            terms = tuple(dict.fromkeys((*memory.termes, *sms.termes)))
            kept = Memory(options, sms.suite, places, memory.presente or sms.presented, terms)
            await self._choices.save(session, kept.as_dict())
            return [text for text in sms.texts if text] or [composer.one(words()["sans_suite"])]

    async def forget(self, session: str) -> None:
        """Erase a conversation and what it offered. Raises RasaUnavailable when the dialogue could not."""
        await self._choices.forget(session)
        await self._conversation.forget(session)

    async def _erase(self, session: str) -> str:
        try:
            await self.forget(session)
        except RasaUnavailable as error:
            journal.warning("oubli impossible : %s", error)
            return composer.one(words()["efface_plus_tard"])
        return composer.one(words()["efface"])

    async def _reply(self, session: str, text: str, command: Command | None, memory: Memory) -> Sms:
        if command is Command.SUITE:
            return self._next_page(memory)
        if command is Command.MENU:
            return self._menu(memory)
        if command:
            return Sms((composer.one(words()[command.value]),), suite=memory.suite)
        turns = [await self._conversation.turn(session, said, CHANNEL) for said in _said(text, memory)]
        sms = composer.compose(turns, memory.presente, memory.lieux, memory.termes)
        if any(turn.get("panne") or turn.get("repris") for turn in turns):
            return replace(sms, suite=memory.suite)
        if not turns[-1]["etat"]["besoins"]:
            return sms
        older = tuple(page for page in memory.suite if page not in sms.suite and _lasts(page))
        return replace(sms, suite=(*sms.suite, *older)[: composer.MOST_PAGES])

    def _menu(self, memory: Memory) -> Sms:
        needs = self._db.base.needs
        # Labels, not button values: a need may be chosen at any time, not only when just offered.
        options = tuple(
            Option(number, label, needs[need].label)
            for number, (need, label) in enumerate(words()["besoins"].items(), 1)
        )
        text, shown = numbered(words()["menu"], options)
        return Sms((composer.one(text),), options, ({"reponses": shown}, *memory.suite))

    def _next_page(self, memory: Memory) -> Sms:
        if not memory.suite:
            return Sms((composer.one(words()["sans_suite"]),))
        page, rest = memory.suite[0], memory.suite[1:]
        if "reponses" in page:
            lead = words()["menu"]
            text, shown = numbered(lead, memory.options, page["reponses"])
            more = ({"reponses": shown},) if shown < len(memory.options) else ()
            return Sms((composer.one(text),), suite=(*more, *rest))
        if "question" in page:
            message = question_message(self._db.base, page["question"])
            text, options, shown = ask(message.texte, [asdict(button) for button in message.boutons])
            more = ({"reponses": shown},) if shown < len(options) else ()
            text, _, read = fit_explained([Part("note", text)], words()["budget"]["question"], memory.termes)
            return Sms((text,), options, (*more, *rest), termes=read)
        parts = list(self._parts_of(page))
        if rest:
            parts.append(Part("note", words()["suite"], 100))
        text, _, read = fit_explained(parts, words()["budget"]["reponse"], memory.termes)
        return Sms((text,), suite=rest, termes=read)

    def _parts_of(self, page: Mapping) -> list[Part]:
        """A page as it is true now: places are read again in the base."""
        at = self._now()
        if "lieux" in page:
            parts = [Part("note", words()["autres_lieux"])]
            for block, service in enumerate(self._places(page["lieux"], at), 1):
                parts += tell_place(service, block)
            return parts
        key = page.get("demarche") or page["dispositif"]
        dispositif = self._described(key, at)
        if "demarche" in page:
            return tell_steps(dispositif)
        services = self._places(page["services"], at)
        told = {**dispositif, "statut": page["statut"], "services": services, "depend_du_lieu": False}
        return tell(told, block=1)

    def _places(self, ids: list[str], at: datetime) -> list[dict]:
        found = find_places(self._db, ids=ids, position=None, at=at, facts={}, limit=len(ids)) if ids else []
        return sorted(found, key=lambda service: ids.index(service["id"]))

    def _described(self, key: str, at: datetime) -> dict:
        need = self._db.base.dispositifs[key].needs[0]
        described = orient(self._db, besoins=[need], faits={}, date=at, limite=0)["dispositifs"]
        return next(dispositif for dispositif in described if dispositif["id"] == key)


def _lasts(page: Mapping) -> bool:
    """Whether a page still means something after another answer: places do, an old question does not."""
    return "question" not in page and "reponses" not in page


def _said(text: str, memory: Memory) -> list[str]:
    """What to tell the conversation: the text, or what the chosen answers mean, then the rest of the message."""
    chosen = pick(text, memory.options)
    if chosen is None:
        return [text]
    if len(chosen.options) > 1:
        # Only one button can be pressed at a time; several answers are said in words.
        return [", ".join(option.texte for option in chosen.options)]
    return [chosen.options[0].valeur, *([chosen.rest] if chosen.rest else [])]
