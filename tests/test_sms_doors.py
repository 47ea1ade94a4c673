"""Several doors on one queue in PostgreSQL: each message kept, answered and sent once, whatever happens to a door."""

from __future__ import annotations

import asyncio
import random
import re
import signal
import threading
import time
from collections import Counter, defaultdict
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
import pytest

from channels.sms.messages import Arrival, TurnLost
from channels.sms.settings import SmsSettings, read_sms_settings
from data.sql import postgres as engine
from data.sql.errors import Lost
from tests.door_server import alone, closed_port, serve
from tests.relay import Relay
from tests.sms_peers import Peers, door_environment, receive_by_kannel, start_door, wait_for
from tests.sms_queue import KEY, MemoryGateway, empty, message, number, place, queue, rows
from tests.test_sms_webhooks import NOWHERE, OPTIONS


@pytest.fixture
def city(postgres) -> str:
    """The address of a PostgreSQL without a queue."""
    empty(postgres)
    return postgres


@pytest.fixture
def wire(city):
    """A relay to PostgreSQL, and the address through it."""
    with Relay(urlsplit(city).hostname, urlsplit(city).port or 5432) as relay:
        yield relay, urlunsplit(urlsplit(city)._replace(netloc=f"postgres@127.0.0.1:{relay.port}"))


def end_connections(address: str) -> None:
    """As the administrator of the server may."""
    with psycopg.connect(address, autocommit=True) as db:
        db.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid != pg_backend_pid()"
        )


def test_doors_that_start_together_make_the_tables_once(city):
    failures = []

    def start() -> None:
        try:
            with queue(city) as world:
                asyncio.run(world.receive(message(1)))
        except Exception as error:  # noqa: BLE001 - shown below
            failures.append(error)

    doors = [threading.Thread(target=start) for _ in range(8)]
    for one in doors:
        one.start()
    for one in doors:
        one.join(30)
    assert failures == []
    assert rows(SmsSettings("essai", **place(city)), "SELECT count(*) AS them FROM received") == [{"them": 1}]


def test_a_message_said_to_both_doors_at_once_is_kept_once(city):
    async def play(one, other):
        found = []
        for rank in range(20):
            both = await asyncio.gather(one.receive(message(rank)), other.receive(message(rank)))
            found.append(Counter(arrival for arrivals in both for arrival in arrivals))
        return found

    with queue(city) as one, queue(city) as other:
        assert asyncio.run(play(one, other)) == [Counter({Arrival.NEW: 1, Arrival.AGAIN: 1})] * 20


def test_one_door_works_and_another_takes_over_when_its_connection_is_ended(city):
    async def play(one, other):
        assert await one.store.take_turn() and not await other.store.take_turn()
        await other.receive(message(1, "douche"))
        with pytest.raises(TurnLost):
            await other.store.next_received(other.clock(), 1)
        (received,) = await one.store.next_received(one.clock(), 1)
        end_connections(city)
        assert await other.store.take_turn()
        await other.worker.work()
        # The first one comes back with an answer: too late, and it is told that it does not work any more.
        await one.store.answered(received, ["encore"], one.clock())
        with pytest.raises(TurnLost):
            await one.store.next_outgoing(one.clock(), 1)
        assert not await one.store.take_turn() and not one.store.has_turn()
        await other.worker.work()

    gateway = MemoryGateway()
    with queue(city, gateway=gateway) as one, queue(city, gateway=gateway) as other:
        asyncio.run(play(one, other))
    assert gateway.texts("+33612345678") == ["vu : douche"]


def test_a_door_that_lost_its_turn_begins_no_sending(city):
    """The next one asks the provider about it, then sends it: once."""

    async def play(one, other):
        await one.receive(message(1))
        await one.store.take_turn()
        await one.worker._answer_one((await one.store.next_received(one.clock(), 1))[0])
        (leaving,) = await one.store.next_outgoing(one.clock(), 1)
        end_connections(city)
        assert await other.store.take_turn()
        await one.store.memory("", 0)  # whatever it asks, it learns
        await one.worker._send_one(leaving)
        assert gateway.taken_sms == []
        assert await other.store.recover(other.clock()) == 1
        await other.worker.work()
        assert gateway.taken_sms == [], "not before a first delivery report may have come"
        other.clock.now += 30
        await other.worker.work()

    gateway = MemoryGateway()
    with queue(city, gateway=gateway) as one, queue(city, gateway=gateway) as other:
        asyncio.run(play(one, other))
    assert gateway.texts("+33612345678") == ["vu : douche"]


def test_a_door_whose_work_hangs_gives_up_its_turn_though_it_still_receives(city, monkeypatch):
    monkeypatch.setattr(engine, "_SILENCE_S", 1)

    async def play(one, other):
        assert await one.store.take_turn()
        limit = time.monotonic() + 10
        while not await other.store.take_turn():
            assert time.monotonic() < limit
            await one.receive(message(1))
            await asyncio.sleep(0.1)

    with queue(city) as one, queue(city) as other:
        asyncio.run(play(one, other))


def test_a_door_that_says_nothing_any_more_loses_its_turn(city, monkeypatch):
    monkeypatch.setattr(engine, "_SESSION", engine._SESSION.replace("'12s'", "'1s'"))

    async def play(one, other):
        assert await one.store.take_turn()
        limit = time.monotonic() + 10
        while not await other.store.take_turn():
            assert time.monotonic() < limit
            await asyncio.sleep(0.1)

    with queue(city) as one, queue(city) as other:
        asyncio.run(play(one, other))


def test_a_short_cut_is_not_noticed_by_who_writes(wire):
    relay, address = wire

    async def play(world):
        await world.receive(message(1))
        relay.cut()
        threading.Timer(0.4, relay.mend).start()
        assert await world.receive(message(2, number=number(2))) == [Arrival.NEW]
        return await world.worker.work()

    with queue(address) as world:
        assert asyncio.run(play(world)) == 4


def test_a_server_that_answers_nothing_is_given_up_and_nothing_is_kept_twice(wire, monkeypatch):
    relay, address = wire
    monkeypatch.setattr(engine, "_CUT_S", 1.0)

    async def play(world):
        await world.receive(message(1))
        relay.freeze()
        begin = time.monotonic()
        with pytest.raises(Lost):
            await world.receive(message(2))
        waited = time.monotonic() - begin
        relay.mend()
        assert await world.receive(message(1), message(2)) == [Arrival.AGAIN, Arrival.NEW]
        return waited

    with queue(address) as world:
        waited = asyncio.run(play(world))
    print(f"\nserver silent: given up after {waited:.1f} s")
    assert waited < 12


def test_while_postgresql_is_down_the_provider_is_asked_to_come_back_and_the_door_lives(wire):
    relay, address = wire
    options = OPTIONS["kannel"] | {"JALON_SMS_KANNEL_URL": NOWHERE}
    settings = SmsSettings("kannel", postgres=address, key=KEY, settle=3600, variables=options)
    query = {"jeton": KEY, "id": "1", "de": "+33612345678", "texte": "douche"}
    relay.cut()
    with serve(alone(sms=settings)) as door:
        begin = time.monotonic()
        answer = httpx.get(f"{door}/webhooks/sms/kannel", params=query, timeout=20)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert time.monotonic() - begin < 8
        assert "postgres" not in answer.text.lower()
        assert httpx.get(f"{door}/").status_code == 200
        relay.mend()
        assert httpx.get(f"{door}/webhooks/sms/kannel", params=query, timeout=20).status_code == 200


def test_the_same_key_is_asked_of_all_doors_and_no_address_is_shown():
    address = "postgresql://jalon:secret@base/jalon"
    with pytest.raises(ValueError, match="JALON_SMS_CLE"):
        read_sms_settings({"JALON_SMS_FOURNISSEUR": "kannel", "JALON_POSTGRES": address})
    found = read_sms_settings(
        {"JALON_SMS_FOURNISSEUR": "kannel", "JALON_POSTGRES": address, "JALON_SMS_CLE": KEY}
    )
    assert found.postgres == address and "secret" not in repr(found)
    with pytest.raises(ValueError, match="JALON_POSTGRES") as told:
        read_sms_settings({"JALON_SMS_FOURNISSEUR": "kannel", "JALON_POSTGRES": "mysql://a:secret@b/c"})
    assert "secret" not in str(told.value)


def test_two_doors_five_hundred_messages_the_working_door_killed(city, tmp_path):
    """Real doors; every message said twice, to one door or both. Providers reach the doors through a proxy, so the
    reports of what the first one sent come to the one that lives."""
    ports, people, each = (closed_port(), closed_port()), 50, 10
    with Peers(delay=0.1) as peers, httpx.Client() as client:
        peers.said = ""  # it says back what it is told
        environment = door_environment(tmp_path, peers, ports[1]) | {
            "JALON_POSTGRES": city,
            "JALON_SMS_PLAFOND": "1000",
        }
        doors = [start_door(port, environment) for port in ports]
        try:
            draw, killed, resumed = random.Random(4), None, None
            for rank in range(people * each):
                for port in (ports[0], draw.choice(ports)):
                    receive_by_kannel(port, rank, f"message {rank}", number(rank % people), client)
                if not killed and len(peers.sent) > 100:
                    doors[0].send_signal(signal.SIGKILL)
                    ports, killed = (ports[1], ports[1]), (time.monotonic(), len(peers.sent))
                elif killed and not resumed and len(peers.sent) > killed[1] + 8:  # more than were under way
                    resumed = time.monotonic() - killed[0]
            wait_for(lambda: len(peers.sent) >= people * each, 120)
            time.sleep(1)
        finally:
            for door in doors:
                door.kill()
                door.wait()
    answers = defaultdict(list)
    for who, text in zip(peers.sent, peers.answers, strict=True):
        answers[who].append(int(re.search(r"message (\d+)", text)[1]))
    assert killed, "the door was to be killed in the middle"
    twice = len(peers.texts) - len(set(peers.texts))
    print(
        f"\n{people * each} received twice, {len(peers.sent)} sent, {killed[1]} before the kill, work resumed"
        f" after {resumed or 0:.1f} s; {twice} turns of dialogue played twice"
    )
    assert len(peers.sent) == people * each
    assert all(answers[number(one)] == list(range(one, people * each, people)) for one in range(people)), (
        "each once, in order"
    )
