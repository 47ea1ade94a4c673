"""Batches on their way to the city's base: a durable queue of RabbitMQ between the doors and one who adds them up.

A batch leaves the door when the broker has confirmed that it keeps it, and the queue when it is in the base: the same
batch may then come twice, never not at all, and its identifier makes it count once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage, AbstractQueue
from aio_pika.connection import make_url
from aio_pika.exceptions import AMQPError

from channels.statistiques.batch import Batch, decode, encode
from data.sql.errors import StoreError

QUEUE = "jalon.statistiques"
_PATIENCE_S = 5.0  # to connect, to publish
_FAREWELL_S = 1.0  # to close
_HEARTBEAT_S = 15
_AGAIN_S = 5.0
_AT_ONCE = 50  # batches given to the consumer before it has said that they are counted

journal = logging.getLogger("jalon.statistiques")
# The client writes a stack for each line that is cut, which we tell in one word.
for _name in ("aio_pika", "aiormq"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class BrokerError(Exception):
    """The broker did not take the batch. The message is the kind of error alone: an address holds a password."""


class Publisher:
    """One line to the broker, opened at the first batch and again after each failure. `patience`: seconds."""

    def __init__(self, url: str, queue: str = QUEUE, patience: float = _PATIENCE_S):
        self._url, self._queue, self._patience = url, queue, patience
        self._connection: AbstractConnection | None = None
        self._channel: AbstractChannel | None = None

    async def deliver(self, batch: Batch) -> None:
        """Return once the broker has the batch on disk. Raises BrokerError when it has not after `patience`."""
        message = aio_pika.Message(encode(batch), delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        try:
            async with asyncio.timeout(self._patience):
                channel = self._channel or await self._open()
                await channel.default_exchange.publish(message, self._queue, mandatory=True)
        except (AMQPError, OSError, RuntimeError) as error:  # TimeoutError is an OSError
            await self.close()
            raise BrokerError(type(error).__name__) from None

    async def close(self) -> None:
        connection, self._connection, self._channel = self._connection, None, None
        await _shut(connection)

    async def _open(self) -> AbstractChannel:
        self._connection = await _connect(self._url)
        channel = await self._connection.channel(publisher_confirms=True, on_return_raises=True)
        await _declare(channel, self._queue)
        self._channel = channel
        return channel


async def consume(
    url: str, add: Callable[[Batch], None], queue: str = QUEUE, again: float = _AGAIN_S
) -> None:
    """Pass each batch of the queue to `add`, for ever, and forget it there once `add` has returned.

    `add` runs in a thread and may raise StoreError: the batch then stays in the queue, and everything is tried again
    after `again` seconds, as when the broker is away. What is not a batch is dropped.
    """
    told = ""  # the failure that is going on, said once
    while True:
        connection = None
        try:
            connection = await _connect(url)
            channel = await connection.channel()
            await channel.set_qos(prefetch_count=_AT_ONCE)
            source = await _declare(channel, queue)
            async with source.iterator() as messages:
                async for message in messages:
                    await _take(message, add)
                    told = ""
        except (AMQPError, OSError, RuntimeError, StoreError, ExceptionGroup) as error:
            if asyncio.current_task().cancelling():  # the client may raise what closing failed on instead
                raise asyncio.CancelledError from None
            kind = type(error).__name__
            if kind != told:
                journal.warning("file des statistiques : on recommence (%s)", kind)
            told = kind
        finally:
            await _shut(connection)
        await asyncio.sleep(again)


async def backlog(url: str, queue: str = QUEUE) -> tuple[int, int]:
    """How many batches wait in the queue, and how many consumers it has. Raises BrokerError within 5 seconds."""
    connection = None
    try:
        async with asyncio.timeout(_PATIENCE_S):
            connection = await _connect(url)
            found = (await _declare(await connection.channel(), queue)).declaration_result
            return found.message_count, found.consumer_count
    except (AMQPError, OSError, RuntimeError, ValueError) as error:
        raise BrokerError(type(error).__name__) from None
    finally:
        await _shut(connection)


async def _take(message: AbstractIncomingMessage, add: Callable[[Batch], None]) -> None:
    try:
        batch = decode(message.body)
    except ValueError as error:
        journal.error("message jeté : %s", error)
        await message.reject()
        return
    await asyncio.to_thread(add, batch)
    await message.ack()


async def _connect(url: str) -> AbstractConnection:
    # Not a robust one: it would open again by itself a line whose failures the caller must see.
    connection = aio_pika.Connection(make_url(url, heartbeat=_HEARTBEAT_S))
    try:
        await connection.connect(timeout=_PATIENCE_S)
    except BaseException:
        await _shut(connection)
        raise
    return connection


async def _declare(channel: AbstractChannel, queue: str) -> AbstractQueue:
    return await channel.declare_queue(queue, durable=True)


async def _shut(connection: AbstractConnection | None) -> None:
    if connection:
        with suppress(AMQPError, OSError, RuntimeError):
            async with asyncio.timeout(_FAREWELL_S):
                await connection.close()
