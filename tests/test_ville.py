"""Several doors and dialogue servers are one Jalon: nothing is lost, doubled or kept when people go from one to another."""

import asyncio
import concurrent.futures
import itertools
import json
import re
import secrets
import signal
import subprocess
import threading
import time
import zlib
from contextlib import suppress

import httpx
import psycopg
import pytest
import redis

from channels.rasa import RasaClient, RasaUnavailable
from cli import supervisor
from cli.project import DIALOGUE_PYTHON, ROOT
from data.city import read_city
from tests.city import City, running_city

KEY = "0123456789abcdef"
NUMBER = "06 12 34 56 78"


@pytest.fixture(scope="module")
def city():
    if not DIALOGUE_PYTHON.exists():
        pytest.skip("the environment of the dialogue server (.venv-rasa) is absent: use « make test »")
    with running_city() as found:
        yield found


def say(door: str, session: str, text: str, sending: str = "") -> str:
    """The HTML of an answer: one turn of the page."""
    body = {"session": session, "texte": text, "canal": "web", "libelle": "", "envoi": sending}
    return httpx.post(f"{door}/tour", json=body, timeout=30).raise_for_status().text


def told(door: str, session: str, text: str) -> dict:
    body = {"session": session, "texte": text, "canal": "web"}
    return httpx.post(f"{door}/api/v1/messages", json=body, timeout=30).raise_for_status().json()["etat"]


def row_of(city: City, session: str) -> tuple | None:
    sender = RasaClient(city.settings(*city.dialogues)).sender(session)
    return next((row for row in city.rows() if row[0] == sender), None)


def test_a_conversation_goes_from_server_to_server_and_door_to_door_without_losing_anything(city):
    """Each turn is given to another dialogue server than the last, whatever the session's own one is."""
    session = secrets.token_hex(16)
    lines = [RasaClient(city.settings(address)) for address in city.dialogues]

    async def talk() -> list[dict]:
        turns = [
            "bonjour j'ai 22 ans",
            "je dors dehors vers gare du nord",
            "je cherche une douche",
            "je suis une femme",
        ]
        states = [
            (await lines[rank % 2].turn(session, text, "web"))["etat"] for rank, text in enumerate(turns)
        ]
        for line in lines:
            await line.close()
        return states

    states = asyncio.run(talk())
    assert states[0]["faits"]["age"] == 22
    for state in states[1:]:
        assert state["faits"]["age"] == 22 and "lieu" in state["faits"]
    for before, after in itertools.pairwise(states):
        assert before["faits"].items() <= after["faits"].items()
    for rank in range(2):
        assert states[-1]["faits"].items() <= told(city.doors[rank], session, "pourquoi ?")["faits"].items()


def test_people_are_spread_over_the_servers_and_each_stays_on_its_own(city):
    client = RasaClient(city.settings(*city.dialogues))
    first = [client._in_order(client.sender(str(person)))[0] for person in range(200)]
    assert first == [client._in_order(client.sender(str(person)))[0] for person in range(200)]
    assert all(60 < first.count(address) < 140 for address in city.dialogues)


def test_turns_sent_at_once_to_both_servers_each_count(city):
    """Without an order between servers, the last one to save would erase what the other was told."""
    facts = ["j'ai 22 ans", "je suis une femme", "j'ai 2 enfants", "je dors dehors"]

    async def talk(session: str) -> dict:
        lines = [RasaClient(city.settings(address)) for address in city.dialogues]
        await lines[0].turn(session, "bonjour", "web")
        await asyncio.gather(*(lines[rank % 2].turn(session, text, "web") for rank, text in enumerate(facts)))
        state = (await lines[0].turn(session, "pourquoi ?", "web"))["etat"]
        for line in lines:
            await line.close()
        return state

    for _ in range(3):
        assert len(asyncio.run(talk(secrets.token_hex(16)))["faits"]) >= len(facts)


def test_the_same_message_sent_to_both_doors_at_once_is_answered_once(city):
    """« Oui » twice would answer the next question too. The table tells how often the person spoke."""
    for _ in range(5):
        session, sending = secrets.token_hex(16), secrets.token_hex(16)
        say(city.doors[0], session, "je cherche une douche", secrets.token_hex(16))
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            asked = [
                pool.submit(say, city.doors[rank % 2], session, "j'ai 22 ans", sending) for rank in range(4)
            ]
            answers = {one.result() for one in asked}
        assert len(answers) == 1
        assert spoken(city, session) == 2


def test_a_session_forgotten_at_one_door_is_gone_at_both_and_everywhere(city):
    session = secrets.token_hex(16)
    sending = secrets.token_hex(16)
    say(city.doors[0], session, "bonjour j'ai 22 ans", sending)
    assert row_of(city, session)
    shared = set(city.shared())
    assert httpx.delete(f"{city.doors[1]}/api/v1/sessions/{session}", timeout=20).status_code == 204
    assert row_of(city, session) is None
    assert len(shared - set(city.shared())) == 1, "the last answer"
    for door in city.doors:
        assert "age" not in told(door, session, "bonjour")["faits"]


def test_an_expired_conversation_leaves_the_table_and_is_not_answered_from_it(city):
    session = secrets.token_hex(16)
    told(city.doors[0], session, "bonjour j'ai 22 ans")
    sender, _, seconds = row_of(city, session)
    assert 1700 < seconds <= 1800
    expire(city, sender)
    assert "age" not in told(city.doors[1], session, "bonjour")["faits"]
    expire(city, sender)
    sweep = "import asyncio, sys; from assistant.postgres_shelf import *; asyncio.run(PostgresShelf(sys.argv[1]).sweep())"
    subprocess.run([DIALOGUE_PYTHON, "-c", sweep, city.postgres], cwd=ROOT, check=True, timeout=60)
    assert row_of(city, session) is None


def expire(city: City, sender: str) -> None:
    with psycopg.connect(city.postgres) as db:
        db.execute(
            "UPDATE conversations SET expires_at = now() - interval '1 second' WHERE sender = %s", [sender]
        )


def test_what_names_someone_is_in_no_store(city):
    session = secrets.token_hex(16)
    for rank, text in enumerate((f"bonjour mon numéro est {NUMBER}", "ecrivez a jeanne.planque@exemple.fr")):
        say(city.doors[rank], session, text, secrets.token_hex(16))
    rows, shared = city.rows(), city.shared()
    stored = " ".join(row[1] for row in rows)
    stored += " ".join(
        zlib.decompress(value).decode() for name, value in shared.items() if ":reponse:" in name
    )
    assert "•" in json.dumps([json.loads(row[1]) for row in rows], ensure_ascii=False), "masked"
    for planted in (NUMBER, NUMBER.replace(" ", ""), "jeanne.planque", session):
        assert planted not in stored
    for name in [row[0] for row in rows] + list(shared):
        assert len(re.findall(r"\b[0-9a-f]{64}\b", name)) == 1


def test_a_postgres_that_hangs_is_told_and_forgets_nobody(city):
    session = secrets.token_hex(16)
    told(city.doors[0], session, "bonjour j'ai 22 ans")
    with psycopg.connect(city.postgres) as db:
        db.execute("LOCK TABLE conversations IN ACCESS EXCLUSIVE MODE")
        begun = time.perf_counter()
        said = say(city.doors[0], session, "je cherche une douche")
        assert time.perf_counter() - begun < 5
    assert "115" in said and "Je ne peux pas vous répondre pour le moment" in said
    assert told(city.doors[0], session, "je suis une femme")["faits"]["age"] == 22
    for rank in range(2):
        assert "22 ans" not in city.log(f"rasa-{rank}")


def test_a_postgres_that_restarts_is_not_noticed(city):
    session = secrets.token_hex(16)
    told(city.doors[0], session, "bonjour j'ai 22 ans")
    with psycopg.connect(city.postgres, autocommit=True) as db:
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        assert len(db.execute(f"{cut} AND application_name = 'jalon-dialogue'").fetchall()) >= 2
    assert told(city.doors[1], session, "je dors dehors")["faits"]["age"] == 22


def test_a_redis_that_hangs_does_not_stop_conversations(city):
    session = secrets.token_hex(16)
    told(city.doors[0], session, "bonjour j'ai 22 ans")
    with redis.Redis.from_url(city.redis) as client:
        client.execute_command("CLIENT", "PAUSE", 6000, "ALL")
    try:
        begun = time.perf_counter()
        assert "Je ne peux pas" not in say(city.doors[0], session, "je suis une femme", secrets.token_hex(16))
        first, begun = time.perf_counter() - begun, time.perf_counter()
        assert "Je ne peux pas" not in say(city.doors[0], session, "j'ai 2 enfants", secrets.token_hex(16))
        assert first < 5 and time.perf_counter() - begun < 2.5, "then it is left alone"
    finally:
        with redis.Redis.from_url(city.redis, socket_timeout=10) as client:
            client.execute_command("CLIENT", "UNPAUSE")
    assert told(city.doors[1], session, "je dors dehors")["faits"]["genre"] == "femme"


def test_an_action_server_that_is_gone_is_told_and_forgets_nobody(city):
    """Rasa alone would say « dites-le avec d'autres mots », and lose what it understood without a word."""
    session = secrets.token_hex(16)
    told(city.doors[0], session, "bonjour j'ai 22 ans")
    city.kill("actions")
    said = say(city.doors[0], session, "je suis une femme")
    assert "115" in said and "Je ne peux pas vous répondre pour le moment" in said
    city.start("actions")
    assert told(city.doors[0], session, "je suis une femme")["faits"] == {"age": 22, "genre": "femme"}


def test_a_door_killed_between_the_dialogue_and_its_own_answer_does_not_count_a_message_twice(city):
    """Its page sends again, to another door: « oui » twice would answer the next question too."""
    talks = {name: secrets.token_hex(16) for name in ("cut", "whole")}
    for session in talks.values():
        say(city.doors[1], session, "bonjour je cherche un hebergement pour ce soir gare du nord")
    expected = told(city.doors[1], talks["whole"], "oui")
    sending, actions, door = secrets.token_hex(16), city.processes["actions"], city.processes["porte-0"]
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        actions.send_signal(signal.SIGSTOP)
        cut = pool.submit(say, city.doors[0], talks["cut"], "oui", sending)
        time.sleep(1.0)  # the door has passed the message on
        door.send_signal(signal.SIGSTOP)
        actions.send_signal(signal.SIGCONT)
        limit = time.monotonic() + 4
        while spoken(city, talks["cut"]) < 2 and time.monotonic() < limit:
            time.sleep(0.05)
        assert spoken(city, talks["cut"]) == 2, "the dialogue has answered"
        city.kill("porte-0")
        with pytest.raises(httpx.HTTPError):
            cut.result(20)
    again = say(city.doors[1], talks["cut"], "oui", sending)
    assert "Je ne peux pas" not in again
    assert spoken(city, talks["cut"]) == 2
    assert kept(city, talks["cut"]).items() >= expected.items()
    assert say(city.doors[1], talks["cut"], "oui", secrets.token_hex(16)) != again
    assert spoken(city, talks["cut"]) == 3, "another « oui » is another answer"
    city.start("porte-0")


def spoken(city: City, session: str) -> int:
    """How often the person spoke, as the table knows."""
    events = json.loads(row_of(city, session)[1])["events"]
    return sum(event["event"] == "user" for event in events)


def kept(city: City, session: str) -> dict:
    return httpx.get(f"{city.doors[1]}/api/v1/sessions/{session}", timeout=20).json()["etat"]


def test_a_killed_dialogue_server_loses_nothing_that_was_answered(city):
    """The last test of the city: a server is missing afterwards."""
    sessions = [secrets.token_hex(16) for _ in range(6)]  # some on each server
    for session in sessions:
        told(city.doors[0], session, "bonjour j'ai 22 ans")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        begun = threading.Event()
        busy = pool.submit(asyncio.run, talk_until_it_stops(city, sessions[0], begun))
        assert begun.wait(20)
        city.kill("rasa-0")  # with a turn under way, whose lease nobody gives back
        busy.result(20)
    assert told(city.doors[1], sessions[0], "je cherche une douche")["faits"]["age"] == 22
    begun = time.perf_counter()
    for session in sessions:
        for door in city.doors:
            assert told(door, session, "je cherche une douche")["faits"]["age"] == 22
    assert (time.perf_counter() - begun) / 12 < 2, "a killed server is not waited for"


async def talk_until_it_stops(city: City, session: str, begun: threading.Event) -> None:
    """One turn after the other with the first server; `begun` is set after the first."""
    line = RasaClient(city.settings(city.dialogues[0]))
    with suppress(RasaUnavailable):
        while True:
            await line.turn(session, "je suis une femme", "web")
            begun.set()
    await line.close()


@pytest.mark.parametrize("variable", ["JALON_PORTES", "JALON_DIALOGUES"])
def test_several_of_anything_without_shared_servers_are_refused(variable):
    faults = supervisor.setting_faults({variable: "2"})
    assert len(faults) == 1 and faults[0].startswith(f"{variable}=2")
    assert "JALON_POSTGRES" in faults[0] and "JALON_REDIS" in faults[0]
    for wrong in ("0", "-1", "deux", "1000"):
        assert variable in supervisor.setting_faults({variable: wrong})[0]


def test_servir_starts_as_many_as_asked_on_ports_that_follow():
    shared = {
        "JALON_POSTGRES": "postgresql://h/b",
        "JALON_REDIS": "redis://h",
        "JALON_CLE_INTERNE": KEY,
        "JALON_PORTES": "3",
        "JALON_DIALOGUES": "2",
        "JALON_PORT": "64100",
        "JALON_RASA_PORT": "64200",
        "JALON_ACTIONS_PORT": "64300",
    }
    assert supervisor.setting_faults(shared) == []
    commands = supervisor._commands(shared)
    assert [name for name in commands if name.startswith("rasa")] == ["rasa", "rasa-2"]
    assert commands["rasa"][-1] == "64200" and commands["rasa-2"][-1] == "64201"
    assert ("--workers", "3") in itertools.pairwise(commands["porte"])
    [fault] = supervisor.setting_faults({**shared, "JALON_ACTIONS_PORT": "64201"})
    assert "64201" in fault and "deux fois" in fault


@pytest.mark.parametrize("variable", ["JALON_POSTGRES", "JALON_REDIS"])
@pytest.mark.parametrize(
    "address", ["machine", "http://h:1/s3cret", "postgresql://", "redis://u:s3cret@h:99999", "x://[s3cret"]
)
def test_a_wrong_address_is_named_without_what_it_holds(variable, address):
    with pytest.raises(ValueError) as refused:
        read_city({variable: address, "JALON_CLE_INTERNE": KEY})
    assert variable in str(refused.value) and "s3cret" not in str(refused.value)


def test_shared_servers_need_a_shared_key():
    address = {"JALON_REDIS": "redis://machine"}
    with pytest.raises(ValueError, match="JALON_CLE_INTERNE"):
        read_city(address)
    assert read_city({**address, "JALON_CLE_INTERNE": KEY}).redis == "redis://machine"
    assert read_city({}).postgres is None
    assert "machine" not in repr(read_city({**address, "JALON_CLE_INTERNE": KEY}))
