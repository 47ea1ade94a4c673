"""What a condition reads, step by step: facts, calculated facts and amounts, in names and in numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from rules.engine.formulas import (
    Amount,
    Calculation,
    Comparison,
    Condition,
    Formula,
    Period,
    Reading,
    Row,
    Table,
)
from rules.explaining.derivation import FactRead, Step
from rules.explaining.written import quantity, row_words, short_spoken, short_unit, spoken, written
from rules.model import Base

_UNSAID = {
    "inconnu": "inconnu",
    "sans_valeur": "pas de valeur connue ce jour",
    "indefini": "pas de valeur pour ce foyer",
}


class Known:
    """What is known of a person on a day: gives formulas a value, or says why they have none."""

    def __init__(self, base: Base, facts: Mapping[str, object], at: date):
        self.base, self.facts, self.at = base, facts, at

    def value(self, formula: Formula) -> tuple[str, object]:
        """The state (see Step) and the value of a formula; a value may be sure before all facts are known."""
        dated = formula.on(self.at)
        if dated is None:
            return "sans_valeur", None
        if all(name in self.facts for name in dated.inputs):
            value = dated.value(self.facts)
            return ("indefini" if value is None else "connu"), value
        while isinstance(dated, Calculation):
            dated = dated.formula
        box = {name: self._possible(name) for name in dated.inputs}
        if isinstance(dated, (Comparison, Condition)):
            answers = dated.possible(box)
            if len(answers) > 1:
                return "inconnu", None
            (answer,) = answers
            return ("indefini" if answer is None else "connu"), answer
        span = dated.span(box)
        if span.low > span.high:
            return "indefini", None
        return ("connu", span.low) if span.low == span.high and not span.undefined else ("inconnu", None)

    def _possible(self, name: str) -> range | tuple:
        fact = self.base.facts[name]
        value = self.facts.get(name)
        if value is None:
            return fact.values
        return range(value, value + 1) if fact.type == "entier" else (value,)

    def read(self, name: str, said: Mapping[str, object]) -> FactRead:
        """A fact as it is known; presumed when the person did not say it (`said`)."""
        fact, known = self.base.facts[name], name in self.facts
        text = spoken(fact, self.facts[name]) if known else "inconnu"
        return FactRead(name, fact.label, self.facts.get(name), text, known and name not in said)

    def steps(self, formula: Formula | None) -> tuple[Step, ...]:
        """Every calculated fact and amount that the formula uses, each after those it uses itself."""
        return tuple({step.id: step for step in self._steps(formula)}.values()) if formula else ()

    def _steps(self, formula: Formula) -> Iterator[Step]:
        if not isinstance(formula, (Amount, Calculation)):
            for part in formula.parts():
                yield from self._steps(part)
            return
        period, inside = in_force(formula, self.at)
        row = self._row(inside) if isinstance(inside, Table) else None
        used = row.amount if row else inside
        for part in (*(key for key, _ in row.keys), used) if row else (inside,) if inside else ():
            yield from self._steps(part)
        state, value = self.value(formula)
        amount = isinstance(formula, Amount)
        named = (self.base.baremes if amount else self.base.calculs)[formula.name]
        yield Step(
            id=formula.name,
            kind="bareme" if amount else "notion" if isinstance(inside, Condition) else "calcul",
            label=named.label,
            unit=named.unit,
            state=state,
            value=value,
            said=quantity(value, named.unit) if state == "connu" else _UNSAID[state],
            words=written(used, self.base) if used else "",
            numbers=written(used, self.base, self.number) if used else "",
            row=row_words(row, self.base) if row else None,
            period=period,
            ended=_ended(formula, self.at) if amount and period is None else None,
            outside=named.outside if amount and isinstance(inside, Table) and state == "indefini" else None,
            confidence=named.confidence,
            sources=named.sources,
        )

    def _row(self, table: Table) -> Row | None:
        """The line for this household; None when there is none, or when a missing fact decides."""
        for row in table.rows:
            fits = [self._fits(key, wanted) for key, wanted in row.keys]
            if False not in fits:
                return None if None in fits else row
        return None

    def _fits(self, key: Formula, wanted: object) -> bool | None:
        state, value = self.value(key)
        if state == "inconnu":
            return None
        if isinstance(wanted, tuple):
            return value is not None and wanted[0] <= value <= wanted[1]
        return value == wanted

    def number(self, formula: Formula) -> str:
        if isinstance(formula, Reading):
            name = formula.fact
            return short_spoken(self.base.facts[name], self.facts[name]) if name in self.facts else "?"
        state, value = self.value(formula)
        named = {**self.base.calculs, **self.base.baremes}[formula.name]
        return quantity(value, short_unit(named.unit)) if state == "connu" else "?"


def in_force(formula: Amount | Calculation, at: date) -> tuple[Period | None, Formula | None]:
    """The period of an amount that covers the day and its formula; a calculation has no period."""
    if isinstance(formula, Calculation):
        return None, formula.formula
    return next(((period, value) for period, value in formula.values if period.covers(at)), (None, None))


def _ended(amount: Amount, at: date) -> date | None:
    return max((period.end for period, _ in amount.values if period.end and period.end < at), default=None)
