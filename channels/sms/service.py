"""The SMS channel put together: store, dialogue, provider and worker, one worker for each queue."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import Future
from contextlib import asynccontextmanager, suppress

from channels.conversation import Conversation
from channels.rasa import RasaClient, RasaUnavailable
from channels.settings import Settings
from channels.sms.dangers import said_dangers
from channels.sms.providers import Gateway, open_gateway
from channels.sms.replies import Replies, Turns
from channels.sms.settings import SmsSettings
from channels.sms.store import Store, open_store
from channels.sms.worker import Worker
from data.database import Database

_AGAIN_S = 2.0  # between two tries at working

journal = logging.getLogger("jalon.sms")


class Memories:
    """The memory of the dialogue (`channels.sms.choices.Choices`), kept with the answer that changed it."""

    def __init__(self, store: Store):
        self._store, self._changed = store, {}

    async def load(self, session: str) -> dict:
        return await self._store.memory(session, time.time())

    async def save(self, session: str, kept: dict) -> None:
        self._changed[session] = kept

    async def forget(self, session: str) -> None:
        self._changed[session] = {}

    def changed(self, session: str) -> dict | None:
        """What the last answer changed, told once; {}: everything is to be forgotten; None: nothing."""
        return self._changed.pop(session, None)


class Patient:
    """A conversation that says when it is down, so that the message waits instead of getting an excuse."""

    def __init__(self, conversation: Turns):
        self._conversation = conversation

    async def turn(self, session: str, text: str, channel: str) -> dict:
        answer = await self._conversation.turn(session, text, channel)
        if answer.get("panne"):
            raise RasaUnavailable("panne")
        return answer

    async def forget(self, session: str) -> None:
        await self._conversation.forget(session)


class Sms:
    """The channel of one process. Use `running()`; `worker` and `gateway` serve the webhooks.

    The work has a thread and a line to the dialogue of its own: composing answers takes milliseconds of processor
    each, that a provider's call must not wait for. Raises ValueError when the provider lacks a setting;
    StoreError or OSError when the file cannot be opened.
    """

    def __init__(
        self,
        door: Settings,
        settings: SmsSettings,
        db: Database,
        count: Callable[[str, dict], None] = lambda channel, answer: None,
    ):
        """`count`: see `channels.conversation.Conversation`."""
        self.settings = settings
        self.gateway: Gateway = open_gateway(settings.provider, settings.variables)
        said_dangers("")  # reads its lists now rather than at the first message
        self.store = open_store(settings)
        self._rasa = RasaClient(door)
        conversation = Conversation(door, self._rasa, db.base, count=count)
        memories = Memories(self.store)
        patient = Replies(Patient(conversation), db, memories)
        excusing = Replies(conversation, db, memories)

        async def answer(session: str, text: str, last: bool) -> list[str]:
            return await (excusing if last else patient).answer(session, text)

        self.worker = Worker(
            self.store,
            self.gateway,
            answer,
            settings,
            memory=memories.changed,
            forget=conversation.forget,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work until the end of the block. Of several processes on one queue all receive, and one works: when it
        stops for any reason another does within seconds."""
        try:
            async with _in_its_own_thread(self._work):
                yield
        finally:
            await asyncio.to_thread(self.store.close)

    async def _work(self) -> None:
        try:
            while True:
                try:
                    await self.worker.run()
                except Exception as error:  # noqa: BLE001 - the queue is always worked on
                    journal.error("le travail reprend : %s", type(error).__name__)
                await asyncio.sleep(_AGAIN_S)
        finally:
            await self.gateway.close()
            await self._rasa.close()


@asynccontextmanager
async def _in_its_own_thread(work: Callable[[], Coroutine]) -> AsyncIterator[None]:
    """Run `work()` beside the block, on an event loop of its own; cancel it at the end of the block."""
    begun: Future = Future()

    async def run() -> None:
        begun.set_result((asyncio.get_running_loop(), asyncio.current_task()))
        await work()

    def main() -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(run())

    thread = threading.Thread(target=main, name="sms-travail", daemon=True)
    thread.start()
    loop, task = await asyncio.wrap_future(begun)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        await asyncio.to_thread(thread.join)
