"""The SMS queue under faults: each message answered once, in order; nothing lost; silence and erasure kept."""

from __future__ import annotations

import asyncio
import json
import random
import signal
from collections import Counter
from datetime import datetime
from itertools import islice
from pathlib import Path

import pytest

from actions.orientation import PARIS
from channels.rasa import RasaUnavailable
from channels.sms.composer import one
from channels.sms.numbers import Hasher
from channels.sms.overview import revive, state
from channels.sms.providers import Fate, Incoming, Refused, Uncertain, Unreachable
from channels.sms.schedule import SEND_TRIES, allowed_from
from channels.sms.settings import SmsSettings
from channels.sms.words import words
from tests.door_server import closed_port
from tests.sms_peers import Peers, door_environment, receive_by_kannel, start_door, wait_for
from tests.sms_queue import KEY, NOON, contents, holds, message, number, place, queue

HOUR = 3600.0
ROOT = Path(__file__).resolve().parents[1]


def say(said: str) -> str:
    return one(words()[said])


async def worked(world, *seconds: float) -> None:
    """Work now, then after each delay."""
    await world.worker.work()
    for delay in seconds:
        world.clock.now += delay
        await world.worker.work()


# Faults: nothing lost, nothing answered twice


def test_duplicates_are_answered_once(where):
    async def play(world):
        for _ in range(3):
            for rank in range(10):
                await world.receive(message(rank, f"message {rank}"))
            await worked(world)

    with queue(where) as world:
        asyncio.run(play(world))
        answers = Counter(world.gateway.texts("+33612345678"))
    print(f"\n30 received, 10 different, {answers.total()} answers, {len(answers)} different")
    assert answers == Counter(f"vu : message {rank}" for rank in range(10))


def test_messages_in_disorder_are_answered_in_the_order_of_their_writing(where):
    ranks = list(range(12))
    random.Random(7).shuffle(ranks)

    async def play(world):
        for rank in ranks:
            await world.receive(message(rank, f"message {rank}", sent_at=world.clock.now - 60 + rank))
        await worked(world)

    with queue(where) as world:
        asyncio.run(play(world))
        answers = world.gateway.texts("+33612345678")
    print(
        f"\n12 received in disorder, {len(answers)} answers, in order: {answers == sorted(answers, key=_rank)}"
    )
    assert answers == [f"vu : message {rank}" for rank in range(12)]


def test_twenty_messages_at_once_from_one_number_are_answered_one_after_the_other(where):
    under_way, most = 0, 0

    async def slow(session, text, last):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        return [f"vu : {text}", f"suite de {text}"]

    async def play(world):
        await asyncio.gather(
            *(world.worker.receive([message(rank, f"message {rank}")]) for rank in range(20))
        )
        await running_until(world, lambda: len(world.gateway.taken_sms) == 40)

    with queue(where, slow) as world:
        asyncio.run(play(world))
        answers = world.gateway.texts("+33612345678")
    print(f"\n20 received at once, {len(answers)} SMS sent (2 each), most under way for one number: {most}")
    assert most == 1
    expected = [text for rank in range(20) for text in (f"vu : message {rank}", f"suite de message {rank}")]
    assert sorted(answers, key=_rank) == expected
    assert [text for text in answers if text.startswith("vu")] == sorted(
        (text for text in answers if text.startswith("vu")), key=_rank
    )


def test_five_hundred_numbers_at_once_are_all_answered_once(where):
    under_way, most = 0, 0

    async def slow(session, text, last):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.005)
        under_way -= 1
        return [f"vu : {text}"]

    async def play(world):
        await asyncio.gather(
            *(world.worker.receive([message(rank, f"message {rank}", number(rank))]) for rank in range(500))
        )
        await running_until(world, lambda: len(world.gateway.taken_sms) >= 500)

    with queue(where, slow, cap=100) as world:
        asyncio.run(play(world))
        wrong = [rank for rank in range(500) if world.gateway.texts(number(rank)) != [f"vu : message {rank}"]]
    print(f"\n500 numbers, {len(world.gateway.taken_sms)} answers, {len(wrong)} wrong, most at once: {most}")
    assert wrong == [] and len(world.gateway.taken_sms) == 500 and most <= 8


@pytest.mark.parametrize("fault", [Unreachable("panne"), Uncertain("delai")])
def test_a_provider_down_for_a_minute_loses_nothing_and_repeats_nothing(where, fault):
    async def play(world):
        begin = world.clock.now
        world.gateway.fault = lambda sms: fault if world.clock.now < begin + 60 else None
        for rank in range(20):
            await world.receive(message(rank, f"message {rank}", number(rank % 5)))
        await worked(world, *[5.0] * 60)

    with queue(where) as world:
        asyncio.run(play(world))
        answers = Counter(sms.text for sms in world.gateway.taken_sms)
        orders = [[_rank(text) for text in world.gateway.texts(number(rank))] for rank in range(5)]
    print(f"\n{fault!r}: 20 received, {answers.total()} sent, {len(answers)} different")
    assert answers == Counter(f"vu : message {rank}" for rank in range(20))
    assert all(order == sorted(order) for order in orders)


@pytest.mark.parametrize("jump", [3600.0, -3600.0])
def test_a_clock_that_jumps_loses_and_repeats_nothing(where, jump):
    async def play(world):
        begin = world.clock.now
        world.gateway.fault = lambda sms: Uncertain("delai") if world.clock.now == begin else None
        for rank in range(10):
            await world.receive(message(rank, f"message {rank}", number(rank)))
        await worked(world, jump)
        await world.receive(message(10, "message 10", number(10)))
        await worked(world, *[10.0] * 12)
        at_once = len(world.gateway.texts(number(10)))
        await worked(world, 3600.0, *[10.0] * 12)
        return at_once

    with queue(where) as world:
        assert asyncio.run(play(world)) == 1, "who writes after the jump does not wait for it"
        answers = Counter(sms.text for sms in world.gateway.taken_sms)
    assert answers == Counter(f"vu : message {rank}" for rank in range(11))


def test_an_answer_taken_by_the_provider_whose_receipt_is_lost_is_not_sent_again(where):
    lost = iter([Uncertain("ReadTimeout")] * 10)

    async def play(world):
        world.gateway.after = lambda sms: next(lost, None)
        for rank in range(20):
            await world.receive(message(rank, f"message {rank}", number(rank)))
        await worked(world, *[30.0] * 10)

    with queue(where) as world:
        asyncio.run(play(world))
        answers = Counter(sms.text for sms in world.gateway.taken_sms)
        assert answers == Counter(f"vu : message {rank}" for rank in range(20))
        assert world.state()["jour"]["sent"] == 20


def test_a_report_that_comes_before_the_answer_of_the_provider_settles_the_doubt(where):
    async def play(world):
        world.gateway.after = lambda sms: Uncertain("ReadTimeout")
        await world.receive(message(1))
        await worked(world)
        await world.deliver(Fate.DELIVERED)
        await worked(world, 600, 600)

    with queue(where) as world:
        asyncio.run(play(world))
        assert len(world.gateway.taken_sms) == 1
        assert world.state()["jour"]["segments"] == 1


def test_what_the_provider_refuses_is_a_dead_letter_and_holds_back_nothing(where):
    async def play(world):
        world.gateway.fault = lambda sms: Refused("http_400") if "message 0" in sms.text else None
        await world.receive(message(0, "message 0"), message(1, "message 1"))
        await worked(world)
        return world.state()["lettres_mortes"]

    with queue(where) as world:
        assert asyncio.run(play(world)) == {"http_400": 1}
        assert world.gateway.texts("+33612345678") == ["vu : message 1"]


def test_a_provider_down_for_hours_leaves_dead_letters_that_can_be_sent_again(where):
    async def play(world):
        world.gateway.fault = lambda sms: Unreachable("panne")
        await world.receive(message(1))
        await worked(world, *[600.0] * SEND_TRIES)
        dead = world.state()["lettres_mortes"]
        world.gateway.fault = lambda sms: None
        assert revive(world.settings, world.clock.now) == 1
        await worked(world)
        return dead

    with queue(where) as world:
        assert asyncio.run(play(world)) == {"panne": 1}
        assert world.gateway.texts("+33612345678") == ["vu : douche"]


def test_rasa_down_for_a_moment_is_waited_for(where):
    failures = iter([RasaUnavailable("ConnectError")] * 2)

    async def flaky(session, text, last):
        if error := next(failures, None):
            raise error
        return [f"vu : {text}"]

    with queue(where, flaky) as world:
        asyncio.run(started(world, [message(1, "un"), message(2, "deux")], *[2.0] * 10))
        assert world.gateway.texts("+33612345678") == ["vu : un", "vu : deux"]


def test_rasa_down_for_long_everyone_gets_the_emergency_numbers_once(where):
    async def down(session, text, last):
        raise RasaUnavailable("ConnectError")

    messages = [message(rank, "douche", number(rank)) for rank in range(30)]
    with queue(where, down) as world:
        asyncio.run(started(world, messages, *[2.0] * 20))
        answers = [world.gateway.texts(number(rank)) for rank in range(30)]
    print(f"\nRasa down: 30 received, {sum(map(len, answers))} answers, all with the emergency numbers")
    assert answers == [[say("panne")]] * 30
    assert "112" in say("panne")


# Danger


def test_a_danger_passes_before_all_that_waits(where):
    async def play(world):
        for rank in range(40):
            await world.receive(message(rank, f"message {rank}", number(rank)))
        await world.receive(message(40, "avant", number(50)), message(41, "mon mari me frape", number(50)))
        await worked(world)

    with queue(where) as world:
        asyncio.run(play(world))
        texts = [sms.text for sms in world.gateway.taken_sms]
    assert texts.index("vu : mon mari me frape") < 16, "among the first, not the forty-second"
    assert world.gateway.texts(number(50)) == ["vu : mon mari me frape", "vu : avant"]


def test_a_danger_is_answered_at_once_when_rasa_is_down(where):
    async def down(session, text, last):
        raise RasaUnavailable("ConnectError")

    with queue(where, down) as world:
        asyncio.run(started(world, [message(1, "g envi de mourir"), message(2, "douche", number(2))]))
        assert world.gateway.texts("+33612345678") == [one(words()["danger"]["suicide"])]
        assert world.gateway.texts(number(2)) == []


@pytest.mark.parametrize(("limits", "answered"), [({"hourly": 1}, 3), ({"cap": 0.0, "hourly": 10}, 30)])
def test_a_danger_is_answered_beyond_the_limits_and_not_for_ever(where, limits, answered):
    async def play(world):
        for rank in range(100):
            await world.receive(message(rank, "mon mari me frape"))
        await worked(world)

    with queue(where, **limits) as world:
        asyncio.run(play(world))
        assert world.gateway.texts("+33612345678").count("vu : mon mari me frape") == answered


# Silence, erasure


@pytest.mark.parametrize("spelling", ["STOP", "stop svp", "arretez les sms", "sTOPP"])
def test_after_stop_nothing_goes_out_until_reprendre(where, spelling):
    async def play(world):
        world.gateway.fault = lambda sms: Unreachable("panne") if sms.text == "vu : avant" else None
        await world.receive(message(1, "avant"))
        await worked(world)
        await world.receive(message(2, spelling), message(3, "douche"))
        await worked(world, HOUR)
        assert not await world.worker.announce("+33612345678", "Votre courrier est là.")
        world.clock.now += 3 * 86400
        await world.worker.tidy()
        await world.receive(message(4, "une douche"), message(5, "REPRENDRE"), message(6, "encore là"))
        await worked(world)

    with queue(where) as world:
        asyncio.run(play(world))
        assert world.gateway.texts("+33612345678") == [f"vu : {spelling}", "vu : REPRENDRE", "vu : encore là"]


def test_effacer_leaves_nothing_of_the_person_but_the_wish_of_silence(where):
    sealed = {}

    async def play(world):
        await world.receive(message(1, "je dors porte de la chapelle"))
        sealed.update(world.sealed())
        await worked(world)
        await world.receive(message(2, "EFFACER"))
        await worked(world)
        await world.deliver()

    with queue(where) as world:
        asyncio.run(play(world))
        session = world.store._hasher.session("+33612345678")
        found = world.state()
        assert asyncio.run(world.receive(message(1))) == ["redite"], (
            "an erased message is still known as seen"
        )
    assert found["a_envoyer"] == {}
    assert sealed and not world.holds(*sealed, *sealed.values(), session)


# Limits


def test_too_many_messages_get_one_notice_then_nothing_and_stop_still_works(where):
    async def play(world):
        for rank in range(15):
            await world.receive(message(rank, f"message {rank}"))
        await world.receive(message(15, "STOP"), message(16, "autre", number(1)))
        await worked(world)

    with queue(where, hourly=10) as world:
        asyncio.run(play(world))
        answers = world.gateway.texts("+33612345678")
    assert answers == [*(f"vu : message {rank}" for rank in range(10)), say("trop"), "vu : STOP"]
    assert world.gateway.texts(number(1)) == ["vu : autre"]
    assert "112" in say("trop")


def test_effacer_erases_beyond_the_limits_without_a_word(where):
    async def play(world):
        for rank in range(5):
            await world.receive(message(rank, f"message {rank}"))
        await world.receive(message(5, "EFFACER"))
        await worked(world)
        await world.deliver()

    with queue(where, hourly=2) as world:
        asyncio.run(play(world))
        assert world.gateway.texts("+33612345678") == ["vu : message 0", "vu : message 1", say("trop")]
        session = world.store._hasher.session("+33612345678")
    assert not world.holds(session)


def test_the_daily_cap_holds_rings_once_and_says_whom_to_call(where, caplog):
    async def play(world):
        for rank in range(100):
            await world.receive(message(rank, "douche", number(rank)))
            await worked(world)
        today = world.state()["jour"]
        world.clock.now += 86400
        await world.receive(message(200, "douche", number(0)))
        await worked(world)
        return today

    with queue(where, cap=2.0, price=0.05) as world:
        today = asyncio.run(play(world))
        kinds = Counter(sms.text for sms in world.gateway.taken_sms)
    print(
        f"\ncap 2.00: {today['euros']:.2f} euros, {today['segments']} segments, {kinds[say('plafond')]} notices"
    )
    assert today["euros"] <= 2.0 * 1.1 + 0.05
    assert kinds == {"vu : douche": 41, say("plafond"): kinds[say("plafond")]} and kinds[say("plafond")] >= 3
    alarms = [record.message for record in caplog.records if "ALARME" in record.message]
    assert len(alarms) == 2, "once near the cap, once at the cap"


@pytest.mark.parametrize(
    ("asked", "leaves"),
    [
        ("2026-11-23 10:00", "2026-11-23 10:00"),
        ("2026-11-23 07:59", "2026-11-23 08:00"),
        ("2026-11-23 20:00", "2026-11-24 08:00"),
        ("2026-11-21 21:00", "2026-11-23 08:00"),  # Saturday evening: Monday
        ("2026-11-22 12:00", "2026-11-23 08:00"),
        ("2026-03-28 22:00", "2026-03-30 08:00"),  # the night when clocks change
    ],
)
def test_what_nobody_asked_for_waits_for_a_decent_hour(asked, leaves):
    at = datetime.fromisoformat(asked).replace(tzinfo=PARIS).timestamp()
    assert datetime.fromtimestamp(allowed_from(at), PARIS).strftime("%Y-%m-%d %H:%M") == leaves


def test_an_announcement_waits_and_an_answer_does_not(where):
    async def play(world):
        world.clock.now = datetime(2026, 11, 23, 23, 0, tzinfo=PARIS).timestamp()
        assert await world.worker.announce("06 12 34 56 78", "Votre courrier est là.")
        await world.receive(message(1, "ou dormir", number(1)))
        await worked(world)
        assert [sms.text for sms in world.gateway.taken_sms] == ["vu : ou dormir"]
        await worked(world, 9 * HOUR)

    with queue(where) as world:
        asyncio.run(play(world))
        assert world.gateway.texts("+33612345678") == ["Votre courrier est là."]


# The real door, killed outright


ALL_LOGS = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"all": {"format": "%(name)s %(message)s"}},
    "handlers": {"all": {"class": "logging.StreamHandler", "formatter": "all"}},
    "root": {"level": "DEBUG", "handlers": ["all"]},
}


def test_after_an_exchange_neither_files_nor_logs_hold_a_number_or_a_word(tmp_path):
    """The real door with all its logs on, three people, one of whom erases everything."""
    settings = SmsSettings("kannel", **place(tmp_path))
    port, words_of_people = (
        closed_port(),
        ["je dors porte de la chapelle", "mon fils est malade", "abonnement"],
    )
    with Peers() as peers:
        everything = tmp_path / "journal.json"
        everything.write_text(json.dumps(ALL_LOGS))
        environment = door_environment(tmp_path, peers, port)
        door = start_door(port, environment, tmp_path / "porte.log", "--log-config", str(everything))
        try:
            for rank, text in enumerate(words_of_people):
                receive_by_kannel(port, rank, text)
            receive_by_kannel(port, 99, "EFFACER", number(0))
            wait_for(lambda: len(peers.sent) == 4, 60)
            wait_for(lambda: state(settings, NOON)["a_envoyer"] == {}, 60)
            assert (
                holds(tmp_path, *words_of_people, peers.said, *(number(rank)[1:] for rank in range(3))) == []
            )
            session = Hasher(KEY).session(number(0))
            kept = contents(settings)
            assert session not in kept and Hasher(KEY).session(number(1)) in kept
            assert "jalon.porte GET /webhooks/sms/" in (tmp_path / "porte.log").read_text(), "the logs are on"
        finally:
            door.kill()
            door.wait()


def test_killed_between_receipt_and_answer_the_door_answers_everyone_once(tmp_path):
    """The real door, with a dialogue server and a Kannel reduced to their HTTP, killed -9 again and again."""
    asked, port = 24, closed_port()
    with Peers() as peers:
        environment = door_environment(tmp_path, peers, port)
        kills, ranks, accepted = 0, iter(range(asked)), 0
        while accepted < asked or len(peers.sent) < asked:
            assert kills < 12, f"{len(peers.sent)} answers after {kills} kills"
            door = start_door(port, environment)
            try:
                for rank in list(islice(ranks, 6)):
                    receive_by_kannel(port, rank, f"douche {rank}")
                    accepted += 1
                if accepted == asked and kills >= 3:
                    wait_for(lambda: len(peers.sent) >= asked, 90)
                else:
                    before = len(peers.sent)
                    wait_for(lambda before=before: peers.turns and len(peers.sent) > before, 15)
            finally:
                door.send_signal(signal.SIGKILL)
                door.wait()
            kills += 1
        answers = Counter(peers.sent)
    print(
        f"\n{asked} received, {kills} times killed -9, {len(peers.turns)} turns, {answers.total()} answers sent"
    )
    assert answers == Counter(number(rank) for rank in range(asked))
    assert "attend" not in state(SmsSettings("kannel", **place(tmp_path)), NOON)["recus"]


async def started(world, messages: list[Incoming], *seconds: float) -> None:
    for one_message in messages:
        await world.receive(one_message)
    await worked(world, *seconds)


async def running_until(world, condition) -> None:
    task = asyncio.create_task(world.worker.run())
    try:
        async with asyncio.timeout(60):
            while not condition():
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.2)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _rank(text: str) -> int:
    return int(text.rsplit(" ", 1)[1])
