"""The next useful question: which unknown fact brings the answers closest, for the least effort.

A fact is a candidate only when some answer to it can change a status (it is missing from a status that
is still open), so a useless question cannot be asked and asking stops by itself. docs/moteur.md gives
the mathematics.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from rules.engine.evaluation import Result
from rules.engine.evaluator import Evaluator
from rules.model import Base, Dispositif, Fact

_SAME_SUBJECT = 2.0  # coming back to a subject just left reads worse than a question of less use
_VERY_SENSITIVE = 4  # from this cost on, answering takes trust


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
    last question.
    """
    results = evaluator.evaluate_all(facts, at, [d.id for d in dispositifs])
    return most_useful(evaluator.base, results.values(), refused, subject)


def most_useful(
    base: Base, results: Iterable[Result], refused: Collection[str] = (), subject: str | None = None
) -> str | None:
    """`next_fact`, from the answers that the engine gave already.

    A fact's gain, summed over the dispositifs still open, is divided by its effort.
    """
    scores: dict[str, float] = {}
    for result in results:
        for fact, gain in result.gains.items():
            scores[fact] = scores.get(fact, 0.0) + gain
    known = base.facts
    best, best_score = None, 0.0
    for fact in known:
        if fact in scores and fact not in refused:
            factor = _SAME_SUBJECT if known[fact].subject == subject else 1.0
            score = scores[fact] * factor / _effort(known[fact])
            if score > best_score:
                best, best_score = fact, score
    return best


def _effort(fact: Fact) -> float:
    """What answering takes: the cost of the fact; 8 and 12.5 instead of 4 and 5.

    Trust comes with the answers already received: a very sensitive question waits behind several easy
    ones, unless it decides much more than they do.
    """
    return fact.cost if fact.cost < _VERY_SENSITIVE else fact.cost**2 / 2
