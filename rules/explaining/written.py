"""Formulas and values as a professional reads them, in French: « 100 × (loyer − aide) / revenus », « 1 240,50 € »."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import inf

from rules.engine.formulas import (
    Amount,
    Calculation,
    Comparison,
    Condition,
    Formula,
    Number,
    Operation,
    Reading,
    Row,
    Table,
)
from rules.model import Base, Fact

_SYMBOLS = {"+": ("+", 1), "-": ("−", 1), "*": ("×", 2), "/": ("/", 2)}
_WORDS = {
    "egal": "=", "parmi": "parmi", "min": "≥", "max": "≤", "plus_de": ">", "moins_de": "<",
    "contient": "contient", "contient_un_de": "contient un de",
}  # fmt: skip
_SPACE = "\u00a0"
_DECIMALS = 6  # a number with more of them is rounded, and said to be


def written(formula: Formula, base: Base, say: Callable[[Formula], str] | None = None, above: int = 0) -> str:
    """A formula as text, with the names of what it uses, or with what `say` makes of them."""
    if isinstance(formula, (Reading, Amount, Calculation)):
        known = {**base.facts, **base.calculs, **base.baremes}
        name = formula.fact if isinstance(formula, Reading) else formula.name
        return say(formula) if say else known[name].label
    if isinstance(formula, Number):
        return number(formula.number)
    if isinstance(formula, Table):
        return "selon le foyer"
    if isinstance(formula, Comparison):
        return (
            f"{written(formula.left, base, say, 3)} {_WORDS[formula.operator]} {_operand(formula, base, say)}"
        )
    if isinstance(formula, Condition):
        parts = [written(part, base, say, 3) for part in formula.members]
        text = (" et " if formula.every else " ou ").join(parts)
        text = f"({text})" if len(parts) > 1 and (above or formula.negated) else text
        return f"pas {text}" if formula.negated else text
    assert isinstance(formula, Operation)
    if formula.symbol in ("min", "max"):
        which = "le plus petit" if formula.symbol == "min" else "le plus grand"
        return f"{which} de ({written(formula.left, base, say)} ; {written(formula.right, base, say)})"
    symbol, level = _SYMBOLS[formula.symbol]
    right = level + (formula.symbol in "-/")
    text = f"{written(formula.left, base, say, level)} {symbol} {written(formula.right, base, say, right)}"
    return f"({text})" if level < above else text


def _operand(test: Comparison, base: Base, say: Callable[[Formula], str] | None) -> str:
    if isinstance(test.right, Formula):
        return written(test.right, base, say, 3)
    fact = base.facts.get(test.left.fact) if isinstance(test.left, Reading) else None
    items = test.right if isinstance(test.right, tuple) else (test.right,)
    return ", ".join(_choice(fact, item) for item in items)


def _choice(fact: Fact | None, item: object) -> str:
    return f"« {fact.choices[item]} »" if fact and item in fact.choices else quantity(item, None)


def row_words(row: Row, base: Base) -> str:
    """The households that a line of a table is for."""
    return ", ".join(f"{written(key, base)} : {_range(key, wanted, base)}" for key, wanted in row.keys)


def _range(key: Formula, wanted: object, base: Base) -> str:
    if not isinstance(wanted, tuple):
        return _choice(base.facts.get(key.fact) if isinstance(key, Reading) else None, wanted)
    low, high = wanted
    if low == high:
        return number(low)
    if high == inf:
        return f"{number(low)} ou plus"
    return f"{number(high)} ou moins" if low == -inf else f"de {number(low)} à {number(high)}"


def spoken(fact: Fact, value: object) -> str:
    """A fact's value as the person would say it."""
    if isinstance(value, (list, tuple)):
        return ", ".join(_choice(fact, item) for item in value)
    return _choice(fact, value) if fact.choices else quantity(value, fact.unit)


def short_spoken(fact: Fact, value: object) -> str:
    """The same inside a formula: money keeps its sign, other units are left out."""
    return spoken(fact, value) if fact.type != "entier" else quantity(value, short_unit(fact.unit))


def short_unit(unit: str | None) -> str | None:
    return "EUR" if unit and unit.startswith("EUR") else "%" if unit == "%" else None


def quantity(value: object, unit: str | None) -> str:
    """A value with its unit: « 1 240,50 €/mois », « oui ». Money goes to the cent."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if not isinstance(value, (int, float, Fraction)):
        return str(value)
    unit = unit_words(unit)
    if unit in ("ans", "personnes") and abs(value) < 2:
        unit = unit[:-1]
    text = number(value, 2 if unit.startswith("€") else _DECIMALS)
    if unit.startswith("€") and len(text.partition(",")[2]) == 1:
        text += "0"
    return f"{text}{_SPACE}{unit}" if unit else text


def unit_words(unit: str | None) -> str:
    return (unit or "").replace("EUR", "€").replace("m2", "m²")


def number(value: float | Fraction, decimals: int = _DECIMALS) -> str:
    """A number in French, exact when `decimals` are enough; else rounded to 2 of them, after « ≈ »."""
    exact = Fraction(str(value)) if isinstance(value, float) else Fraction(value)
    about = "" if exact * 10**decimals % 1 == 0 else "≈"
    text = f"{float(exact):,.{2 if about else decimals}f}"
    text = text if about else text.rstrip("0").rstrip(".")
    return about + text.replace(",", _SPACE).replace(".", ",").replace("-", "−")
