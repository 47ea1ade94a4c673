"""Possible people: who can follow a way through a diagram whose conditions may share facts.

A condition over several facts is one variable of the diagram, as if it were free of the facts it reads.
Here each way is followed with a box, the values that the facts may still take, and with the formulas that
must give the answers met on the way. Exact, but bounded: giving up always means « possible ».
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from rules.engine.cells import Variable
from rules.engine.diagram import YES, Diagram
from rules.engine.formulas import Box, Formula
from rules.engine.search import Finder, Wanted

Allowed = Mapping[int, Sequence[int]]  # the cells that each variable may be in (absent: all)
_STEPS = 400  # nodes visited in search of a possible person before giving up
_TWIN = ""  # in a box: the fact that a second person, else the same, has otherwise


class People:
    """Those who can exist, as one compiled tree sees them."""

    def __init__(self, diagram: Diagram, variables: Sequence[Variable]):
        self.diagram, self.variables = diagram, variables
        self.finder = Finder()

    def answers(self, formula: Formula, box: Box) -> frozenset[bool | None]:
        """Exactly the answers that a formula can give in a box."""
        possible = self.finder.possible(formula, box)
        if len(possible) == 1:
            return possible
        return frozenset(one for one in possible if self.finder.exists(box, (_wants(formula, one),)))

    def ways(self, allowed: Allowed, box: Box, skip: set[int]) -> Iterator[tuple[int | None, dict[int, int]]]:
        """Ways that someone can follow who stands in the allowed cells: where they end, the cells met.

        A last end None says that there were too many to look at them all.
        """
        stack = [(self.diagram.root, box, self._required(allowed, box), {})]
        met: set[tuple] = set()
        for _ in range(_STEPS):
            if not stack:
                return
            node, here, wanted, cells = stack.pop()
            trace = (node, *((index, cell) for index, cell in cells.items() if self._ties(index, box)))
            if trace in met or self.diagram.below(node)[1] <= skip:
                continue
            met.add(trace)
            children: Sequence[int]
            if node > YES:
                index, children = self.diagram.branches(node)
            else:
                index = self._overlooked(allowed, here, wanted, cells)
                if index is None:
                    if self.finder.exists(here, wanted):
                        yield node, cells
                    continue
                children = (node,) * len(self.variables[index].truths)
            for cell in reversed(allowed.get(index, range(len(children)))):
                narrowed = self._narrowed(here, index, cell)
                if narrowed is not None:
                    also = (*wanted, *self._wants(index, cell))
                    stack.append((children[cell], narrowed, also, {**cells, index: cell}))
        yield None, {}

    def differ(self, name: str, allowed: Allowed, box: Box) -> bool:
        """Whether two possible people who differ by one fact alone get two outcomes; True when in doubt."""
        if name in box:
            if len(box[name]) == 1:
                return False
            box = {**box, _TWIN: box[name]}
        root = self.diagram.root
        stack = [(root, root, box, self._required(allowed, box), ())]
        met: set[tuple] = set()
        for _ in range(_STEPS):
            if not stack:
                return False
            one, other, here, wanted, trace = stack.pop()
            if one == other and not self._reads(one, name):
                continue
            if (one, other, *trace) in met:
                continue
            met.add((one, other, *trace))
            if one <= YES and other <= YES:
                if self.finder.exists(here, wanted):
                    return True
                continue
            (index, lefts), (second, rights) = self.diagram.branches(one), self.diagram.branches(other)
            if second < index:
                index, lefts = second, (one,) * len(rights)
            elif index < second:
                rights = (other,) * len(lefts)
            cells = allowed.get(index, range(len(lefts)))
            apart = name in self.variables[index].inputs
            for a, b in product(cells, cells) if apart else zip(cells, cells, strict=True):
                narrowed, also = self._narrowed(here, index, a), (*wanted, *self._wants(index, a))
                if apart and narrowed is not None:
                    narrowed = self._narrowed(narrowed, index, b, _TWIN)
                    also = (*also, *self._wants(index, b, {name: _TWIN}))
                if narrowed is not None:
                    step = ((index, a, b),) if self._ties(index, box) else ()
                    stack.append((lefts[a], rights[b], narrowed, also, (*trace, *step)))
        return True

    def _required(self, allowed: Allowed, box: Box) -> Wanted:
        """The answers that the allowed cells ask for, and that not everybody in the box gives."""
        return tuple(
            (variable.formula, {}, accepted)
            for index, variable in enumerate(self.variables)
            if variable.formula and index in allowed
            if not self.finder.possible(variable.formula, box)
            <= (accepted := frozenset(variable.truths[cell][0] for cell in allowed[index]))
        )

    def _overlooked(self, allowed: Allowed, box: Box, wanted: Wanted, cells: Mapping[int, int]) -> int | None:
        """A fact held to some cells that the way has not met, though a formula on the way reads it."""
        read = {name for formula, _, _ in wanted for name in formula.inputs}
        for index, kept in allowed.items():
            variable = self.variables[index]
            if index in cells or variable.fact is None or variable.fact.id not in read:
                continue
            if len(kept) < len(variable.truths) and len(box[variable.fact.id]) > 1:
                return index
        return None

    def _narrowed(self, box: Box, index: int, cell: int, name: str | None = None) -> Box | None:
        """The box of those who stand in the cell; None when it is empty."""
        fact = self.variables[index].fact
        name = fact.id if fact and name is None else name
        if fact is None or name not in box:
            return box
        values = _both(box[name], self.variables[index].pieces[cell])
        return {**box, name: values} if values else None

    def _wants(self, index: int, cell: int, names: Mapping[str, str] | None = None) -> Wanted:
        variable = self.variables[index]
        return (_wants(variable.formula, variable.truths[cell][0], names),) if variable.formula else ()

    def _reads(self, node: int, name: str) -> bool:
        """Whether something below the node reads the fact."""
        return any(name in self.variables[index].inputs for index in self.diagram.below(node)[0])

    def _ties(self, index: int, box: Box) -> bool:
        """Whether the cell of a variable bears on what others may be."""
        variable = self.variables[index]
        return variable.formula is not None or (variable.fact is not None and variable.fact.id in box)


def _wants(formula: Formula, answer: bool | None, names: Mapping[str, str] | None = None) -> tuple:
    return formula, names or {}, frozenset((answer,))


def _both(one: Sequence, other: Sequence) -> Sequence:
    if isinstance(one, range):
        return range(max(one.start, other.start), min(one.stop, other.stop))
    return tuple(value for value in one if value in other)
