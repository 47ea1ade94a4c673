"""Reading the calculations that the base writes as text, such as « (loyer - aide_logement) / 12 »."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from fractions import Fraction

from rules.engine.formulas import Formula, Number, Operation


class FormulaError(ValueError):
    """A formula that cannot be read; the message says why, in French, for the editor of the base."""


def _as_number(text: str) -> str:
    """The likely number of « 10 800 » or « 655,10 € », as a hint."""
    found = re.fullmatch(r"\D*?(\d[\d \u00a0\u202f]*)(?:[.,](\d+))?[^\d+*/()-]*", text)
    if found is None:
        return ""
    whole, decimals = re.sub(r"\D", "", found.group(1)), found.group(2)
    number = f"{whole}.{decimals}" if decimals else whole
    return f" Un nombre s'écrit avec un point, sans espace ni unité : {number}."


def parse(text: str, named: Callable[[str], Formula]) -> Formula:
    """Read a calculation such as « 100 * (loyer - aide_logement) / ressources_mensuelles ».

    `named` gives the formula of a name, and raises FormulaError for an unknown one.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        raise FormulaError(f"Le calcul « {text} » ne se lit pas.{_as_number(text)}") from None
    return _formula(tree, named)


def number_of(value: float) -> Number:
    """A number as it is written: 0.3 is three tenths."""
    exact = Fraction(str(value))
    return Number(exact.numerator if exact.denominator == 1 else exact)


_SYMBOLS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


def _formula(node: ast.AST, named: Callable[[str], Formula]) -> Formula:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return number_of(number)
        case ast.Name(id=name):
            return named(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return Operation("-", Number(0), _formula(operand, named))
        case ast.BinOp(left=left, op=symbol, right=right) if type(symbol) in _SYMBOLS:
            return Operation(_SYMBOLS[type(symbol)], _formula(left, named), _formula(right, named))
        case ast.Call(func=ast.Name(id="min" | "max" as symbol), args=[first, *others], keywords=[]):
            formula = _formula(first, named)
            for other in others:
                formula = Operation(symbol, formula, _formula(other, named))
            return formula
    raise FormulaError("Un calcul s'écrit avec + - * / min() max(), des nombres à point et des noms.")
