"""The online geocoder: off by default, asked last, told only the name of the place, never a reason to wait."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from actions.location import UnknownPlace, find_place
from data.gazetteer.online import Geocoder
from tests.built_base import database

SLACK = 0.7  # seconds that a busy machine may add
UNKNOWN = "impasse zinzolinette"


def _answer(**changes) -> dict:
    properties = {
        "label": "Impasse Zinzolinette 75018 Paris", "score": 0.9, "type": "street", "postcode": "75018",
        "city": "Paris", "citycode": "75118",
    } | changes.pop("properties", {})  # fmt: skip
    geometry = {"type": "Point", "coordinates": [2.35, 48.89]} | changes
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "geometry": geometry, "properties": properties}],
    }


@contextmanager
def _service(respond) -> Iterator[tuple[str, list[dict]]]:
    """A real HTTP server: `respond(handler)` writes the answer. Gives its address and the queries received."""
    asked: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(parse_qs(urlsplit(self.path).query))
            try:
                respond(self)
            except OSError:
                pass  # the client has left

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/geocodage/search", asked
    finally:
        server.shutdown()
        server.server_close()


def _says(body, status: int = 200):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    def respond(handler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        handler.wfile.write(raw)

    return respond


def _sleeps(handler) -> None:
    time.sleep(4)


def _drips(handler) -> None:
    """A byte from time to time: no read is ever late, the whole never ends."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(20):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.3)


def test_a_good_answer_gives_the_place_and_only_its_name_is_sent():
    with _service(_says(_answer())) as (url, asked):
        place = Geocoder(url).find("  impasse   Zinzolinette ")
    assert (place.nom, place.type, place.arrondissement) == ("Impasse Zinzolinette 75018 Paris", "rue", 18)
    assert (place.lat, place.lon) == (48.89, 2.35)
    assert [query["q"] for query in asked] == [["impasse Zinzolinette"]]
    assert set(asked[0]) == {"q", "limit", "lat", "lon"}


@pytest.mark.parametrize(
    "respond",
    [
        _says(b"", 500),
        _says(b"<html>", 200),
        _says({"features": "?"}),
        _says([]),
        _says({"features": [{}]}),
        _says(_answer(coordinates=["x", "y"])),
        _says(_answer(coordinates=[5.37, 43.3])),
        _says(_answer(), 302),
        _sleeps,
        _drips,
    ],
    ids=[
        "error",
        "html",
        "text",
        "list",
        "empty feature",
        "no number",
        "Marseille",
        "redirect",
        "slow",
        "drip",
    ],
)
def test_a_bad_service_is_an_unknown_place_in_time_and_is_left_alone_for_a_while(respond):
    with _service(respond) as (url, asked):
        geocoder = Geocoder(url)
        start = time.perf_counter()
        assert geocoder.find(UNKNOWN) is None
        assert time.perf_counter() - start < 1.5 + SLACK
        start = time.perf_counter()
        assert geocoder.find("rue abracadabra") is None
        assert time.perf_counter() - start < 0.1
        assert len(asked) == 1


def test_a_service_that_is_not_there_is_an_unknown_place():
    assert Geocoder("http://127.0.0.1:9/geocodage/search").find(UNKNOWN) is None


def test_after_the_pause_the_service_is_asked_again():
    with _service(_says(_answer())) as (url, _):
        geocoder = Geocoder("http://127.0.0.1:9/", pause=0.0)
        assert geocoder.find(UNKNOWN) is None
        geocoder._url = url
        assert geocoder.find(UNKNOWN) is not None


@pytest.mark.parametrize(
    "properties", [{"score": 0.3}, {"postcode": "69001", "city": "Lyon"}, {"postcode": None}]
)
def test_a_doubtful_or_distant_answer_is_not_believed(properties):
    with _service(_says(_answer(properties=properties))) as (url, _):
        assert Geocoder(url).find(UNKNOWN) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "appelez moi au 06 12 34 56 78",
        "0612345678",
        "ecrivez a x@exemple.fr",
        "je raconte toute ma vie " * 5,
    ],
)
def test_what_is_not_the_name_of_a_place_is_never_sent(text):
    with _service(_says(_answer())) as (url, asked):
        assert Geocoder(url).find(text) is None
        assert asked == []


def test_it_is_off_by_default(monkeypatch):
    monkeypatch.delenv("JALON_GEOCODAGE_URL", raising=False)
    with pytest.raises(UnknownPlace):
        find_place(database(), UNKNOWN)


def test_when_set_it_is_asked_only_for_what_the_gazetteer_does_not_know(monkeypatch):
    with _service(_says(_answer())) as (url, asked):
        monkeypatch.setenv("JALON_GEOCODAGE_URL", url)
        assert find_place(database(), "gare du nord").nom == "Gare du Nord"
        assert asked == []
        place = find_place(database(), UNKNOWN)
        assert place.arrondissement == 18
        # The conversation keeps the name alone: it must find the place again, without a new question.
        assert find_place(database(), place.nom) == place
        assert len(asked) == 1


def test_the_log_of_a_failure_does_not_hold_the_place(caplog):
    Geocoder("http://127.0.0.1:9/").find(UNKNOWN)
    assert caplog.records and "zinzolinette" not in caplog.text
