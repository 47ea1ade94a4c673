"""With the dialogue server stopped, stuck or senseless, a person still gets a sentence, numbers and a way on."""

import asyncio
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from channels.api import schemas
from tests.door_server import alone, serve, serve_app

EMPTY = {"faits": {}, "besoins": []}


@pytest.fixture(scope="module")
def door():
    with serve(alone()) as url, httpx.Client(base_url=url) as client:
        yield client


def say(door, text, session="s1") -> dict:
    response = door.post("/api/v1/messages", json={"session": session, "texte": text, "canal": "web"})
    assert response.status_code == 200, response.text
    schemas.Tour.model_validate(response.json(), strict=True)
    assert response.json()["messages"] and all(one["texte"] for one in response.json()["messages"])
    return response.json()


def spoken(answer) -> str:
    return "\n".join(message["texte"] for message in answer["messages"])


def assert_safe(answer) -> None:
    for number in ("112", "114", "115", "119", "3919", "3114"):
        assert number in spoken(answer)
    assert "Chercher un service" in spoken(answer)
    assert answer["orientation"] is None and answer["etat"] == EMPTY


def test_a_stopped_dialogue_server_gives_the_numbers_and_the_form(door):
    assert_safe(say(door, "je veux mourir"))


@pytest.mark.parametrize("text", ["", "   \n\t", "\u200b\u200e"])
def test_an_empty_message_is_answered_with_an_example(door, text):
    assert "Je n'ai rien reçu." in spoken(say(door, text))


@pytest.mark.parametrize("text", ["👍", "😭😭😭", "👨‍👩‍👧", "?!…"])
def test_a_message_without_words_is_answered_with_an_example(door, text):
    assert "seulement les mots" in spoken(say(door, text))


@pytest.mark.parametrize("length", [501, 5000])
def test_a_long_message_is_told_the_limit_and_the_numbers_to_call(door, length):
    answer = spoken(say(door, "a" * length))
    assert "500" in answer and str(length) in answer and "112" in answer


def test_five_hundred_letters_are_not_too_long(door):
    assert "trop long" not in spoken(say(door, "a" * 500))


def test_a_text_that_cannot_be_written_is_cleaned_and_answered(door):
    for body in (
        b'{"session": "s", "texte": "bonjour \\u0000 x"}',
        '{"session": "s", "texte": "b\u202eon"}'.encode(),
    ):
        response = door.post("/api/v1/messages", content=body, headers={"content-type": "application/json"})
        assert response.status_code == 200


def test_the_page_gets_back_the_text_that_was_too_long_and_keeps_it(door):
    body = {"session": "s", "texte": "a" * 5000}
    refused = door.post("/tour", json=body)
    assert refused.headers["x-jalon-texte"] == "garde" and "trop long" in refused.text
    down = door.post("/tour", json={**body, "texte": "bonjour"})
    assert "x-jalon-texte" not in down.headers and 'href="tel:112"' not in down.text.split("<li")[0]


def test_understanding_and_forgetting_say_that_they_cannot_be_done_now(door):
    for response in (
        door.post("/api/v1/comprendre", json={"texte": "une douche"}),
        door.delete("/api/v1/sessions/s1"),
    ):
        assert response.status_code == 503
        assert "minute" in response.json()["erreurs"][0]["message"]


def test_a_stuck_dialogue_server_does_not_keep_the_person_waiting():
    with socket.create_server(("127.0.0.1", 0)) as mute:  # accepts, and never answers
        settings = alone(rasa_url=f"http://127.0.0.1:{mute.getsockname()[1]}", rasa_delay=0.5)
        with serve(settings) as url, httpx.Client(base_url=url, timeout=10) as door:
            start = time.monotonic()
            assert_safe(say(door, "bonjour"))
            assert time.monotonic() - start < 3


@contextmanager
def door_with(*routes: Route):
    """A door whose dialogue server answers what the routes say."""
    with (
        serve_app(Starlette(routes=routes)) as rasa,
        serve(alone(rasa_url=rasa)) as url,
        httpx.Client(base_url=url, timeout=10) as client,
    ):
        yield client


def orienting(text: object) -> str:
    """A turn of the dialogue server that carries `text` for an orientation."""
    return json.dumps({"messages": [{"texte": "Oui.", "orientation": text}], "etat": EMPTY})


@pytest.mark.parametrize(
    "senseless",
    [
        "oups",
        "[]",
        "{}",
        '{"messages": "x", "etat": {}}',
        '{"messages": [{"boutons": []}], "etat": null}',
        *map(orienting, ("", '{"dispositifs": [', "oups", "[]", "null", 3, {"dispositifs": []})),
    ],
)
def test_a_senseless_dialogue_server_is_treated_as_stopped(senseless):
    async def turn(request):
        return PlainTextResponse(senseless)

    with door_with(Route("/webhooks/jalon/tour", turn, methods=["POST"])) as door:
        assert_safe(say(door, "bonjour"))


def test_a_silent_dialogue_server_never_leaves_a_person_without_an_answer():
    async def turn(request):
        return JSONResponse({"messages": [], "etat": {"faits": {"age": 40}, "besoins": ["douche"]}})

    with door_with(Route("/webhooks/jalon/tour", turn, methods=["POST"])) as door:
        answer = say(door, "bonjour")
        assert "115" in spoken(answer)
        assert answer["etat"] == {"faits": {"age": 40}, "besoins": ["douche"]}


def test_messages_of_one_session_wait_for_each_other_and_the_name_of_the_session_stays_here():
    seen, running, most = [], {}, {}
    lock = threading.Lock()

    async def turn(request):
        sender = (await request.json())["sender"]
        with lock:
            seen.append(sender)
            running[sender] = running.get(sender, 0) + 1
            most[sender] = max(most.get(sender, 0), running[sender])
        await asyncio.sleep(0.05)
        with lock:
            running[sender] -= 1
        return JSONResponse({"messages": [{"texte": "Oui.", "boutons": []}], "etat": EMPTY})

    with door_with(Route("/webhooks/jalon/tour", turn, methods=["POST"])) as door:
        start = time.monotonic()
        with ThreadPoolExecutor(8) as people:
            list(people.map(lambda rank: say(door, "bonjour", f"session-{rank % 4}"), range(8)))
        spent = time.monotonic() - start
    assert set(most.values()) == {1}
    assert len(set(seen)) == 4 and not any("session" in sender for sender in seen)
    assert spent < 8 * 0.05 + 2, "different sessions must not wait for each other"
