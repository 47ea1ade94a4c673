"""From a tree of conditions to a decision diagram, at a date.

How a condition counts once its facts are known (`force` and `confiance` decide, not only truth):

* firm and well sourced: true or false;
* souple (« asked, but a person decides »): true when met, and only « à vérifier » when it fails;
* low confidence, not testable by a machine, out of its validity, compared with an amount that has no
  value at the date, or undefined for this household: « à vérifier » whatever the facts say.

A condition that may come out « à vérifier » also reads the verdict of the person who checks it, a
variable of its own: not given while we answer, it tells what the status would become once given.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations, pairwise
from math import ceil, floor

from rules.engine.diagram import CHECK, NO, YES, Diagram
from rules.engine.formulas import Box, Calculation, Comparison, Condition, Formula, Reading
from rules.engine.model import All, Fact, Leaf, Literal, Node, literals
from rules.engine.search import Finder

_STEPS = 400  # nodes visited in search of a possible person before giving up
NOT_GIVEN, ACCEPTED = (0,), (1,)  # cells of a verdict

Allowed = Mapping[int, Sequence[int]]  # the cells that each variable may be in (absent: all)


def outcome(literal: Literal, truth: bool | None) -> int:
    """What the answer of a testable condition makes of the literal: NO, CHECK or YES (see above)."""
    if truth is None:
        return CHECK
    if truth != literal.negated:
        return YES
    return CHECK if literal.leaf.force == "souple" else NO


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


class Compiled:
    """A tree of conditions made ready at a date."""

    def __init__(self, tree: Node, facts: Mapping[str, Fact], at: date):
        self.tree, self.facts, self.at = tree, facts, at
        self.finder = Finder()
        self.tests = {literal.leaf.id: _test_on(literal.leaf, at) for literal in literals(tree)}
        self.variables = tuple(self._variables(facts))
        self.positions = {variable.name: index for index, variable in enumerate(self.variables)}
        self.place = {
            leaf.id: (index, k)
            for index, variable in enumerate(self.variables)
            for k, leaf in enumerate(variable.leaves)
        }
        self.relations = tuple(index for index, v in enumerate(self.variables) if v.formula)
        self.box: Box = {
            name: facts[name].values
            for index in self.relations
            for name in self.variables[index].formula.inputs
        }
        self.free = {
            index: self._answers(self.variables[index].formula, self.box) for index in self.relations
        }
        self.diagram = Diagram([len(variable.truths) for variable in self.variables])
        self.diagram.root = self.node(tree)

    def is_testable(self, leaf: Leaf) -> bool:
        """Whether the leaf can be decided by facts on this day, whatever its force."""
        return (
            leaf.trusted and (leaf.always or self.tests[leaf.id] is not None) and leaf.period.covers(self.at)
        )

    def needs_verdict(self, leaf: Leaf) -> bool:
        """Whether the leaf can come out « à vérifier » once its facts are known."""
        return verdict_name(leaf) in self.positions

    def node(self, tree: Node) -> int:
        """The diagram's node for `tree`, whose leaves must all be leaves of the compiled tree."""
        if isinstance(tree, Literal):
            verdict = self.positions.get(verdict_name(tree.leaf))
            reading, to_check = self._reading(tree) if self.is_testable(tree.leaf) else (CHECK, YES)
            if verdict is None:
                return reading
            accepted = self.diagram.all([to_check, self.diagram.variable(verdict, (NO, YES))])
            return self.diagram.any([reading, accepted])
        children = [self.node(child) for child in tree.children]
        return self.diagram.all(children) if isinstance(tree, All) else self.diagram.any(children)

    def _reading(self, literal: Literal) -> tuple[int, int]:
        """What the facts make of a testable condition, and where they leave it to be checked by someone."""
        position, k = self.place[literal.leaf.id]
        outcomes = [outcome(literal, cell[k]) for cell in self.variables[position].truths]
        to_check = [YES if one == CHECK else NO for one in outcomes]
        return self.diagram.variable(position, outcomes), self.diagram.variable(position, to_check)

    def _variables(self, facts: Mapping[str, Fact]) -> Iterator[Variable]:
        """One variable per fact, per condition over several facts, per verdict: in reading order."""
        leaves = {literal.leaf.id: literal.leaf for literal in literals(self.tree)}.values()
        by_fact: dict[str, list[Leaf]] = {}
        for leaf in leaves:
            fact = self._only_fact(leaf, facts)
            if fact:
                by_fact.setdefault(fact, []).append(leaf)
        for leaf in leaves:
            fact = self._only_fact(leaf, facts)
            undefined = False
            if fact:
                readers = tuple(by_fact[fact])
                variable = _fact_variable(facts[fact], readers, [self.tests[one.id] for one in readers])
                undefined = any(truths[readers.index(leaf)] is None for truths in variable.truths)
                if readers[0] is leaf:
                    yield variable
            elif self.is_testable(leaf) and leaf.always:
                yield Variable(f"toujours:{leaf.id}", (leaf,), ((True,), (False,)))
            elif self.is_testable(leaf):
                formula = self.tests[leaf.id]
                undefined = None in formula.possible({name: facts[name].values for name in formula.inputs})
                yield Variable(f"condition:{leaf.id}", (leaf,), ((True,), (False,), (None,)), formula=formula)
            if undefined or leaf.force == "souple" or not self.is_testable(leaf):
                yield Variable(verdict_name(leaf))

    def _only_fact(self, leaf: Leaf, facts: Mapping[str, Fact]) -> str | None:
        """The fact whose cells can carry the condition, when it reads a single one and in a plain way."""
        if leaf.always or not self.is_testable(leaf):
            return None
        inputs = self.tests[leaf.id].inputs
        if len(inputs) != 1 or (facts[inputs[0]].type == "entier" and _cuts(self.tests[leaf.id]) is None):
            return None
        return inputs[0]

    # --- what is known ------------------------------------------------------------------------------

    def known(self, facts: Mapping[str, object]) -> tuple[dict[int, int], Box]:
        """The cell of each variable that the facts settle, and the values that the rest may still take."""
        box = {
            name: _only(self.facts[name], facts[name]) if name in facts else values
            for name, values in self.box.items()
        }
        cells = {}
        for index, variable in enumerate(self.variables):
            if variable.fact and variable.fact.id in facts:
                cells[index] = variable.cell_of(facts[variable.fact.id])
            elif variable.formula:
                answers = self._answers(variable.formula, box)
                if len(answers) == 1:
                    cells[index] = variable.truths.index((*answers,))
        return cells, box

    def allowed(self, cells: Mapping[int, int], box: Box) -> dict[int, tuple[int, ...]]:
        """Cells that each variable may be in for someone who stands in `cells`."""
        found: dict[int, tuple[int, ...]] = {}
        for index, variable in enumerate(self.variables):
            if index in cells:
                found[index] = (cells[index],)
            elif variable.formula:
                answers = self.free[index] if box is self.box else self._answers(variable.formula, box)
                found[index] = tuple(c for c, (truth,) in enumerate(variable.truths) if truth in answers)
            elif variable.fact is None:
                found[index] = NOT_GIVEN  # a verdict, or « toujours » whose first cell is True
        return found

    # --- what is still possible ---------------------------------------------------------------------

    def outcomes(self, allowed: Allowed, box: Box | None = None) -> frozenset[int]:
        """Outcomes that some possible person gets, who stands in the allowed cells."""
        widest = self.diagram.outcomes(allowed)
        if not self.relations or len(widest) < 2:
            return widest
        found: set[int] = set()
        for end, _ in self._ways(allowed, self.box if box is None else box, skip=found):
            if end is None:
                return widest
            found.add(end)
            if found == widest:
                break
        return frozenset(found)

    def witness(self, wanted: int, allowed: Allowed, box: Box | None = None) -> dict[int, int] | None:
        """Cells of a possible person who gets `wanted` (a variable left out may be in any); None: nobody."""
        if not self.relations:
            return self.diagram.witness(wanted, allowed)
        ways = self._ways(allowed, self.box if box is None else box, skip={NO, CHECK, YES} - {wanted})
        return next((cells for end, cells in ways if end is not None), None)

    def _ways(
        self, allowed: Allowed, box: Box, skip: set[int]
    ) -> Iterator[tuple[int | None, dict[int, int]]]:
        """Ways through the diagram that someone can follow: where they end, and the cells on the way.

        A last end None says that there were too many to look at them all.
        """
        stack = [(self.diagram.root, box, (), {})]
        for _ in range(_STEPS):
            if not stack:
                return
            node, here, wanted, cells = stack.pop()
            if node <= YES:
                if node not in skip and self.finder.exists(here, wanted):
                    yield node, cells
                continue
            index, children = self.diagram.branches(node)
            variable = self.variables[index]
            for cell in reversed(allowed.get(index, range(len(children)))):
                narrowed, also = here, wanted
                if variable.formula:
                    also = (*wanted, (variable.formula, {}, variable.truths[cell][0]))
                elif variable.fact and variable.fact.id in here:
                    values = _both(here[variable.fact.id], variable.pieces[cell])
                    if not values:
                        continue
                    narrowed = {**here, variable.fact.id: values}
                stack.append((children[cell], narrowed, also, {**cells, index: cell}))
        yield None, {}

    def deciding(self, allowed: Allowed, box: Box) -> dict[int, tuple[str, ...]]:
        """Variables that can still change the outcome, each with the unknown facts that move it."""
        found = {}
        for index in sorted(self.diagram.deciding(allowed)):
            variable = self.variables[index]
            if variable.fact:
                found[index] = (variable.fact.id,)
            elif variable.formula:
                found[index] = tuple(
                    n for n in variable.formula.inputs if self._moves(variable.formula, n, box)
                )
        return found

    def _answers(self, formula: Formula, box: Box) -> frozenset[bool | None]:
        """Exactly the answers that a formula can give in a box."""
        answers = formula.possible(box)
        if len(answers) == 1:
            return answers
        return frozenset(answer for answer in answers if self.finder.exists(box, ((formula, {}, answer),)))

    def _moves(self, formula: Formula, name: str, box: Box) -> bool:
        """Whether two values of one unknown fact can give the formula two answers, all else equal."""
        if len(box[name]) == 1:
            return False
        twin = {**box, "": box[name]}
        return any(
            self.finder.exists(twin, ((formula, {}, one), (formula, {name: ""}, other)))
            for one, other in combinations((True, False, None), 2)
        )


def verdict_name(leaf: Leaf) -> str:
    """The variable for what a person decides about the leaf: accepted, or nothing said yet."""
    return f"verdict:{leaf.id}"


def _test_on(leaf: Leaf, at: date) -> Formula | None:
    return leaf.test.on(at) if leaf.test else None


def _fact_variable(fact: Fact, leaves: tuple[Leaf, ...], tests: Sequence[Formula]) -> Variable:
    """The cells of one fact: an integer is cut where a test may change; other values go by their answers."""

    def answers(value: object) -> tuple[bool | None, ...]:
        return tuple(test.value({fact.id: value}) for test in tests)

    if fact.type == "entier":
        starts = {cut for test in tests for cut in _cuts(test) if fact.low < cut <= fact.high}
        pieces = [range(a, b) for a, b in pairwise([fact.low, *sorted(starts), fact.high + 1])]
        return Variable(fact.id, leaves, tuple(answers(piece[0]) for piece in pieces), fact, tuple(pieces))
    alike: dict[tuple, list] = {}
    for value in fact.values:
        alike.setdefault(answers(value), []).append(value)
    cells = {value: cell for cell, values in enumerate(alike.values()) for value in values}
    pieces = tuple(tuple(values) for values in alike.values())
    return Variable(fact.id, leaves, tuple(alike), fact, pieces, cell_by_value=cells)


def _cuts(test: Formula) -> set[int] | None:
    """Where a plain test on one integer may change; None when the integer enters a calculation."""
    cuts: set[int] = set()
    for part in _comparisons(test):
        if part is None or not isinstance(part.left, Reading):
            return None
        bounds = part.right if isinstance(part.right, tuple) else (part.right.value({}),)
        for bound in bounds:
            cuts.update((ceil(bound), floor(bound) + 1))
    return cuts


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


def _only(fact: Fact, told: object) -> Sequence:
    """The values left to a fact that was told."""
    return range(told, told + 1) if fact.type == "entier" else (fact.among_values(told),)


def _both(one: Sequence, other: Sequence) -> Sequence:
    if isinstance(one, range):
        return range(max(one.start, other.start), min(one.stop, other.stop))
    return tuple(value for value in one if value in other)
