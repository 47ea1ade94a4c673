"""What a comparison is made of: two sides, and what differs between them, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from rules.engine.evaluator import Evaluator
from rules.engine.formulas import Period
from rules.model import Base, Source


@dataclass(frozen=True)
class Side:
    """A base on a day, and what is known of the person (None: nobody, the base itself is compared)."""

    evaluator: Evaluator
    at: date
    facts: Mapping[str, object] | None = None

    @property
    def base(self) -> Base:
        return self.evaluator.base


@dataclass(frozen=True)
class Value:
    """What an amount or a calculation is worth on one side: one line, or one for each kind of household."""

    lines: tuple[str, ...]
    period: Period | None
    confidence: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class AmountChange:
    """An amount, or a calculated fact, that differs; None on the side where it is absent.

    `users`: ids of the dispositifs whose conditions read it, on either side.
    """

    id: str
    label: str
    before: Value | None
    after: Value | None
    users: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """A condition on one side. For a person, `outcome` and `decides` are those of the explanation."""

    text: str
    in_force: bool
    outcome: str | None
    decides: bool
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Difference:
    """One part of a condition (regle, force, confiance, periode, qui, phrases, sources) that was rewritten."""

    part: str
    before: str
    after: str


@dataclass(frozen=True)
class ConditionChange:
    """A condition that differs; None on the side where it is absent.

    `kind`: ajoutee or retiree (between versions); commence or finit (its dates); modifiee (its rule,
    sentences or sources); resultat (the same rule stands otherwise for this person).
    """

    id: str
    kind: str
    before: Standing | None
    after: Standing | None
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Change:
    """A dispositif that differs. `before` and `after`: its status for a person; `kind`: ajoute, retire, modifie.

    `rearranged`: the same conditions are put together otherwise.
    """

    id: str
    name: str
    kind: str
    before: str | None
    after: str | None
    rearranged: bool
    conditions: tuple[ConditionChange, ...]
    amounts: tuple[AmountChange, ...]


@dataclass(frozen=True)
class Comparison:
    """All that differs. `amounts`: those of the whole base, when nobody in particular is asked about."""

    amounts: tuple[AmountChange, ...]
    changes: tuple[Change, ...]
