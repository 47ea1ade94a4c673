"""A person sees all that is kept of their conversation, and has it erased; what Jalon says of it is true."""

from __future__ import annotations

import re
import secrets

import httpx
import pytest

from channels.api import schemas
from tests.door_server import alone, serve

SAID = "j'ai 47 ans je cherche une douche mon tel 0698765432 mail zoe@courriel-prive.fr"


@pytest.fixture(scope="module")
def door(pile):
    with httpx.Client(base_url=pile.url, timeout=30) as client:
        yield client


def kept(door, session) -> dict:
    answer = door.get(f"/api/v1/sessions/{session}")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    schemas.Conversation.model_validate(answer.json(), strict=True)
    return answer.json()


def test_what_is_kept_is_shown_as_it_is_kept_until_it_is_erased(door):
    session = secrets.token_hex(16)
    nothing = {"messages": [], "etat": {"faits": {}, "besoins": [], "ecartes": []}}
    assert kept(door, session) == nothing
    answer = door.post("/api/v1/messages", json={"session": session, "texte": SAID}).json()
    shown = kept(door, session)
    first, *others = shown["messages"]
    assert first["de"] == "personne" and first["texte"].startswith(
        "j'ai 47 ans je cherche une douche mon tel •••"
    )
    assert "0698765432" not in str(shown) and "courriel-prive" not in str(shown)
    assert {one["texte"] for one in others} >= {one["texte"] for one in answer["messages"] if one["texte"]}
    assert shown["etat"]["faits"] == answer["etat"]["faits"] and "douche" in shown["etat"]["besoins"]
    assert door.delete(f"/api/v1/sessions/{session}").status_code == 204
    assert kept(door, session) == nothing


def test_one_session_says_nothing_of_another(door):
    mine, other = secrets.token_hex(16), secrets.token_hex(16)
    door.post("/api/v1/messages", json={"session": mine, "texte": SAID})
    assert kept(door, other)["messages"] == []


def test_the_page_shows_the_conversation_and_the_button_that_erases_it(door):
    session = secrets.token_hex(16)
    door.post("/conversation", data={"session": session, "texte": SAID})
    page = door.post("/vos-donnees", data={"session": session}).text
    assert "j&#39;ai 47 ans" in page and "0698765432" not in page and "47 ans" in page
    again = re.search(r'name="session" value="([^"]+)"', page)[1]
    assert again == session
    assert "est effacée" in door.post("/effacer", data={"session": again}).text
    assert "ne garde rien de votre conversation" in door.post("/vos-donnees", data={"session": session}).text


def test_without_the_dialogue_it_is_said_and_the_notice_stays():
    with serve(alone()) as url:
        assert httpx.get(f"{url}/api/v1/sessions/abc").status_code == 503
        page = httpx.post(f"{url}/vos-donnees", data={"session": "abc"})
    assert page.status_code == 200 and "Réessayez dans 1 minute" in page.text and "30 minutes" in page.text


def test_the_notice_says_only_what_this_jalon_does():
    with serve(alone()) as url:
        plain = httpx.get(f"{url}/vos-donnees").text
    with serve(alone(web_idle=600, review_days=30)) as url:
        other = httpx.get(f"{url}/vos-donnees").text
        assert 'href="/vos-donnees"' in httpx.get(url).text
    assert "30 minutes" in plain and "Par SMS" not in plain and "Parfois" not in plain
    assert "10 minutes" in other and "seulement si vous dites oui" in other
