"""Invented people of bench/personas.yml go through a real conversation: how much is asked, and what for."""

from __future__ import annotations

import statistics
from functools import cache

import pytest

from bench.personas import (
    AIMS,
    AT,
    HOMELESS,
    Asked,
    Course,
    Persona,
    homeless,
    page,
    people,
    play,
    useful_counts,
)
from tests.built_base import database

FEWEST = 40  # people for a median to mean something
WORST = {"useful": 8, "homeless": 16, "anybody": 18}
VERY_SENSITIVE = 4
WITH_A_HOME = {"energie", "loyer", "expulsion"}  # needs that nobody has without a home


@cache
def courses() -> list[Course]:
    return [play(database(), persona) for persona in people(database().base)]


def of_everybody(check) -> list[str]:
    """Who fails the check, with what was asked: read in one go when a rule changes."""
    return [f"{c.persona.id} : {', '.join(c.facts_asked)}" for c in courses() if not check(c)]


# --- How much ---


def test_a_homeless_adult_with_one_need_soon_has_a_useful_answer():
    counts = useful_counts(homeless(courses()))
    assert len(counts) >= FEWEST
    assert statistics.median(counts) <= AIMS["first"]
    assert max(counts) <= WORST["useful"]


def test_and_soon_has_nothing_left_to_be_asked():
    counts = [course.count for course in homeless(courses())]
    assert statistics.median(counts) <= AIMS["last"]
    assert max(counts) <= WORST["homeless"]


def test_nobody_is_asked_without_end():
    assert not of_everybody(lambda course: course.count <= WORST["anybody"])


def test_everybody_ends_with_something_useful():
    assert not of_everybody(lambda course: course.useful is not None)


def test_the_homeless_have_every_need_that_makes_sense_for_them():
    told = {need for course in homeless(courses()) for need in course.persona.needs}
    assert told == set(database().base.needs) - WITH_A_HOME


def test_a_homeless_adult_has_no_home_and_one_need():
    for course in homeless(courses()):
        assert len(course.persona.needs) == 1
        assert course.persona.truth["logement_actuel"] in ("rue", "voiture_tente_squat"), course.persona.id


# --- What for ---


def test_nothing_said_or_presumed_is_asked():
    assert not of_everybody(lambda course: all(one.fact not in one.known for one in course.asked))


def test_every_question_can_change_something():
    places = ("arrondissement", "lieu")  # they change the places told, not a status
    assert not of_everybody(lambda c: all(one.fact in (*one.candidates, *places) for one in c.asked))


def test_nothing_set_aside_is_asked_again():
    assert not of_everybody(
        lambda course: all(course.facts_asked.count(fact) <= 1 for fact in course.persona.unsaid)
    )


def test_a_very_sensitive_question_is_not_among_the_first_three_unless_nothing_easier_helps():
    facts = database().base.facts

    def allowed(one: Asked) -> bool:
        return facts[one.fact].cost < VERY_SENSITIVE or all(
            facts[fact].cost >= VERY_SENSITIVE for fact in one.candidates
        )

    assert not of_everybody(lambda course: all(map(allowed, course.asked[:3])))


def test_asking_does_not_jump_between_subjects():
    base = database().base
    assert not of_everybody(lambda course: course.returns(base) <= 1 + course.count // 2)
    assert statistics.mean(course.returns(base) for course in homeless(courses())) <= 1.5


def test_a_bed_is_not_first_a_matter_of_animals():
    asked = [c.facts_asked for c in courses() if "hebergement" in c.persona.needs]
    assert len(asked) >= 5
    assert all("animal" not in facts[:3] for facts in asked)


@pytest.mark.parametrize("group", ["sans_abri", "sans_abri_deux_besoins", "heberge", "jeunes", "logement"])
def test_asking_less_changes_no_answer(group: str):
    """The statuses at the end are those of someone who would have told everything they know at once."""
    evaluator = database().evaluator
    some = [course for course in courses() if course.persona.group == group]
    assert some
    for course in some:
        everything = evaluator.complete(course.persona.truth)
        whole = evaluator.evaluate_all(everything, AT.date(), course.statuses)
        assert course.statuses == {name: result.status for name, result in whole.items()}, course.persona.id


# --- The measure itself ---


def invented(**changes) -> Persona:
    truth = {"logement_actuel": "rue", "arrondissement": 10}
    fields = {"id": "x", "group": HOMELESS, "why": "Essai.", "needs": ("douche",), "told": (), "truth": truth}
    return Persona(**{**fields, "unsaid": frozenset(), **changes})


def test_a_shower_is_one_place_away():
    course = play(database(), invented())
    assert (course.facts_asked, course.useful) == (["arrondissement"], 1)
    assert play(database(), invented(told=("arrondissement",))).count == 0


def test_a_persona_without_an_answer_to_a_question_is_a_mistake():
    with pytest.raises(ValueError, match="il manque sa réponse"):
        play(database(), invented(needs=("hebergement",), told=("logement_actuel", "arrondissement")))


def test_a_value_that_the_base_refuses_is_a_mistake(tmp_path):
    path = tmp_path / "personas.yml"
    path.write_text(
        "profils: {p: {logement_actuel: palais}}\n"
        "personas: [{id: x, groupe: g, profil: p, pourquoi: y, besoins: [douche], dit: []}]\n"
    )
    with pytest.raises(ValueError, match="logement_actuel"):
        people(database().base, path)


def test_the_returns_to_a_subject_are_counted():
    facts = (
        "age",
        "arrondissement",
        "enfants",
        "lieu",
        "adultes",
    )  # personne, lieu, personne, lieu, personne
    asked = tuple(Asked(fact, frozenset(), frozenset()) for fact in facts)
    assert Course(invented(), asked, 0).returns(database().base) == 3
    assert Course(invented(), asked[:2], 0).returns(database().base) == 0


def test_the_page_tells_everybody():
    text = page(database(), courses())
    assert all(f"| {course.persona.id} | " in text for course in courses())
    assert "**non**" not in text


# --- What the base presumes ---


def complete(**facts) -> dict:
    return database().evaluator.complete(facts)


def test_who_said_no_child_is_asked_about_no_child():
    assert complete(enfants=0)["enfant_moins_3_ans"] is False
    assert "enfant_handicape" not in complete(enfants=0)  # may be an adult
    assert complete(enfants=0, enfants_majeurs_a_charge=0)["enfant_handicape"] is False


def test_a_disability_already_told_is_not_asked_again():
    told = complete(prestation="aah")
    assert (told["handicap_titre"], told["handicap_foyer"]) == ("aah", True)
    assert complete(enfant_handicape=True)["handicap_foyer"] is True
    assert "handicap_foyer" not in complete(handicap_titre="aucun", enfant_handicape=False)


def test_what_was_said_is_never_replaced():
    said = {"prestation": "aah", "handicap_titre": "aucun", "handicap_foyer": False, "enfants": 0}
    assert complete(**said, enfant_moins_3_ans=True) == {**said, "enfant_moins_3_ans": True}
    assert complete(genre="homme", enceinte=True)["enceinte"] is True


def test_a_sensitive_fact_is_drawn_only_from_an_answer_never_from_the_mere_fact_of_answering():
    base = database().base
    sensitive = [p for p in base.presumptions if any(base.facts[fact].sensitive for fact in p.then)]
    assert sensitive
    for presumption in sensitive:
        assert presumption.equal and not presumption.known, presumption.id
        assert "sejour" not in presumption.then, presumption.id
