"""The engine's door: statuses, proofs and questions for one base, whatever the day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache

from rules.engine.conditions import Compiled
from rules.engine.evaluation import STATUS, Result
from rules.engine.unfolding import Unfolding
from rules.model import Base, Dispositif, Node, Route

_DAYS = 8  # days kept ready at once
_TREES = 1024  # condition trees kept ready at once


class Evaluator:
    """Evaluates the dispositifs of one base. Keeps what the base says; holds nothing of people."""

    def __init__(self, base: Base):
        self.base = base
        self._day = lru_cache(_DAYS)(lambda at: Unfolding(base, at))
        self._compiled: dict[tuple[int, date], Compiled] = {}

    def on(self, at: date) -> Unfolding:
        """The answers of the base on a day."""
        return self._day(at)

    def compiled(self, tree: Node, at: date) -> Compiled:
        """A tree of this base made ready for a day. What was built for the last few days is kept."""
        key = (id(tree), at)
        compiled = self._compiled.get(key)  # one look-up: another thread may empty the store meanwhile
        if compiled is None:
            if len(self._compiled) >= _TREES:
                self._compiled.clear()
            compiled = self._compiled[key] = Compiled(tree, self.base.facts, at)
        return compiled

    def evaluate(self, dispositif: Dispositif, facts: Mapping[str, object], at: date) -> Result:
        """Status, proof and missing facts of `dispositif` for known `facts` on the day `at`."""
        return self._day(at).answers(facts, (dispositif.id,))[dispositif.id]

    def evaluate_all(
        self, facts: Mapping[str, object], at: date, dispositifs: Iterable[str] | None = None
    ) -> dict[str, Result]:
        """The same for all the dispositifs of the base, or for those named, in that order."""
        return self._day(at).answers(facts, self.base.dispositifs if dispositifs is None else dispositifs)

    def possible(self, tree: Node, facts: Mapping[str, object], at: date) -> frozenset[str]:
        """The statuses that a condition tree can still have (used to choose places)."""
        compiled = self.compiled(tree, at)
        cells, box = compiled.known(facts)
        return frozenset(STATUS[one] for one in compiled.outcomes(compiled.allowed(cells, box), box))

    def routes(self, dispositif: Dispositif, facts: Mapping[str, object], at: date) -> tuple[Route, ...]:
        """The neighbours that are the right door for sure, for what is known on the day `at`."""
        return self._day(at).routes(dispositif.id, facts)

    def complete(self, facts: Mapping[str, object]) -> dict[str, object]:
        """The facts, and those that the base presumes from them; what was said is never replaced."""
        completed = dict(facts)
        for presumption in self.base.presumptions:
            known = all(fact in completed for fact in presumption.known)
            if known and all(completed.get(fact) == value for fact, value in presumption.equal.items()):
                completed = {**presumption.then, **completed}
        return completed
