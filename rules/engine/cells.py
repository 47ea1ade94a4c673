"""Cells: what the conditions of one tree can tell apart among the values of a fact."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, floor

from rules.engine.formulas import Calculation, Comparison, Condition, Formula, Reading
from rules.model import Fact, Leaf


@dataclass(frozen=True)
class Variable:
    """What a diagram branches on, and the cells that the tree's conditions can tell apart.

    * a fact (`fact`): `pieces[cell]` are its values, `truths[cell][k]` what they make of `leaves[k]`;
    * a condition over several facts (one leaf, no fact): its cells are True, False, None (undefined);
    * a condition that always holds: True, False;
    * the verdict of a person about a condition (no leaf): not given, accepted.
    """

    name: str
    leaves: tuple[Leaf, ...] = ()
    truths: tuple[tuple[bool | None, ...], ...] = ((), ())
    fact: Fact | None = None
    pieces: tuple[Sequence, ...] = ()
    formula: Formula | None = None
    cell_by_value: dict = field(default_factory=dict, compare=False)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The facts that it reads."""
        return (self.fact.id,) if self.fact else self.formula.inputs if self.formula else ()

    def cell_of(self, value: object) -> int:
        """The cell in which a known value of the fact falls."""
        if self.fact.type == "entier":
            return bisect_right(self.pieces, value, key=lambda piece: piece[0]) - 1
        return self.cell_by_value[self.fact.among_values(value)]

    def weights(self) -> tuple[float, ...]:
        """How likely each cell is, for want of anything better: every usual value as likely as another."""
        if self.fact is None:
            return (1 / len(self.truths),) * len(self.truths)
        sizes = [len(piece) for piece in self.pieces]
        if self.fact.usual:
            low, high = self.fact.usual
            sizes = [max(0.02 * (high - low), _shared(piece, range(low, high + 1))) for piece in self.pieces]
        return tuple(size / sum(sizes) for size in sizes)


def _shared(one: range, other: range) -> int:
    return len(range(max(one.start, other.start), min(one.stop, other.stop)))


def fact_variable(fact: Fact, leaves: tuple[Leaf, ...], tests: Sequence[Formula]) -> Variable:
    """The cells of one fact: an integer is cut where a test may change; other values go by their answers."""

    def answers(value: object) -> tuple[bool | None, ...]:
        return tuple(test.value({fact.id: value}) for test in tests)

    if fact.type == "entier":
        starts = {cut for test in tests for cut in cuts(test) if fact.low < cut <= fact.high}
        pieces = [range(a, b) for a, b in pairwise([fact.low, *sorted(starts), fact.high + 1])]
        return Variable(fact.id, leaves, tuple(answers(piece[0]) for piece in pieces), fact, tuple(pieces))
    alike: dict[tuple, list] = {}
    for value in fact.values:
        alike.setdefault(answers(value), []).append(value)
    cells = {value: cell for cell, values in enumerate(alike.values()) for value in values}
    pieces = tuple(tuple(values) for values in alike.values())
    return Variable(fact.id, leaves, tuple(alike), fact, pieces, cell_by_value=cells)


def cuts(test: Formula) -> set[int] | None:
    """Where a plain test on one integer may change; None when the integer enters a calculation."""
    found: set[int] = set()
    for part in _comparisons(test):
        if part is None or not isinstance(part.left, Reading):
            return None
        bounds = part.right if isinstance(part.right, tuple) else (part.right.value({}),)
        for bound in bounds:
            found.update((ceil(bound), floor(bound) + 1))
    return found


def _comparisons(test: Formula) -> Iterator[Comparison | None]:
    """The comparisons of a fact with constants that make up a test; None in place of anything else."""
    if isinstance(test, Comparison) and isinstance(test.left, Calculation):
        yield from _comparisons(test.left.formula)
    elif isinstance(test, Calculation):
        yield from _comparisons(test.formula)
    elif isinstance(test, Condition):
        for member in test.members:
            yield from _comparisons(member)
    elif isinstance(test, Comparison) and not (isinstance(test.right, Formula) and test.right.inputs):
        yield test
    else:
        yield None
