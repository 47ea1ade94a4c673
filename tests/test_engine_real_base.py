"""The invariants of the engine on the base of this repository, for people drawn near its thresholds.

`real_subject` gives each number a few values, so that everybody possible can be tried: see bench/brute_force.py.
"""

from __future__ import annotations

from functools import cache
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bench.brute_force import DAYS, MOST, Subject, partly, real_subject, thresholds, valid_values, window
from data.build import read_documents
from rules import Base, Evaluator, check_facts, load_base, next_fact
from tests.built_base import ROOT
from tests.meaning import STATUS, Meaning
from tests.proof_judge import ProofJudge
from tests.strategies import examples

SEEDS = st.integers(0, 2**32)


@cache
def documents() -> dict[str, object]:
    return read_documents(ROOT)[0]


@cache
def base() -> Base:
    return load_base(documents())


@cache
def meaning(day: int) -> Meaning:
    return Meaning(documents(), DAYS[day])


@cache
def evaluator() -> Evaluator:
    return Evaluator(base())


def tree_of(name: str) -> dict:
    return documents()[f"dispositifs/{name}.yml"]["conditions"]


@cache
def marks(name: str) -> tuple[int, ...]:
    """The thresholds of a number in the whole base."""
    found = (thresholds(meaning(0), tree_of(dispositif), name) for dispositif in base().dispositifs)
    return tuple(sorted(set().union(*found)))


def someone(rng: Random) -> dict[str, object]:
    """Every fact of one person: numbers near a threshold, where most people are, or at an end."""
    return {name: value_of(rng, name) for name in base().facts}


def value_of(rng: Random, name: str) -> object:
    fact = base().facts[name]
    if fact.type == "texte":
        return "gare de Lyon"
    if fact.type == "entier":
        return rng.choice([*window(rng, fact, marks(name)), fact.high])
    return rng.choice(valid_values(fact.type, fact.choices))


def subjects(seed: int, count: int) -> list[Subject]:
    """A few real trees with few people. The engine and the judge know the same values."""
    rng = Random(seed)
    names = rng.sample(list(base().dispositifs), count)
    return [
        real_subject(
            rng, str(seed), base(), meaning(rng.randrange(len(DAYS))), documents(), name, narrow=True
        )
        for name in names
    ]


@examples(12)
@given(SEEDS)
def test_a_decided_status_is_the_one_of_the_person_fully_known_at_every_step_before(seed):
    rng = Random(seed)
    whole = someone(rng)
    order = rng.sample(list(whole), len(whole))
    last = {name: STATUS[meaning(0).outcome(tree_of(name))(whole)] for name in base().dispositifs}
    for count in (0, 3, 8, 15, 25, 40, len(order)):
        for name, result in evaluator().evaluate_all({f: whole[f] for f in order[:count]}, DAYS[0]).items():
            assert result.status in ("a_verifier", last[name]), name
            assert count < len(order) or result.status == last[name], name


@examples(25)
@given(SEEDS)
def test_status_and_missing_facts_are_those_of_everybody_possible(seed):
    for subject, domains, always in subjects(seed, 3):
        rng = Random(seed)
        for _ in range(4):
            known = {**partly(rng, domains), **always}
            result = subject.evaluator.evaluate_all(known, subject.at)[subject.dispositif]
            assert result.status == subject.everybody.status(known), (subject.dispositif, known)
            assert set(result.missing) == subject.everybody.changing(known), (subject.dispositif, known)


@examples(25)
@given(SEEDS)
def test_the_reasons_are_enough_and_none_can_be_spared(seed):
    for subject, domains, always in subjects(seed, 3):
        everyone = dict(zip(subject.everybody.names, subject.everybody.values, strict=True))
        judge = ProofJudge(subject.meaning, subject.tree, everyone)
        if always or len(judge.everybody) > MOST:  # a proof is about everybody, told or not
            continue
        known = partly(Random(seed), domains)
        result = subject.evaluator.evaluate_all(known, subject.at)[subject.dispositif]
        ids = [reason.leaf.id for reason in result.reasons]
        assert judge.wrong(result.status, ids, known) is None, (subject.dispositif, known)


@examples(25)
@given(SEEDS)
def test_asking_ends_with_no_question_that_was_already_answered(seed):
    rng = Random(seed)
    whole, needs = someone(rng), list(base().needs)
    need = rng.choice(needs)
    asked_for = [one for one in base().dispositifs.values() if need in one.needs]
    known: dict[str, object] = {}
    while fact := next_fact(evaluator(), asked_for, known, DAYS[0]):
        assert fact not in known
        known[fact] = whole[fact]
    found = evaluator().evaluate_all(known, DAYS[0], [one.id for one in asked_for])
    for name, result in found.items():
        assert result.missing == (), name
        assert result.status == STATUS[meaning(0).outcome(tree_of(name))(whole)], name


@examples(4)
@given(SEEDS)
def test_neither_who_came_before_nor_the_order_of_the_facts_changes_an_answer(seed):
    rng = Random(seed)
    people = [partly(rng, {name: [value] for name, value in someone(rng).items()}) for _ in range(5)]
    onward, backward = Evaluator(base()), Evaluator(base())
    first = [answers(onward, known) for known in people]
    last = [answers(backward, dict(reversed(known.items()))) for known in reversed(people)]
    assert first == last[::-1]
    assert answers(Evaluator(base()), people[-1]) == first[-1]


def answers(engine: Evaluator, known: dict) -> tuple:
    found = engine.evaluate_all(known, DAYS[0])
    gains = {name: dict(result.gains) for name, result in found.items()}
    return found, gains, next_fact(engine, base().dispositifs.values(), known, DAYS[0])


@examples(12)
@given(SEEDS)
def test_no_valid_fact_makes_the_evaluation_fail(seed):
    """On several days, and with sets of choices in any order, as lists or tuples, with repetitions."""
    rng = Random(seed)
    known = partly(rng, {name: [value] for name, value in someone(rng).items()})
    for name in known:
        if base().facts[name].type == "choix_multiple":
            said = rng.choices(list(base().facts[name].choices), k=3)
            known[name] = rng.choice([said, tuple(said)])
    assert check_facts(base(), known) == []
    for day in DAYS:
        for name, result in evaluator().evaluate_all(known, day).items():
            assert result.status in STATUS, name
            assert all(reason.text for reason in result.reasons), name
            assert not set(result.missing) & set(known), name


def test_the_judge_never_contradicts_the_cases_of_the_base():
    """It reads the YAML by itself: what it is sure of, with Kleene's tables alone, is what the cases say."""
    days = {case.at: Meaning(documents(), case.at) for case in base().cases}
    sure = 0
    for case in base().cases:
        least, most = days[case.at].kleene(tree_of(case.dispositif), evaluator().complete(case.facts))
        if least == most:
            sure += 1
            assert STATUS[least] == case.status, (case.dispositif, case.title)
    assert sure > len(base().cases) / 2


@examples(30)
@given(SEEDS)
def test_the_right_doors_are_those_whose_condition_is_sure_also_the_second_time(seed):
    rng = Random(seed)
    whole = someone(rng)
    for count in (0, 3, 8, 15, 25, len(whole)):
        known = {name: whole[name] for name in rng.sample(list(whole), count)}
        for dispositif in base().dispositifs.values():
            box = {name: fact.left(known) for name, fact in base().facts.items()}
            dated = [(route, route.when.on(DAYS[0])) for route in dispositif.routes]
            sure = tuple(route for route, when in dated if when and when.possible(box) == {True})
            for _ in range(2):
                assert evaluator().routes(dispositif, known, DAYS[0]) == sure, (dispositif.id, known)
