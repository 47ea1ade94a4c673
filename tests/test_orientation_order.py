"""Between dispositifs of the same status, the order is the one that the needs give, never the alphabet."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from actions.orientation import PARIS, _rank, next_question, orient
from rules import verify
from tests.built_base import database

TODAY = date(2026, 11, 21)
NIGHT = ["hebergement_115", "halte_de_nuit", "siao_insertion", "animal_accueil", "daho"]
STATUS_RANK = {"oui": 0, "a_verifier": 1, "non": 2}


def told(needs: list[str], facts: dict) -> list[tuple[str, str]]:
    """Identifiers and statuses, in the order they are told."""
    answer = orient(database(), besoins=needs, faits=facts, limite=0)
    return [(item["id"], item["statut"]) for item in answer["dispositifs"]]


def test_a_woman_outside_is_told_the_115_before_the_night_shelter():
    names = [name for name, _ in told(["hebergement"], {"logement_actuel": "rue", "genre": "femme"})]
    assert names.index("hebergement_115") < names.index("halte_de_nuit")
    assert names[0] == "hebergement_115"


def test_courses_begin_with_what_is_given_without_a_social_worker():
    names = [name for name, _ in told(["courses"], {})]
    assert names.index("distribution_alimentaire") < names.index("epicerie_solidaire")


@pytest.mark.parametrize("need", [need.id for need in database().base.needs.values() if need.order])
@pytest.mark.parametrize(
    "facts", [{}, {"logement_actuel": "rue", "age": 40}, {"logement_actuel": "locataire_prive"}]
)
def test_for_one_need_each_status_follows_the_order_of_the_need(need, facts):
    order = database().base.needs[need].order
    found = told([need], facts)
    assert sorted(name for name, _ in found) == sorted(order)
    assert found == sorted(found, key=lambda item: (STATUS_RANK[item[1]], order.index(item[0])))


def test_a_service_second_for_both_needs_is_told_after_the_first_of_each():
    names = [name for name, _ in told(["douche", "lessive"], {})]
    assert names.index("bains_douches") < names.index("esi") < names.index("accueil_de_jour")
    assert "laverie_solidaire" in names


def test_without_a_need_the_night_comes_before_money():
    found = told([], {"logement_actuel": "rue", "ressources_mensuelles": 0})
    open_doors = [name for name, status in found if status == "oui"]
    assert open_doors[0] == "hebergement_115"


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (NIGHT[:-1], ["« daho » répond à « hebergement », mais n'est pas dans « ordre »"]),
        ([*NIGHT, "rsa"], ["« rsa » ne répond pas au besoin « hebergement »"]),
        ([*NIGHT, "daho"], ["nomme 2 fois"]),
        ([], []),
        (NIGHT, []),
    ],
)
def test_an_order_that_forgets_adds_or_repeats_a_dispositif_is_a_fault(order, said):
    base = database().base
    needs = {"hebergement": replace(base.needs["hebergement"], order=tuple(order))}
    answering = {one.id: one for one in base.dispositifs.values() if "hebergement" in one.needs}
    few = replace(base, needs=needs, dispositifs=answering, cases=())
    found = [fault for fault in verify(few, TODAY) if fault.file == "besoins.yml"]
    assert len(found) == len(said)
    for fault, words in zip(found, said, strict=True):
        assert words in fault.message


def test_a_dispositif_without_a_place_comes_last_and_does_not_stop_the_answer():
    base = database().base
    night = replace(base.needs["hebergement"], order=("daho",))
    ranks = {one.id: _rank(one, night) for one in base.dispositifs.values() if "hebergement" in one.needs}
    assert min(ranks, key=ranks.get) == "daho"
    assert len(ranks) == len(NIGHT)


@pytest.mark.parametrize("need", database().base.needs)
@pytest.mark.parametrize("set_aside", [(), ("arrondissement",), ("arrondissement", "age", "logement_actuel")])
@pytest.mark.parametrize("facts", [{}, {"lieu": "Gare du Nord"}, {"logement_actuel": "rue", "age": 40}])
def test_the_next_question_is_that_of_the_whole_answer(need, set_aside, facts):
    asked = {
        "besoins": [need],
        "faits": facts,
        "date": datetime(2026, 11, 23, 10, tzinfo=PARIS),
        "ecartes": set_aside,
        "sujet": "logement",
    }
    whole = orient(database(), **asked, limite=0)
    assert next_question(database(), **asked) == (whole["question"] or {"fait": None})["fait"]
    assert whole["terminee"] is (whole["question"] is None)
    told = orient(database(), **asked, limite=0, posee="age")
    assert told["question"]["fait"] == "age" and told["terminee"] is False
    assert {**told, "question": None, "terminee": None} == {**whole, "question": None, "terminee": None}
