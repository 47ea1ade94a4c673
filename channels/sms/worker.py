"""From the queue to answers, and from answers to the provider: in order for each number, each answered once.

Every step reads its work from the store and writes its result there at once: killed anywhere, the process does
again at its next start what was not written. Steps take the time from `clock`, so a test can play an hour.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Protocol, TypeVar

from channels.sms import commands
from channels.sms.commands import Command
from channels.sms.composer import one
from channels.sms.dangers import danger_texts, said_dangers
from channels.sms.messages import Arrival, Leaving, Received, Situation, TurnLost
from channels.sms.providers import Gateway, Incoming, Refused, SendError, Uncertain
from channels.sms.schedule import (
    ANSWER_TRIES,
    DOUBT_S,
    SEND_TRIES,
    allowed_from,
    answer_delay,
    send_delay,
)
from channels.sms.settings import SmsSettings
from channels.sms.store import Store
from channels.sms.words import words

TOO_MANY, CAPPED = "trop", "plafond"  # reasons kept in the store
_AFTER_STOP = {Command.REPRENDRE, Command.AIDE, Command.EFFACER}
_PAUSE_S = 1.0  # most time between two looks at the queue
_STOP_S = 5.0
_TIDY_S = 600.0
_TURN_S = 2.0
_DANGER_FACTOR = 3  # someone who tells a danger is answered up to that many times the limit, and past the cap
_AWAITING = 50  # messages whose fate is asked for at each look
_WARN = 0.8  # part of the daily cap from which the alarm rings
_PAGES_SHARE = 0.5
_NOTICES = 1.1  # the cap itself may be passed by that much, to tell people that it is reached

journal = logging.getLogger("jalon.sms")

T = TypeVar("T")


class Answerer(Protocol):
    """What makes answers. `last`: no more tries, an excuse is an answer."""

    async def __call__(self, session: str, text: str, last: bool) -> list[str]: ...


class Worker:
    """Works on `store`. `answer` may raise anything: the message is then tried again.

    `memory`: what the answer changed in the memory of the channel (None: nothing), to be stored with it;
    `forget`: erases the dialogue of a session whose memory has ended.
    """

    def __init__(
        self,
        store: Store,
        gateway: Gateway,
        answer: Answerer,
        settings: SmsSettings,
        *,
        memory: Callable[[str], dict | None] = lambda session: None,
        forget: Callable[[str], Awaitable[None]] | None = None,
        clock: Callable[[], float] = time.time,
    ):
        self._store, self._gateway, self._answer, self._settings = store, gateway, answer, settings
        self._memory, self._forget, self._clock = memory, forget, clock
        self._came, self._left, self._called = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._answering: set[str] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    # Called by the door, from its own thread

    async def receive(self, messages: list[Incoming]) -> list[Arrival]:
        """Store messages and wake up. Raises QueueFull, StoreError."""
        urgent = {message.id for message in messages if said_dangers(message.text)}
        provider = self._settings.provider
        arrivals = await self._store.receive(provider, messages, self._clock(), urgent)
        self._wake(self._came)
        return arrivals

    async def take(self, news: list) -> list[Arrival]:
        """Store what a provider says, messages and reports."""
        messages = [one for one in news if isinstance(one, Incoming)]
        reports = [one for one in news if not isinstance(one, Incoming)]
        if reports:
            await self._store.report(reports, self._clock(), self._settings.price)
        return await self.receive(messages) if messages else []

    def ring(self) -> None:
        """The provider has something to say: look at once."""
        self._wake(self._called)

    async def announce(self, number: str, text: str) -> bool:
        """Send what nobody asked for, at a decent hour; False when this number asked for silence."""
        now = self._clock()
        accepted = await self._store.announce(number, text, now, allowed_from(now))
        self._wake(self._left)
        return accepted

    async def send_asked(self, number: str, text: str) -> bool:
        """Send at once what a page was asked for; False when this number asked for silence."""
        now = self._clock()
        accepted = await self._store.announce(number, text, now, now, asked=True)
        self._wake(self._left)
        return accepted

    async def can_send_more(self) -> bool:
        """Whether pages may still send: they leave half of the day's money to who writes by SMS."""
        spent = await self._store.spent(self._clock(), self._settings.price)
        return spent < self._settings.cap * _PAGES_SHARE

    def _wake(self, bell: asyncio.Event) -> None:
        if self._loop:
            with suppress(RuntimeError):  # it has just stopped: the next start looks by itself
                self._loop.call_soon_threadsafe(bell.set)

    # Running

    async def run(self) -> None:
        """Work until cancelled; come back when another door has the turn, or takes it."""
        if not await self._store.take_turn():
            return
        journal.info("cette porte s'occupe de la file")
        self._loop = asyncio.get_running_loop()
        try:
            await self._run()
        except* TurnLost:
            journal.warning("cette porte ne s'occupe plus de la file")
        finally:
            self._loop = None

    async def _run(self) -> None:
        if doubtful := await self._store.recover(self._clock()):
            journal.warning("reprise : %d envois à vérifier", doubtful)
        size = self._settings.at_once
        async with asyncio.TaskGroup() as group:
            group.create_task(self._every(_TURN_S, self._keep_turn))
            group.create_task(self._pump(self._next_received, self._answer_one, size, self._came))
            group.create_task(self._pump(self._next_outgoing, self._send_one, size, self._left))
            group.create_task(self._every(_TIDY_S, self.tidy))
            if self._gateway.polled:
                group.create_task(self._every(self._gateway.polled, self.look, self._called))

    async def work(self) -> int:
        """Do all that is due now, and return how many steps that was (tests)."""
        done = 0
        while True:
            await self._keep_turn()
            received = await self._next_received(self._settings.at_once)
            leaving = await self._next_outgoing(self._settings.at_once)
            if not received and not leaving:
                return done
            await asyncio.gather(*map(self._answer_one, received), *map(self._send_one, leaving))
            done += len(received) + len(leaving)

    async def look(self) -> None:
        """Fetch what waits at the provider, store it, then let the provider forget it."""
        try:
            news = await self._gateway.look(await self._store.awaiting(_AWAITING))
            await self.take(news)
            await self._gateway.taken(news)
        except SendError as error:
            journal.warning("relève impossible : %s", error)

    async def tidy(self) -> None:
        """Erase what has had its time."""
        for session in await self._store.tidy(self._clock(), self._settings.retention * 3600):
            if self._forget:
                try:
                    await self._forget(session)
                except Exception as error:  # noqa: BLE001 - the dialogue server forgets by itself too
                    journal.warning("oubli impossible : %s", type(error).__name__)

    async def _keep_turn(self) -> None:
        if not await self._store.take_turn():
            raise TurnLost

    async def _pump(
        self,
        take: Callable[[int], Awaitable[list[T]]],
        handle: Callable[[T], Coroutine],
        size: int,
        bell: asyncio.Event,
    ) -> None:
        """Keep at most `size` pieces of work under way: memory does not grow with the queue."""
        running: set[asyncio.Task] = set()
        try:
            while True:
                bell.clear()
                taken = await self._safely(take(size - len(running))) if len(running) < size else []
                running |= {asyncio.create_task(self._safely(handle(one))) for one in taken or ()}
                waker = asyncio.create_task(bell.wait())
                done, _ = await asyncio.wait(
                    {*running, waker}, timeout=_PAUSE_S, return_when=asyncio.FIRST_COMPLETED
                )
                waker.cancel()
                running -= done
        finally:
            if running:  # what has begun ends; the rest is done again at the next start
                await asyncio.wait(running, timeout=_STOP_S)

    async def _every(
        self, seconds: float, step: Callable[[], Coroutine], bell: asyncio.Event | None = None
    ) -> None:
        bell = bell or asyncio.Event()
        while True:
            bell.clear()
            await self._safely(step())
            try:
                await asyncio.wait_for(bell.wait(), seconds)
            except TimeoutError:
                continue

    async def _safely(self, work: Coroutine[object, object, T]) -> T | None:
        """A fault of one piece of work never stops the others; what it did not write is done again."""
        try:
            return await work
        except TurnLost:
            raise
        except Exception as error:  # noqa: BLE001 - logged by its kind: its message could hold a text
            journal.error("panne : %s", type(error).__name__)
            await asyncio.sleep(_PAUSE_S)
            return None

    # Answering

    async def _next_received(self, limit: int) -> list[Received]:
        found = await self._store.next_received(self._clock(), limit, tuple(self._answering))
        self._answering.update(message.session for message in found)
        return found

    async def _answer_one(self, message: Received) -> None:
        try:
            await self._answer_or_wait(message)
        finally:
            self._answering.discard(message.session)
            self._left.set()
            self._came.set()

    async def _answer_or_wait(self, message: Received) -> None:
        store, now = self._store, self._clock()
        situation = await store.situation(message, now, self._settings.price)
        await self._watch(situation.spent, now)
        command = commands.read(message.text)
        if situation.silenced and command not in _AFTER_STOP:
            return await store.answered(message, [], now, reason="stop")
        dangers = said_dangers(message.text)
        heard = command is Command.STOP or (
            dangers and situation.count <= _DANGER_FACTOR * self._settings.hourly
        )
        limited = None if heard else self._limited(situation)
        if limited and command is not Command.EFFACER:
            return await store.answered(message, limited[0], now, reason=limited[1])
        last = message.tries + 1 >= ANSWER_TRIES
        try:
            texts, reason = await self._answer(message.session, message.text, last), ""
        except Exception as error:  # noqa: BLE001 - whatever it is, this message is answered
            self._memory(message.session)
            reason = type(error).__name__
            journal.warning("réponse impossible : %s", reason)
            if not (last or dangers):
                return await store.answer_later(message, now + answer_delay(message.tries + 1), reason)
            texts = danger_texts(dangers) or [one(words()["panne"])]
        await store.answered(
            message,
            [] if limited else texts,  # EFFACER always erases; beyond the limits, without a word
            self._clock(),
            reason=reason,
            memory=self._memory(message.session),
            silence=command is Command.STOP,
            resume=command is Command.REPRENDRE,
            erase=command is Command.EFFACER,
        )

    def _limited(self, situation: Situation) -> tuple[list[str], str] | None:
        """What to say, once, then nothing, to a number that writes too much or when the day's money is spent."""
        settings = self._settings
        capped = situation.spent >= settings.cap
        reason = CAPPED if capped else TOO_MANY if situation.count > settings.hourly else ""
        if not reason:
            return None
        quiet = reason in situation.told or situation.spent >= settings.cap * _NOTICES
        return [] if quiet else [one(words()[reason])], reason

    async def _watch(self, spent: float, now: float) -> None:
        cap = self._settings.cap
        level = 2 if spent >= cap else 1 if spent >= cap * _WARN else 0
        if level and await self._store.alarm(level, now):
            journal.error("ALARME : %.2f euros de SMS aujourd'hui, plafond %.2f", spent, cap)

    # Sending

    async def _next_outgoing(self, limit: int) -> list[Leaving]:
        return await self._store.next_outgoing(self._clock(), limit)

    async def _send_one(self, leaving: Leaving) -> None:
        store, gateway, settings = self._store, self._gateway, self._settings
        tries, now = leaving.tries + 1, self._clock()
        if not store.has_turn():
            return  # too late to begin: who has the turn next asks the provider about it
        if not leaving.asked and (due := allowed_from(now)) > now:
            return await store.send_later(leaving, due, "nuit", leaving.doubtful)
        try:
            known = await gateway.find(leaving.sms) if leaving.doubtful else None
            provider_id = known or await gateway.send(leaving.sms)
        except Refused as error:
            journal.warning("envoi refusé : %s", error)
            await store.bury(leaving, str(error), self._clock())
        except SendError as error:
            doubt = leaving.doubtful or isinstance(error, Uncertain)
            journal.warning("envoi %s : %s", "incertain" if doubt else "impossible", error)
            if tries >= SEND_TRIES:
                await store.bury(leaving, str(error), self._clock())
            else:
                delay = max(send_delay(tries), DOUBT_S if doubt else 0)
                await store.send_later(leaving, self._clock() + delay, str(error), doubt)
        else:
            await store.sent(leaving, provider_id, self._clock(), settings.price, gateway.reports)
        self._left.set()
