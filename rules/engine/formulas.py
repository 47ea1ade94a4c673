"""Formulas over facts: what a calculated fact is worth, and what a condition compares.

A formula has an exact value once its facts are known (fractions, never floats), None when it is undefined
(a division by zero, a table without a row for this household). Over a *box*, which gives each fact the
values it may still take, it has a span: everything its value may still be. Spans are never too small.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from math import inf

Facts = Mapping[str, object]
Box = Mapping[str, Sequence]  # a fact's values: a range for integers, a tuple for anything else

_ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}

# One entry per comparison written in the base: does `value` pass the test against `operand`?
OPERATORS: dict[str, Callable] = {
    "egal": operator.eq,
    "parmi": lambda value, operand: value in operand,
    "min": operator.ge,
    "max": operator.le,
    "plus_de": operator.gt,
    "moins_de": operator.lt,
    "contient": lambda value, operand: operand in value,
    "contient_un_de": lambda value, operand: any(item in value for item in operand),
}
ORDERED = ("min", "max", "plus_de", "moins_de")


@dataclass(frozen=True)
class Span:
    """The numbers from `low` to `high`; `undefined` when the formula may also have no value at all.

    Empty (never defined) when low > high.
    """

    low: object
    high: object
    undefined: bool = False


_EMPTY = Span(inf, -inf, True)


class Formula:
    """What all formulas share: their facts, their parts, and what they are worth on a day."""

    def parts(self) -> Iterable[Formula]:
        return ()

    def walk(self) -> Iterator[Formula]:
        yield self
        for part in self.parts():
            yield from part.walk()

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The facts that the formula reads, in reading order."""
        return tuple(dict.fromkeys(part.fact for part in self.walk() if isinstance(part, Reading)))

    def on(self, at: date) -> Formula | None:
        """The formula with its amounts of the day; None when one of them has no value that day."""
        return self

    def value(self, facts: Facts) -> object:
        raise NotImplementedError

    def span(self, box: Box) -> Span:
        raise NotImplementedError


@dataclass(frozen=True)
class Number(Formula):
    number: int | Fraction

    def value(self, facts: Facts) -> Fraction:
        return self.number

    def span(self, box: Box) -> Span:
        return Span(self.number, self.number)


@dataclass(frozen=True)
class Reading(Formula):
    """A fact as the person said it."""

    fact: str

    def value(self, facts: Facts) -> object:
        return facts[self.fact]

    def span(self, box: Box) -> Span:
        values = box[self.fact]
        return Span(values[0], values[-1])


@dataclass(frozen=True)
class Calculation(Formula):
    """A calculated fact of the base, under its name."""

    name: str
    formula: Formula

    def parts(self) -> Iterable[Formula]:
        return (self.formula,)

    def on(self, at: date) -> Formula | None:
        dated = self.formula.on(at)
        return None if dated is None else replace(self, formula=dated)

    def value(self, facts: Facts) -> object:
        return self.formula.value(facts)

    def span(self, box: Box) -> Span:
        return self.formula.span(box)


@dataclass(frozen=True)
class Operation(Formula):
    """left symbol right, where symbol is + - * / min or max."""

    symbol: str
    left: Formula
    right: Formula

    def parts(self) -> Iterable[Formula]:
        return (self.left, self.right)

    def on(self, at: date) -> Formula | None:
        left, right = self.left.on(at), self.right.on(at)
        return None if left is None or right is None else Operation(self.symbol, left, right)

    def value(self, facts: Facts) -> object:
        left, right = self.left.value(facts), self.right.value(facts)
        if left is None or right is None or (self.symbol == "/" and right == 0):
            return None
        if self.symbol in ("min", "max"):
            return (min if self.symbol == "min" else max)(left, right)
        return self._exactly(left, right)

    def _exactly(self, left: object, right: object) -> object:
        return Fraction(left) / right if self.symbol == "/" else _ARITHMETIC[self.symbol](left, right)

    def span(self, box: Box) -> Span:
        left, right = self.left.span(box), self.right.span(box)
        if left.low > left.high or right.low > right.high:
            return _EMPTY
        undefined = left.undefined or right.undefined
        if self.symbol in ("min", "max"):
            choose = min if self.symbol == "min" else max
            return Span(choose(left.low, right.low), choose(left.high, right.high), undefined)
        if self.symbol == "/" and right.low <= 0 <= right.high:
            return _EMPTY if right.low == right.high else Span(-inf, inf, True)
        if self.symbol == "+":
            return Span(left.low + right.low, left.high + right.high, undefined)
        if self.symbol == "-":
            return Span(left.low - right.high, left.high - right.low, undefined)
        ends = [self._ends(a, b) for a in (left.low, left.high) for b in (right.low, right.high)]
        return Span(min(ends), max(ends), undefined)

    def _ends(self, left: object, right: object) -> object:
        if self.symbol == "*" and (left == 0 or right == 0):
            return 0  # and not the « nan » of zero times an unbounded end
        if self.symbol == "/" and abs(right) == inf:
            return 0
        return _ARITHMETIC[self.symbol](left, right) if abs(left) == inf else self._exactly(left, right)


@dataclass(frozen=True)
class Period:
    """In force from `start` to `end`, both included; None leaves that side open."""

    start: date | None
    end: date | None

    def covers(self, at: date) -> bool:
        return (self.start is None or self.start <= at) and (self.end is None or at <= self.end)


@dataclass(frozen=True)
class Amount(Formula):
    """A barème: for each period a number, or a table by household. Outside its periods it has no value."""

    name: str
    values: tuple[tuple[Period, Formula], ...]

    def parts(self) -> Iterable[Formula]:
        return [formula for _, formula in self.values]

    def on(self, at: date) -> Formula | None:
        formula = next((formula for period, formula in self.values if period.covers(at)), None)
        dated = formula.on(at) if formula else None
        return None if dated is None else Calculation(self.name, dated)


@dataclass(frozen=True)
class Row:
    """One line of a table: the value of the households whose every key lies in its range."""

    keys: tuple[tuple[Formula, object], ...]  # (what is read, (low, high) or a choice)
    amount: Formula


@dataclass(frozen=True)
class Table(Formula):
    """A value for each household; undefined when no row fits."""

    rows: tuple[Row, ...]

    def parts(self) -> Iterable[Formula]:
        for row in self.rows:
            yield from (key for key, _ in row.keys)
            yield row.amount

    def on(self, at: date) -> Formula | None:
        rows = []
        for row in self.rows:
            keys = [(key.on(at), wanted) for key, wanted in row.keys]
            amount = row.amount.on(at)
            if amount is None or any(key is None for key, _ in keys):
                return None
            rows.append(Row(tuple(keys), amount))
        return Table(tuple(rows))

    def value(self, facts: Facts) -> object:
        found = next((row for row in self.rows if all(_fits(k.value(facts), w) for k, w in row.keys)), None)
        return found.amount.value(facts) if found else None

    def span(self, box: Box) -> Span:
        low, high, undefined = inf, -inf, False
        for row in self.rows:
            fits = [_may_fit(key, wanted, box) for key, wanted in row.keys]
            if not all(True in fit for fit in fits):
                continue
            amount = row.amount.span(box)
            low, high = min(low, amount.low), max(high, amount.high)
            undefined = undefined or amount.undefined
            if all(fit == {True} for fit in fits):
                return Span(low, high, undefined)
        return Span(low, high, True)


def _fits(value: object, wanted: object) -> bool:
    if isinstance(wanted, tuple):
        return value is not None and wanted[0] <= value <= wanted[1]
    return value == wanted


def _may_fit(key: Formula, wanted: object, box: Box) -> set[bool]:
    if not isinstance(wanted, tuple):
        return {value == wanted for value in box[key.fact]}
    span = key.span(box)
    found = {False} if span.undefined or span.low < wanted[0] or span.high > wanted[1] else set()
    return found | ({True} if span.low <= wanted[1] and span.high >= wanted[0] else set())


@dataclass(frozen=True)
class Comparison(Formula):
    """left operator right: true, false, or None when a side is undefined.

    `right` is a formula for the ordered operators and « egal » on numbers, else a plain value or a tuple.
    """

    left: Formula
    operator: str
    right: object

    def parts(self) -> Iterable[Formula]:
        return (self.left, self.right) if isinstance(self.right, Formula) else (self.left,)

    def on(self, at: date) -> Formula | None:
        left = self.left.on(at)
        right = self.right.on(at) if isinstance(self.right, Formula) else self.right
        return None if left is None or right is None else Comparison(left, self.operator, right)

    def value(self, facts: Facts) -> bool | None:
        left = self.left.value(facts)
        right = self.right.value(facts) if isinstance(self.right, Formula) else self.right
        if left is None or right is None:
            return None
        return bool(OPERATORS[self.operator](left, right))

    def possible(self, box: Box) -> frozenset[bool | None]:
        """The answers that the comparison may still give."""
        if isinstance(self.left, Reading) and not isinstance(self.right, Formula):
            values = box[self.left.fact]
            if not isinstance(values, range):
                return frozenset(OPERATORS[self.operator](value, self.right) for value in values)
        condition = self.left.formula if isinstance(self.left, Calculation) else self.left
        if isinstance(condition, Condition):
            return frozenset(
                None if value is None else value == self.right for value in condition.possible(box)
            )
        left = self.left.span(box)
        if left.low > left.high:
            return frozenset({None})
        if not isinstance(self.right, Formula):  # « parmi » on a number
            wanted = self.right if isinstance(self.right, tuple) else (self.right,)
            inside = [_between(left, Span(item, item)) for item in wanted]
            found = {True} if {True} in inside else {answer for answers in inside for answer in answers}
            return frozenset(found | ({None} if left.undefined else set()))
        right = self.right.span(box)
        undefined = {None} if left.undefined or right.undefined else set()
        if right.low > right.high:
            return frozenset({None})
        if self.operator == "egal":
            return frozenset(undefined | _between(left, right))
        least, most = (left.low, right.high), (left.high, right.low)
        if self.operator in ("max", "moins_de"):
            least, most = most, least
        test = OPERATORS[self.operator]
        return frozenset(undefined | {test(*least), test(*most)})


def _between(left: Span, right: Span) -> set[bool]:
    """Whether two spans of numbers may be equal, and may differ."""
    if left.low == left.high == right.low == right.high:
        return {True}
    return {False} if left.high < right.low or right.high < left.low else {True, False}


@dataclass(frozen=True)
class Condition(Formula):
    """A yes/no notion: every part (`every`) or at least one, of comparisons and notions; or its contrary."""

    every: bool
    members: tuple[Formula, ...]
    negated: bool = False

    def parts(self) -> Iterable[Formula]:
        return self.members

    def on(self, at: date) -> Formula | None:
        members = tuple(member.on(at) for member in self.members)
        return None if None in members else replace(self, members=members)

    def value(self, facts: Facts) -> bool | None:
        return self._fold(member.value(facts) for member in self.members)

    def possible(self, box: Box) -> frozenset[bool | None]:
        found = {self.every}
        for member in self.members:
            found = {_junction(self.every, one, other) for one in found for other in member.possible(box)}
        return frozenset(self._signed(answer) for answer in found)

    def _fold(self, answers: Iterable[bool | None]) -> bool | None:
        found: bool | None = self.every
        for answer in answers:
            found = _junction(self.every, found, answer)
        return self._signed(found)

    def _signed(self, answer: bool | None) -> bool | None:
        return answer if answer is None or not self.negated else not answer


def _junction(every: bool, one: bool | None, other: bool | None) -> bool | None:
    if (not every) in (one, other):
        return not every
    return None if None in (one, other) else every
