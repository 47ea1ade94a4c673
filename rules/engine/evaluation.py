"""The status of a dispositif for a person at a date, with the proof and what could still change it.

Everything here is exact and slow (a fraction of a millisecond); `rules.engine.unfolding` keeps the answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rules.engine.conditions import ACCEPTED, Compiled, outcome, verdict_name
from rules.engine.diagram import CHECK, NO, YES
from rules.engine.formulas import Box
from rules.model import All, Leaf, Literal, Node, literals

STATUS = {NO: "non", CHECK: "a_verifier", YES: "oui"}
_RESULT = {True: "vrai", False: "faux", None: "inconnu"}
_BONUS = 0.15  # for each dispositif that a fact helps, even when it decides nothing at once


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
    gains: Mapping[str, float] = field(default_factory=dict, compare=False, repr=False)


class Situation:
    """What is known of a person, as one compiled tree sees it: the cell of each variable that is settled."""

    def __init__(self, compiled: Compiled, cells: Mapping[int, int], box: Box):
        self.compiled, self.box = compiled, box
        self.allowed = compiled.allowed(cells, box)
        sure = {
            index: self.allowed[index][0] for index in compiled.relations if len(self.allowed[index]) == 1
        }
        self.cells = {**sure, **cells}

    def result(self) -> Result:
        outcomes = self.compiled.outcomes(self.allowed, self.box)
        if len(outcomes) == 1 and CHECK not in outcomes:
            (decided,) = outcomes
            return Result(STATUS[decided], self._proof(decided), ())
        moved = self.compiled.deciding(self.allowed, self.box)
        missing = tuple(dict.fromkeys(fact for facts in moved.values() for fact in facts))
        return Result("a_verifier", self._unresolved(), missing, self._gains(moved))

    # --- « oui » and « non » ------------------------------------------------------------------------

    def _proof(self, decided: int) -> tuple[Reason, ...]:
        """A smallest set of settled conditions that alone give the outcome `decided`.

        Conditions are dropped one by one, the less telling first (soft before firm, last before first);
        one is kept when without it another outcome becomes possible.
        """
        kept = [one for one in literals(self.compiled.tree) if self._bears(one)]
        for candidate in sorted(kept, key=lambda item: (item.leaf.force == "ferme", -kept.index(item))):
            fewer = [literal for literal in kept if literal is not candidate]
            if self._proves(fewer, decided):
                kept = fewer
        return tuple(self._reason(literal) for literal in kept)

    def _bears(self, literal: Literal) -> bool:
        """Whether something is known about the condition: its answer, or some of its facts."""
        place = self.compiled.place.get(literal.leaf.id)
        if place is None:
            return False
        variable = self.compiled.variables[place[0]]
        if place[0] in self.cells or literal.leaf.always:
            return True
        return variable.formula is not None and any(len(self.box[n]) == 1 for n in variable.formula.inputs)

    def _proves(self, kept: Sequence[Literal], decided: int) -> bool:
        """Whether everybody for whom the kept conditions stand as here gets the outcome `decided`.

        Verdicts are left free: one more verdict never undoes a « oui » or a « non ». A kept condition
        over several facts whose answer is still open brings what is known of its facts.
        """
        compiled = self.compiled
        allowed: dict[int, tuple[int, ...]] = {}
        box = dict(compiled.box)
        for literal in kept:
            index, k = compiled.place[literal.leaf.id]
            variable = compiled.variables[index]
            here = self.cells.get(index, 0 if literal.leaf.always else None)
            if here is None:
                box.update({name: self.box[name] for name in variable.formula.inputs})
                continue
            cells = allowed.get(index, range(len(variable.truths)))
            allowed[index] = tuple(c for c in cells if variable.truths[c][k] == variable.truths[here][k])
        return compiled.outcomes(allowed, box) == {decided}

    # --- « à vérifier » -----------------------------------------------------------------------------

    def _unresolved(self) -> tuple[Reason, ...]:
        """Conditions that are not settled, that one person can all meet, and that together make it « oui ».

        The shortest way through the tree is tried first. When nobody could follow it (two conditions of
        it exclude each other), the way is that of someone possible. Then what the rest implies is dropped.
        """
        wanted = _wanted(self.compiled.tree, self._unsettled)
        if not self._settles(wanted):
            wanted = _wanted(self.compiled.tree, self._way_of_someone())
        if wanted is None:  # nobody found in the time allowed: say all that is not settled
            return tuple(self._reason(one) for one in literals(self.compiled.tree) if self._unsettled(one))
        for candidate in reversed(wanted):
            fewer = [literal for literal in wanted if literal is not candidate]
            if self._settles(fewer):
                wanted = fewer
        return tuple(self._reason(literal) for literal in wanted)

    def _settles(self, chosen: Sequence[Literal] | None) -> bool:
        """Whether `chosen` conditions can be met together, and make the status « oui » for sure."""
        if chosen is None:
            return False
        compiled = self.compiled
        allowed = dict(self.allowed)
        for literal in chosen:
            if self._by_a_person(literal.leaf):
                allowed[compiled.positions[verdict_name(literal.leaf)]] = ACCEPTED
                continue
            index, k = compiled.place[literal.leaf.id]
            truths = compiled.variables[index].truths
            cells = allowed.get(index, range(len(truths)))
            allowed[index] = tuple(cell for cell in cells if outcome(literal, truths[cell][k]) == YES)
        if not all(allowed.values()) or compiled.outcomes(allowed, self.box) != {YES}:
            return False
        return compiled.witness(YES, allowed, self.box) is not None

    def _by_a_person(self, leaf: Leaf) -> bool:
        """Whether only someone's verdict can settle the condition: no fact still unknown will."""
        if not self.compiled.needs_verdict(leaf):
            return False
        place = self.compiled.place.get(leaf.id)
        return place is None or leaf.force == "souple" or place[0] in self.cells

    def _way_of_someone(self) -> Callable:
        """What to settle of each condition, for someone possible who gets « oui » once all is checked."""
        compiled = self.compiled
        verdicts = [i for i, v in enumerate(compiled.variables) if not v.leaves]
        way = compiled.witness(YES, {**self.allowed, **dict.fromkeys(verdicts, ACCEPTED)}, self.box) or {}

        def settle(literal: Literal) -> tuple[Literal, ...] | None:
            wanted = self._unsettled(literal)
            if not wanted or self._by_a_person(literal.leaf):
                return wanted
            index, k = compiled.place[literal.leaf.id]
            truth = compiled.variables[index].truths[way.get(index, 0)][k]
            return wanted if outcome(literal, truth) == YES else None

        return settle

    def _unsettled(self, literal: Literal) -> tuple[Literal, ...] | None:
        """What is left to settle for the condition to hold: nothing, itself, or None when it cannot."""
        place = self.compiled.place.get(literal.leaf.id)
        if place is None or (place[0] not in self.cells and not literal.leaf.always):
            return (literal,)
        return {YES: (), NO: None, CHECK: (literal,)}[outcome(literal, self._truth(literal.leaf))]

    def _truth(self, leaf: Leaf) -> bool | None:
        """How a testable condition stands; None when it is not known, or undefined."""
        index, k = self.compiled.place.get(leaf.id, (None, 0))
        if leaf.always:
            return True
        return self.compiled.variables[index].truths[self.cells[index]][k] if index in self.cells else None

    def _reason(self, literal: Literal) -> Reason:
        return Reason(literal.leaf, _RESULT[self._truth(literal.leaf)])

    # --- questions ----------------------------------------------------------------------------------

    def _gains(self, moved: Mapping[int, tuple[str, ...]]) -> dict[str, float]:
        """For each missing fact, how near its answer is likely to bring this status (see docs/moteur.md)."""
        gains: dict[str, float] = {}
        for index, facts in moved.items():
            variable = self.compiled.variables[index]
            gain = _BONUS
            for cell, weight in enumerate(variable.weights()):
                left = self.compiled.diagram.outcomes({**self.allowed, index: (cell,)})
                if len(left) == 1:
                    gain += weight
            for fact in facts:
                gains[fact] = gains.get(fact, 0.0) + gain / len(facts)
        return gains


def _wanted(node: Node, settle: Callable) -> tuple[Literal, ...] | None:
    """Literals to settle so that `node` holds; () when it holds already; None when it cannot."""
    if isinstance(node, Literal):
        return settle(node)
    parts = [_wanted(child, settle) for child in node.children]
    if isinstance(node, All):
        return None if None in parts else tuple(literal for part in parts for literal in part)
    possible = [part for part in parts if part is not None]
    return min(possible, key=len) if possible else None
