"""The door that goes on while its base, its dialogue server and its actions are replaced by others.

The socket, the connections, the sessions of the counter and the counts stay; only the application behind them is
exchanged, between two requests. It is asked by the supervisor, on a socket that only this account can open. Several doors
have one each; one that starts again, its process being dead, serves what the others do (`serving_file`).
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from channels.app import create_app
from channels.door_orders import serving_file, socket_of
from channels.settings import Settings, read_settings
from data.base_file import DatabaseError

_LOOK_AGAIN_S = 0.05
_AFTER_THE_SLOWEST_S = 2.0  # a request may take what the dialogue may, and this

journal = logging.getLogger("jalon.porte")


def create_door() -> Door:
    """The application that `jalon servir` runs. Raises ValueError or OSError when what serves now cannot be known."""
    settings = read_settings()
    if settings.orders and (now := serving_file(settings.orders)).exists():
        settings = replace(settings, **_changes(json.loads(now.read_text(encoding="utf-8"))))
    return Door(settings)


def _changes(order: dict) -> dict:
    """The settings that an order changes. Raises KeyError or TypeError when it is not one."""
    return {"base": Path(order["base"]), "rasa_url": order["rasa_url"], "actions_url": order["actions_url"]}


class _Serving:
    """One application, its life and the requests that it is answering."""

    def __init__(self, app: FastAPI):
        self.app, self.requests = app, 0
        self._life = AsyncExitStack()

    async def begin(self) -> None:
        await self._life.enter_async_context(self.app.router.lifespan_context(self.app))

    async def end(self) -> None:
        await self._life.aclose()

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.requests += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.requests -= 1

    async def silent(self, seconds: float) -> None:
        """Wait until no request is under way, `seconds` at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.requests:
                    await asyncio.sleep(_LOOK_AGAIN_S)


class Door:
    """ASGI: passes each request to the application of the moment."""

    def __init__(self, settings: Settings):
        self._orders = settings.orders and socket_of(settings.orders, os.getpid())
        self._now = _Serving(create_app(settings))

    @property
    def app(self) -> FastAPI:
        """The application of the moment."""
        return self._now.app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(self._running, receive, send)
        else:
            await self._now.answer(scope, receive, send)

    async def replace(self, **changes: object) -> None:
        """Serve with changed settings (`base`, `rasa_url`, `actions_url`) from now on, and wait for the end of what
        was under way with the former ones. Raises DatabaseError, nothing being changed, when the base cannot be read.
        """
        former = self._now
        settings = replace(former.app.state.settings, **changes)
        new = _Serving(await asyncio.to_thread(create_app, settings, former.app))
        await new.begin()
        former.app.state.replaced = True
        new.app.state.rasa.move(settings.rasa_url)
        self._now = new
        await former.silent(settings.rasa_delay + _AFTER_THE_SLOWEST_S)
        await former.end()

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        await self._now.begin()
        server = None
        if self._orders:
            self._orders.unlink(missing_ok=True)
            server = await asyncio.start_unix_server(self._obey, os.path.relpath(self._orders))
            self._orders.chmod(0o600)
        yield
        if server:
            server.close()
            self._orders.unlink(missing_ok=True)
        await self._now.end()

    async def _obey(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One order: a line of JSON with the addresses and the base; the answer: {"erreur": None or a sentence}."""
        try:
            await self.replace(**_changes(json.loads(await reader.readline())))
            fault = None
        except DatabaseError as error:
            fault = str(error)
        except Exception as error:  # noqa: BLE001 - the supervisor must know, and the door goes on
            journal.error("remplacement impossible : %s", type(error).__name__)
            fault = f"La porte n'a pas pu changer de base ({type(error).__name__})."
        with suppress(ConnectionError):
            writer.write(json.dumps({"erreur": fault}).encode() + b"\n")
            await writer.drain()
        writer.close()


async def _lifespan(running: Callable, receive: Receive, send: Send) -> None:
    """The protocol of ASGI around a context manager."""
    await receive()
    begun = False
    try:
        async with running():
            begun = True
            await _say(send, "startup.complete")
            await receive()
        await _say(send, "shutdown.complete")
    except BaseException:
        await _say(send, "shutdown.failed" if begun else "startup.failed")
        raise


async def _say(send: Send, what: str) -> None:
    message: Message = {"type": f"lifespan.{what}"}
    await send(message)
