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

from collections.abc import Iterator, Mapping
from datetime import date

from rules.engine.cells import Variable, cuts, fact_variable
from rules.engine.diagram import CHECK, NO, YES, Diagram
from rules.engine.formulas import Box, Formula
from rules.engine.people import Allowed, People
from rules.model import All, Fact, Leaf, Literal, Node, literals

NOT_GIVEN, ACCEPTED = (0,), (1,)  # cells of a verdict


def outcome(literal: Literal, truth: bool | None) -> int:
    """What the answer of a testable condition makes of the literal: NO, CHECK or YES (see above)."""
    if truth is None:
        return CHECK
    if truth != literal.negated:
        return YES
    return CHECK if literal.leaf.force == "souple" else NO


class Compiled:
    """A tree of conditions made ready at a date."""

    def __init__(self, tree: Node, facts: Mapping[str, Fact], at: date):
        self.tree, self.facts, self.at = tree, facts, at
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
        self.diagram = Diagram([len(variable.truths) for variable in self.variables])
        self.diagram.root = self.node(tree)
        self.people = People(self.diagram, self.variables)
        self.free = {
            index: self.people.answers(self.variables[index].formula, self.box) for index in self.relations
        }

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
                variable = fact_variable(facts[fact], readers, [self.tests[one.id] for one in readers])
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
        if len(inputs) != 1 or (facts[inputs[0]].type == "entier" and cuts(self.tests[leaf.id]) is None):
            return None
        return inputs[0]

    # --- what is known ------------------------------------------------------------------------------

    def known(self, facts: Mapping[str, object]) -> tuple[dict[int, int], Box]:
        """The cell of each variable that the facts settle, and the values that the rest may still take."""
        box = {name: self.facts[name].left(facts) for name in self.box}
        cells = {}
        for index, variable in enumerate(self.variables):
            if variable.fact and variable.fact.id in facts:
                cells[index] = variable.cell_of(facts[variable.fact.id])
            elif variable.formula:
                answers = self.people.answers(variable.formula, box)
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
                answers = self.free[index] if box is self.box else self.people.answers(variable.formula, box)
                found[index] = tuple(c for c, (truth,) in enumerate(variable.truths) if truth in answers)
            elif variable.fact is None:
                found[index] = NOT_GIVEN  # a verdict, or « toujours » whose first cell is True
        return found

    # --- what is still possible ---------------------------------------------------------------------

    def outcomes(self, allowed: Allowed, box: Box | None = None) -> frozenset[int]:
        """Outcomes that some possible person gets, who stands in the allowed cells; there must be someone."""
        widest = self.diagram.outcomes(allowed)
        if not self.relations or len(widest) < 2:
            return widest
        found: set[int] = set()
        for end, _ in self.people.ways(allowed, self.box if box is None else box, skip=found):
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
        others = {NO, CHECK, YES} - {wanted}
        ways = self.people.ways(allowed, self.box if box is None else box, skip=others)
        return next((cells for end, cells in ways if end is not None), None)

    def deciding(self, allowed: Allowed, box: Box) -> dict[int, tuple[str, ...]]:
        """Variables that can still change the outcome, each with the unknown facts that move it."""
        found = {}
        for index in sorted(self.diagram.deciding(allowed)):
            names = self.variables[index].inputs
            if self.relations:
                names = tuple(name for name in names if self.people.differ(name, allowed, box))
            if names:
                found[index] = names
        return found


def verdict_name(leaf: Leaf) -> str:
    """The variable for what a person decides about the leaf: accepted, or nothing said yet."""
    return f"verdict:{leaf.id}"


def _test_on(leaf: Leaf, at: date) -> Formula | None:
    return leaf.test.on(at) if leaf.test else None
