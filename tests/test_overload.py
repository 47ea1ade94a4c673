"""Too much at once, from one or from many: a clear refusal with the numbers to call, never a hang, never a name kept."""

import asyncio
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
import redis
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from channels import patience, protection
from channels.app import create_app
from channels.circuits import Broken, Circuits
from channels.rates import Rates
from channels.settings import read_settings
from cli import supervisor
from tests.city_services import redis_url
from tests.door_server import alone, serve, serve_app

KEY = "cle-de-test-0123456789"
TURN = {"messages": [{"texte": "Oui.", "boutons": []}], "etat": {"faits": {}, "besoins": []}}


@contextmanager
def door(**changes):
    """A door behind a declared proxy: the test says who asks with X-Forwarded-For."""
    with serve(alone(**changes)) as url, httpx.Client(base_url=url, timeout=15) as client:
        yield client


@contextmanager
def dialogue(turn):
    """The address of a dialogue server whose turns are `turn`."""
    with serve_app(Starlette(routes=[Route("/webhooks/jalon/tour", turn, methods=["POST"])])) as url:
        yield url


def assert_numbers(text: str) -> None:
    for number in ("112", "114", "115", "119", "3919", "3114"):
        assert number in text


def message(session="s1", **more) -> dict:
    return {"session": session, "texte": "je veux mourir", **more}


def test_a_session_that_sends_too_much_is_told_to_wait_and_whom_to_call():
    with door(rates={"session": "3/hour", "adresse": "600/minute"}) as client:
        assert [client.post("/tour", json=message()).status_code for _ in range(3)] == [200] * 3
        fragment = client.post("/tour", json=message())
        page = client.post("/conversation", data=message())
        program = client.post("/api/v1/messages", json=message())
        for refused in (fragment, page, program):
            assert refused.status_code == 429 and 0 < int(refused.headers["retry-after"]) <= 3600
            assert_numbers(refused.text)
        assert fragment.headers["x-jalon-texte"] == "garde" and "journal" in fragment.text
        assert "<h1>" in page.text and "Chercher un service" in page.text
        assert program.json()["erreurs"][0]["message"]
        assert client.post("/tour", json=message("s2")).status_code == 200, "others are answered"


def test_an_address_has_its_limit_and_a_proxy_is_believed_only_when_declared():
    rates = {"session": "60/minute", "adresse": "2/hour"}
    ask = lambda client, who: client.get("/recherche", headers={"x-forwarded-for": who}).status_code
    with door(rates=rates) as client:  # uvicorn declares this machine unless told otherwise
        assert [ask(client, "192.0.2.1") for _ in range(3)] == [200, 200, 429]
        assert ask(client, "192.0.2.2") == 200
        assert [ask(client, f"2001:db8::{rank}") for rank in range(3)] == [200, 200, 429], "one household"
        assert [ask(client, "127.0.0.1") for _ in range(4)] == [200] * 4
    config = uvicorn.Config(create_app(alone(rates=rates)), port=0, log_config=None, proxy_headers=False)
    with _served(config) as client:
        assert [ask(client, "192.0.2.1") for _ in range(4)] == [200] * 4, "nobody can speak for another"


@contextmanager
def _served(config):
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    with httpx.Client(base_url=f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}") as client:
        yield client
    server.should_exit = True
    thread.join(10)


def test_the_supervisor_declares_only_the_proxies_that_are_named():
    ports = {"JALON_PORT": "64100", "JALON_RASA_PORT": "64200", "JALON_ACTIONS_PORT": "64300"}
    assert "--no-proxy-headers" in supervisor._commands(ports)["porte"]
    named = supervisor._commands({**ports, "JALON_MANDATAIRES": "10.0.0.1 10.1.0.0/16"})["porte"]
    assert named[named.index("--forwarded-allow-ips") + 1] == "10.0.0.1,10.1.0.0/16"


@pytest.mark.parametrize(
    ("variable", "text"),
    [("JALON_LIMITE_SESSION", "beaucoup"), ("JALON_LIMITE_ADRESSE", "0"), ("JALON_TOURS_SIMULTANES", "0")],
)
def test_a_wrong_limit_stops_the_start_with_its_name(variable, text):
    with pytest.raises(ValueError, match=variable):
        read_settings({variable: text})


def test_beyond_what_can_be_answered_people_are_refused_at_once_and_the_line_is_served():
    async def slow(request):
        await asyncio.sleep(1.5)
        return JSONResponse(TURN)

    with dialogue(slow) as rasa, door(rasa_url=rasa, turns_at_once=2, turns_waiting=2) as client:

        def say(rank):
            begun = time.monotonic()
            answer = client.post("/tour", json=message(f"s{rank}"))
            return answer, time.monotonic() - begun

        with ThreadPoolExecutor(8) as people:
            answers = list(people.map(say, range(8)))
        refused = [(answer, spent) for answer, spent in answers if answer.status_code == 503]
        assert [answer.status_code for answer, _ in answers].count(200) == 4 and len(refused) == 4
        for answer, spent in refused:
            assert_numbers(answer.text)
            assert (
                spent < 1.4 and answer.headers["retry-after"] and answer.headers["x-jalon-texte"] == "garde"
            )
        assert client.get("/recherche?besoin=douche").status_code == 200
        assert client.post("/tour", json=message("s9")).status_code == 200, "places come back"


def test_nobody_waits_longer_than_the_patience_of_the_door():
    async def slow(request):
        await asyncio.sleep(2)
        return JSONResponse(TURN)

    with (
        dialogue(slow) as rasa,
        door(rasa_url=rasa, turns_at_once=1, turns_patience=0.2) as client,
        ThreadPoolExecutor(1) as people,
    ):
        first = people.submit(client.post, "/api/v1/messages", json=message("s1"))
        time.sleep(0.3)
        second = client.post("/api/v1/messages", json=message("s2"))
        assert second.status_code == 503 and not first.done()
        assert_numbers(second.text)


def test_a_stuck_dialogue_server_is_waited_for_three_times_then_left_alone_then_tried_by_one(monkeypatch):
    monkeypatch.setattr("channels.rasa._REST_S", 1.0)
    stuck, calls = threading.Event(), []
    stuck.set()

    async def turn(request):
        calls.append(1)
        while stuck.is_set():
            await asyncio.sleep(0.01)
        return JSONResponse(TURN)

    def say(client, session="s1"):
        begun = time.monotonic()
        text = client.post("/api/v1/messages", json=message(session)).text
        return "Oui." in text, time.monotonic() - begun

    with dialogue(turn) as rasa, door(rasa_url=rasa, rasa_delay=0.3) as client:
        for _ in range(3):
            assert say(client)[1] >= 0.3
        assert say(client)[1] < 0.3 and len(calls) == 3, "nobody waits any more"
        assert client.get("/sante").json()["composants"]["rasa"] == "indisponible"
        assert 'jalon_circuit_ouvert{serveur="1"} 1.0' in client.get("/metriques").text
        time.sleep(1.1)
        with ThreadPoolExecutor(4) as people:
            list(people.map(lambda rank: say(client, f"s{rank}"), range(4)))
        assert len(calls) == 4, "one request tries the server"
        stuck.clear()
        time.sleep(1.1)
        assert say(client)[0] and say(client)[0]
        assert 'jalon_circuit_ouvert{serveur="1"} 0.0' in client.get("/metriques").text


def test_a_circuit_outlives_a_clock_that_goes_back(monkeypatch):
    now = [1_000_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])

    async def story():
        circuits = Circuits(1, 5)
        with pytest.raises(OSError):
            async with circuits.around("a"):
                raise OSError
        with pytest.raises(Broken):
            async with circuits.around("a"):
                pass
        now[0] -= 3600
        async with circuits.around("a"):
            pass
        assert circuits.closed("a")

    asyncio.run(story())


def test_doors_count_together_without_keeping_who_and_alone_when_redis_is_full_or_gone():
    limits = {"session": "3/hour", "adresse": "3/hour"}
    with redis_url() as url:

        async def story():
            doors = [Rates(KEY, limits, url) for _ in range(2)]
            waits = [await doors[rank % 2].hit("adresse", "192.0.2.77") for rank in range(4)]
            assert waits[:3] == [0, 0, 0] and 0 < waits[3] <= 3600
            with redis.Redis.from_url(url) as client:
                names = b" ".join(client.scan_iter())
                assert names and b"192.0.2" not in names
                client.config_set("maxmemory-policy", "noeviction")
                client.config_set("maxmemory", "1")
            begun = time.monotonic()
            assert [await doors[0].hit("adresse", "192.0.2.78") for _ in range(4)][:3] == [0, 0, 0]
            assert time.monotonic() - begun < 2
            with redis.Redis.from_url(url) as client:
                client.config_set("maxmemory", "0")

        asyncio.run(story())

    async def gone():
        rates = Rates(KEY, limits, url)
        assert [await rates.hit("session", "s") for _ in range(4)][:3] == [0, 0, 0]
        assert await rates.hit("session", "s") > 0, "a limit holds at each door"

    asyncio.run(gone())


def _slow_client(url: str, first: bytes) -> tuple[bytes, float]:
    """What comes back to who sends `first` and nothing more, and after how long."""
    host, port = url.removeprefix("http://").split(":")
    begun = time.monotonic()
    with socket.create_connection((host, int(port)), timeout=10) as wire:
        wire.sendall(first)
        received = b""
        while piece := wire.recv(65_536):
            received += piece
    return received, time.monotonic() - begun


def test_slow_clients_are_let_go_and_others_are_answered(monkeypatch):
    monkeypatch.setattr(patience, "HEADERS_S", 0.5)
    monkeypatch.setattr(protection, "_BODY_S", 0.5)
    config = uvicorn.Config(create_app(alone()), port=0, log_config=None, http=patience.Patient)
    with _served(config) as client:
        url = str(client.base_url).rstrip("/")
        _, spent = _slow_client(url, b"GET / HTTP/1.1\r\nHost: x\r\n")
        assert 0.3 < spent < 3
        begin = b"POST /api/v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        answer, spent = _slow_client(url, begin + b'Content-Length: 40\r\n\r\n{"session"')
        assert spent < 3 and b" 408 " in answer.split(b"\r\n")[0]
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["erreurs"]
        assert httpx.get(url).status_code == 200
