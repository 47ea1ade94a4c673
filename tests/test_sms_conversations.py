"""Whole conversations by SMS, in the spelling of phones, through the real door code and the real dialogue."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest
from click.testing import CliRunner

from actions.orientation import PARIS
from channels.sms.gsm7 import is_gsm7, segments
from channels.sms.words import words
from cli.sms import Phone, simuler
from cli.supervisor import KEY_VARIABLE
from data.database import open_database
from tests.conversations import Player
from tests.sms_turns import places_of, scenarios

MOST_MESSAGES = 4
MOST_SEGMENTS = 2
PRICE = 0.05


@pytest.fixture
def write(pile):
    """Write messages from a new phone; gives the exchanges."""

    def play(*messages: str) -> list:
        with_base = open_database(pile.base)
        phone = Phone(pile.door_settings(), with_base, PRICE)
        asyncio.run(phone.play(iter(messages)))
        with_base.close()
        return phone.exchanges

    return play


@pytest.mark.parametrize(("name", "scenario"), [pytest.param(*s, id=s[0]) for s in scenarios()])
def test_a_situation_told_by_sms_ends_with_a_place(write, base, name, scenario):
    assert len(scenario["messages"]) <= MOST_MESSAGES
    exchanges = write(*scenario["messages"])
    assert all(exchange.segments <= MOST_SEGMENTS for exchange in exchanges), exchanges
    said = "\n".join(text for exchange in exchanges for text in exchange.sent)
    assert any(place in said for place in places_of(base, scenario["lieu"], datetime.now(PARIS))), said
    assert scenario.get("dans", "") in said
    assert "http" not in said and "www" not in said


@pytest.mark.parametrize(
    ("message", "number"),
    [
        ("mon mari me frape je sui a gar du nor é jcherche une douche", "17"),
        ("jve me tué", "3114"),
        ("mon fils de 3 ans é tout seul ds la ru", "119"),
    ],
)
def test_danger_is_answered_first_in_one_segment(write, message, number):
    (exchange,) = write(message)
    assert [segments(text) for text in exchange.sent] == [1]
    assert number in exchange.sent[0] and "114" in exchange.sent[0]
    assert "Bains" not in exchange.sent[0]


def test_after_a_danger_the_search_goes_on_when_the_person_wants(write):
    exchanges = write("je cherche une douche ds le 18", "mon mari me frappe", "1")
    assert "17" in exchanges[1].sent[0]
    assert segments(exchanges[1].sent[0]) == 1
    assert "17" not in exchanges[2].sent[0].split("\n")[0]


def test_each_need_of_the_menu_is_understood_by_its_label(pile, base):
    misread = {}
    for need in words()["besoins"]:
        person = Player(pile.url, "sms")
        person.say(base.base.needs[need].label)
        if need not in person.state["besoins"]:
            misread[need] = person.state["besoins"]
    assert not misread


def test_several_needs_are_answered_in_three_segments(write):
    (exchange,) = write("je cherche une douche et un endroit pr laissé mes affaires, dans le 13")
    assert exchange.segments <= 3
    assert "Bains-douches" in exchange.sent[0]
    assert any(word in exchange.sent[0] for word in ("agagerie", "ESI"))


def test_what_is_not_understood_gets_numbered_answers(write):
    exchanges = write("flurb zogotounga", "1", "paris 13")
    assert "1 " in exchanges[0].sent[0] and segments(exchanges[0].sent[0]) <= 2
    assert all(is_gsm7(text) for exchange in exchanges for text in exchange.sent)
    assert "Paris 13e" in exchanges[2].sent[0]


def test_the_simulator_plays_a_script_and_counts_what_it_costs(pile, monkeypatch, tmp_path):
    script = tmp_path / "messages.txt"
    script.write_text("une douche gare du nord\n\nsuite\n", encoding="utf-8")
    monkeypatch.setenv(KEY_VARIABLE, pile.key)
    monkeypatch.setenv("JALON_RASA_URL", pile.door_settings().rasa_url)
    result = CliRunner().invoke(simuler, ["--fichier", str(script), "--prix", "0.1"])
    assert result.exit_code == 0, result.output
    assert "Bains-douches" in result.output
    assert "2 messages de la personne, 4 SMS de Jalon, 0,40 €." in result.output
