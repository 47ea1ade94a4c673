"""The SMS queue keeps each message once, knows nobody's number longer than it must, and erases for good."""

from __future__ import annotations

import asyncio
import stat

import pytest

from channels.sms.messages import Arrival, QueueFull
from channels.sms.numbers import Hasher, international, kept_key
from channels.sms.providers import Fate, Incoming, Report
from channels.sms.seal import Seal
from channels.sms.settings import read_sms_settings
from data.sql.errors import StoreError
from tests.sms_queue import KEY, NOON, holds, message, number, queue

DAY = 86400.0


def test_a_message_said_twice_is_kept_once(where):
    async def play(world):
        return [await world.receive(message(1)), await world.receive(message(1), message(2))]

    with queue(where) as world:
        assert asyncio.run(play(world)) == [[Arrival.NEW], [Arrival.AGAIN, Arrival.NEW]]
    assert world.state(NOON)["recus"] == {"attend": 2}


def test_a_message_played_again_the_next_day_is_a_replay_even_after_its_text_is_gone(where):
    async def play(world):
        await world.receive(message(1))
        await world.worker.work()
        world.clock.now += 40 * DAY
        await world.worker.tidy()
        return await world.receive(message(1))

    with queue(where) as world:
        assert asyncio.run(play(world)) == [Arrival.REPLAYED]
        assert len(world.gateway.taken_sms) == 1


def test_a_full_queue_asks_the_provider_to_come_back_and_keeps_nothing_of_the_call(where):
    async def play(world):
        await world.receive(message(1), message(2))
        with pytest.raises(QueueFull):
            await world.receive(message(3), message(4))
        await world.worker.work()
        return await world.receive(message(3))

    with queue(where, queue=3) as world:
        assert asyncio.run(play(world)) == [Arrival.NEW]


@pytest.mark.parametrize("sender", ["36111", "INFO", "", "Unknown", "+33 36111"])
def test_who_is_not_a_phone_is_never_answered(where, sender):
    async def play(world):
        arrivals = await world.receive(message(1, number=sender))
        return arrivals, await world.worker.work()

    with queue(where) as world:
        assert asyncio.run(play(world)) == ([Arrival.NOBODY], 0)


@pytest.mark.parametrize(
    "written", ["+33612345678", "0612345678", "06 12 34 56 78", "0033612345678", "33612345678"]
)
def test_a_number_is_one_person_however_the_provider_writes_it(written):
    assert international(written) == "+33612345678"


def test_the_number_stays_only_until_the_answer_is_delivered_and_never_in_clear(where):
    sealed = {}

    async def play(world):
        await world.receive(message(1, "je dors dehors"))
        sealed.update(world.sealed())
        assert set(sealed) == {"+33612345678", "je dors dehors"}, "both are needed to answer"
        assert world.holds(sealed["+33612345678"]) and not world.holds("612345678", "je dors dehors")
        await world.worker.work()
        sealed.update(world.sealed())
        await world.deliver(Fate.ACCEPTED)
        assert numbers(world) == 1
        await world.deliver()
        return numbers(world)

    with queue(where) as world:
        assert asyncio.run(play(world)) == 0
    assert not world.holds("33612345678", "612345678", "je dors dehors", "vu : je dors dehors")
    assert len(sealed) == 3 and not world.holds(*sealed.values()), (
        "the question, the answer that quotes it, the number"
    )


def test_while_running_what_is_erased_leaves_the_files_within_seconds(tmp_path):
    async def play(world):
        for rank in range(30):
            await world.receive(message(rank, f"un texte très personnel {rank}", number(rank)))
        sealed = world.sealed().values()
        assert len(sealed) == 60 and all(holds(tmp_path, one) for one in sealed)
        await world.worker.work()
        await world.deliver()
        for _ in range(80):
            if not holds(tmp_path, *sealed):
                return True
            await asyncio.sleep(0.1)
        return False

    with queue(tmp_path) as world:
        assert asyncio.run(play(world))


def test_without_a_report_number_and_text_go_at_the_end_of_their_time(where):
    sealed = {}

    async def play(world):
        await world.receive(message(1, "je dors dehors"))
        sealed.update(world.sealed())
        await world.worker.work()
        world.clock.now += 23 * 3600
        await world.worker.tidy()
        assert numbers(world) == 1
        world.clock.now += 2 * 3600
        await world.worker.tidy()

    with queue(where) as world:
        asyncio.run(play(world))
        assert world.state(NOON)["remises"] == {"inconnu": 1}
    assert not world.holds(*sealed, *sealed.values())


def test_after_a_day_nothing_links_a_message_to_a_person(where):
    async def play(world):
        await world.receive(message(1))
        await world.worker.work()
        world.clock.now += 2 * DAY
        await world.worker.tidy()

    with queue(where) as world:
        asyncio.run(play(world))
    assert not world.holds(Hasher(KEY).session("+33612345678"))


def test_reports_twice_in_disorder_or_unknown_change_nothing(where):
    async def play(world):
        await world.receive(message(1))
        await world.worker.work()
        reference = world.gateway.taken_sms[0].reference
        await world.store.report([Report("inconnue", Fate.DELIVERED)], NOON, 0.05)
        await world.deliver()
        await world.store.report(
            [Report(reference, Fate.ACCEPTED), Report(reference, Fate.FAILED)], NOON, 0.05
        )
        await world.deliver()

    with queue(where) as world:
        asyncio.run(play(world))
        found = world.state(NOON)
    assert found["remises"] == {"remis": 1}
    assert found["jour"]["sent"] == 1


def test_a_report_before_the_provider_s_own_answer_is_paid_once(where):
    async def play(world):
        await world.receive(message(1))
        await world.store.take_turn()
        await world.worker._answer_one((await world.store.next_received(NOON, 1))[0])
        (leaving,) = await world.store.next_outgoing(NOON, 1)
        await world.store.report([Report(leaving.sms.reference, Fate.DELIVERED)], NOON, 0.05)
        await world.store.sent(leaving, "id", NOON, 0.05, True)

    with queue(where) as world:
        asyncio.run(play(world))
        assert world.state(NOON)["jour"]["sent"] == 1
        assert world.state(NOON)["a_envoyer"] == {}


def test_steps_that_fail_leave_the_others_of_the_same_transaction_alone(where):
    async def play(world):
        broken = world.store._writer.do(lambda db: db.execute("INSERT INTO nowhere VALUES (1)"))
        return await asyncio.gather(
            broken, *(world.receive(message(rank)) for rank in range(5)), return_exceptions=True
        )

    with queue(where) as world:
        first, *others = asyncio.run(play(world))
    assert isinstance(first, StoreError)
    assert others == [[Arrival.NEW]] * 5


def test_the_files_are_their_owner_s_only(tmp_path):
    async def play(world):
        await world.receive(message(1))
        await world.worker.work()

    with queue(tmp_path) as world:
        asyncio.run(play(world))
        key = kept_key(tmp_path / "sms.cle")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600}, modes
    assert key == kept_key(tmp_path / "sms.cle") and len(key) == 64


def test_nothing_printed_of_a_message_shows_its_number_or_text():
    assert "+336" not in repr(Incoming("1", "+33612345678", "secret")) and "secret" not in repr(
        Incoming("1", "+33612345678", "secret")
    )


def test_settings_say_which_variable_is_wrong():
    assert read_sms_settings({}) is None
    found = read_sms_settings(
        {"JALON_SMS_FOURNISSEUR": "ovh", "JALON_SMS_OVH_SERVICE": "sms-x", "JALON_SMS_PLAFOND": "7,5"}
    )
    assert (found.cap, found.variables) == (7.5, {"JALON_SMS_OVH_SERVICE": "sms-x"})
    assert "sms-x" not in repr(found)
    wrong = {
        "JALON_SMS_FOURNISSEUR": "pigeon",
        "JALON_SMS_PLAFOND": "-1",
        "JALON_SMS_LIMITE_HEURE": "0",
        "JALON_SMS_CLE": "courte",
    }
    for name, value in wrong.items():
        with pytest.raises(ValueError, match=name):
            read_sms_settings({"JALON_SMS_FOURNISSEUR": "ovh", name: value})


def test_what_was_sealed_with_a_key_that_has_changed_holds_back_nothing(where):
    """Nobody can read it any more: it is a dead letter, and the messages that follow are answered."""
    with queue(where) as world:
        asyncio.run(world.receive(message(1)))
    with queue(where) as world:
        world.store._seal = Seal("une autre clé de trente-deux caractères")

        async def play():
            await world.receive(message(2, number=number(2)))
            return await world.worker.work()

        assert asyncio.run(play()) == 2
        assert world.state()["recus"] == {"mort": 1, "repondu": 1}


def test_a_text_that_no_database_can_hold_is_kept_and_answered(where):
    heard = []

    async def answer(session, text, last):
        heard.append(text)
        return ["vu"]

    async def play(world):
        await world.receive(message(1, "douche\0 \ud83d ici"))
        await world.worker.work()

    with queue(where, answer) as world:
        asyncio.run(play(world))
    assert heard == ["douche\0 ? ici"]


def numbers(world) -> int:
    return world.rows("SELECT count(*) AS them FROM numbers")[0]["them"]
