"""Entering with a city's account, against a real provider on a real port."""

from contextlib import contextmanager

import httpx
import pytest

from channels.guichet.settings import Oidc
from tests.counter_door import counter_settings
from tests.door_server import alone, closed_port, serve, serve_app
from tests.oidc_provider import CLIENT, SECRET, provider

AGENT = {"email": "agent@ville.fr", "email_verified": True, "groups": ["EPS 18e", "tous"]}


@contextmanager
def city(folder, app, domains=("ville.fr",), groups=()):
    """(address of the door) with `app` as the identity provider."""
    with serve_app(app) as issuer:
        port = closed_port()
        oidc = Oidc(
            issuer=issuer, client=CLIENT, door=f"http://127.0.0.1:{port}", secret=SECRET, domains=domains, groups=groups
        )
        # The door listens « everywhere » as far as it knows: the provider is what opens it.
        settings = alone(counter=counter_settings(folder, oidc=oidc, listen="0.0.0.0"))
        with serve(settings) as url:
            object.__setattr__(oidc, "door", url)
            yield url


def come(url: str, client: httpx.Client) -> httpx.Response:
    """Follow the road of a browser: leave, sign in, come back."""
    away = client.get(f"{url}/guichet/connexion")
    assert away.status_code == 303
    back = client.get(away.headers["location"])
    return client.get(back.headers["location"])


def test_an_agent_of_the_city_comes_in_with_pkce(tmp_path):
    app = provider(AGENT)
    with city(tmp_path, app, groups=("EPS 18e",)) as url, httpx.Client() as client:
        assert client.get(f"{url}/guichet").headers["location"] == "/guichet/entree"
        assert "Se connecter" in client.get(f"{url}/guichet/entree").text
        page = come(url, client)
        assert page.status_code == 200 and "Vous êtes connecté" in page.text
        assert "EPS 18e" in client.get(f"{url}/guichet").text
    asked = app.state.seen[0]
    assert asked["code_challenge_method"] == "S256" and asked["nonce"] and asked["response_type"] == "code"


@pytest.mark.parametrize(
    ("claims", "lies"),
    [
        ({"email": "agent@ailleurs.fr"}, {}),
        ({"email": "agent@ville.fr.ailleurs.fr"}, {}),
        ({"email": "agent@ville.fr", "email_verified": False}, {}),
        ({}, {}),
        (AGENT, {"aud": "autre"}),
        (AGENT, {"iss": "https://ailleurs.fr"}),
        (AGENT, {"nonce": "autre"}),
        (AGENT, {"exp": 1}),
        (AGENT, {"key": True}),
    ],
)
def test_nobody_else_comes_in(tmp_path, claims, lies):
    with city(tmp_path, provider(claims, **lies)) as url, httpx.Client() as client:
        page = come(url, client)
        assert page.status_code == 403 and "refusée" in page.text
        assert client.get(f"{url}/guichet").status_code == 303


def test_a_group_that_is_not_named_does_not_come_in(tmp_path):
    with city(tmp_path, provider({**AGENT, "groups": ["autre"]}), groups=("EPS 18e",)) as url, httpx.Client() as client:
        assert come(url, client).status_code == 403


def test_coming_back_needs_the_same_browser_and_serves_once(tmp_path):
    with city(tmp_path, provider(AGENT)) as url, httpx.Client() as client:
        away = client.get(f"{url}/guichet/connexion")
        back = client.get(away.headers["location"]).headers["location"]
        assert httpx.get(back).status_code == 403, "another browser"
        assert client.get(back).status_code == 200
        assert client.get(back).status_code == 403, "a second time"


def test_with_a_provider_no_token_of_the_machine_opens(tmp_path):
    with city(tmp_path, provider(AGENT)) as url, httpx.Client() as client:
        assert client.post(f"{url}/guichet/entree", data={"jeton": "x"}, headers={"origin": url}).status_code == 404


def test_a_provider_that_is_down_is_said(tmp_path):
    oidc = Oidc(f"http://127.0.0.1:{closed_port()}", CLIENT, "http://127.0.0.1:1", SECRET, ("ville.fr",))
    with serve(alone(counter=counter_settings(tmp_path, oidc=oidc))) as url:
        page = httpx.get(f"{url}/guichet/connexion")
    assert page.status_code == 403 and "refusée" in page.text
