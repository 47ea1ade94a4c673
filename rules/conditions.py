"""From a tree of conditions to a decision diagram, at a date.

How a condition counts once its fact is known (`force` and `confiance` decide, not only truth):

* firm and well sourced: true or false;
* souple (« asked, but a person decides »): true when met, and only « à vérifier » when it fails;
* low confidence, not testable by a machine, out of its validity, or compared with an amount that
  has no value at the date: « à vérifier » whatever the fact says.

A condition that may come out « à vérifier » also reads the verdict of the person who checks it, a
variable of its own: not given while we answer, it tells what the status would become once given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from rules.diagram import CHECK, NO, YES, Diagram
from rules.model import All, Bareme, Fact, Leaf, Literal, Node, literals

ALWAYS = "toujours"
NOT_GIVEN, ACCEPTED = (0,), (1,)  # cells of a verdict

# One entry per operator: does `value` pass the test against `operand`?
OPERATORS = {
    "egal": lambda value, operand: value == operand,
    "parmi": lambda value, operand: value in operand,
    "min": lambda value, operand: value >= operand,
    "max": lambda value, operand: value <= operand,
    "contient": lambda value, operand: operand in value,
    "contient_un_de": lambda value, operand: any(item in value for item in operand),
    ALWAYS: lambda value, operand: value == operand,
}


def operand_at(leaf: Leaf, at: date) -> object:
    """What the leaf compares with at a date: its own value, or the amount in force (None: no amount)."""
    return leaf.operand.value_at(at) if isinstance(leaf.operand, Bareme) else leaf.operand


def is_testable(leaf: Leaf, at: date) -> bool:
    """Whether the leaf can be decided by a fact at this date, whatever its force."""
    confidences = [leaf.confidence]
    if isinstance(leaf.operand, Bareme):
        confidences.append(leaf.operand.confidence)
    return (
        leaf.operator is not None
        and "basse" not in confidences
        and leaf.period.covers(at)
        and operand_at(leaf, at) is not None
    )


def truth(leaf: Leaf, value: object, at: date) -> bool | None:
    """Whether a known fact `value` meets the leaf; None when the leaf has nothing to compare with."""
    operand = operand_at(leaf, at)
    if leaf.operator is None or operand is None:
        return None
    return bool(OPERATORS[leaf.operator](value, operand))


def outcome(literal: Literal, value: object, at: date) -> int:
    """What a known fact `value` makes of the literal: NO, CHECK or YES (see the module's rules)."""
    if not is_testable(literal.leaf, at):
        return CHECK
    if truth(literal.leaf, value, at) != literal.negated:
        return YES
    return CHECK if literal.leaf.force == "souple" else NO


def variable_name(leaf: Leaf) -> str:
    """The fact that the leaf reads. A leaf that always holds reads a variable of its own, always true."""
    return f"{ALWAYS}:{leaf.id}" if leaf.operator == ALWAYS else leaf.fact


def verdict_name(leaf: Leaf) -> str:
    """The variable for what a person decides about the leaf: accepted, or nothing said yet."""
    return f"verdict:{leaf.id}"


def needs_verdict(leaf: Leaf, at: date) -> bool:
    """Whether the leaf can come out « à vérifier » once its fact is known."""
    return leaf.force == "souple" or not is_testable(leaf, at)


@dataclass(frozen=True)
class Variable:
    """A fact as one tree sees it: its values fall into cells that the tree's leaves cannot tell apart.

    `cells[i]` is the vector of truths of `leaves` that defines cell i; `samples[i]` a value of it.
    """

    name: str
    leaves: tuple[Leaf, ...]
    cells: tuple[tuple[bool | None, ...], ...]
    samples: tuple[object, ...]

    @property
    def is_verdict(self) -> bool:
        """Whether a person gives it, not a fact: it tells no leaf apart."""
        return not self.leaves


@dataclass(frozen=True)
class Compiled:
    """A tree of conditions made ready at a date."""

    tree: Node
    at: date
    variables: tuple[Variable, ...]
    positions: dict[str, int]
    diagram: Diagram

    def node(self, tree: Node) -> int:
        """The diagram's node for `tree`, whose leaves must all be leaves of the compiled tree."""
        if isinstance(tree, Literal):
            parts = [self._test(tree)] if is_testable(tree.leaf, self.at) else [CHECK]
            if needs_verdict(tree.leaf, self.at):
                parts.append(self.diagram.variable(self.positions[verdict_name(tree.leaf)], (NO, YES)))
            return self.diagram.any(parts)
        children = [self.node(child) for child in tree.children]
        return self.diagram.all(children) if isinstance(tree, All) else self.diagram.any(children)

    def _test(self, literal: Literal) -> int:
        position = self.positions[variable_name(literal.leaf)]
        samples = self.variables[position].samples
        return self.diagram.variable(position, [outcome(literal, value, self.at) for value in samples])

    def cell_of(self, position: int, value: object) -> int:
        """The cell of variable `position` in which a known value falls."""
        variable = self.variables[position]
        vector = tuple(truth(leaf, value, self.at) for leaf in variable.leaves)
        return variable.cells.index(vector)

    def known_cells(self, facts: Mapping[str, object]) -> dict[int, tuple[int, ...]]:
        """Cells allowed by the known facts, for `Diagram.outcomes` and `Diagram.deciding`."""
        allowed = {}
        for position, variable in enumerate(self.variables):
            if variable.name.startswith(f"{ALWAYS}:"):
                allowed[position] = (self.cell_of(position, True),)
            elif variable.is_verdict:
                allowed[position] = NOT_GIVEN
            elif variable.name in facts:
                allowed[position] = (self.cell_of(position, facts[variable.name]),)
        return allowed


def compile_tree(tree: Node, facts: Mapping[str, Fact], at: date) -> Compiled:
    """Build the decision diagram of `tree` as it stands on the day `at`."""
    by_name: dict[str, list[Leaf]] = {}
    for leaf in (literal.leaf for literal in literals(tree)):
        if is_testable(leaf, at):
            by_name.setdefault(variable_name(leaf), []).append(leaf)
        if needs_verdict(leaf, at):
            by_name[verdict_name(leaf)] = []
    variables = tuple(_variable(name, tuple(leaves), facts.get(name), at) for name, leaves in by_name.items())
    positions = {variable.name: index for index, variable in enumerate(variables)}
    diagram = Diagram([len(variable.cells) for variable in variables])
    compiled = Compiled(tree, at, variables, positions, diagram)
    diagram.root = compiled.node(tree)
    return compiled


def _variable(name: str, leaves: tuple[Leaf, ...], fact: Fact | None, at: date) -> Variable:
    if not leaves:
        return Variable(name, leaves, ((), ()), (False, True))
    cells: dict[tuple[bool | None, ...], object] = {}
    for value in _representatives(fact, leaves, at):
        cells.setdefault(tuple(truth(leaf, value, at) for leaf in leaves), value)
    return Variable(name, leaves, tuple(cells), tuple(cells.values()))


def _representatives(fact: Fact | None, leaves: tuple[Leaf, ...], at: date) -> list:
    """Values that between them fall in every cell that the leaves can tell apart."""
    if fact is None or fact.type == "bool":
        return [True, False]
    if fact.type == "choix":
        return list(fact.choices)
    if fact.type == "choix_multiple":
        values = list(fact.choices)
        return [subset for size in range(1, len(values) + 1) for subset in combinations(values, size)]
    if fact.type == "texte":
        return [""]
    points = {fact.low, fact.high}
    for leaf in leaves:
        operand = operand_at(leaf, at)
        for bound in operand if isinstance(operand, tuple) else (operand,):
            floor = int(bound // 1)
            points.update((floor, floor + 1))  # below the lowest bound stands fact.low
    return sorted(point for point in points if fact.low <= point <= fact.high)
