"""The next useful question: which unknown fact brings the answer closest, for the least effort.

A fact is a candidate only when some answer to it can change a status (it stands in the reduced
diagram restricted to what is known), so a useless question cannot be asked and asking stops by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from rules.evaluation import Evaluator
from rules.model import Dispositif

_SAME_SUBJECT = 1.2  # a slight preference for staying on the subject just talked about


def next_fact(
    evaluator: Evaluator,
    dispositifs: Iterable[Dispositif],
    facts: Mapping[str, object],
    at: date,
    refused: Collection[str] = (),
    subject: str | None = None,
) -> str | None:
    """The fact to ask next, or None when no answer could change anything.

    `refused` are facts the person does not know or will not say. `subject` is the subject of the
    last question. The gain of a fact is, for each dispositif, the mean over its cells of the share
    of facts that would no longer matter; it is divided by the fact's cost.
    """
    scores: dict[str, float] = {}
    for dispositif in dispositifs:
        for fact, gain in _gains(evaluator, dispositif, facts, at).items():
            if fact not in refused:
                scores[fact] = scores.get(fact, 0.0) + gain
    known = evaluator.base.facts

    def preference(fact: str) -> tuple[float, int]:
        factor = _SAME_SUBJECT if known[fact].subject == subject else 1.0
        return (-scores[fact] * factor / known[fact].cost, list(known).index(fact))

    return min(scores, key=preference, default=None)


def _gains(
    evaluator: Evaluator, dispositif: Dispositif, facts: Mapping[str, object], at: date
) -> dict[str, float]:
    compiled = evaluator.compiled(dispositif.conditions, at)
    allowed = compiled.known_cells(facts)
    open_now = compiled.diagram.deciding(allowed)
    gains = {}
    for position in open_now:
        cells = range(compiled.diagram.sizes[position])
        left = sum(len(compiled.diagram.deciding({**allowed, position: (cell,)})) for cell in cells)
        gains[compiled.variables[position].name] = 1 - left / (len(cells) * len(open_now))
    return gains
