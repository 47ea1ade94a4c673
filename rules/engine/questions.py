"""The next useful question: which unknown fact brings the answers closest, for the least effort.

A fact is a candidate only when some answer to it can change a status (it is missing from a status that
is still open), so a useless question cannot be asked and asking stops by itself. docs/moteur.md gives
the mathematics.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from rules.engine.evaluator import Evaluator
from rules.engine.model import Dispositif

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
    last question. A fact's gain, summed over the dispositifs still open, is divided by its cost.
    """
    scores: dict[str, float] = {}
    for result in evaluator.evaluate_all(facts, at, [d.id for d in dispositifs]).values():
        for fact, gain in result.gains.items():
            scores[fact] = scores.get(fact, 0.0) + gain
    known = evaluator.base.facts
    best, best_score = None, 0.0
    for fact in known:
        if fact in scores and fact not in refused:
            factor = _SAME_SUBJECT if known[fact].subject == subject else 1.0
            score = scores[fact] * factor / known[fact].cost
            if score > best_score:
                best, best_score = fact, score
    return best
