"""Conditions over several facts at once: calculations, notions, tables by household."""

from __future__ import annotations

from hypothesis import given

from rules import Evaluator
from tests.strategies import AT, Oracle, base_of, examples, facts, trees


@examples(150)
@given(trees(calculs=True, depth=2), facts())
def test_a_status_is_decided_only_when_everybody_possible_gets_it(tree, known):
    base = base_of(tree)
    result = Evaluator(base).evaluate(base.dispositifs["d0"], known, AT)
    assert result.status == Oracle(tree).status(known)


@examples(150)
@given(trees(calculs=True, depth=2), facts())
def test_a_decided_status_never_changes_when_more_facts_come(tree, known):
    base = base_of(tree)
    evaluator, seen = Evaluator(base), None
    for count in range(len(known) + 1):
        status = evaluator.evaluate(base.dispositifs["d0"], dict(list(known.items())[:count]), AT).status
        assert seen in (None, "a_verifier", status)
        seen = status
