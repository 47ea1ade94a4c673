"""The status of a dispositif for a person at a date, with the proof and what could still change it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rules.conditions import (
    ACCEPTED,
    Compiled,
    compile_tree,
    is_testable,
    needs_verdict,
    outcome,
    truth,
    variable_name,
    verdict_name,
)
from rules.diagram import CHECK, NO, YES
from rules.model import All, Base, Dispositif, Leaf, Literal, Node, literals

_KEPT = 4096  # trees kept ready: all those of a base, for several days
_STATUS = {NO: "non", CHECK: "a_verifier", YES: "oui"}


@dataclass(frozen=True)
class Reason:
    """One condition that decides a status, and how it stands: vrai, faux or inconnu."""

    leaf: Leaf
    result: str

    @property
    def text(self) -> str:
        return self.leaf.texts[self.result]


@dataclass(frozen=True)
class Result:
    """Answer for one dispositif.

    `reasons` is a smallest proof: for « oui » and « non » the conditions that alone give the status
    whatever the rest turns out to be; for « a_verifier » the conditions which, once met, would make
    it « oui ». `missing` lists the facts still unknown that can change the status.
    """

    status: str
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]


class Evaluator:
    """Evaluates the dispositifs of one base. Keeps the diagrams already built; holds nothing of people."""

    def __init__(self, base: Base):
        self.base = base
        self._compiled: dict[tuple[int, date], Compiled] = {}

    def compiled(self, tree: Node, at: date) -> Compiled:
        """A tree of this base made ready for a day. What was built for the last few days is kept."""
        key = (id(tree), at)
        compiled = self._compiled.get(key)  # one look-up: another thread may empty the store meanwhile
        if compiled is None:
            compiled = compile_tree(tree, self.base.facts, at)
            if len(self._compiled) >= _KEPT:
                self._compiled.clear()
            self._compiled[key] = compiled
        return compiled

    def evaluate(self, dispositif: Dispositif, facts: Mapping[str, object], at: date) -> Result:
        """Status, proof and missing facts of `dispositif` for known `facts` on the day `at`."""
        compiled = self.compiled(dispositif.conditions, at)
        allowed = compiled.known_cells(facts)
        outcomes = compiled.diagram.outcomes(allowed)
        if len(outcomes) == 1 and CHECK not in outcomes:
            (decided,) = outcomes
            return Result(_STATUS[decided], _proof(compiled, facts, decided), ())
        deciding = compiled.diagram.deciding(allowed)
        missing = tuple(v.name for i, v in enumerate(compiled.variables) if i in deciding)
        return Result("a_verifier", _unresolved(compiled, facts), missing)

    def possible(self, tree: Node, facts: Mapping[str, object], at: date) -> frozenset[str]:
        """The statuses that a condition tree can still have (used to choose places)."""
        compiled = self.compiled(tree, at)
        return frozenset(_STATUS[one] for one in compiled.diagram.outcomes(compiled.known_cells(facts)))

    def complete(self, facts: Mapping[str, object]) -> dict[str, object]:
        """The facts, and those that the base presumes from them; what was said is never replaced."""
        completed = dict(facts)
        for presumption in self.base.presumptions:
            known = all(fact in completed for fact in presumption.known)
            if known and all(completed.get(fact) == value for fact, value in presumption.equal.items()):
                completed = {**presumption.then, **completed}
        return completed


def _proof(compiled: Compiled, facts: Mapping[str, object], decided: int) -> tuple[Reason, ...]:
    """A smallest set of known conditions that alone give the outcome `decided`.

    Conditions are dropped one by one, the less telling first (soft before firm, last before first);
    one is kept when without it another outcome becomes possible.
    """
    kept = _known_literals(compiled, facts)
    for candidate in sorted(kept, key=lambda item: (item.leaf.force == "ferme", -kept.index(item))):
        fewer = [literal for literal in kept if literal is not candidate]
        if compiled.diagram.outcomes(cells_of(compiled, facts, fewer)) == {decided}:
            kept = fewer
    return tuple(_reason(literal, facts, compiled.at) for literal in kept)


def _known_literals(compiled: Compiled, facts: Mapping[str, object]) -> list[Literal]:
    return [
        literal
        for literal in literals(compiled.tree)
        if is_testable(literal.leaf, compiled.at)
        and (literal.leaf.fact is None or literal.leaf.fact in facts)
    ]


def cells_of(
    compiled: Compiled, facts: Mapping[str, object], kept: Sequence[Literal]
) -> dict[int, tuple[int, ...]]:
    """Cells that remain possible when only the truths of the `kept` conditions are known.

    Verdicts are left free: one more verdict never undoes a « oui » or a « non ».
    """
    known = compiled.known_cells(facts)
    by_variable: dict[int, set[str]] = {}
    for literal in kept:
        position = compiled.positions[variable_name(literal.leaf)]
        by_variable.setdefault(position, set()).add(literal.leaf.id)
    allowed = {}
    for position, ids in by_variable.items():
        variable = compiled.variables[position]
        (here,) = known[position]
        told = [index for index, leaf in enumerate(variable.leaves) if leaf.id in ids]
        allowed[position] = tuple(
            cell
            for cell, vector in enumerate(variable.cells)
            if all(vector[index] == variable.cells[here][index] for index in told)
        )
    return allowed


def _unresolved(compiled: Compiled, facts: Mapping[str, object]) -> tuple[Reason, ...]:
    """Conditions that are not settled, that one person can all meet, and that together make it « oui ».

    The shortest way through the tree is tried first. When nobody could follow it (two conditions of
    it exclude each other), the way is that of someone possible. Then what the rest implies is dropped.
    """
    wanted = _wanted(compiled.tree, lambda literal: _unsettled(literal, facts, compiled.at))
    if not _settles(compiled, facts, wanted):
        wanted = _wanted(compiled.tree, _way_of_someone(compiled, facts))
    for candidate in reversed(wanted):
        fewer = [literal for literal in wanted if literal is not candidate]
        if _settles(compiled, facts, fewer):
            wanted = fewer
    return tuple(_reason(literal, facts, compiled.at) for literal in wanted)


def _settles(compiled: Compiled, facts: Mapping[str, object], chosen: Sequence[Literal]) -> bool:
    """Whether `chosen` conditions can be met together, and make the status « oui » for sure."""
    allowed = compiled.known_cells(facts)
    for literal in chosen:
        if needs_verdict(literal.leaf, compiled.at):
            allowed[compiled.positions[verdict_name(literal.leaf)]] = ACCEPTED
            continue
        position = compiled.positions[variable_name(literal.leaf)]
        samples = compiled.variables[position].samples
        allowed[position] = tuple(
            cell
            for cell in allowed.get(position, range(len(samples)))
            if outcome(literal, samples[cell], compiled.at) == YES
        )
    return all(allowed.values()) and compiled.diagram.outcomes(allowed) == {YES}


def _way_of_someone(compiled: Compiled, facts: Mapping[str, object]) -> Callable:
    """What to settle of each condition, for someone possible who gets « oui » once all is checked."""
    variables = compiled.variables
    known = compiled.known_cells(facts)
    checked = {i: ACCEPTED if variables[i].is_verdict else cells for i, cells in known.items()}
    way = compiled.diagram.witness(YES, checked)
    someone = {variable.name: variable.samples[way.get(i, 0)] for i, variable in enumerate(variables)}

    def settle(literal: Literal) -> tuple[Literal, ...] | None:
        wanted = _unsettled(literal, facts, compiled.at)
        if not wanted or needs_verdict(literal.leaf, compiled.at):
            return wanted
        return wanted if outcome(literal, someone[literal.leaf.fact], compiled.at) == YES else None

    return settle


def _wanted(node: Node, settle: Callable) -> tuple[Literal, ...] | None:
    """Literals to settle so that `node` holds; () when it holds already; None when it cannot."""
    if isinstance(node, Literal):
        return settle(node)
    parts = [_wanted(child, settle) for child in node.children]
    if isinstance(node, All):
        return None if None in parts else tuple(literal for part in parts for literal in part)
    possible = [part for part in parts if part is not None]
    return min(possible, key=len) if possible else None


def _unsettled(literal: Literal, facts: Mapping[str, object], at: date) -> tuple[Literal, ...] | None:
    leaf = literal.leaf
    if leaf.fact is not None and leaf.fact not in facts:
        return (literal,)
    value = True if leaf.fact is None else facts[leaf.fact]
    return {YES: (), NO: None, CHECK: (literal,)}[outcome(literal, value, at)]


def _reason(literal: Literal, facts: Mapping[str, object], at: date) -> Reason:
    leaf = literal.leaf
    if leaf.fact is None and leaf.operator is not None:
        return Reason(leaf, "vrai")
    value = truth(leaf, facts[leaf.fact], at) if leaf.fact in facts else None
    return Reason(leaf, {True: "vrai", False: "faux", None: "inconnu"}[value])
