"""What the documents of a base mean, read straight from the YAML: nothing here comes from the engine.

It is the judge of the engine. Formulas are exact fractions worked out for one person at a time; what is
certain about somebody partly known is found by trying everybody (`Everybody`). Slow, short, and naive.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import product
from math import prod

from tests.strategies import group_of, leaves_of

NO, CHECK, YES = 0, 1, 2
STATUS = ("non", "a_verifier", "oui")
_TESTS: dict[str, Callable] = {
    "egal": lambda value, operand: value == operand,
    "parmi": lambda value, operand: value in operand,
    "min": lambda value, operand: value >= operand,
    "max": lambda value, operand: value <= operand,
    "plus_de": lambda value, operand: value > operand,
    "moins_de": lambda value, operand: value < operand,
    "contient": lambda value, operand: operand in value,
    "contient_un_de": lambda value, operand: bool(set(operand) & set(value)),
}
_WORDS = {"oui": True, "non": False}
Person = Mapping[str, object]
Worth = Callable[[Person], object]  # None: no value for this person


class NoValue(Exception):
    """An amount has no value on the day: what uses it cannot be tested."""


class Meaning:
    """The trees, calculations and amounts of a base on one day."""

    def __init__(self, documents: Mapping[str, object], at: date):
        self.day, self.at = at, at.isoformat()
        self.facts: dict = documents["faits.yml"]
        self.calculs: dict = documents.get("calculs.yml") or {}
        self.baremes: dict = documents.get("baremes.yml") or {}
        self._worths: dict[str, Worth] = {}

    # --- what is used ---------------------------------------------------------------------------------

    def in_force(self, dated: Mapping) -> bool:
        start, end = dated.get("du"), dated.get("au")
        return (start is None or str(start) <= self.at) and (end is None or self.at <= str(end))

    def mentioned(self, node: object, every_day: bool) -> Iterator[str]:
        """Names of facts, calculations and amounts in a part of a document, at any depth.

        `every_day`: those of the amounts of other days too.
        """
        for name in self._cited(node, every_day):
            yield name
            if name in self.calculs:
                yield from self.mentioned(self.calculs[name], every_day)
            elif name in self.baremes:
                yield from self.mentioned(self.baremes[name], every_day)

    def _cited(self, node: object, every_day: bool) -> Iterator[str]:
        if isinstance(node, list):
            for item in node:
                yield from self._cited(item, every_day)
        if not isinstance(node, Mapping):
            return
        for key, value in node.items():
            if key in ("calcul", "valeur") and isinstance(value, str):
                yield from (part.id for part in ast.walk(ast.parse(value)) if isinstance(part, ast.Name)
                            and part.id not in ("min", "max"))  # fmt: skip
            elif key in ("fait", "bareme"):
                yield value
            elif key == "valeurs":
                kept = value if every_day else [one for one in value if self.in_force(one)][:1]
                yield from self._cited(kept, every_day)
            elif key == "selon":
                yield from (name for row in value for name in row if name != "valeur")
                yield from self._cited(value, every_day)
            elif key in ("si", *_TESTS, "tous", "au_moins_un", "aucun"):
                yield from self._cited(value, every_day)

    def reads(self, leaf: Mapping) -> tuple[str, ...]:
        """The facts that decide a leaf; none when it cannot be tested."""
        if "toujours" in leaf or not self.testable(leaf):
            return ()
        return tuple(dict.fromkeys(n for n in self.mentioned(leaf, every_day=False) if n in self.facts))

    def testable(self, leaf: Mapping) -> bool:
        """Whether facts can decide the leaf on the day, whatever its force."""
        if "a_verifier" in leaf or leaf["confiance"] == "basse" or not self.in_force(leaf):
            return False
        used = [({**self.calculs, **self.baremes}).get(name) for name in self.mentioned(leaf, every_day=True)]
        if any(one and one["confiance"] == "basse" for one in used):
            return False
        try:
            return "toujours" in leaf or bool(self._comparison(leaf))
        except NoValue:
            return False

    # --- formulas -------------------------------------------------------------------------------------

    def worth(self, name: str) -> Worth:
        """What a fact, a calculation or an amount is worth for a person. Raises NoValue."""
        if name not in self._worths:
            self._worths[name] = self._worth(name)
        return self._worths[name]

    def _worth(self, name: str) -> Worth:
        if name in self.facts:
            return lambda person: person[name]
        if name in self.calculs:
            calcul = self.calculs[name]
            return self._notion(calcul["si"]) if "si" in calcul else self._calculation(calcul["calcul"])
        value = next((one for one in self.baremes[name]["valeurs"] if self.in_force(one)), None)
        if value is None:
            raise NoValue(name)
        if "selon" not in value:
            return self._calculation(value["valeur"])
        rows = [self._row(row) for row in value["selon"]]
        return lambda person: next((amount(person) for fits, amount in rows if fits(person)), None)

    def _row(self, row: Mapping) -> tuple[Worth, Worth]:
        keys = [(self.worth(key), self._fits(wanted)) for key, wanted in row.items() if key != "valeur"]
        return lambda person: all(fits(key(person)) for key, fits in keys), self._calculation(row["valeur"])

    @staticmethod
    def _fits(wanted: object) -> Callable[[object], bool]:
        if isinstance(wanted, (bool, str)):
            return lambda value: value == (_WORDS.get(wanted, wanted) if isinstance(value, bool) else wanted)
        low, high = wanted if isinstance(wanted, list) else (wanted, wanted)
        low, high = (None if bound is None else exact(bound) for bound in (low, high))
        return lambda value: (
            value is not None and (low is None or low <= value) and (high is None or value <= high)
        )

    def _calculation(self, text: object) -> Worth:
        return self._worked_out(ast.parse(str(text).strip(), mode="eval").body)

    def _worked_out(self, node: ast.AST) -> Worth:
        if isinstance(node, ast.Constant):
            number = exact(node.value)
            return lambda person: number
        if isinstance(node, ast.Name):
            return self.worth(node.id)
        if isinstance(node, ast.UnaryOp):
            part = self._worked_out(node.operand)
            return lambda person: None if (value := part(person)) is None else -value
        if isinstance(node, ast.Call):
            parts, choose = [self._worked_out(part) for part in node.args], {"min": min, "max": max}
            return _on_all(parts, lambda values: choose[node.func.id](values))
        parts = [self._worked_out(node.left), self._worked_out(node.right)]
        return _on_all(parts, _OPERATIONS[type(node.op)])

    def _notion(self, node: Mapping) -> Worth:
        """A yes/no notion: True, False, or None when what is undefined decides."""
        group = group_of(node)
        if group is None:
            return self._comparison(node)
        parts = [self._notion(child) for child in node[group]]

        def value(person: Person) -> bool | None:
            answers = [part(person) for part in parts]
            if group == "tous":
                return False if False in answers else None if None in answers else True
            answer = True if True in answers else None if None in answers else False
            return answer if group == "au_moins_un" or answer is None else not answer

        return value

    def truth(self, leaf: Mapping) -> Worth:
        """Whether somebody meets a testable leaf that compares; None when a side has no value."""
        return self._comparison(leaf)

    def _comparison(self, node: Mapping) -> Worth:
        operator = next(key for key in _TESTS if key in node)
        left, operand, test = self.worth(node["fait"]), node[operator], _TESTS[operator]
        if isinstance(operand, Mapping):
            right = self.worth(operand["bareme"])
        else:
            constant = self._operand(node["fait"], operand, operator in ("parmi", "contient_un_de"))
            right = lambda person: constant
        return _on_all([left, right], lambda values: test(*values))

    def _operand(self, name: str, operand: object, several: bool) -> object:
        if several:
            items = operand if isinstance(operand, list) else [operand]
            return [self._operand(name, item, several=False) for item in items]
        fact = self.facts.get(name)
        if fact["type"] == "bool" if fact else "si" in self.calculs[name]:
            return _WORDS.get(operand, operand) if isinstance(operand, str) else operand
        return exact(operand) if isinstance(operand, (int, float)) else operand

    # --- outcomes -------------------------------------------------------------------------------------

    def leaf(self, leaf: Mapping, negated: bool) -> Callable[[Person], int]:
        """How a leaf counts for somebody fully known: NO, CHECK or YES."""
        if not self.testable(leaf):
            return lambda person: CHECK
        failed = CHECK if leaf["force"] == "souple" else NO
        if "toujours" in leaf:
            return lambda person: failed if negated else YES
        truth = self._comparison(leaf)
        return lambda person: (
            CHECK if (value := truth(person)) is None else YES if value != negated else failed
        )

    def outcome(
        self, node: Mapping, negated: bool = False, met: Collection[str] = ()
    ) -> Callable[[Person], int]:
        """What a tree gives somebody fully known; the leaves `met` count as met."""
        group = group_of(node)
        if group is None:
            return (lambda person: YES) if node.get("id") in met else self.leaf(node, negated)
        parts = [self.outcome(child, negated != (group == "aucun"), met) for child in node[group]]
        every = (group != "au_moins_un") != negated
        choose, empty = (min, YES) if every else (max, NO)
        return lambda person: choose((part(person) for part in parts), default=empty)

    def kleene(self, node: Mapping, known: Person, negated: bool = False) -> tuple[int, int]:
        """The least and the greatest outcome, had each leaf nothing to do with the others."""
        group = group_of(node)
        if group is None:
            if all(fact in known for fact in self.reads(node)):
                return (self.leaf(node, negated)(known),) * 2
            return (CHECK if node["force"] == "souple" else NO), YES
        parts = [self.kleene(child, known, negated != (group == "aucun")) for child in node[group]]
        every = (group != "au_moins_un") != negated
        choose, empty = (min, YES) if every else (max, NO)
        return tuple(
            choose(ends, default=empty) for ends in (zip(*parts, strict=True) if parts else ((), ()))
        )

    def inputs(self, tree: Mapping) -> tuple[str, ...]:
        """The facts that a tree reads, in reading order."""
        return tuple(dict.fromkeys(fact for leaf, _ in leaves_of(tree) for fact in self.reads(leaf)))


class Everybody:
    """What a tree gives each person made of one value per fact of `domains`: all of them are tried."""

    def __init__(self, meaning: Meaning, tree: Mapping, domains: Mapping[str, Sequence]):
        self.names, self.values = tuple(domains), tuple(domains.values())
        outcome = meaning.outcome(tree)
        self.outcomes = [
            outcome(dict(zip(self.names, person, strict=True))) for person in product(*self.values)
        ]
        sizes = [len(values) for values in self.values]
        self.steps = {name: prod(sizes[index + 1 :]) for index, name in enumerate(self.names)}

    def __len__(self) -> int:
        return len(self.outcomes)

    def person(self, index: int) -> dict[str, object]:
        return {
            name: values[index // self.steps[name] % len(values)]
            for name, values in zip(self.names, self.values, strict=True)
        }

    def agreeing(self, known: Person) -> list[int]:
        """Indexes of the people who agree with `known`."""
        indexes = [0]
        for name, values in zip(self.names, self.values, strict=True):
            step = self.steps[name]
            cells = [values.index(known[name])] if name in known else range(len(values))
            indexes = [index + cell * step for index in indexes for cell in cells]
        return indexes

    def status(self, known: Person) -> str:
        found = {self.outcomes[index] for index in self.agreeing(known)}
        return STATUS[found.pop()] if len(found) == 1 else STATUS[CHECK]

    def changing(self, known: Person) -> set[str]:
        """Unknown facts by which alone two of these people differ and get different outcomes."""
        outcomes, people = self.outcomes, self.agreeing(known)
        return {
            name
            for name, values in zip(self.names, self.values, strict=True)
            if name not in known
            and any(
                outcomes[index] != outcomes[index + step]
                for step in [self.steps[name]]
                for index in people
                if (index // step) % len(values) != len(values) - 1
            )
        }


def exact(number: float) -> Fraction:
    """A number as it is written: 0.3 is three tenths."""
    return Fraction(str(number))


_OPERATIONS = {
    ast.Add: lambda values: values[0] + values[1],
    ast.Sub: lambda values: values[0] - values[1],
    ast.Mult: lambda values: values[0] * values[1],
    ast.Div: lambda values: None if values[1] == 0 else Fraction(values[0]) / values[1],
}


def _on_all(parts: Sequence[Worth], combine: Callable[[list], object]) -> Worth:
    """`combine` of the parts' values, None as soon as one has no value."""

    def value(person: Person) -> object:
        values = [part(person) for part in parts]
        return None if None in values else combine(values)

    return value
