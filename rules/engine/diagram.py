"""Decision diagrams: the exact answer of a condition tree over everything that is still unknown.

A tree of conditions is a function from complete sets of facts to one of three outcomes.
Each fact's values fall into a few cells (two ages between the same thresholds cannot be told
apart), so the function is stored as a reduced ordered multi-valued decision diagram: one node
per fact and one branch per cell. In a reduced diagram two equal functions are the same node,
hence every question asked of it is exact, never a table of approximations:

* which outcomes remain possible: the terminals reachable through the cells still allowed;
* which facts still matter: those on which the restricted diagram has a node.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

NO, CHECK, YES = 0, 1, 2  # terminals, in Kleene's order: « tous » is min, « au moins un » is max


class Diagram:
    """A store of reduced nodes over ordered variables. A node is an int; 0, 1, 2 are the outcomes.

    `sizes[i]` is the number of cells of variable i. `root` is set by the one who builds.
    """

    def __init__(self, sizes: Sequence[int]):
        self.sizes = tuple(sizes)
        self.root = YES
        self._nodes: list[tuple[int, tuple[int, ...]]] = [(len(sizes), ())] * 3
        self._unique: dict[tuple[int, tuple[int, ...]], int] = {}
        self._below: dict[int, tuple[frozenset[int], frozenset[int]]] = {}

    def variable(self, index: int, outcomes: Sequence[int]) -> int:
        """The node that reads variable `index` and gives `outcomes[cell]`."""
        return self._make(index, tuple(outcomes))

    def all(self, nodes: Sequence[int]) -> int:
        """The node whose outcome is the least of `nodes`."""
        return self._fold(nodes, min, neutral=YES, absorbing=NO)

    def any(self, nodes: Sequence[int]) -> int:
        """The node whose outcome is the greatest of `nodes`."""
        return self._fold(nodes, max, neutral=NO, absorbing=YES)

    def outcomes(self, allowed: Mapping[int, Sequence[int]]) -> frozenset[int]:
        """Outcomes still possible when variable i may only be in the cells `allowed[i]` (absent: all)."""
        found: set[int] = set()
        seen: set[int] = set()
        stack = [self.root]
        while stack:
            node = stack.pop()
            if node in seen:
                continue
            seen.add(node)
            if node <= YES:
                found.add(node)
                continue
            variable, children = self._nodes[node]
            cells = allowed.get(variable)
            stack.extend(children if cells is None else [children[cell] for cell in cells])
        return frozenset(found)

    def deciding(self, allowed: Mapping[int, Sequence[int]]) -> frozenset[int]:
        """Variables whose cell can still change the outcome, for some cells of the others."""
        unique: dict[tuple[int, tuple[int, ...]], int] = {}
        memo: dict[int, int] = {}

        def restrict(node: int) -> int:
            if node <= YES:
                return node
            if node not in memo:
                variable, children = self._nodes[node]
                cells = allowed.get(variable, range(len(children)))
                kept = tuple(restrict(children[cell]) for cell in cells)
                same = all(child == kept[0] for child in kept)
                # Restricted nodes are numbered after the outcomes, by what they are.
                memo[node] = kept[0] if same else unique.setdefault((variable, kept), len(unique) + 3)
            return memo[node]

        root = restrict(self.root)
        names = {number: key for key, number in unique.items()}
        found: set[int] = set()
        stack, seen = [root], set()
        while stack:
            node = stack.pop()
            if node <= YES or node in seen:
                continue
            seen.add(node)
            variable, children = names[node]
            found.add(variable)
            stack.extend(children)
        return frozenset(found)

    def witness(self, outcome: int, allowed: Mapping[int, Sequence[int]]) -> dict[int, int] | None:
        """Cells that lead to `outcome` (a variable left out may be in any cell); None: it is impossible."""
        dead: set[int] = set()

        def walk(node: int) -> dict[int, int] | None:
            if node <= YES:
                return {} if node == outcome else None
            if node not in dead:
                variable, children = self._nodes[node]
                for cell in allowed.get(variable, range(len(children))):
                    rest = walk(children[cell])
                    if rest is not None:
                        return {variable: cell, **rest}
                dead.add(node)
            return None

        return walk(self.root)

    def below(self, node: int) -> tuple[frozenset[int], frozenset[int]]:
        """The variables that a node and what follows it read, and the outcomes that they lead to."""
        if node <= YES:
            return frozenset(), frozenset((node,))
        if node not in self._below:
            variable, children = self._nodes[node]
            variables, outcomes = zip(*map(self.below, children), strict=True)
            self._below[node] = frozenset((variable,)).union(*variables), frozenset().union(*outcomes)
        return self._below[node]

    def branches(self, node: int) -> tuple[int, tuple[int, ...]]:
        """The variable that a node reads, and the node it leads to for each cell."""
        return self._nodes[node]

    def __len__(self) -> int:
        return len(self._nodes)

    def _make(self, variable: int, children: tuple[int, ...]) -> int:
        if all(child == children[0] for child in children):
            return children[0]
        key = (variable, children)
        if key not in self._unique:
            self._unique[key] = len(self._nodes)
            self._nodes.append(key)
        return self._unique[key]

    def _fold(self, nodes: Sequence[int], choose: Callable, neutral: int, absorbing: int) -> int:
        memo: dict[tuple[int, int], int] = {}

        def apply(left: int, right: int) -> int:
            if left == right or right == neutral or left == absorbing:
                return left
            if left == neutral or right == absorbing:
                return right
            if left <= YES and right <= YES:
                return choose(left, right)
            key = (left, right)
            if key not in memo:
                left_variable, left_children = self._nodes[left]
                right_variable, right_children = self._nodes[right]
                variable = min(left_variable, right_variable)
                count = range(self.sizes[variable])
                lefts = left_children if left_variable == variable else [left for _ in count]
                rights = right_children if right_variable == variable else [right for _ in count]
                memo[key] = self._make(variable, tuple(map(apply, lefts, rights)))
            return memo[key]

        result = neutral
        for node in nodes:
            result = apply(result, node)
        return result
