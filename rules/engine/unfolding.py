"""The answers of a whole base on one day, kept as they are found.

A diagram says which fact to look at next, and when nothing else matters. Following it for one person
after another unfolds a tree whose ends are whole answers (status, proof, what is missing): one end for
each situation that the conditions can tell apart. The first person in a situation pays for the exact
work of `rules.engine.evaluation`; for the next ones the answer is a few look-ups away.

A person is read once for the whole base: each fact becomes the number of a cell, or UNKNOWN.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from rules.engine.cells import Variable
from rules.engine.conditions import Compiled
from rules.engine.evaluation import Reason, Result, Situation
from rules.model import Base, Route, literals

UNKNOWN = -1
_MOST = 200_000  # ends kept before starting again: some 200 MB, more situations than a city sees in a day


class Node:
    """Reads one variable (`position` in its diagram, `column` of the person), or holds an answer."""

    __slots__ = ("answer", "by_cell", "children", "column", "position")

    def __init__(self, column: int = UNKNOWN, position: int = UNKNOWN, answer: Result | None = None):
        self.column, self.position, self.answer = column, position, answer
        self.children: dict[int, Node] = {}  # by cell of the column
        self.by_cell: dict[int | None, Node] = {}  # by cell of the variable, which may be coarser


class Column:
    """How one fact is read: its values cut wherever some condition of the base may tell them apart."""

    def __init__(self, variables: Sequence[Variable]):
        self.fact = fact = variables[0].fact
        self.starts = (
            sorted({piece[0] for v in variables for piece in v.pieces}) if fact.type == "entier" else None
        )
        self.samples: list = self.starts or list(fact.values)
        self.cells = {value: cell for cell, value in enumerate(self.samples)}

    def read(self, value: object) -> int:
        if self.starts is None:
            return self.cells[self.fact.among_values(value)]
        return bisect_right(self.starts, value) - 1


class Unfolding:
    """The answers of one base on one day. Holds situations, never people."""

    def __init__(self, base: Base, at: date):
        self.trees = {d.id: Compiled(d.conditions, base.facts, at) for d in base.dispositifs.values()}
        by_fact: dict[str, list[Variable]] = {}
        for variable in (v for tree in self.trees.values() for v in tree.variables if v.fact):
            by_fact.setdefault(variable.fact.id, []).append(variable)
        self.columns = [Column(variables) for variables in by_fact.values()]
        self.number = {column.fact.id: index for index, column in enumerate(self.columns)}
        self.indicative = {name: found for name, tree in self.trees.items() if (found := _indicative(tree))}
        self.facts = base.facts
        self.dated_routes = {
            d.id: [(route, when) for route in d.routes if (when := route.when.on(at))]
            for d in base.dispositifs.values()
        }
        self.read_by_routes = {
            name: tuple(dict.fromkeys(fact for _, when in dated for fact in when.inputs))
            for name, dated in self.dated_routes.items()
        }
        self.forget()

    def forget(self) -> None:
        """Let every answer go, to keep the memory bounded."""
        self.kept = 0
        self.apart: dict[tuple, Result] = {}
        self.sure_routes: dict[tuple, tuple[Route, ...]] = {}
        self.roots = {name: self._node(tree, {}, ()) for name, tree in self.trees.items()}

    def answers(self, facts: Mapping[str, object], names: Iterable[str]) -> dict[str, Result]:
        """The answer of each dispositif named, for someone whose facts are valid."""
        get = facts.get
        cells = [
            UNKNOWN if (value := get(column.fact.id)) is None else column.read(value)
            for column in self.columns
        ]
        roots, indicative = self.roots, self.indicative
        found = {}
        for name in names:
            node = roots[name]
            while node is not None and node.answer is None:
                node = node.children.get(cells[node.column]) if node.column >= 0 else None
            answer = self._reach(name, cells, facts) if node is None else node.answer
            found[name] = _completed(answer, indicative[name], facts) if name in indicative else answer
        return found

    def routes(self, name: str, facts: Mapping[str, object]) -> tuple[Route, ...]:
        """The routes of a dispositif that hold for sure, for someone whose facts are valid."""
        read = self.read_by_routes[name]
        key = (
            name,
            *(self.facts[one].among_values(facts[one]) if one in facts else UNKNOWN for one in read),
        )
        found = self.sure_routes.get(key)
        if found is None:
            if self.kept >= _MOST:
                self.forget()
            self.kept += 1
            box = {fact: self.facts[fact].left(facts) for fact in read}
            dated = self.dated_routes[name]
            found = self.sure_routes[key] = tuple(
                route for route, when in dated if when.possible(box) == {True}
            )
        return found

    def _reach(self, name: str, cells: Sequence[int], facts: Mapping[str, object]) -> Result:
        """Follow the tree of a dispositif to an end, growing it where nobody has been yet."""
        compiled = self.trees[name]
        if self.kept >= _MOST:
            self.forget()
        node, path, seen = self.roots[name], {}, []
        while node.answer is None:
            if node.column >= 0:
                key = cells[node.column]
                value = self.columns[node.column].samples[key]
                cell = None if key == UNKNOWN else compiled.variables[node.position].cell_of(value)
            else:
                formula = compiled.variables[node.position].formula
                told = sum(fact in facts for fact in formula.inputs)
                if 0 < told < len(formula.inputs):
                    return self._apart(name, facts)
                truths = compiled.variables[node.position].truths
                key = cell = truths.index((formula.value(facts),)) if told else None
            seen.append(node.position)
            if cell is not None:
                path[node.position] = cell
            if cell not in node.by_cell:
                node.by_cell[cell] = self._node(compiled, path, seen)
            node.children[key] = node = node.by_cell[cell]
        return node.answer

    def _node(self, compiled: Compiled, path: Mapping[int, int], seen: Sequence[int]) -> Node:
        """The node of those who stand in the cells of `path`, nothing being known of the rest of `seen`.

        What only matters once someone has checked a condition is read too: the reasons depend on it.
        """
        allowed = compiled.allowed(path, compiled.box)
        told = {index: cells for index, cells in allowed.items() if compiled.variables[index].leaves}
        deciding = compiled.diagram.deciding(told).difference(seen)
        position = min((index for index in deciding if compiled.variables[index].leaves), default=None)
        if position is None:
            self.kept += 1
            return Node(answer=Situation(compiled, dict(path), compiled.box).result())
        fact = compiled.variables[position].fact
        return Node(self.number[fact.id] if fact else UNKNOWN, position)

    def _apart(self, name: str, facts: Mapping[str, object]) -> Result:
        """The answer when a condition over several facts knows some of them only: their values matter."""
        compiled = self.trees[name]
        read = [v.fact.id for v in compiled.variables if v.fact] + list(compiled.box)
        key = (
            name,
            *((fact, compiled.facts[fact].among_values(facts[fact])) for fact in read if fact in facts),
        )
        if key not in self.apart:
            self.kept += 1
            self.apart[key] = Situation(compiled, *compiled.known(facts)).result()
        return self.apart[key]


def _indicative(compiled: Compiled) -> dict:
    """Tests of the conditions that never decide, but whose answer is worth saying."""
    leaves = [literal.leaf for literal in literals(compiled.tree)]
    return {
        leaf.id: test
        for leaf in leaves
        if (test := compiled.tests[leaf.id]) and not compiled.is_testable(leaf)
    }


def _completed(answer: Result, tests: Mapping, facts: Mapping[str, object]) -> Result:
    if not any(reason.leaf.id in tests for reason in answer.reasons):
        return answer
    return replace(
        answer, reasons=tuple(_told(reason, tests.get(reason.leaf.id), facts) for reason in answer.reasons)
    )


def _told(reason: Reason, test: object, facts: Mapping[str, object]) -> Reason:
    if test is None or any(fact not in facts for fact in test.inputs):
        return reason
    return Reason(reason.leaf, {True: "vrai", False: "faux", None: "inconnu"}[test.value(facts)])
