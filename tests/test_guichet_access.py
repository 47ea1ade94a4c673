"""Who may be at the counter: nobody by default on a public address, one token once, one session, one origin."""

import asyncio
import logging
import os
import re
import time

import httpx
import pytest

from channels.app import create_app
from channels.guichet.access import Sessions, issue_token, use_token
from channels.guichet.settings import read_counter
from cli.main import main
from tests.counter_door import counter_settings, enter, from_page, open_counter
from tests.door_server import alone
from tests.test_replay import Clock, OneDoor

PROVIDER = {
    "JALON_OIDC_ADRESSE": "https://compte.ville.fr",
    "JALON_OIDC_CLIENT": "jalon",
    "JALON_OIDC_PORTE": "https://jalon.ville.fr",
    "JALON_OIDC_DOMAINES": "ville.fr",
}
POSTS = ("orientation", "comprendre", "lieux", "comparer", "cotation", "reste-pour-vivre", "proposition")


@pytest.fixture
def counter(tmp_path):
    with open_counter(tmp_path) as found:
        yield found


@pytest.fixture
def client():
    with httpx.Client() as client:
        yield client


def give(client, url, token, **headers):
    return client.post(f"{url}/guichet/entree", data={"jeton": token}, headers={"origin": url, **headers})


def test_a_token_opens_one_session_once(counter, client):
    url, settings = counter
    token = issue_token(settings.tokens)
    assert "Ouvrir le guichet" in client.get(f"{url}/guichet/entree", params={"jeton": token}).text
    first = give(client, url, token)
    assert first.status_code == 303
    assert client.get(f"{url}/guichet").status_code == 200
    again = give(httpx.Client(), url, token)
    assert again.status_code == 403 and "plus valable" in again.text
    assert "set-cookie" not in again.headers


def test_looking_at_the_address_does_not_use_the_token(counter, client):
    url, settings = counter
    token = issue_token(settings.tokens)
    for _ in range(3):
        client.get(f"{url}/guichet/entree", params={"jeton": token})
    assert give(client, url, token).status_code == 303


def test_the_cookie_cannot_be_read_by_scripts_nor_sent_by_other_sites(counter, client):
    url, settings = counter
    cookie = give(client, url, issue_token(settings.tokens)).headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "path=/guichet" in cookie


def test_only_hashes_of_tokens_are_on_the_disk_for_one_account(tmp_path):
    folder = tmp_path / "jetons"
    token = issue_token(folder)
    (file,) = folder.iterdir()
    assert token not in file.name and file.read_bytes() == b""
    assert oct(folder.stat().st_mode)[-3:] == "700" and oct(file.stat().st_mode)[-3:] == "600"


def test_an_old_token_opens_nothing(tmp_path):
    folder = tmp_path / "jetons"
    token = issue_token(folder)
    (file,) = folder.iterdir()
    os.utime(file, (time.time() - 3700,) * 2)
    assert not use_token(folder, token, 3600)
    assert not list(folder.iterdir())


@pytest.mark.parametrize("token", ["", "x", "../secret", "é" * 50, "\udcff"])
def test_a_wrong_token_opens_nothing(tmp_path, token):
    issue_token(tmp_path / "jetons")
    assert not use_token(tmp_path / "jetons", token, 3600)


def test_forged_and_expired_cookies_are_refused(counter, client):
    url, settings = counter
    enter(client, url, settings)
    forged = httpx.get(f"{url}/guichet", cookies={"jalon_guichet": "x" * 43})
    assert forged.status_code == 303 and forged.headers["location"] == "/guichet/entree"
    asyncio.run(sessions_end())


async def sessions_end():
    clock = Clock()
    sessions = Sessions(OneDoor(clock), life=36_000, idle=3600, clock=clock)
    cookie = await sessions.begin("guichet")
    for _ in range(10):
        clock.now += 3500
        assert await sessions.find(cookie)
    clock.now += 1001  # ten hours and one second after the entry
    assert await sessions.find(cookie) is None
    idle = await sessions.begin("guichet")
    clock.now += 3601
    assert await sessions.find(idle) is None


def test_a_session_that_was_left_is_closed_on_the_server(counter, client):
    url, settings = counter
    csrf = enter(client, url, settings)
    cookie = client.cookies["jalon_guichet"]
    left = client.post(f"{url}/guichet/sortie", data={"jeton": csrf}, headers={"origin": url})
    assert left.status_code == 200
    assert httpx.get(f"{url}/guichet", cookies={"jalon_guichet": cookie}).status_code == 303


def test_guessing_is_slowed(counter, client, caplog):
    url, settings = counter
    codes = [give(client, url, f"faux-{rank}").status_code for rank in range(7)]
    assert codes[:5] == [403] * 5 and 429 in codes
    right = issue_token(settings.tokens)
    slowed = give(client, url, right)
    assert slowed.status_code == 429 and int(slowed.headers["retry-after"]) >= 1
    assert (settings.tokens / os.listdir(settings.tokens)[0]).exists(), "the right token is not used up"


@pytest.mark.parametrize("path", POSTS)
def test_every_post_needs_the_session_the_token_and_the_origin(counter, client, path):
    url, settings = counter
    csrf = enter(client, url, settings)
    address = f"{url}/guichet/{path}"
    right = from_page(url, **{"x-jalon-jeton": csrf})
    assert httpx.post(address, json={}, headers=right).status_code == 401
    assert client.post(address, json={}, headers=from_page(url)).status_code == 403
    assert client.post(address, json={}, headers={**right, "x-jalon-jeton": "faux"}).status_code == 403
    assert (
        client.post(address, json={}, headers={**right, "origin": "https://ailleurs.fr"}).status_code == 403
    )
    assert client.post(address, json={}, headers={**right, "sec-fetch-site": "cross-site"}).status_code == 403
    without = {key: value for key, value in right.items() if key != "origin"}
    assert client.post(address, json={}, headers=without).status_code == 403
    assert client.post(address, json={}, headers=right).status_code in (200, 422)


def test_another_site_can_neither_enter_nor_leave_for_someone(counter, client):
    url, settings = counter
    token = issue_token(settings.tokens)
    assert give(client, url, token, origin="https://ailleurs.fr").status_code == 403
    csrf = enter(client, url, settings)
    out = client.post(
        f"{url}/guichet/sortie", data={"jeton": csrf}, headers={"origin": "https://ailleurs.fr"}
    )
    assert out.status_code == 403
    assert client.get(f"{url}/guichet").status_code == 200


def test_the_counter_is_closed_on_a_public_address_and_says_why(tmp_path, caplog):
    settings = counter_settings(tmp_path, listen="0.0.0.0")
    with caplog.at_level(logging.WARNING):
        create_app(alone(counter=settings))
    assert "JALON_OIDC_ADRESSE" in caplog.text and "0.0.0.0" in caplog.text
    with open_counter(tmp_path, listen="0.0.0.0") as (url, settings):
        for path in ("/guichet", "/guichet/entree", "/guichet/connexion"):
            assert httpx.get(url + path).status_code == 404
        assert give(httpx.Client(), url, issue_token(settings.tokens)).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "jalon.ville.fr"},
        {"x-forwarded-for": "127.0.0.1"},
        {"forwarded": "for=1.2.3.4"},
        {"via": "1.1 proxy"},
    ],
)
def test_the_desk_counter_does_not_answer_through_a_proxy_or_another_name(counter, client, headers):
    url, settings = counter
    enter(client, url, settings)
    assert client.get(f"{url}/guichet", headers=headers).status_code == 404


def test_nothing_is_kept_in_caches_nor_said_to_other_sites(counter, client):
    url, settings = counter
    enter(client, url, settings)
    page = client.get(f"{url}/guichet")
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "<script>" not in page.text and " style=" not in page.text and " onclick=" not in page.text


def test_no_site_may_show_the_counter_in_a_frame(tmp_path, client):
    with open_counter(tmp_path, door={"host_sites": ("https://www.paris.fr",)}) as (url, settings):
        enter(client, url, settings)
        for path in ("/guichet", "/guichet/entree"):
            headers = client.get(url + path).headers
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("missing", ["JALON_OIDC_CLIENT", "JALON_OIDC_PORTE", "JALON_OIDC_DOMAINES"])
def test_a_provider_half_described_stops_the_start(missing):
    with pytest.raises(ValueError, match=missing):
        read_counter({key: value for key, value in PROVIDER.items() if key != missing})


def test_the_command_gives_an_address_that_opens_the_counter_once(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("JALON_GUICHET_JETONS", str(tmp_path / "jetons"))
    with pytest.raises(SystemExit, match="0"):
        main(["guichet"])
    token = capsys.readouterr().out.strip().partition("jeton=")[2]
    assert use_token(tmp_path / "jetons", token, 3600)
    assert not use_token(tmp_path / "jetons", token, 3600)


def test_the_command_says_why_the_counter_is_closed(monkeypatch, capsys):
    monkeypatch.setenv("JALON_ECOUTE", "0.0.0.0")
    with pytest.raises(SystemExit, match="1"):
        main(["guichet"])
    assert "JALON_OIDC_ADRESSE" in capsys.readouterr().err


def test_starting_jalon_prints_the_address_of_the_counter(pile):
    token = re.search(r"/guichet/entree\?jeton=([\w-]{43})", pile.output())[1]
    with httpx.Client() as client:
        assert give(client, pile.url, token).status_code == 303
        assert client.get(f"{pile.url}/guichet").status_code == 200


def test_a_provider_without_https_is_refused():
    with pytest.raises(ValueError, match="https"):
        read_counter({**PROVIDER, "JALON_OIDC_ADRESSE": "http://compte.ville.fr"})
    assert read_counter(PROVIDER).oidc.domains == ("ville.fr",)
