"""The dialogue server keeps to what was decided: loopback, secret, no typed command, nothing identifying kept."""

import concurrent.futures
import json
import os
import subprocess

import httpx
import pytest

from cli.project import DIALOGUE_PYTHON, ROOT

WORDS = "bonjour je cherche une douche"


@pytest.fixture
def rasa(pile):
    """The line that the door uses: its address and its secret."""
    with httpx.Client(base_url=pile.rasa_url, headers={"X-Jalon-Cle": pile.key}, timeout=30) as client:
        yield client


@pytest.mark.parametrize("module", ["checks", "absent_checks"])
def test_what_is_added_to_rasa_works_in_its_own_python(module):
    if not DIALOGUE_PYTHON.exists():
        pytest.skip("the environment of the dialogue server (.venv-rasa) is absent: use « make test »")
    command = [str(DIALOGUE_PYTHON), "-m", "unittest", f"tests.dialogue_server.{module}"]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-6000:]
    assert "OK" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("key", ["", "0" * 64, "é" * 20])
def test_without_the_secret_nothing_is_answered(pile, key):
    headers = {b"X-Jalon-Cle": key.encode()}
    for path in ("/tour", "/comprendre"):
        answer = httpx.post(f"{pile.rasa_url}{path}", json={"sender": "a", "texte": WORDS}, headers=headers)
        assert answer.status_code == 401
    for path in ("/sante", "/relais"):
        assert httpx.get(f"{pile.rasa_url}{path}", headers=headers).status_code == 401
    for path in ("/relais", "/relais/a"):
        assert httpx.post(f"{pile.rasa_url}{path}", headers=headers).status_code == 401
    for method in ("POST", "DELETE"):
        assert httpx.request(method, f"{pile.rasa_url}/sessions/a", headers=headers).status_code == 401


def test_the_door_alone_is_reachable_from_other_machines_at_most(pile):
    """Rasa's HTTP API, its REST channel and a bare webhook do not exist."""
    root = pile.rasa_url.removesuffix("/webhooks/jalon")
    for path in (
        "/webhooks/rest/webhook",
        "/model/parse",
        "/conversations/a/messages",
        "/webhooks/socketio/webhook",
    ):
        assert (
            httpx.post(f"{root}{path}", json={"sender": "a", "message": "x", "text": "x"}).status_code == 404
        )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[1]", 400),
        (b'"texte"', 400),
        (b"{}", 422),
        (b'{"sender": "a"}', 422),
        (b'{"texte": "bonjour"}', 422),
        (b'{"sender": "", "texte": "bonjour"}', 422),
        (b'{"sender": 3, "texte": "bonjour"}', 422),
        (b'{"sender": "a", "texte": 3}', 422),
        (b'{"sender": "a", "texte": "   "}', 422),
        (b'{"sender": "a", "texte": "bonjour", "canal": "pigeon"}', 422),
        (b'{"sender": "a", "texte": "' + b"x" * 501 + b'"}', 422),
        (b'{"sender": "a", "texte": "' + b"x" * 20_000 + b'"}', 413),
    ],
)
def test_a_bad_request_is_refused_with_one_french_sentence(rasa, body, status):
    answer = rasa.post("/tour", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    [fault] = answer.json()["erreurs"]
    assert fault["message"].endswith(".")
    assert "Traceback" not in answer.text


def test_offsets_are_those_of_the_text_that_was_sent(rasa):
    text = f"  /{WORDS}"
    parse = rasa.post("/comprendre", json={"texte": text}).json()
    assert parse["text"] == text
    [need] = [entity for entity in parse["entities"] if entity["entity"] == "besoin"]
    assert "douche" in text[need["start"] : need["end"]]


def test_a_typed_command_sets_nothing(rasa):
    answer = rasa.post("/tour", json={"sender": "typed", "texte": '/informer{"age": 47}'}).json()
    assert "age" not in answer["etat"]["faits"]


def test_messages_sent_together_are_answered_one_after_the_other_without_waiting_for_a_second(rasa):
    """Rasa's own lock would make the third one wait two seconds."""

    def send(_) -> httpx.Response:
        return rasa.post("/tour", json={"sender": "together", "texte": WORDS})

    rasa.post("/tour", json={"sender": "together", "texte": "bonjour"})
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(send, range(3)))
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert max(answer.elapsed.total_seconds() for answer in answers) < 1.5


def test_a_person_who_floods_is_asked_to_wait_and_others_are_still_served(rasa):
    with concurrent.futures.ThreadPoolExecutor(13) as pool:
        flood = [pool.submit(rasa.post, "/tour", json={"sender": "flood", "texte": WORDS}) for _ in range(12)]
        other = pool.submit(rasa.post, "/tour", json={"sender": "other", "texte": WORDS}).result()
        statuses = {answer.result().status_code for answer in flood}
    assert other.status_code == 200
    assert statuses == {200, 429}


def test_an_orientation_crosses_the_dialogue_as_one_text(rasa):
    """Rasa would read it, keep its thousands of parts and write it again."""
    body = {"sender": "oriented", "texte": "une douche gare du Nord"}
    said = rasa.post("/tour", json=body).json()["messages"]
    (text,) = (one["orientation"] for one in said if one["orientation"] is not None)
    assert json.loads(text)["version"] == "orientation/1" and "é" in text


def test_erasing_a_conversation_erases_it(rasa):
    rasa.post("/tour", json={"sender": "gone", "texte": "j'ai 47 ans et je cherche une douche"})
    assert rasa.delete("/sessions/gone").json() == {"oubliee": True}
    assert rasa.delete("/sessions/gone").json() == {"oubliee": False}
    again = rasa.post("/tour", json={"sender": "gone", "texte": "bonjour"}).json()
    assert again["etat"] == {"faits": {}, "besoins": [], "ecartes": []}


def test_a_conversation_goes_on_with_what_was_told_and_one_forgotten_does_not_come_back(rasa):
    rasa.post("/tour", json={"sender": "reader", "texte": "j'ai 47 ans et je cherche une douche"})
    known = rasa.post("/sessions/reader").json()["etat"]
    assert known["faits"]["age"] == 47 and known["besoins"] == ["douche"]
    rasa.delete("/sessions/reader")
    assert rasa.post("/sessions/reader").json() == {"etat": None}


def test_the_logs_never_hold_what_a_person_says(pile, rasa):
    secret = "zarbifouette 0612345678"
    for text in (f"je m'appelle {secret}", f"/informer{{{secret}", f"j'ai 47 ans {secret}"):
        rasa.post("/tour", json={"sender": "private", "texte": text})
        httpx.post(
            f"{pile.url}/api/v1/messages", json={"session": "p", "texte": text, "canal": "web"}, timeout=30
        )
    assert "zarbifouette" not in pile.output()
    assert "0612345678" not in pile.output()
