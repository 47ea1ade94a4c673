"""The door with the real dialogue server behind it."""

import secrets

import httpx
import pytest

from actions.texts import texts
from channels.api import schemas

SENTENCE = "bonjour je dors dehors vers gare du nord et je voudrais me laver"


@pytest.fixture(scope="module")
def door(pile):
    with httpx.Client(base_url=pile.url, timeout=30) as client:
        yield client


@pytest.fixture
def session() -> str:
    return secrets.token_hex(16)


def say(door, session, text) -> dict:
    response = door.post("/api/v1/messages", json={"session": session, "texte": text, "canal": "web"})
    assert response.status_code == 200, response.text
    schemas.Tour.model_validate(response.json(), strict=True)
    return response.json()


def understand(door, text) -> dict:
    response = door.post("/api/v1/comprendre", json={"texte": text, "canal": "web"})
    assert response.status_code == 200, response.text
    schemas.Comprehension.model_validate(response.json(), strict=True)
    return response.json()


def test_everything_is_well(door):
    composants = {"base": "ok", "rasa": "ok", "actions": "ok"}
    assert door.get("/sante").json() == {"statut": "ok", "composants": composants}


def test_one_sentence_ends_with_the_nearest_shower(door, session):
    answer = say(door, session, SENTENCE)
    assert "douche" in answer["etat"]["besoins"]
    assert answer["etat"]["faits"]["logement_actuel"] == "rue"
    shower = next(one for one in answer["orientation"]["dispositifs"] if one["id"] == "bains_douches")
    assert shower["statut"] == "oui" and shower["services"][0]["distance_m"] < 3000


def test_understanding_points_at_the_words_of_the_text_as_it_was_sent(door):
    text = "  Bonjour 👋 je voudrais prendre une douche, j'ai 47 ans"
    found = understand(door, text)
    assert found["besoins"] == ["douche"] and found["faits"]["age"] == 47
    words = {mark["id"]: text[mark["debut"] : mark["fin"]] for mark in found["reperes"]}
    assert "douche" in words["douche"] and "47" in words["age"]


@pytest.mark.parametrize("need", texts()["besoins_proposes"])
def test_each_need_offered_on_the_first_page_is_understood(door, base, need):
    assert need in understand(door, base.base.needs[need].label)["besoins"]


@pytest.mark.parametrize("act", ["ne_sait_pas", "pourquoi", "humain", "recommencer"])
def test_the_words_of_the_buttons_always_shown_are_understood(door, act):
    """They stand for the button when it is not offered any more."""
    assert understand(door, texts()[f"bouton_{act}"])["acte"] == act


def test_two_people_never_share_a_conversation(door, session):
    say(door, session, SENTENCE)
    other = say(door, session + "x", "bonjour")
    assert other["etat"] == {"faits": {}, "besoins": []}


def test_a_conversation_is_remembered_then_forgotten_when_asked(door, session):
    say(door, session, SENTENCE)
    assert "douche" in say(door, session, "merci")["etat"]["besoins"]
    assert door.delete(f"/api/v1/sessions/{session}").status_code == 204
    assert say(door, session, "bonjour")["etat"] == {"faits": {}, "besoins": []}


def test_forgetting_an_unknown_session_is_no_error(door, session):
    assert door.delete(f"/api/v1/sessions/{session}").status_code == 204


def test_a_refused_message_loses_nothing_of_what_was_said(door, session):
    say(door, session, SENTENCE)
    for text in ("", "👍", "a" * 5000):
        assert say(door, session, text)["messages"]
    assert "douche" in say(door, session, "merci")["etat"]["besoins"]


def test_a_danger_in_a_message_too_long_to_be_taken_is_answered_first(door, session):
    told = "je suis passé à la mairie hier. le monsieur m'a donné un papier bleu. je dois le remplir. " * 8
    calm = say(door, session, told)["messages"]
    assert "trop long" in calm[0]["texte"]
    answer = say(door, session, f"{told} mon mari me frappe. {told}")["messages"]
    assert "17" in answer[0]["texte"] and "trop long" not in answer[0]["texte"]
    assert any("trop long" in message["texte"] for message in answer)


@pytest.mark.parametrize(
    "command", ['/informer{"age": 99}', "/session_start", '／informer{"age": 99}', "/back"]
)
def test_a_typed_command_is_only_words(door, session, command):
    say(door, session, SENTENCE)
    answer = say(door, session, command)
    assert "douche" in answer["etat"]["besoins"] and answer["etat"]["faits"].get("age") != 99


def test_a_button_does_what_it_says(door, session):
    answer = say(door, session, "je voudrais me laver")
    buttons = [button for message in answer["messages"] for button in message["boutons"]]
    assert buttons
    assert say(door, session, buttons[0]["valeur"])["messages"]


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "'; DROP TABLE lieux; --", "{{7*7}}", "مرحبا", "%s%n"]
)
def test_strange_texts_are_answered(door, session, text):
    assert say(door, session, text)["messages"]
    page = door.post("/tour", json={"session": session, "texte": text})
    assert page.status_code == 200 and "<script" not in page.text
