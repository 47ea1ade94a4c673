"""Read and check `base/cotation_2019.yml`: every slip of an editor is named with its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import pairwise
from math import floor

from rules.calculators.cotation import Case, Grid, Heading, Unknown, Value
from rules.engine.formulas import OPERATORS, ORDERED, Reading
from rules.model import CONFIDENCES
from rules.reading.calculations import FormulaError, parse
from rules.reading.faults import BaseError, Fault, Reader, near

FILE = "cotation_2019.yml"
EDGES = ("borne_basse", "borne_haute")  # which of two intervals holds the value that they share
_BOUNDS = ("egal", *ORDERED)
_MODES = ("automatique", "manuel", "automatique puis manuel")


def load_cotation(documents: Mapping[str, object]) -> Grid:
    """The grid of the documents of the base. Raises BaseError with every fault found."""
    loading = _Loading(documents)
    grid = loading.run()
    if loading.faults:
        raise BaseError(tuple(dict.fromkeys(loading.faults)))
    return grid


def read_head(whole: Reader, sources: Mapping, warnings: tuple[str, ...]) -> None:
    """What both calculators start with: title, sources, last day, warnings."""
    whole.text("titre"), whole.text("passage"), whole.sources(sources)
    whole.day("valable_jusqua", required=True), whole.day("remplacee_le", required=True)
    texts = whole.sub("avertissement")
    for key in warnings:
        texts.text(key)
    texts.done()


def read_condition(reader: Reader, key: str, known: object) -> list[tuple[Reader, str, str]]:
    """Check the condition under `key`; returns the values it names, as (where, key, value)."""
    named = []
    condition = reader.sub(key, {})
    for name in condition.node:
        if name not in known:
            condition.fault(f"La clé « {name} » n'est pas connue.", name, near(name, known))
        wanted = condition.get(name)
        if isinstance(wanted, Mapping):
            bounds = condition.sub(name)
            for bound in bounds.node:
                if bound not in _BOUNDS:
                    bounds.fault(f"« {bound} » n'est pas une comparaison.", bound, near(bound, _BOUNDS))
                _number(bounds, bound)
        else:
            named += [(condition, name, value) for value in condition.items(name) if isinstance(value, str)]
    return named


def _number(reader: Reader, key: str) -> Fraction:
    value = reader.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        reader.fault(f"« {key} » doit être un nombre.", key)
        return Fraction()
    return Fraction(str(value))


class _Loading:
    def __init__(self, documents: Mapping[str, object]):
        self.faults: list[Fault] = []
        self.sources = documents.get("sources.yml") or {}
        self.whole = Reader(FILE, documents.get(FILE), self.faults)
        self.entries = self.whole.sub("entrees").node
        self.contradictions: dict[str, dict] = {}
        self.names: set[str] = set()  # what the value being read may name
        self.inputs: list[str] = []  # the keys of a request that it names
        self.choices: dict[str, set[str]] = {}  # the values of the keys that are choices
        self.wanted: list[tuple[Reader, str, str]] = []  # the values that conditions name

    def run(self) -> Grid:
        whole = self.whole
        read_head(whole, self.sources, ("perimee", "historique", "limite", "incomplet", "plusieurs_totaux"))
        self.contradictions = self._each("contradictions", self._contradiction)
        headings = tuple(self._each("rubriques", self._heading).values())
        percentages = tuple(self._each("pourcentages", self._heading).values())
        self.names = {"sous_total", *(one.id for one in percentages)}
        total = self._value(whole, "total")
        whole.references("notes_total", self.contradictions, "La contradiction", ())
        for close in whole.children("criteres_proches"):
            self._close(close, {one.id for one in headings})
        for reader, key, value in self.wanted:
            known = self.choices.get(key, {value})
            if value not in known:
                reader.fault(f"« {value} » n'est pas une valeur de « {key} ».", key, near(value, known))
        whole.get("grilles"), whole.get("tableaux"), whole.done()
        return Grid(whole.node, self.sources, self.contradictions, headings, percentages, total)

    def _each(self, part: str, read: Callable) -> dict:
        table, found = self.whole.sub(part), {}
        for key in table.node:
            reader = table.sub(key)
            found[key] = read(key, reader)
            reader.done()
        return found

    def _contradiction(self, key: str, reader: Reader) -> dict:
        """As written, with the proposed reading first."""
        reader.text("texte"), reader.one_of("confiance", CONFIDENCES), reader.sources(self.sources, ())
        readings = reader.sub("lectures")
        texts = {name: readings.text(name) for name in readings.node}
        kept = reader.one_of("retenue", texts, None)
        if "retenue" not in reader.node:
            reader.fault("Il manque « retenue ». Écrivez null si rien ne permet de choisir.")
        return {**reader.node, "lectures": dict(sorted(texts.items(), key=lambda item: item[0] != kept))}

    def _heading(self, key: str, reader: Reader) -> Heading:
        self.names, self.inputs = set(self.entries), []
        reader.text("libelle"), reader.text("a_savoir", None)
        reader.one_of("mode", _MODES), reader.one_of("grille", self.whole.sub("grilles").node)
        reader.references("notes", self.contradictions, "La contradiction", ())
        read_condition(reader, "par_defaut", self.entries)
        for condition in ("seulement_si", "sauf_si"):
            self.wanted += read_condition(reader, condition, self.entries)
        reader.text("sauf_texte", *(() if "sauf_si" in reader.node else (None,)))
        measures: dict[str, Value] = {}
        written = reader.sub("mesures", {})
        for name in written.node:
            measures[name] = self._value(written, name)
            self.names.add(name)
        points = self._value(reader, "points")
        needed = dict.fromkeys([*reader.sub("seulement_si", {}).node, *self.inputs])
        inputs = tuple(key for key in needed if key not in reader.sub("par_defaut", {}).node)
        additions = []
        for addition in reader.children("ajouts", ()):
            addition.text("texte")
            self.wanted += read_condition(addition, "si", self.entries)
            additions.append((addition.node, self._value(addition, "points")))
            addition.done()
        return Heading(key, reader.node, inputs, measures, points, tuple(additions))

    def _close(self, reader: Reader, headings: set[str]) -> None:
        reader.text("texte"), reader.sources(self.sources)
        readings = reader.sub("si_lecture", {})
        for name in readings.node:
            readings.one_of(name, self.contradictions.get(name, {"lectures": ()})["lectures"])
        members = reader.sub("entre")
        for key in members.node:
            if key not in headings:
                members.fault(f"La rubrique « {key} » n'existe pas.", key, near(key, headings))
            self.wanted += read_condition(members, key, self.entries)
        reader.done()

    def _value(self, reader: Reader, key: str) -> Value:
        """A number, a calculation, or a table: see the head of the file."""
        written = reader.get(key)
        if isinstance(written, str):
            return self._formula(reader, key, written)
        if not isinstance(written, Mapping):
            amount = _number(reader, key)
            return lambda case: amount
        sub = reader.sub(key)
        kinds = {"selon": self._by_reading, "fait": self._table, "partie_entiere": self._whole_part,
                 "plus_petit": self._smallest}  # fmt: skip
        kind = next((kind for kind in kinds if kind in written), None)
        if kind is None:
            sub.fault("Il faut « selon », « fait », « partie_entiere » ou « plus_petit ».")
            return lambda case: None
        value = kinds[kind](sub)
        sub.done()
        return value

    def _formula(self, reader: Reader, key: str, text: str) -> Value:
        try:
            formula = parse(text, lambda name: Reading(self._name(reader, key, name)))
        except FormulaError as error:
            reader.fault(str(error), key)
            return lambda case: None
        return formula.value

    def _name(self, reader: Reader, key: str, name: str) -> str:
        if name not in self.names:
            reader.fault(
                f"« {name} » n'est ni une entrée ni une mesure déjà écrite.", key, near(name, self.names)
            )
        if name in self.entries:
            self.inputs.append(name)
        return name

    def _by_reading(self, reader: Reader) -> Value:
        (name,) = reader.references("selon", self.contradictions, "La contradiction") or (None,)
        readings = self.contradictions[name]["lectures"] if name else ()
        values = {reading: self._value(reader, reading) for reading in readings}
        return lambda case: values[case.choose(name)](case)

    def _whole_part(self, reader: Reader) -> Value:
        value = self._value(reader, "partie_entiere")

        def whole_part(case: Case) -> Fraction | None:
            amount = value(case)
            return None if amount is None else Fraction(floor(amount))

        return whole_part

    def _smallest(self, reader: Reader) -> Value:
        """The smallest of a list, 0 when nothing counts; not known when an item that may not count decides."""
        field, excluded = reader.text("plus_petit"), reader.text("sauf")
        name = self._name(reader, "dans", reader.text("dans") or "")

        def smallest(case: Case) -> Fraction:
            items = [item for item in case[name] if item.get(excluded) != "oui"]
            best = min(items, key=lambda item: (item[field], item.get(excluded) is None), default=None)
            if best is not None and best.get(excluded) is None:
                raise Unknown(excluded)
            return best[field] if best else Fraction()

        return smallest

    def _table(self, reader: Reader) -> Value:
        name = self._name(reader, "fait", reader.text("fait") or "")
        if "valeurs" in reader.node:
            written = reader.sub("valeurs")
            values = {key: self._value(written, key) for key in written.node}
            self.choices.setdefault(name, set()).update(values)
            return lambda case: values[case[name]](case) if case[name] in values else None
        shared = reader.get("tranches") if isinstance(reader.get("tranches"), str) else None
        known = self.whole.sub("tableaux").node
        if shared and shared not in known:
            reader.fault(f"Le tableau « {shared} » n'existe pas.", "tranches", near(shared, known))
            return lambda case: None
        where, key = (self.whole.sub("tableaux"), shared) if shared else (reader, "tranches")
        rows = self._rows(where, key)
        (edge,) = reader.references("limites", self.contradictions, "La contradiction", ()) or (None,)
        if edge and set(self.contradictions[edge]["lectures"]) != set(EDGES):
            reader.fault(f"Les lectures de « {edge} » doivent être {' et '.join(EDGES)}.", "limites")
        if fault := _hole_or_overlap([tests for tests, _ in rows], edge is not None):
            where.fault(fault, key)

        def look_up(case: Case) -> object:
            looked_up = case[name]
            fitting = [(tests, value) for tests, value in rows if _fits(tests, looked_up)]
            if len(fitting) > 1:
                begins = case.choose(edge) == EDGES[0]
                fitting = [row for row in fitting if (row[0].get("min") == looked_up) == begins]
            return fitting[0][1](case) if fitting else None

        return look_up

    def _rows(self, reader: Reader, key: str) -> list[tuple[dict[str, Fraction], Value]]:
        rows = []
        for row in reader.children(key):
            tests = {bound: _number(row, bound) for bound in _BOUNDS if bound in row.node}
            rows.append((tests, self._value(row, "vaut")))
            row.done()
        return rows


def _fits(tests: Mapping[str, Fraction], value: Fraction) -> bool:
    return all(OPERATORS[bound](value, limit) for bound, limit in tests.items())


def _hole_or_overlap(rows: list[dict[str, Fraction]], edges_shared: bool) -> str | None:
    """A value that no row, or more rows than it should, holds. Whole numbers may follow one another."""
    limits = sorted({limit for tests in rows for limit in tests.values()})
    between = [(low + high) / 2 for low, high in pairwise(limits) if high - low != 1 or low.denominator > 1]
    for value in sorted([*limits, *between]):
        found = sum(_fits(tests, value) for tests in rows)
        if found == 0 and (value not in limits or limits[0] < value < limits[-1]):
            return f"Aucune tranche pour {float(value):g}."
        if found > (2 if edges_shared and value in limits else 1):
            return f"Plusieurs tranches pour {float(value):g}."
    return None
