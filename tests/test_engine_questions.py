"""A question is asked only when some answer to it can change what the person gets, and asking ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import Evaluator, load_base, next_fact
from tests.strategies import AT, DOMAINS, FACTS, Oracle, base_of, documents, examples, facts, trees

FEW = st.lists(trees(), min_size=1, max_size=2)
REFUSED = st.sets(st.sampled_from(list(DOMAINS)), max_size=3)
SUBJECTS = st.sampled_from([None, "personne", "argent", "logement", "demarches"])


def ask(base, known, refused=(), subject=None):
    return next_fact(Evaluator(base), base.dispositifs.values(), known, AT, refused, subject)


@examples(120)
@given(FEW, facts(), REFUSED, SUBJECTS)
def test_a_question_can_change_something_and_none_is_left_when_asking_stops(
    conditions, known, refused, subject
):
    asked = ask(base_of(*conditions), known, refused, subject)
    useful = set().union(*(Oracle(tree).changing(known) for tree in conditions)) - refused
    assert asked in useful if useful else asked is None


@examples(60)
@given(FEW, st.data())
def test_asking_always_ends_and_leaves_every_status_final(conditions, data):
    base = base_of(*conditions)
    known, refused, subject = {}, set(), None
    for _ in range(len(DOMAINS) + 1):
        fact = ask(base, known, refused, subject)
        if fact is None:
            break
        assert fact not in known and fact not in refused
        subject = base.facts[fact].subject
        answer = data.draw(st.sampled_from([None, *DOMAINS[fact]]), label=fact)
        if answer is None:
            refused.add(fact)
        else:
            known[fact] = answer
    assert fact is None
    evaluator = Evaluator(base)
    for dispositif, tree in zip(base.dispositifs.values(), conditions, strict=True):
        missing = evaluator.evaluate(dispositif, known, AT).missing
        assert set(missing) <= refused
        if not refused:
            assert {Oracle(tree).outcome(person) for person in Oracle(tree).people(known)} == {
                evaluator.evaluate(dispositif, known, AT).status
            }


@examples(60)
@given(FEW, facts(), st.randoms(use_true_random=False))
def test_the_question_does_not_depend_on_the_order_of_the_facts(conditions, known, random_):
    shuffled = list(known.items())
    random_.shuffle(shuffled)
    assert ask(base_of(*conditions), known) == ask(base_of(*conditions), dict(shuffled))


def leaf(identifier, fact, **test):
    words = {"vrai": "Vrai.", "faux": "Faux.", "inconnu": "Inconnu."}
    return {
        "id": identifier,
        "fait": fact,
        "force": "ferme",
        "confiance": "haute",
        "source": "s",
        **words,
        **test,
    }


def test_of_two_facts_that_settle_as_much_the_easier_is_asked():
    tree = {"tous": [leaf("b", "suivi", egal="oui"), leaf("a", "animal", egal="oui")]}
    assert ask(base_of(tree), {}) == "animal"


def test_a_hard_fact_that_settles_everything_comes_before_an_easy_one_that_settles_little():
    needed = [{"tous": [leaf("d", "dette", min=11)]}] * 5
    assert ask(base_of({"tous": [leaf("a", "animal", egal="oui")]}, *needed), {}) == "dette"


def test_a_fact_that_no_longer_matters_is_not_asked():
    tree = {"au_moins_un": [leaf("a", "age", min=3), leaf("s", "suivi", egal="oui")]}
    assert ask(base_of(tree), {"age": 4}) is None
    assert ask(base_of(tree), {"age": 1}) == "suivi"


def test_a_fact_read_only_by_a_weak_condition_is_not_asked():
    tree = {"tous": [leaf("a", "age", min=3, confiance="basse")]}
    assert ask(base_of(tree), {}) is None


def test_refusing_to_answer_moves_on_to_the_next_fact():
    tree = {"tous": [leaf("a", "age", min=3), leaf("s", "suivi", egal="oui")]}
    assert ask(base_of(tree), {}, {"age"}) == "suivi"
    assert ask(base_of(tree), {}, {"age", "suivi"}) is None


def test_between_equals_the_subject_being_talked_about_goes_on():
    tree = {"tous": [leaf("a", "animal", egal="oui"), leaf("s", "suivi", egal="oui")]}
    equals = FACTS | {"suivi": {**FACTS["suivi"], "cout": 1}}  # subject: demarches
    base = load_base({**documents(tree), "faits.yml": equals})
    assert [ask(base, {}, subject=subject) for subject in ("personne", "demarches")] == ["animal", "suivi"]


@pytest.mark.parametrize("deciding, asked", [(6, "animal"), (30, "suivi")])
def test_a_very_sensitive_question_waits_unless_it_decides_far_more(deciding, asked):
    """At the cost of 5 alone, six dispositifs would be enough for it to come first."""
    trees = [leaf("a", "animal", egal="oui"), *[{"tous": [leaf("s", "suivi", egal="oui")]}] * deciding]
    facts = FACTS | {"suivi": {**FACTS["suivi"], "cout": 5}}
    base = load_base({**documents(*trees), "faits.yml": facts})
    assert ask(base, {}) == asked


def test_a_subject_is_not_left_for_a_question_of_little_more_use():
    trees = [leaf("a", "animal", egal="oui"), *[leaf("s", "suivi", egal="oui")] * 3]
    facts = FACTS | {
        "suivi": {**FACTS["suivi"], "cout": 2}
    }  # three dispositifs at twice the effort: 1.5 times
    base = load_base({**documents(*trees), "faits.yml": facts})
    assert [ask(base, {}, subject=subject) for subject in (None, "personne")] == ["suivi", "animal"]
