"""The amounts and calculations of a base on a day, and those that differ from one side to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rules.engine.formulas import Amount, Calculation, Formula, Reading, Table
from rules.explaining.changes import AmountChange, Side, Value
from rules.explaining.derivation import Condition
from rules.explaining.steps import Known, in_force
from rules.explaining.written import quantity, row_words, unit_words, written
from rules.model import Bareme, Base, Calcul, Source, literals


def cited(base: Base, names: Iterable[str]) -> tuple[Source, ...]:
    return tuple(base.sources[name] for name in names)


def of_base(side: Side) -> dict[str, Value]:
    """Every amount in force and every calculation, described for any household."""
    base = side.base
    values = {name: _amount(side, bareme) for name, bareme in base.baremes.items()}
    values |= {name: _value(base, one, (written(one.formula, base),)) for name, one in base.calculs.items()}
    return {name: value for name, value in values.items() if value}


def for_person(side: Side, conditions: Iterable[Condition]) -> dict[str, Value]:
    """What the conditions of an explanation use, for the person; for any household when it is not known."""
    found = {}
    for step in (step for condition in conditions for step in condition.steps if step.kind != "notion"):
        bareme = side.base.baremes.get(step.id)
        described = _amount(side, bareme) if bareme and step.state == "inconnu" else None
        sources = cited(side.base, step.sources)
        found[step.id] = described or Value((step.said,), step.period, step.confidence, sources)
    return found


def amounts_that_differ(
    sides: Sequence[Side], values: Sequence[Mapping[str, Value]]
) -> tuple[AmountChange, ...]:
    before, after = values
    return tuple(
        AmountChange(name, _label(sides, name), before.get(name), after.get(name), _users(sides, name))
        for name in dict.fromkeys([*before, *after])
        if _lines(before.get(name)) != _lines(after.get(name))
    )


def _lines(value: Value | None) -> tuple[str, ...]:
    return value.lines if value else ()


def _amount(side: Side, bareme: Bareme) -> Value | None:
    """An amount on the day; None when it has no value."""
    known = Known(side.base, {}, side.at)
    period, inside = in_force(bareme.amount, side.at)
    if inside is None:
        return None
    rows = inside.rows if isinstance(inside, Table) else ()
    lines = tuple(f"{row_words(row, side.base)} → {_said(known, row.amount, bareme.unit)}" for row in rows)
    return _value(side.base, bareme, lines or (_said(known, inside, bareme.unit),), period)


def _value(base: Base, one: Bareme | Calcul, lines: tuple[str, ...], period=None) -> Value:
    return Value(lines, period, one.confidence, cited(base, one.sources))


def _said(known: Known, formula: Formula, unit: str | None) -> str:
    """The value that a formula has for everybody; else the formula, with what is known in it."""

    def say(part: Formula) -> str:
        state, value = ("inconnu", None) if isinstance(part, Reading) else known.value(part)
        return quantity(value, None) if state == "connu" else written(part, known.base)

    state, value = known.value(formula)
    if state == "connu":
        return quantity(value, unit)
    return written(formula, known.base, say) + (f", en {unit_words(unit)}" if unit else "")


def _label(sides: Sequence[Side], name: str) -> str:
    return next(
        named[name].label
        for side in reversed(sides)
        for named in (side.base.baremes, side.base.calculs)
        if name in named
    )


def _users(sides: Sequence[Side], name: str) -> tuple[str, ...]:
    """The dispositifs whose conditions use the amount, directly or through a calculation."""
    users = [
        dispositif.id
        for side in sides
        for dispositif in side.base.dispositifs.values()
        if any(_uses(literal.leaf.test, name) for literal in literals(dispositif.conditions))
    ]
    return tuple(dict.fromkeys(users))


def _uses(test: Formula | None, name: str) -> bool:
    parts = test.walk() if test else ()
    return any(isinstance(part, (Amount, Calculation)) and part.name == name for part in parts)
