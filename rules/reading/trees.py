"""Reading what decides: condition trees, calculated facts and barèmes, each checked against the facts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import inf

from rules.engine.formulas import (
    OPERATORS,
    ORDERED,
    Amount,
    Calculation,
    Comparison,
    Condition,
    Formula,
    Number,
    Period,
    Reading,
    Row,
    Table,
)
from rules.model import (
    CONFIDENCES,
    FORCES,
    All,
    Any,
    Bareme,
    Calcul,
    Fact,
    Leaf,
    Literal,
    Node,
    Source,
)
from rules.reading.calculations import FormulaError, number_of, parse
from rules.reading.faults import Fault, Reader, as_bool, near

ALWAYS = "toujours"
_GROUPS = ("tous", "au_moins_un", "aucun")
_ON_NUMBERS = ("egal", "parmi", *ORDERED)
_OPERATORS_OF = {
    "entier": _ON_NUMBERS,
    "bool": ("egal",),
    "choix": ("egal", "parmi"),
    "choix_multiple": ("contient", "contient_un_de"),
    "texte": (),
}


class TreeReader:
    """Reads the barèmes and the calculated facts of a base, then any tree of conditions that uses them."""

    def __init__(
        self,
        documents: Mapping[str, object],
        facts: Mapping[str, Fact],
        sources: Mapping[str, Source],
        faults: list[Fault],
    ):
        self.facts, self.sources = facts, sources
        self._readers = {
            what: Reader(f"{what}.yml", documents.get(f"{what}.yml") or {}, faults)
            for what in ("baremes", "calculs")
        }
        self._open: list[str] = []  # names being read: a calculation cannot use itself
        self.baremes: dict[str, Bareme] = {}
        self.calculs: dict[str, Calcul] = {}
        for what, whole in self._readers.items():
            for name in whole.node:
                if name in facts:
                    whole.fault(f"« {name} » est déjà le nom d'un fait.", name)
                self._named(name, whole)
                if what == "baremes" and name in self._readers["calculs"].node:
                    whole.fault(f"« {name} » est aussi le nom d'un calcul.", name)

    # --- names: facts, calculations, barèmes ----------------------------------------------------------

    def _named(self, name: str, user: Reader) -> Formula:
        """The formula that a name stands for, read now if it has not been yet."""
        if name in self.facts:
            return Reading(name)
        if name in self._open:
            chain = " → ".join([*self._open[self._open.index(name) :], name])
            raise FormulaError(f"Le calcul se sert de lui-même : {chain}.")
        self._open.append(name)
        try:
            if name in self._readers["calculs"].node:
                if name not in self.calculs:
                    self.calculs[name] = self._calcul(name, self._readers["calculs"].sub(name))
                return Calculation(name, self.calculs[name].formula)
            if name in self._readers["baremes"].node:
                if name not in self.baremes:
                    self.baremes[name] = self._bareme(name, self._readers["baremes"].sub(name))
                return self.baremes[name].amount
        finally:
            self._open.pop()
        known = [*self.facts, *self._readers["calculs"].node, *self._readers["baremes"].node]
        raise FormulaError(
            f"« {name} » n'est ni un fait, ni un calcul, ni un barème. {near(name, known) or ''}".strip()
        )

    def _calcul(self, name: str, reader: Reader) -> Calcul:
        if "si" in reader.node:
            formula = self.bare(reader.sub("si"))
            formula = formula if isinstance(formula, Condition) else Condition(True, (formula,))
        else:
            formula = self._parsed(reader, "calcul", reader.text("calcul"))
        calcul = Calcul(
            name,
            reader.text("libelle"),
            reader.text("unite", None),
            reader.one_of("confiance", CONFIDENCES),
            reader.sources(self.sources),
            formula,
        )
        reader.done()
        return calcul

    def _parsed(self, reader: Reader, key: str, text: object) -> Formula:
        try:
            return parse(str(text), lambda name: self._named(name, reader))
        except FormulaError as error:
            reader.fault(str(error), key)
            return Number(0)

    def _bareme(self, name: str, reader: Reader) -> Bareme:
        outside: list[str] = []
        values = tuple(
            (self.period(item), self._amount(item, outside)) for item in reader.children("valeurs")
        )
        bareme = Bareme(
            name,
            reader.text("libelle"),
            reader.text("unite"),
            reader.one_of("confiance", CONFIDENCES),
            reader.sources(self.sources),
            Amount(name, values),
            " ".join(outside) or None,
        )
        reader.done()
        return bareme

    def _amount(self, reader: Reader, outside: list[str]) -> Formula:
        """One value of a barème: a number or a calculation, or a table by household."""
        if "selon" in reader.node:
            formula: Formula = Table(tuple(self._row(row) for row in reader.children("selon")))
            outside.extend([text] if (text := reader.text("hors_table", None)) else [])
        else:
            formula = self._value(reader)
        reader.done()
        return formula

    def _value(self, reader: Reader) -> Formula:
        amount = reader.get("valeur")
        if isinstance(amount, str):
            return self._parsed(reader, "valeur", amount)
        if isinstance(amount, bool) or not isinstance(amount, (int, float)):
            reader.fault("« valeur » doit être un nombre ou un calcul.", "valeur")
            amount = 0
        return number_of(amount)

    def _row(self, reader: Reader) -> Row:
        keys = [(self._key(reader, key), self._range(reader, key)) for key in reader.node if key != "valeur"]
        row = Row(tuple(keys), self._value(reader))
        reader.done()
        return row

    def _key(self, reader: Reader, key: str) -> Formula:
        try:
            return self._named(key, reader)
        except FormulaError as error:
            reader.fault(str(error), key)
            return Number(0)

    def _range(self, reader: Reader, key: str) -> object:
        value = reader.get(key)
        fact = self.facts.get(key)
        if fact and fact.type == "choix":
            if value not in fact.choices:
                reader.fault(
                    f"« {value} » n'est pas une valeur de « {key} ».", key, near(value, fact.choices)
                )
            return value
        if fact and fact.type == "bool":
            return as_bool(value)
        bounds = list(value) if isinstance(value, (list, tuple)) else [value, value]
        if len(bounds) != 2 or any(not isinstance(b, (int, float)) for b in bounds if b is not None):
            reader.fault(f"« {key} » se donne par un nombre ou [de, à], par exemple [3, null].", key)
            bounds = [0, 0]
        low, high = (None if bound is None else number_of(bound).number for bound in bounds)
        if low is not None and high is not None and low > high:
            reader.fault(f"« {key} » finit avant de commencer.", key)
        return (-inf if low is None else low, inf if high is None else high)

    @staticmethod
    def period(reader: Reader) -> Period:
        period = Period(reader.day("du"), reader.day("au"))
        if period.start and period.end and period.start > period.end:
            reader.fault("La période finit avant de commencer.", "au")
        return period

    # --- trees ----------------------------------------------------------------------------------------

    def tree(self, reader: Reader, negated: bool = False) -> Node:
        """A tree in which « aucun » has been pushed down to the leaves."""
        group = next((key for key in _GROUPS if key in reader.node), None)
        if group is None:
            return Literal(self._leaf(reader), negated)
        below = negated != (group == "aucun")
        children = tuple(self.tree(child, below) for child in reader.children(group))
        reader.done()
        conjunction = (group != "au_moins_un") != negated
        return All(children) if conjunction else Any(children)

    def bare(self, reader: Reader) -> Formula:
        """A tree of comparisons without source nor sentence, as in a notion or a route."""
        group = next((key for key in _GROUPS if key in reader.node), None)
        if group is None:
            operator = self._operator(reader)
            formula = self._comparison(reader, operator) if operator else None
        else:
            members = tuple(self.bare(child) for child in reader.children(group))
            # « aucun » is the contrary of « au moins un ».
            formula = Condition(group == "tous", members, negated=group == "aucun")
        reader.done()
        return formula or Condition(True, ())

    @staticmethod
    def _operator(reader: Reader) -> str | None:
        operators = [key for key in reader.node if key in OPERATORS or key == ALWAYS]
        if len(operators) == 1:
            return operators[0]
        allowed = ", ".join([*OPERATORS, ALWAYS])
        reader.fault("Il faut une seule comparaison.", hint=f"Choisissez parmi : {allowed}.")
        return None

    def _leaf(self, reader: Reader) -> Leaf:
        checked_by_person = reader.flag("a_verifier", False)
        test, always = None, False
        if checked_by_person:
            for operator in (key for key in reader.node if key in OPERATORS):
                reader.fault("Une condition « a_verifier » ne compare rien.", operator)
        elif operator := self._operator(reader):
            always = operator == ALWAYS
            if always and as_bool(reader.get(operator)) is not True:
                reader.fault("« toujours » ne peut être que oui.", operator)
            test = None if always else self._comparison(reader, operator)
        wanted = ("inconnu",) if checked_by_person else ("vrai",) if always else ("vrai", "faux", "inconnu")
        texts = {key: reader.text(key) for key in wanted}
        texts |= {key: text for key in ("vrai", "faux", "inconnu") if (text := reader.text(key, None))}
        confidence = reader.one_of("confiance", CONFIDENCES)
        leaf = Leaf(
            id=reader.text("id") or "?",
            test=test,
            force=reader.one_of("force", FORCES),
            confidence=confidence,
            sources=reader.sources(self.sources),
            period=self.period(reader),
            texts=texts,
            who=reader.text("qui") if checked_by_person else reader.text("qui", None),
            always=always,
            trusted="basse" not in (confidence, *self.confidences(test)),
            criterion=reader.integer("critere", None) or None,
        )
        reader.done()
        return leaf

    def confidences(self, formula: Formula | None) -> Collection[str]:
        """The confidence of every calculation and amount that a formula uses."""
        known = {**self.baremes, **self.calculs}
        parts = formula.walk() if formula else ()
        return {known[part.name].confidence for part in parts if isinstance(part, (Amount, Calculation))}

    def _comparison(self, reader: Reader, operator: str) -> Comparison | None:
        name = reader.text("fait") or ""
        known = [*self.facts, *self.calculs]
        if name not in known:
            reader.get(operator)
            reader.fault(f"Le fait « {name} » n'existe pas.", "fait", near(name, known))
            return None
        fact = self.facts.get(name) or self._as_fact(self.calculs[name])
        if operator not in _OPERATORS_OF[fact.type]:
            allowed = ", ".join(_OPERATORS_OF[fact.type]) or "aucune"
            reader.fault(
                f"« {operator} » ne va pas avec « {name} » ({fact.type}). Possible : {allowed}.", operator
            )
        left = Reading(name) if name in self.facts else Calculation(name, self.calculs[name].formula)
        return Comparison(left, operator, self._operand(reader, operator, fact))

    @staticmethod
    def _as_fact(calcul: Calcul) -> Fact:
        kind = "bool" if isinstance(calcul.formula, Condition) else "entier"
        return Fact(calcul.id, kind, calcul.label, "", "", "", low=-(10**9), high=10**9)

    def _operand(self, reader: Reader, operator: str, fact: Fact) -> object:
        """What a condition compares `fact` with: an amount, a value of the fact, or several."""
        value = reader.get(operator)
        if isinstance(value, Mapping) and fact.type == "entier":
            name = str(value.get("bareme"))
            if name not in self.baremes or len(value) != 1:
                reader.fault(f"Le barème « {name} » n'existe pas.", operator, near(name, self.baremes))
                return Number(0)
            return self.baremes[name].amount
        found = self.value(reader, operator, fact, plural=operator in ("parmi", "contient_un_de"))
        if fact.type != "entier":
            return found
        if isinstance(found, tuple):
            return tuple(number_of(item).number for item in found if isinstance(item, (int, float)))
        return number_of(found) if isinstance(found, (int, float)) else Number(0)

    def value(self, reader: Reader, key: str, fact: Fact, plural: bool | None = None) -> object:
        """The checked value of `key`, one (or several) that `fact` may have."""
        if fact.type == "texte":
            return reader.text(key)
        plural = fact.type == "choix_multiple" if plural is None else plural
        value = reader.get(key)
        values = list(value) if isinstance(value, (list, tuple)) else [value]
        if not values or (len(values) > 1 and not plural):
            wanted = "au moins une valeur" if plural else "une seule valeur"
            reader.fault(f"Il faut {wanted} pour « {key} ».", key)
            return None
        if fact.type == "bool":
            values = [as_bool(item) for item in values]
        for item in values:
            self._check(reader, key, fact, item)
        return tuple(values) if plural else values[0]

    @staticmethod
    def _check(reader: Reader, key: str, fact: Fact, item: object) -> None:
        if fact.type == "bool" and item is None:
            reader.fault(f"« {fact.id} » se compare à oui ou non.", key)
        if fact.type == "entier" and (isinstance(item, bool) or not isinstance(item, (int, float))):
            reader.fault(f"« {fact.id} » se compare à un nombre.", key)
        elif fact.type == "entier" and not fact.low <= item <= fact.high:
            reader.fault(f"{item} est hors des bornes de « {fact.id} » ({fact.low} à {fact.high}).", key)
        if fact.type in ("choix", "choix_multiple") and str(item) not in fact.choices:
            reader.fault(f"« {item} » n'est pas une valeur de « {fact.id} ».", key, near(item, fact.choices))
