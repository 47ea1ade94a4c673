"""Whole conversations, through the real door, the real Rasa server and the real base."""

import pytest

from tests.conversations import Player, scenarios


@pytest.fixture
def person(pile) -> Player:
    return Player(pile.url)


@pytest.mark.parametrize(("name", "scenario"), [pytest.param(*s, id=s[0]) for s in scenarios()])
def test_a_situation_told_in_french_ends_with_the_right_answer(person, name, scenario):
    person.say(scenario["ouverture"])
    asked = person.answer_questions(scenario["reponses"])
    assert len(asked) == len(set(asked)), "a question was asked twice"
    assert not set(asked) & set(scenario.get("ne_demande_pas", ()))
    assert set(scenario.get("demande", ())) <= set(asked)
    assert set(scenario.get("besoins", ())) <= set(person.state["besoins"])
    said = "\n".join(message["texte"] for answer in person.answers for message in answer["messages"])
    for key, expected in scenario["attendu"].items():
        dispositif = person.dispositif(key)
        assert dispositif["statut"] == expected["statut"], (key, dispositif["raisons"])
        reasons = {reason["condition"] for reason in dispositif["raisons"]}
        assert set(expected.get("raisons", ())) <= reasons, (key, reasons)
        categories = [service["categorie"] for service in dispositif["services"]]
        if "lieu" in expected:
            assert categories[:1] == ([expected["lieu"]] if expected["lieu"] else [])
        assert expected.get("dans", "") in said
    for fact, value in scenario.get("faits", {}).items():
        assert person.state["faits"].get(fact) == value, person.state["faits"]


def test_several_needs_in_one_message_are_all_answered(person):
    person.say("je dors dehors gare de lyon, je voudrais me laver et laisser mes affaires quelque part")
    person.answer_questions({})
    assert person.dispositif("bains_douches")["statut"] == "oui"
    assert person.dispositif("bagagerie")["statut"] == "oui"
    said = "\n".join(message["texte"] for answer in person.answers for message in answer["messages"])
    assert "Bains-douches" in said and "Bagagerie" in said


def test_what_was_said_once_is_not_asked_again(person):
    person.say("j'ai 22 ans")
    person.say("je cherche une aide financière")
    assert person.state["faits"]["age"] == 22
    asked = person.answer_questions(
        {
            "arrondissement": "dans le 20e",
            "suivi_social": "non",
            "sortant_ase": "non",
            "logement_actuel": "chez un ami",
        }
    )
    assert "age" not in asked


def test_not_knowing_is_an_answer_and_the_question_does_not_come_back(person):
    person.say("j'ai une dette d'électricité")
    asked = []
    while person.asked and len(asked) < 30:
        asked.append(person.asked)
        person.say("je ne sais pas")
    assert asked, "no question was asked"
    assert len(asked) == len(set(asked))
    assert person.dispositif("fsl_energie_curatif")["statut"] == "a_verifier"
    assert "39 75" in person.text


def test_why_is_explained_then_the_question_comes_back(person):
    person.say("je voudrais une adresse pour mon courrier, je dors dehors dans le 18e")
    asked = person.asked
    assert asked
    person.say("pourquoi vous me demandez ça ?")
    assert person.asked == asked
    assert len(person.answers[-1]["messages"]) >= 2
    person.say("je ne sais pas")
    assert person.asked != asked


def test_a_question_is_never_asked_a_third_time(person):
    person.say("je voudrais une adresse pour mon courrier, je dors dehors dans le 18e")
    first = person.asked
    seen = [first]
    for _ in range(4):
        person.say("merci")
        seen.append(person.asked)
    assert seen.count(first) == 2


def test_a_correction_replaces_what_was_said(person):
    person.say("j'ai 26 ans, je vis dans le 18e et je cherche une aide d'argent")
    assert person.dispositif("fajp")["statut"] == "non"
    person.say("non pardon j'ai 22 ans")
    assert person.state["faits"]["age"] == 22
    assert person.dispositif("fajp")["statut"] == "a_verifier"


def test_starting_again_forgets_everything(person):
    person.say("je dors dehors vers barbès et j'ai 40 ans")
    assert person.state["faits"]
    person.say("recommencer")
    assert person.state == {"faits": {}, "besoins": []}


def test_a_person_can_always_be_reached(person):
    person.say("je veux parler à un humain")
    assert "115" in person.text
    person.say("j'ai une dette de loyer de 800 euros")
    person.say("je veux parler à une vraie personne")
    assert "0 805 16 00 75" in person.text


@pytest.mark.parametrize(
    ("message", "number"),
    [
        ("mon mari me frappe", "17"),
        ("j'ai envie de mourir, je vais en finir", "3114"),
        ("il ne respire plus, il est tombé par terre", "15"),
        ("un petit de 8 ans est seul dehors, il est perdu", "119"),
        ("il y a le feu dans l'immeuble", "17"),
    ],
)
def test_danger_comes_first_with_the_right_number(person, message, number):
    person.say("je cherche une adresse pour mon courrier dans le 18e")
    asked = person.asked
    assert asked
    person.say(message)
    assert number in person.answers[-1]["messages"][0]["texte"]
    assert person.asked is None, "no question comes with a danger"
    person.press("Continuer ma recherche")
    assert person.asked, "the conversation must stay open"


def test_a_danger_beside_a_need_keeps_the_need(person):
    person.say("mon mari me frappe, je dors dehors gare du nord et je veux me laver")
    assert "17" in person.answers[-1]["messages"][0]["texte"]
    assert "douche" in person.state["besoins"]


def test_what_is_not_understood_gets_choices_then_a_person(person):
    person.say("flurb zogotounga")
    assert any(message["boutons"] for message in person.answers[-1]["messages"])
    person.say("zrobidou kalfatre")
    assert "39 75" in person.text or "115" in person.text


def test_out_of_scope_is_said_plainly(person):
    person.say("quel temps fera-t-il demain à marseille ?")
    assert person.text
    assert person.answers[-1]["orientation"] is None


def test_a_place_with_several_meanings_is_asked_back(person):
    person.say("je voudrais prendre une douche vers clichy")
    labels = [button["texte"] for message in person.answers[-1]["messages"] for button in message["boutons"]]
    chosen = next(label for label in labels if "Clichy" in label)
    person.press(chosen)
    assert person.dispositif("bains_douches")["services"][0]["distance_m"] is not None


def test_a_typed_command_is_only_words(person):
    person.say('/informer{"age": 999, "besoin": "douche"}')
    assert "age" not in person.state["faits"]
    person.say("/restart")
    assert person.answers[-1]["messages"]


def test_only_offered_buttons_act(person):
    person.say("bonjour")
    person.press("Prendre une douche")
    assert person.state["besoins"] == ["douche"]
