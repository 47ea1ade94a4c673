"""The steps of a conversation, without Rasa: what a message means beside the question just asked."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from actions import rendering
from actions.conversation import Question, State, ask, conclude, decide, hear, keep
from actions.location import position_of
from actions.understanding import from_parse
from data.distance import say_metres, say_minutes

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=ZoneInfo("Europe/Paris"))


def parsed(text: str, intent: str = "informer", **entities) -> dict:
    """What the NLU would give for `text`."""
    found = [{"entity": key, "value": value, "start": 0, "end": 1} for key, value in entities.items()]
    return {"text": text, "intent": {"name": intent}, "entities": found}


def asked(fact: str, **state) -> State:
    return State(question=Question(fact), **state)


@pytest.mark.parametrize(
    ("fact", "message", "expected"),
    [
        ("enfants", parsed("3", nombre=3), {"enfants": 3}),
        ("dette_energie", parsed("640", nombre=640), {"dette_energie": 640}),
        ("animal", parsed("oui", "oui"), {"animal": True}),
        ("suivi_social", parsed("non", "non"), {"suivi_social": False}),
        ("prestation", parsed("non", "non"), {"prestation": "aucune"}),
        ("arrondissement", parsed("stalingrade", "nlu_fallback"), {"lieu": "Stalingrad"}),
        ("arrondissement", parsed("18", nombre=18), {"arrondissement": 18}),
    ],
)
def test_an_answer_is_read_in_the_light_of_its_question(base, fact, message, expected):
    turn = hear(base, asked(fact), message)
    assert turn.state.faits == expected
    assert turn.state.question is None


def test_a_number_that_cannot_be_the_answer_is_not_kept(base):
    turn = hear(base, asked("arrondissement"), parsed("45", nombre=45))
    assert turn.state.faits == {}
    assert turn.state.question.fait == "arrondissement"
    assert turn.messages


def test_a_bare_number_without_a_question_means_nothing(base):
    assert hear(base, State(), parsed("3", nombre=3)).state.faits == {}


@pytest.mark.parametrize("intent", ["merci", "pourquoi", "humain", "insulte", "nlu_fallback", "oui"])
def test_a_message_that_neither_informs_nor_answers_is_left_to_its_rule(base, intent):
    assert hear(base, asked("age"), parsed("…", intent)) is None


def test_a_danger_is_left_to_its_rule_even_beside_facts_and_an_answer(base):
    message = parsed("mon mari me frappe, j'ai 30 ans", "danger", alerte="violences", genre="femme", age=30)
    assert hear(base, asked("age"), message) is None
    assert keep(base, asked("age"), message).faits == {"genre": "femme", "age": 30}


def test_not_knowing_sets_the_question_aside(base):
    turn = hear(base, asked("age", besoins=("argent",)), parsed("je sais pas", "ne_sait_pas"))
    assert turn.state.ecartes == ("age",)
    assert (
        decide(base, turn.state, NOW).question is None or "age" != decide(base, turn.state, NOW).question.fait
    )


def test_a_fact_refused_then_told_is_kept(base):
    state = State(besoins=("argent",), ecartes=("age",))
    turn = hear(base, state, parsed("j'ai 22 ans", age=22))
    assert turn.state.faits == {"age": 22}
    assert turn.state.ecartes == ()


def test_a_new_place_replaces_the_old_one(base):
    state = State(faits={"arrondissement": 18})
    turn = hear(base, state, parsed("je suis à nation", lieu="Nation"))
    assert turn.state.faits == {"lieu": "Nation"}


def test_an_unknown_place_is_said_and_nothing_is_kept(base):
    turn = hear(base, State(besoins=("douche",)), parsed("vers xqzwv", lieu="xqzwv"))
    assert "lieu" not in turn.state.faits
    assert "xqzwv" in turn.messages[0].texte


def test_after_two_askings_another_question_comes(base):
    state = State(faits={"logement_actuel": "rue", "arrondissement": 18}, besoins=("adresse",))
    seen = []
    for _ in range(12):
        state = decide(base, state, NOW)
        if state.question is None:
            break
        seen.append(state.question.fait)
        state = ask(base, state, "web", NOW).state
    assert state.question is None
    assert seen.count("a_domiciliation") == 2
    assert max(map(seen.count, seen)) == 2


def test_the_state_survives_its_journey_through_slots(base):
    state = State({"age": 3}, ("douche",), ("sejour",), Question("age", ("a",)), {"age": 2}, {"esi": "oui"})
    assert State.from_slots(state.as_slots()) == state


def test_results_are_said_once_and_again_when_they_change(base):
    state = State(
        faits={"logement_actuel": "rue", "arrondissement": 18, "a_domiciliation": False}, besoins=("adresse",)
    )
    first = conclude(base, state, "web", NOW)
    again = conclude(base, first.state, "web", NOW)
    assert len(again.messages) == 1
    changed = hear(base, first.state, parsed("j'ai déjà une adresse", a_domiciliation=True)).state
    assert any("Domiciliation" in message.texte for message in conclude(base, changed, "web", NOW).messages)


def test_the_way_to_a_person_is_said_once(base):
    messages = conclude(base, State(besoins=("sante",)), "web", NOW).messages
    help_ = base.base.needs["sante"].human_help.text
    assert "\n".join(message.texte for message in messages).count(help_) == 1


def test_what_is_settled_is_said_before_the_next_question(base):
    state = State(faits={"arrondissement": 18}, besoins=("douche", "argent"))
    turn = ask(base, decide(base, state, NOW), "web", NOW)
    assert "Bains-douches" in turn.messages[0].texte
    assert turn.messages[-1].texte.endswith("?")
    assert turn.messages[-1].orientation["question"]["fait"] == turn.state.question.fait


def test_every_question_offers_a_way_not_to_answer(base):
    for fact in base.base.facts:
        values = [button.valeur for button in rendering.question(base.base, fact).boutons]
        assert "/ne_sait_pas" in values and "/pourquoi" in values


def test_every_danger_names_its_first_number_in_the_first_sentence(base):
    for alert in base.base.alerts.values():
        first = rendering.danger(base.base, [alert.id])[0].texte
        assert alert.numbers[0].number in first.split("\n")[0]


@pytest.mark.parametrize(
    ("metres", "said"),
    [
        (12, "50 mètres"),
        (430, "450 mètres"),
        (999, "1000 mètres"),
        (1240, "1,2 kilomètre"),
        (1960, "2 kilomètres"),
        (3000, "3 kilomètres"),
    ],
)
def test_distances_are_said_as_people_say_them(metres, said):
    assert say_metres(metres) == said


def test_a_place_without_position_is_told_by_its_arrondissement_or_its_station():
    service = {
        "nom": "Bagagerie",
        "adresse": None,
        "arrondissement": 14,
        "metro": "Alésia",
        "distance_m": None,
        "a_pied_min": None,
        "ouverture": {"texte": "Ouvert aujourd'hui jusqu'à 18 heures."},
        "telephone": None,
    }
    told = rendering.place(service)
    assert told[:2] == ["Où aller : Bagagerie, Paris 14e.", "Métro Alésia."]
    assert not any("mètre" in line for line in told)
    far = rendering.place({**service, "distance_m": 5_200, "a_pied_min": 84, "loin": True})
    assert "C'est loin : 5,2 kilomètres, environ 1 heure 24 à pied." in far


def test_long_walks_are_said_in_hours():
    assert say_minutes(75) == "1 heure 15"
    assert say_minutes(120) == "2 heures"
    assert say_minutes(0) == "1 minute"


def test_an_ambiguous_place_is_asked_back_and_each_choice_is_a_place(base):
    turn = hear(base, State(besoins=("douche",)), parsed("vers clichy", lieu="clichy"))
    question = turn.state.question
    assert len(question.choix) == 3
    for choice in question.choix:
        settled = hear(base, turn.state, parsed("/informer", lieu=choice)).state
        assert settled.question is None
        assert position_of(base, settled.faits) is not None


def test_the_place_meant_may_be_none_of_the_choices(base):
    buttons = rendering.question(base.base, "lieu", ("Clichy", "Place de Clichy")).boutons
    assert [button.texte for button in buttons] == ["Clichy", "Place de Clichy", "Un autre endroit"]


@pytest.mark.parametrize("name", ["Strasbourg - Saint-Denis", "Gare du Nord", "Place de Clichy"])
def test_a_place_named_in_full_is_not_asked_back(base, name):
    assert hear(base, State(), parsed(name, lieu=name)).state.faits["lieu"] == name


def test_a_guess_is_never_taken_for_what_was_said(base):
    guessed = from_parse(parsed("blabla", "nlu_fallback", besoin_possible="douche"), base.base)
    assert guessed == {"besoins": [], "faits": {}, "alertes": [], "acte": None, "reperes": []}


CORRECTED = [("age", 26, 22), ("logement_actuel", "rue", "centre_hebergement"), ("suivi_social", True, False)]


@pytest.mark.parametrize(("fact", "before", "after"), CORRECTED)
def test_a_fact_taken_back_is_forgotten_and_asked_again_at_once(base, fact, before, after):
    told = {"age": 26, "arrondissement": 18, fact: before}
    state = conclude(base, State(faits=told, besoins=("argent",), posees={fact: 2}), "web", NOW).state
    taken_back = hear(base, state, parsed("/informer", fait_oublie=fact)).state
    assert fact not in taken_back.faits and "arrondissement" in taken_back.faits
    asked_again = decide(base, taken_back, NOW)
    assert asked_again.question.fait == fact
    answered = hear(base, asked_again, parsed("/informer", **{fact: after})).state
    assert answered.faits[fact] == after and answered.question is None


def test_after_a_correction_the_results_are_said_again(base):
    state = State(faits={"logement_actuel": "rue", "arrondissement": 18}, besoins=("douche",))
    shown = conclude(base, state, "web", NOW).state
    asked = decide(base, hear(base, shown, parsed("/informer", fait_oublie="arrondissement")).state, NOW)
    answered = hear(base, asked, parsed("/informer", arrondissement=5)).state
    assert any("Bains-douches" in message.texte for message in conclude(base, answered, "web", NOW).messages)


def test_a_place_taken_back_is_asked_again_whatever_told_it(base):
    state = State(faits={"lieu": "Gare du Nord"}, besoins=("douche",))
    state = decide(base, hear(base, state, parsed("/informer", fait_oublie="lieu")).state, NOW)
    assert state.faits == {} and state.question.fait == "arrondissement"


def test_a_question_set_aside_can_be_answered_after_all(base):
    state = State(besoins=("argent",), ecartes=("age",), posees={"age": 1})
    state = decide(base, hear(base, state, parsed("/informer", fait_oublie="age")).state, NOW)
    assert state.ecartes == () and state.question.fait == "age"


def test_a_need_taken_back_is_searched_no_more(base):
    state = State(faits={"arrondissement": 18}, besoins=("douche", "repas"))
    shown = conclude(base, state, "web", NOW).state
    left = hear(base, shown, parsed("/informer", besoin_oublie="douche"))
    assert left.state.besoins == ("repas",) and left.messages
    none = hear(base, left.state, parsed("/informer", besoin_oublie="repas")).state
    assert decide(base, none, NOW).question.fait == "besoin"


def test_a_fact_that_does_not_exist_takes_nothing_back(base):
    state = State(faits={"age": 22}, besoins=("argent",))
    assert hear(base, state, parsed("/informer", fait_oublie="zzz")).state.faits == {"age": 22}


def test_a_service_that_is_a_number_is_called_and_nobody_is_sent_there():
    service = {
        "nom": "115, Samusocial de Paris",
        "adresse": None,
        "arrondissement": None,
        "metro": None,
        "distance_m": None,
        "a_pied_min": None,
        "ouverture": {"texte": "Vous pouvez appeler le jour et la nuit."},
        "telephone": "115",
    }
    assert rendering.place(service)[0] == "Qui appeler : 115, Samusocial de Paris."
    assert rendering.place({**service, "adresse": "1 rue B"})[0].startswith("Où aller :")
    assert rendering.place({**service, "telephone": None})[0].startswith("Où aller :")
