"""The eleven conversations of tests/conversations/ in a real browser: clicks, keyboard, and no JavaScript."""

import pytest

from tests.browser.person import ByClicks, ByKeyboard, WithoutScript
from tests.conversations import scenarios

SCENARIOS = [pytest.param(one, id=name) for name, one in scenarios()]


def play(person, scenario, replies) -> None:
    """Answer until the cards expected are seen. What is not for this person must not be shown as possible."""
    expected = {person.base.dispositifs[key].name: one["statut"] for key, one in scenario["attendu"].items()}
    possible = {name: status for name, status in expected.items() if status != "non"}
    asked = person.answer(replies, until=possible, turns=14 if possible else 4)
    assert len(asked) == len(set(asked)), "a question was asked twice"
    assert {name: person.cards.get(name) for name in possible} == possible
    assert {person.cards.get(name, "non") for name in expected.keys() - possible} <= {"non"}


def replies_without_the_first_sentence(base, scenario) -> dict:
    """The same situation, told by answering questions only: buttons where there are some."""
    replies = {}
    for key, value in scenario.get("faits", {}).items():
        fact = base.facts[key]
        label = ("Oui" if value else "Non") if fact.type == "bool" else fact.choices.get(value)
        replies[key] = {"appuie": label} if label else str(value)
    if "lieu" in replies:
        replies["arrondissement"] = replies["lieu"]
    return replies | scenario["reponses"]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_by_clicks_from_the_first_button(new_page, pile, base, scenario):
    person = ByClicks(new_page(pile.url), base.base)
    [need] = scenario.get("besoins", ["energie"])
    person.choose(base.base.needs[need].label)
    play(person, scenario, replies_without_the_first_sentence(base.base, scenario))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_by_keyboard_alone(new_page, pile, base, scenario):
    person = ByKeyboard(new_page(pile.url), base.base)
    person.write(scenario["ouverture"])
    play(person, scenario, scenario["reponses"])


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_without_javascript(new_page, pile, base, scenario):
    person = WithoutScript(new_page(pile.url, java_script_enabled=False), base.base)
    person.write(scenario["ouverture"])
    play(person, scenario, scenario["reponses"])
