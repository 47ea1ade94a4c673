"""The action server answers only who shows the internal key: it receives what a person said."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from rasa_sdk.executor import ActionExecutor

from actions.server import Answer, Executor
from cli.project import ROOT
from data.city import KEY_HEADER, KEY_VARIABLE
from tests.door_server import base_path, closed_port
from tests.sms_peers import wait_for

KEY = secrets.token_hex(16)
CALL = {
    "next_action": "action_listen_to_nobody",
    "sender_id": "a",
    "tracker": {},
    "domain": {},
    "version": "3.6.21",
}


def started(port: int, key: str | None) -> subprocess.Popen:
    environment = {**os.environ, "JALON_BASE": str(base_path())}
    environment.pop(KEY_VARIABLE, None)
    if key is not None:
        environment[KEY_VARIABLE] = key
    command = [sys.executable, "-m", "actions.server", "--port", str(port)]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def server() -> Iterator[httpx.Client]:
    port = closed_port()
    with started(port, KEY) as process, closing(httpx.Client(base_url=f"http://127.0.0.1:{port}")) as client:

        def ready() -> bool:
            try:
                return client.get("/health").status_code == 200
            except httpx.HTTPError:
                return False

        wait_for(ready, 60)
        yield client
        process.terminate()


@pytest.mark.parametrize(
    "shown",
    [None, b"", KEY[:-1].encode(), KEY.upper().encode() + b"x", b"\xe9" * 20, "é".encode() * 16],
    ids=["missing", "empty", "shorter", "longer", "not UTF-8", "not ASCII"],
)
def test_without_the_right_key_no_action_runs_and_nothing_is_listed(server, shown):
    headers = {} if shown is None else {KEY_HEADER.encode(): shown}
    for method, path in (("POST", "/webhook"), ("GET", "/actions"), ("GET", "/webhook"), ("GET", "/rien")):
        answer = server.request(method, path, json=CALL, headers=headers)
        assert answer.status_code == 401, path
        assert answer.json() == {"error": "key"}
    assert server.post("/webhook", content=b"{not json", headers=headers).status_code == 401


def test_with_the_key_actions_are_answered(server):
    shown = {KEY_HEADER: KEY}
    assert "action_pas_compris" in {one["name"] for one in server.get("/actions", headers=shown).json()}
    assert server.post("/webhook", json=CALL, headers=shown).status_code == 404, (
        "an action that does not exist"
    )


def test_its_health_is_open_and_tells_nothing(server):
    assert server.get("/health").json() == {"status": "ok"}


@pytest.mark.parametrize("key", [None, "", "quinze-lettres."])
def test_it_does_not_start_without_a_long_enough_key(key):
    with started(closed_port(), key) as process:
        _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert KEY_VARIABLE in told and "quinze" not in told and "Traceback" not in told


def test_an_answer_is_what_the_sdk_makes_of_it():
    events = [{"event": "slot", "name": "faits", "value": {"age": 40}}]
    said = [
        {"text": "Bonjour", "buttons": [], "custom": {"orientation": {"dispositifs": [{"manque": ("age",)}]}}}
    ]
    ours, theirs = (one._create_api_response(events, said) for one in (Executor, ActionExecutor))
    assert type(ours) is Answer and json.loads(json.dumps(ours.model_dump())) == json.loads(
        json.dumps(theirs.model_dump())
    )


def test_the_sdk_answers_with_what_the_executor_makes():
    executor = Executor()
    executor.register_function(
        "action_dite", lambda dispatcher, tracker, domain: dispatcher.utter_message("Bonjour")
    )
    call = {"next_action": "action_dite", "tracker": {"sender_id": "a"}, "domain": {"intents": []}}
    answer = asyncio.run(executor.run(call))
    assert type(answer) is Answer and [one["text"] for one in answer.responses] == ["Bonjour"]
