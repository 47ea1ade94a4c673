"""A proof holds every condition that decides, and not one more."""

from __future__ import annotations

from hypothesis import given

from rules import Evaluator, Result
from tests.strategies import AT, Oracle, base_of, examples, facts, trees


def evaluate(tree: dict, known: dict) -> tuple[Result, list[str]]:
    base = base_of(tree)
    result = Evaluator(base).evaluate(base.dispositifs["d0"], known, AT)
    return result, [reason.leaf.id for reason in result.reasons]


def without(items: list[str], one: str) -> list[str]:
    return [item for item in items if item != one]


@examples(250)
@given(trees(), facts())
def test_the_proof_alone_gives_the_decided_status_and_needs_each_condition(tree, known):
    result, proof = evaluate(tree, known)
    if result.status == "a_verifier":
        return
    oracle = Oracle(tree)
    assert oracle.proved(known, proof) == {result.status}
    for reason in proof:
        assert oracle.proved(known, without(proof, reason)) != {result.status}


@examples(250)
@given(trees(), facts())
def test_settling_all_the_reasons_to_check_gives_a_yes_and_each_is_needed(tree, known):
    result, reasons = evaluate(tree, known)
    if result.status != "a_verifier":
        return
    oracle = Oracle(tree)
    assert oracle.settled(known, reasons) == {"oui"}  # somebody possible can settle them all together
    for reason in reasons:
        assert oracle.settled(known, without(reasons, reason)) != {"oui"}


def leaf(identifier: str, fact: str, **test: object) -> dict:
    words = {"vrai": "Vrai.", "faux": "Faux.", "inconnu": "Inconnu."}
    kind = {"force": "ferme", "confiance": "haute", "source": "s"}
    return {"id": identifier, "fait": fact, **kind, **words, **test}


def test_reasons_to_check_never_exclude_each_other():
    """The shortest ways through the two groups are « at most 2 » and « at least 3 »: nobody has both."""

    def both(name: str) -> dict:
        return {"tous": [leaf(f"{name}1", "animal", egal="oui"), leaf(f"{name}2", "suivi", egal="oui")]}

    exactly_1 = {"tous": [leaf("un_ou_plus", "age", min=1), leaf("un_ou_moins", "age", max=1)]}
    small = {"au_moins_un": [both("a"), leaf("petit", "age", max=2)]}
    for others in ([both("b")], [both("b"), exactly_1]):
        tree = {"tous": [small, {"au_moins_un": [*others, leaf("grand", "age", min=3)]}]}
        result, reasons = evaluate(tree, {})
        assert result.status == "a_verifier"
        assert not {"petit", "grand"} <= set(reasons)
        assert Oracle(tree).settled({}, reasons) == {"oui"}


def test_what_another_condition_implies_is_not_asked_for():
    tree = {
        "tous": [leaf("trois", "age", min=3), leaf("un", "age", min=1), leaf("suivi", "suivi", egal="oui")]
    }
    assert evaluate(tree, {})[1] == ["trois", "suivi"]


def test_the_shorter_way_is_the_one_told():
    long = {"tous": [leaf("a", "animal", egal="oui"), leaf("b", "age", min=3)]}
    assert evaluate({"au_moins_un": [long, leaf("c", "suivi", egal="oui")]}, {})[1] == ["c"]


def test_under_or_only_the_condition_that_decides_is_told():
    tree = {"au_moins_un": [leaf("a", "animal", egal="oui"), leaf("b", "age", min=3)]}
    assert evaluate(tree, {"animal": True, "age": 0})[1] == ["a"]
    assert evaluate(tree, {"animal": False, "age": 0})[1] == ["a", "b"]
    assert evaluate({"tous": tree["au_moins_un"]}, {"animal": True, "age": 0})[1] == ["b"]


@examples(100)
@given(trees(), facts())
def test_each_reason_says_how_its_condition_really_stands(tree, known):
    result, _ = evaluate(tree, known)
    oracle = Oracle(tree)
    for reason in result.reasons:
        leaf = oracle.leaves[reason.leaf.id]
        if "toujours" in leaf:
            expected = True
        elif leaf.get("fait") in known and oracle.operand(leaf) is not None:
            expected = oracle.truth(leaf, known)
        else:
            expected = None
        assert reason.result == {True: "vrai", False: "faux", None: "inconnu"}[expected]
        assert reason.leaf.sources == ("s",)


@examples(100)
@given(trees(), facts())
def test_no_condition_is_given_twice_and_they_come_in_the_order_written(tree, known):
    _, reasons = evaluate(tree, known)
    order = list(Oracle(tree).leaves)
    assert reasons == sorted(set(reasons), key=order.index)
