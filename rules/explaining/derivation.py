"""What an explanation is made of: plain values, ready to be printed or sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from rules.engine.formulas import Period
from rules.model import Source


@dataclass(frozen=True)
class FactRead:
    """A fact as it was read. `value` is None and `said` « inconnu » when it is not known."""

    id: str
    label: str
    value: object
    said: str
    presumed: bool = False


@dataclass(frozen=True)
class Step:
    """A calculated number (`kind` calcul), a yes/no notion (notion) or an amount (bareme): how its value comes.

    `state`: connu; inconnu (a fact is missing); sans_valeur (no amount that day); indefini (a division
    by zero, or no row of the table for this household: `outside` then says why). `words` and `numbers`
    are the formula used, `row` the line of the table, `period` what the amount is in force for, `ended`
    the last day it had a value when it has none any more.
    """

    id: str
    kind: str
    label: str
    unit: str | None
    state: str
    value: object
    said: str
    words: str
    numbers: str
    row: str | None
    period: Period | None
    ended: date | None
    outside: str | None
    confidence: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Condition:
    """One condition as it stands.

    `outcome`: oui, non, a_verifier or ouvert, once « aucun » (`negated`) is counted; `truth`: its sentence
    (vrai, faux, inconnu), which does not depend on `negated`. `decides`: it is one of the reasons of the
    status. `obstacle`: why the outcome is neither oui nor non (see `_obstacle`); None when it is.
    `test` and `numbers`: the comparison in names, and in numbers. `sources`: ids, in `Explanation.sources`.
    """

    id: str
    outcome: str
    truth: str
    text: str
    negated: bool
    decides: bool
    obstacle: str | None
    who: str | None
    criterion: int | None
    force: str
    confidence: str
    period: Period
    test: str | None
    numbers: str | None
    facts: tuple[FactRead, ...]
    steps: tuple[Step, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """Conditions taken together: `kind` is tous, au_moins_un, aucun, or pas_tous (its contrary)."""

    kind: str
    outcome: str
    decides: bool
    children: tuple[Group | Condition, ...]


@dataclass(frozen=True)
class Explanation:
    """The derivation of one status. `missing`: facts that can still change it; `question`: the one to ask.

    `routes`: where to go rather, for what is known. `demarche`: how to ask. `sources`: all that the tree uses.
    """

    id: str
    name: str
    at: date
    status: str
    tree: Group | Condition
    missing: tuple[FactRead, ...]
    question: str | None
    routes: tuple[str, ...]
    demarche: str
    sources: tuple[Source, ...]


def conditions(part: Group | Condition) -> Iterator[Condition]:
    """The conditions of a tree, in reading order."""
    if isinstance(part, Condition):
        yield part
        return
    for child in part.children:
        yield from conditions(child)
