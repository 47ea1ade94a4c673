"""What someone outside can see of a running Jalon: every address of the door, from outside; every open port."""

from __future__ import annotations

import ipaddress
import re

import httpx
import psutil
import pytest

from channels.app import create_app
from channels.guichet.settings import CounterSettings
from cli import supervisor
from tests.door_server import alone, serve_app

EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH")
FILES = ("/static/chat.js", "/static/jalon.css", "/static/guichet/guichet.js", "/static/fiche/fiche.css")


@pytest.fixture(scope="module")
def scanned(tmp_path_factory) -> list[httpx.Response]:
    """The answers of a door to every method at every address of its code, with and without a body."""
    counter = CounterSettings(tokens=tmp_path_factory.mktemp("jetons"))
    app = create_app(alone(counter=counter))
    paths = {re.sub(r"\{[^}]*\}", "x", path) for path in (getattr(route, "path", "") for route in app.routes)}
    paths |= {route for one in app.routes for route in _inner(one)} | {
        *FILES,
        "/rien",
        "/static/rien",
        "/../../etc",
    }
    assert len(paths) > 35
    with serve_app(app) as url, httpx.Client(base_url=url, timeout=30) as client:
        answers = [client.request(method, path) for path in sorted(paths) for method in METHODS]
        answers += [client.post(path, content=b"x" * 70_000) for path in sorted(paths)]
        answers += [client.post(path, content=b'{"a": 1}') for path in sorted(paths)]
    return answers


def _inner(route) -> list[str]:
    """The addresses of a router that is kept whole inside the application."""
    inside = getattr(getattr(route, "original_router", None), "routes", ())
    return [re.sub(r"\{[^}]*\}", "x", one.path) for one in inside if hasattr(one, "path")]


def told(answer: httpx.Response) -> str:
    return f"{answer.request.method} {answer.request.url.path} {answer.status_code}"


def test_every_answer_has_the_headers_whatever_the_address_the_method_and_the_outcome(scanned):
    statuses = {answer.status_code for answer in scanned}
    assert {200, 303, 404, 405, 413, 422} <= statuses
    faults = []
    for answer in scanned:
        for name, value in EVERYWHERE.items():
            other_sites = name == "cross-origin-resource-policy" and answer.request.url.path == "/jalon.js"
            if answer.headers.get(name) != ("cross-origin" if other_sites else value):
                faults.append(f"{told(answer)}: {name}")
        policy = answer.headers.get("content-security-policy", "")
        if "default-src 'none'" not in policy or "unsafe" in policy or "http" in policy or "*" in policy:
            faults.append(f"{told(answer)}: {policy}")
        if answer.headers.get("referrer-policy") not in ("no-referrer", "same-origin"):
            faults.append(f"{told(answer)}: referrer-policy")
        if not answer.headers.get("cache-control"):
            faults.append(f"{told(answer)}: cache-control")
        faults += [f"{told(answer)}: {name}" for name in answer.headers if name.startswith("access-control")]
    assert not faults, faults[:10]


def test_no_answer_fails_nor_tells_what_is_inside(scanned):
    assert not [told(answer) for answer in scanned if answer.status_code == 500]
    for answer in scanned:
        for word in ("Traceback", "site-packages", 'File "'):
            assert word not in answer.text, told(answer)


def test_a_running_jalon_does_not_say_what_it_is_made_of(pile):
    for path in ("/", "/static/chat.js", "/rien"):
        assert not {"server", "x-powered-by"} & set(httpx.get(f"{pile.url}{path}").headers)


def test_only_the_counter_sets_cookies_and_never_to_who_is_not_in(scanned):
    assert not [told(answer) for answer in scanned if "set-cookie" in answer.headers]


def test_nothing_of_the_counter_is_answered_to_who_is_not_in(scanned):
    entrance = ("/guichet/entree", "/guichet/connexion", "/guichet/retour")
    inside = [one for one in scanned if one.request.url.path.startswith("/guichet")]
    inside = [one for one in inside if one.request.url.path not in entrance]
    assert len(inside) > 90
    assert {one.status_code for one in inside} <= {303, 401, 403, 404, 405, 413}


def test_a_body_that_is_too_large_is_refused_wherever_it_is_read(scanned):
    large = [answer for answer in scanned if len(answer.request.content) > 65_536]
    assert large and {answer.status_code for answer in large} == {413}


def test_a_running_jalon_listens_on_this_machine_only_and_only_the_door_may_be_told_otherwise(pile):
    family = psutil.Process(pile.process.pid).children(recursive=True)
    open_ports = {}
    for process in family:
        try:
            connections = process.net_connections("inet")
        except psutil.NoSuchProcess:  # the short sleeps of the leash
            continue
        open_ports |= {
            one.laddr.port: one.laddr.ip for one in connections if one.status == psutil.CONN_LISTEN
        }
    assert len(open_ports) == 3
    assert all(ipaddress.ip_address(ip).is_loopback for ip in open_ports.values()), open_ports
    environment = {port.variable: "1" for port in (supervisor.DOOR, supervisor.RASA, supervisor.ACTIONS)}
    commands = supervisor._commands({**environment, "JALON_ECOUTE": "0.0.0.0"})
    assert [name for name, command in commands.items() if "0.0.0.0" in command] == ["porte"]
