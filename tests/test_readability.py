"""The measures of readability are right, and the gate tells plain sentences from administrative ones.

The sentences judged are those kept apart in tests/falc/: nobody looks at them while working on the gate.
"""

from __future__ import annotations

import pytest

from bench.readability import corpora
from bench.readability.run import compared
from bench.readability.separation import Estimate, auc, share
from falc.syntax import Reader, Unavailable


def test_the_area_counts_pairs_and_halves_ties():
    assert auc([0, 1], [2, 3]) == 1
    assert auc([2, 3], [0, 1]) == 0
    assert auc([1, 1], [1, 1]) == 0.5
    assert auc([0, 2], [1, 2]) == (1 + 0 + 1 + 0.5) / 4


def test_a_share_never_claims_to_be_sure():
    # 0.9 of 100 by hand: (0.9 + 1.92/100 ± 1.96 √(0.09/100 + 3.84/40000)) / (1 + 3.84/100)
    found = share(90, 100)
    assert (round(found.low, 3), round(found.high, 3)) == (0.826, 0.945)
    assert share(20, 20).low < 0.85


@pytest.mark.parametrize("name", [corpora.FALC, corpora.ADMINISTRATIVE])
def test_there_are_200_sentences_half_of_them_apart(name):
    parts = [{text.words for text in corpora.written(name, part)} for part in (corpora.OPEN, corpora.APART)]
    assert min(map(len, parts)) >= 100
    assert not parts[0] & parts[1]


@pytest.fixture(scope="module")
def gate():
    plain, hard = (corpora.written(name, corpora.APART) for name in (corpora.FALC, corpora.ADMINISTRATIVE))
    try:
        return compared("", plain, hard, Reader())
    except Unavailable as missing:
        pytest.skip(str(missing))


def at_least(estimate: Estimate, wanted: float) -> bool:
    return estimate.value >= wanted


def test_the_gate_separates_the_sentences_kept_apart(gate):
    assert at_least(gate.by_count, 0.95), gate
    assert at_least(gate.caught, 0.85), gate


def test_the_gate_lets_plain_sentences_pass(gate):
    assert at_least(gate.passes, 0.95), gate
