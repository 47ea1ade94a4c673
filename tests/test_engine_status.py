"""The status says exactly what is certain: « oui » or « non » only when everybody possible gets it."""

from __future__ import annotations

import json
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

import rules.engine.unfolding
from rules import Base, Evaluator, Result, check_facts, load_base
from tests.strategies import AT, DOMAINS, Oracle, base_of, documents, examples, facts, trees


def evaluate(base: Base, known: dict, dispositif: str = "d0") -> Result:
    return Evaluator(base).evaluate(base.dispositifs[dispositif], known, AT)


@examples(200)
@given(trees(), facts())
def test_status_is_what_every_possible_person_gets(tree, known):
    assert evaluate(base_of(tree), known).status == Oracle(tree).status(known)


@examples(80)
@given(trees(), st.data())
def test_status_is_exact_for_a_person_fully_known(tree, data):
    oracle = Oracle(tree)
    person = {name: data.draw(st.sampled_from(values)) for name, values in DOMAINS.items()}
    always = {name: True for name in oracle.always}
    assert evaluate(base_of(tree), person).status == oracle.outcome({**person, **always})


@examples(100)
@given(trees(), facts(), facts())
def test_a_decided_status_never_changes_when_more_facts_come(tree, said, more):
    base = base_of(tree)
    before = evaluate(base, said)
    after = evaluate(base, {**more, **said})
    if before.status != "a_verifier":
        assert after.status == before.status


@examples(100)
@given(trees(), facts())
def test_missing_facts_are_exactly_those_that_can_change_the_outcome(tree, known):
    result = evaluate(base_of(tree), known)
    assert sorted(result.missing) == sorted(Oracle(tree).changing(known))


@examples(80)
@given(trees(), facts(), st.randoms(use_true_random=False))
def test_the_order_of_the_facts_and_the_evaluator_used_change_nothing(tree, known, random_):
    base = base_of(tree)
    shuffled = list(known.items())
    random_.shuffle(shuffled)
    evaluator = Evaluator(base)
    first = evaluator.evaluate(base.dispositifs["d0"], known, AT)
    assert evaluator.evaluate(base.dispositifs["d0"], dict(shuffled), AT) == first
    assert evaluate(base_of(tree), dict(shuffled)) == first


@examples(100)
@given(trees(), facts())
def test_a_base_that_went_through_json_answers_the_same(tree, known):
    stored = load_base(json.loads(json.dumps(documents(tree))))
    assert evaluate(stored, json.loads(json.dumps(known))) == evaluate(base_of(tree), known)


@examples(100)
@given(trees(), st.data())
def test_no_valid_fact_makes_the_evaluation_fail(tree, data):
    base = base_of(tree)
    anything = {
        name: _any_value(name, data) for name in data.draw(st.sets(st.sampled_from(list(base.facts))))
    }
    assert check_facts(base, anything) == []
    result = evaluate(base, anything)
    assert result.status in ("oui", "a_verifier", "non")
    assert all(reason.text for reason in result.reasons)


def _any_value(name: str, data: st.DataObject) -> object:
    """A value that check_facts accepts, including orders and repetitions that nobody would write."""
    if name == "lieu":
        return data.draw(st.text(min_size=1, max_size=200))
    if name == "lien":
        return data.draw(st.lists(st.sampled_from(["travail", "famille", "aucun"]), min_size=1, max_size=5))
    return data.draw(st.sampled_from(DOMAINS[name]))


def leaf(identifier: str, **test: object) -> dict:
    return {
        "id": identifier,
        "force": "ferme",
        "confiance": "haute",
        "source": "s",
        "vrai": "C'est vrai.",
        "faux": "C'est faux.",
        "inconnu": "Ce n'est pas connu.",
        **test,
    }


def test_two_halves_of_a_fact_nobody_told_are_certain_together():
    """Kleene's tables say « unknown » here; everybody has an age, so the answer is yes."""
    tree = {"au_moins_un": [leaf("petit", fait="age", max=2), leaf("grand", fait="age", min=3)]}
    assert evaluate(base_of(tree), {}) == Result("oui", (), ())


def test_two_conditions_that_nobody_meets_together_are_certain_too():
    tree = {"tous": [leaf("petit", fait="age", max=2), leaf("grand", fait="age", min=3)]}
    assert evaluate(base_of(tree), {}) == Result("non", (), ())


def test_a_soft_condition_that_fails_is_never_a_no():
    tree = {"tous": [leaf("souple", fait="age", min=3, force="souple")]}
    assert evaluate(base_of(tree), {"age": 0}).status == "a_verifier"
    assert evaluate(base_of(tree), {"age": 3}).status == "oui"


def test_nothing_weak_or_expired_ever_gives_a_yes_or_a_no():
    weak = [
        {"confiance": "basse"},
        {"au": "2026-11-20"},
        {"du": "2026-11-22"},
        {"min": {"bareme": "passe"}},
        {"min": {"bareme": "futur"}},
        {"min": {"bareme": "fragile"}},
    ]
    for change in weak:
        tree = {"tous": [{**leaf("faible", fait="age", min=3), **change}]}
        for age in (0, 3, 4):
            assert evaluate(base_of(tree), {"age": age}).status == "a_verifier", change


def test_the_amount_of_the_day_is_used_from_its_first_day_to_its_last():
    tree = {"tous": [leaf("plafond", fait="age", max={"bareme": "courant"})]}
    base = base_of(tree)
    evaluator = Evaluator(base)
    eve = AT.replace(day=20)
    assert evaluator.evaluate(base.dispositifs["d0"], {"age": 2}, AT).status == "oui"
    assert evaluator.evaluate(base.dispositifs["d0"], {"age": 2}, eve).status == "non"


def test_an_evaluator_shared_by_threads_answers_like_one_alone(monkeypatch):
    """The door answers several people at once; keeping few trees must not lose one in use."""
    monkeypatch.setattr(rules.engine.unfolding, "_MOST", 2)
    base = base_of({"tous": [leaf("grand", fait="age", min=3)]})
    evaluator = Evaluator(base)
    days = [AT + timedelta(days=day) for day in range(40)] * 25
    random.Random(1).shuffle(days)
    with ThreadPoolExecutor(8) as pool:
        ask = [pool.submit(evaluator.evaluate, base.dispositifs["d0"], {"age": 4}, day) for day in days]
    assert {answer.result().status for answer in ask} == {"oui"}
