"""Counts through the real RabbitMQ: none lost, none twice, and a door that never waits for it."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import AbstractContextManager, asynccontextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import aio_pika
import psycopg
import pytest

from channels.statistiques.batch import Batch
from channels.statistiques.broker import BrokerError, Publisher, consume
from channels.statistiques.counting import Counting
from channels.statistiques.events import Cell
from channels.statistiques.settings import StatisticsSettings
from channels.statistiques.store import open_counts
from channels.statistiques.weeks import today, week_of
from cli.project import ROOT
from data.sql.errors import StoreError
from tests.city_services import postgres_url, rabbitmq_url
from tests.wire import Wire, wire

WEEK = week_of(today())
SHOWER = Cell(WEEK, "besoin", "douche", "canal", "web")
LIMIT_S = 20


def batch(count: int = 1) -> Batch:
    return Batch(uuid4().hex, {SHOWER: count})


@pytest.fixture(scope="module")
def rabbit():
    with rabbitmq_url() as url:
        yield url


@pytest.fixture
def queue(rabbit):
    """The name of a queue of this test alone."""
    name = f"jalon.test.{secrets.token_hex(4)}"
    yield name
    asyncio.run(_delete(rabbit, name))


def line_to(url: str) -> AbstractContextManager[Wire]:
    return wire(urlsplit(url).hostname, urlsplit(url).port)


def through(url: str, line: Wire) -> str:
    """The address of the same server at the other end of a line."""
    return url.replace(f":{urlsplit(url).port}", f":{line.port}")


async def _delete(url: str, name: str) -> None:
    async with await aio_pika.connect(url) as connection, connection.channel() as channel:
        await channel.queue_delete(name)


async def waiting(url: str, name: str) -> int:
    """How many messages the broker keeps in a queue."""
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        return (await channel.declare_queue(name, durable=True)).declaration_result.message_count


@asynccontextmanager
async def consuming(url: str, add, queue: str):
    task = asyncio.create_task(consume(url, add, queue, again=0.1))
    try:
        yield
    finally:
        task.cancel()
        _, running = await asyncio.wait([task], timeout=LIMIT_S)
        assert not running


async def until(true) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not true():
            await asyncio.sleep(0.02)


def test_what_a_door_publishes_is_what_the_consumer_adds(rabbit, queue):
    async def play():
        publisher, added = Publisher(rabbit, queue), []
        sent = [batch(count) for count in (1, 2, 3)]
        for one in sent:
            await publisher.deliver(one)
        async with consuming(rabbit, added.append, queue):
            await until(lambda: len(added) == 3)
        await publisher.close()
        assert added == sent and await waiting(rabbit, queue) == 0

    asyncio.run(play())


def test_a_message_that_is_not_a_batch_stops_nothing(rabbit, queue):
    async def play():
        publisher, added = Publisher(rabbit, queue), []
        await publisher.deliver(batch())
        async with await aio_pika.connect(rabbit) as connection:
            channel = await connection.channel()
            await channel.default_exchange.publish(aio_pika.Message(b"je dors dehors"), queue)
        await publisher.deliver(batch())
        async with consuming(rabbit, added.append, queue):
            await until(lambda: len(added) == 2)
        await publisher.close()
        assert await waiting(rabbit, queue) == 0

    asyncio.run(play())


def test_while_the_base_refuses_batches_stay_in_the_queue(rabbit, queue):
    async def play():
        publisher, added, refusals = Publisher(rabbit, queue), [], 3

        def add(one: Batch) -> None:
            nonlocal refusals
            if refusals:
                refusals -= 1
                raise StoreError("base arrêtée")
            added.append(one)

        sent = [batch() for _ in range(5)]
        for one in sent:
            await publisher.deliver(one)
        await publisher.close()
        async with consuming(rabbit, add, queue):
            await until(lambda: len(added) == 5)
        assert {one.id for one in added} == {one.id for one in sent}

    asyncio.run(play())


def test_the_consumer_comes_back_when_the_broker_does(rabbit, queue):
    async def play():
        added = []
        publisher = Publisher(rabbit, queue)
        with line_to(rabbit) as line:
            async with consuming(through(rabbit, line), added.append, queue):
                await publisher.deliver(batch())
                await until(lambda: len(added) == 1)
                line.cut()
                await publisher.deliver(batch())
                line.mend()
                # What was added as the line was cut may come twice: the store knows it by its id.
                await until(lambda: len({one.id for one in added}) == 2)
        await publisher.close()

    asyncio.run(play())


def test_counts_wait_in_memory_while_the_broker_is_away_and_none_is_lost_or_doubled(rabbit, queue, tmp_path):
    """The line is cut while batches leave: some may have arrived without the door knowing."""

    counts = open_counts(StatisticsSettings(tmp_path / "statistiques.db"))

    def total() -> int:
        return counts.week(WEEK).get(SHOWER, 0)

    async def play():
        with line_to(rabbit) as line:
            publisher = Publisher(through(rabbit, line), queue)
            counting = Counting(publisher.deliver, every=0.01)
            async with consuming(rabbit, lambda one: counts.add(one, today()), queue):
                async with counting.running():
                    for step in range(300):
                        counting.add([SHOWER])
                        if step % 60 == 30:
                            line.cut()
                        elif step % 60 == 45:
                            line.mend()
                        await asyncio.sleep(0.005)
                    line.mend()
                    await until(lambda: total() >= 300)
                await asyncio.sleep(0.2)
            await publisher.close()
        assert total() == 300 and counting.lost == 0

    asyncio.run(play())
    counts.close()


def test_batches_counted_without_the_broker_hearing_it_come_again_and_count_once(rabbit, queue, tmp_path):
    """The line of a consumer falls silent, then is cut: the broker gives the same batches to the next one."""
    counts, came = open_counts(StatisticsSettings(tmp_path / "statistiques.db")), []

    def add(one: Batch) -> None:
        came.append(one)
        counts.add(one, today())

    async def play():
        publisher = Publisher(rabbit, queue)
        for _ in range(30):
            await publisher.deliver(batch())
        await publisher.close()
        with line_to(rabbit) as line:

            def add_unheard(one: Batch) -> None:
                line.silence()
                add(one)

            async with consuming(through(rabbit, line), add_unheard, queue):
                await until(lambda: came)
                line.cut()
        async with consuming(rabbit, add, queue):
            await until(lambda: counts.week(WEEK)[SHOWER] >= 30)
            await asyncio.sleep(0.2)
        assert await waiting(rabbit, queue) == 0

    asyncio.run(play())
    assert len(came) > 30 and counts.week(WEEK) == {SHOWER: 30}
    counts.close()


def test_a_silent_broker_is_given_up_and_counting_takes_no_time(rabbit, queue):
    async def play():
        with line_to(rabbit) as line:
            publisher = Publisher(through(rabbit, line), queue, patience=0.5)
            await publisher.deliver(batch())
            line.silence()
            counting = Counting(publisher.deliver, every=0.01)
            delivery = asyncio.create_task(_refused(publisher))
            worst = 0.0
            async with counting.running():
                for _ in range(200):
                    start = time.perf_counter()
                    counting.add([SHOWER])
                    worst = max(worst, time.perf_counter() - start)
                    await asyncio.sleep(0.001)
                assert 0.4 < await delivery < 4
        assert worst < 0.1  # a thread switch on a busy machine; waiting for the broker would be 0.5 s

    asyncio.run(play())


async def _refused(publisher: Publisher) -> float:
    start = time.perf_counter()
    with pytest.raises(BrokerError):
        await publisher.deliver(batch())
    return time.perf_counter() - start


def test_memory_is_bounded_and_events_that_find_no_room_are_counted_whole():
    async def away(_: Batch) -> None:
        raise BrokerError

    async def play():
        counting = Counting(away, every=0.01, most=10)
        async with counting.running():
            await asyncio.sleep(0.05)
            for place in range(20):
                pair = [Cell(WEEK, "lieu", f"lieu-{place}", "arrondissement", part) for part in ("1", "2")]
                counting.add(pair)
            counting.add([Cell(WEEK, "lieu", "lieu-0", "arrondissement", "1")])
            assert counting.lost == 15

    asyncio.run(play())


def test_a_refusal_does_not_say_the_password(rabbit):
    async def play():
        with pytest.raises(BrokerError) as error:
            await Publisher("amqp://quelqu_un:motdepasse@127.0.0.1:1/").deliver(batch())
        assert "motdepasse" not in repr(error.value) and error.value.__cause__ is None

    asyncio.run(play())


CONSUMER = """
import asyncio, sys
from pathlib import Path
from channels.statistiques.consumer import add_up
from channels.statistiques.settings import StatisticsSettings
file, rabbit, postgres, queue = sys.argv[1:]
asyncio.run(add_up(StatisticsSettings(Path(file), rabbit, postgres), queue))
"""


def test_a_consumer_killed_again_and_again_loses_nothing_and_counts_nothing_twice(rabbit, queue, tmp_path):
    """kill -9 at any moment, between the base and the broker too: real processes, broker and base."""

    async def publish(batches: list[Batch]) -> None:
        publisher = Publisher(rabbit, queue)
        for one in batches:
            await publisher.deliver(one)
        await publisher.close()

    with postgres_url() as postgres:
        settings = StatisticsSettings(tmp_path / "statistiques.db", rabbit, postgres)
        counts = open_counts(settings)

        def counted() -> int:
            return counts.week(WEEK).get(SHOWER, 0)

        batches = [batch(1 + rank % 3) for rank in range(200)]
        asyncio.run(publish(batches))
        expected = sum(one.counts[SHOWER] for one in batches)
        killed_midway = 0
        for round_ in range(20):
            with _consumer(settings, queue) as process:
                before = counted()
                limit = time.monotonic() + LIMIT_S
                goal = expected if round_ == 19 or killed_midway >= 2 else before + 1
                while counted() < goal and time.monotonic() < limit:
                    time.sleep(0.005)
                if goal == expected:
                    break
                process.send_signal(signal.SIGKILL)
                process.wait()
            killed_midway += 0 < counted() < expected
        assert killed_midway >= 2
        assert counted() == expected and asyncio.run(waiting(rabbit, queue)) == 0
        with psycopg.connect(postgres) as db:
            assert db.execute("SELECT count(*) FROM statistiques.releves").fetchone() == (200,)
        counts.close()
        assert not os.listdir(tmp_path)  # nothing of it on this machine


class _consumer:
    """A consumer in a process of its own, killed at the end of the block."""

    def __init__(self, settings: StatisticsSettings, queue: str):
        arguments = (str(settings.file), settings.rabbitmq, settings.postgres, queue)
        self._process = subprocess.Popen([sys.executable, "-c", CONSUMER, *arguments], cwd=ROOT)

    def __enter__(self) -> subprocess.Popen:
        return self._process

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.wait()
