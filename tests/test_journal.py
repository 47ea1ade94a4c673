"""The log for a program: one JSON object a line, the same keys everywhere, one mark a request, nobody's words."""

import json
import logging
import re
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import httpx
import pytest

from assistant import journal
from tests.door_server import alone, serve

SECRET = "Mme Zarathoustra, 06 12 34 56 78"
MARK = re.compile(r"[0-9a-f]{16}")


@pytest.fixture
def written(monkeypatch):
    """What Jalon's loggers write in JSON, line by line."""
    lines: list[dict] = []
    monkeypatch.setenv("JALON_JOURNAL", "json")
    handler = journal.handler("porte")
    handler.emit = lambda record: lines.append(json.loads(handler.format(record)))
    logger = logging.getLogger("jalon")
    logger.addHandler(handler)
    before = logger.level
    logger.setLevel(logging.INFO)
    yield lines
    logger.removeHandler(handler)
    logger.setLevel(before)


def test_an_error_is_told_by_its_kind_and_place_without_its_words(written):
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("jalon.essai").exception("panne")
    [event] = written
    assert event["niveau"] == "ERROR" and event["processus"] == "porte" and event["source"] == "jalon.essai"
    assert "ValueError" in event["trace"] and "test_journal.py" in event["trace"]
    assert SECRET not in json.dumps(event, ensure_ascii=False)


def test_a_request_is_one_line_under_the_mark_given_back_to_who_called(written):
    with serve(alone()) as url, httpx.Client(base_url=url) as client:
        answer = client.get("/recherche", params={"lieu": SECRET, "besoin": "douche"})
        missing = client.get(f"/{SECRET}")
    first, second = [event for event in written if "chemin" in event]
    assert (first["methode"], first["chemin"], first["code"]) == ("GET", "/recherche", 200)
    assert first["ms"] > 0 and MARK.fullmatch(first["demande"])
    assert answer.headers[journal.REQUEST_HEADER] == first["demande"]
    assert missing.headers[journal.REQUEST_HEADER] == second["demande"] != first["demande"]
    assert "Zarathoustra" not in json.dumps(written, ensure_ascii=False)


def test_a_caller_chooses_neither_the_mark_nor_the_words_of_the_log(written):
    with serve(alone()) as url:
        chosen = "0612345678abcdef"
        answer = httpx.request("PROPFIND", url, headers={journal.REQUEST_HEADER: chosen})
    assert answer.headers[journal.REQUEST_HEADER] != chosen
    told = json.dumps(written)
    assert "PROPFIND" not in told and chosen not in told


def test_the_dialogue_server_hears_the_mark_of_the_request(written):
    heard: list[str] = []

    class Dialogue(BaseHTTPRequestHandler):
        def do_POST(self):
            heard.append(self.headers[journal.REQUEST_HEADER])
            self.send_error(500)

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Dialogue) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with serve(alone(rasa_url=f"http://127.0.0.1:{server.server_port}")) as url:
            body = {"session": "une-session-de-test", "texte": SECRET, "canal": "web"}
            answer = httpx.post(f"{url}/api/v1/messages", json=body)
        server.shutdown()
    assert heard == [answer.headers[journal.REQUEST_HEADER]]
    warning, request = written
    assert warning["demande"] == request["demande"] == heard[0]
    assert "rasa indisponible" in warning["message"] and request["chemin"] == "/api/v1/messages"
    assert "Zarathoustra" not in json.dumps(written, ensure_ascii=False)


@pytest.mark.parametrize(
    "sent", ["", None, 12, "0" * 15, "0" * 17, "ABCDEF0123456789", SECRET, "0" * 15 + "\n"]
)
def test_only_a_mark_is_taken_for_a_mark(sent):
    assert journal.take_request(sent) == ""


def test_an_unclear_wish_is_refused_by_its_name():
    with pytest.raises(ValueError, match="JALON_JOURNAL"):
        journal.wants_json({"JALON_JOURNAL": "xml"})
