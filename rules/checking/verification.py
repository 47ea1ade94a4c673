"""The base checks itself: what can be proved from the diagrams, and the cases written beside each rule.

Run after loading (which already refuses unknown keys, references and values). Every check returns
faults with the file, the line, what is wrong and the likely fix.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise

from rules.checking.wording import wording_faults
from rules.engine.conditions import Compiled
from rules.engine.diagram import NO, YES
from rules.engine.evaluator import Evaluator
from rules.engine.formulas import Amount, Box, Comparison, Condition, Formula, Number, Period, Row, Table
from rules.engine.search import find
from rules.model import All, Any, Bareme, Base, Case, Dispositif, Leaf, Literal, Need, Node, literals
from rules.reading.faults import Fault, near
from rules.reading.located import find_leaf, line_of

MINIMUM_CASES = 6
_CUTS = 20_000  # how far the search for a household without a row goes
_STATUS_OF = {"oui": YES, "non": NO}


def verify(base: Base, at: date, documents: Mapping[str, object] | None = None) -> list[Fault]:
    """Every fault of a loaded base as it stands on the day `at`; `documents` gives the line numbers."""
    checker = _Checker(base, at, documents or {})
    return sorted(checker.faults(), key=lambda fault: (fault.file, fault.line or 0, fault.message))


def expired(base: Base, at: date) -> set[tuple[str, str]]:
    """(dispositif, condition) for what proves nothing on the day `at`: its period is over, or that of its amount.

    An amount that a gap of the dispositif admits is not counted.
    """
    return {
        (dispositif.id, leaf.id)
        for dispositif in base.dispositifs.values()
        for leaf in _leaves(dispositif)
        if _is_over(leaf, at) or _without_value(leaf, at) - _admitted(dispositif)
    }


class _Checker:
    def __init__(self, base: Base, at: date, documents: Mapping[str, object]):
        self.base, self.at, self.documents = base, at, documents
        self.evaluator = Evaluator(base)

    def faults(self) -> Iterator[Fault]:
        for dispositif in self.base.dispositifs.values():
            file = f"dispositifs/{dispositif.id}.yml"
            yield from self._reachability(dispositif, file)
            yield from self._effects(dispositif, file)
            yield from self._validity(dispositif, file)
            yield from self._completeness(dispositif, file)
            yield from self._criteria(dispositif, file)
            yield from self._routes(dispositif, file)
        for case in self.base.cases:
            yield from self._case(case)
        for bareme in self.base.baremes.values():
            yield from self._periods(bareme)
            for _, formula in bareme.amount.values:
                yield from self._rows(bareme, formula)
        yield from self._needs()
        for file, document in self.documents.items():
            if not file.endswith(".cas.yml"):
                yield from wording_faults(file, document)

    def _reachability(self, dispositif: Dispositif, file: str) -> Iterator[Fault]:
        compiled = self.evaluator.compiled(dispositif.conditions, self.at)
        allowed = compiled.allowed({}, compiled.box)
        line = self._line(file, "conditions")
        for status, outcome in _STATUS_OF.items():
            declared = status in dispositif.unreachable
            way = compiled.witness(outcome, allowed)
            if way is None and not declared:
                yield Fault(
                    file,
                    line,
                    f"Personne ne peut obtenir « {status} ».",
                    "Corrigez les conditions, ou expliquez pourquoi dans « statuts_inatteignables ».",
                )
            if way is not None and declared:
                line_declared = self._line(file, "statuts_inatteignables")
                yield Fault(
                    file,
                    line_declared,
                    f"« {status} » est déclaré inatteignable, mais il est possible.",
                    f"Retirez « {status} » de « statuts_inatteignables ». Par exemple : {_person(compiled, way)}.",
                )

    def _effects(self, dispositif: Dispositif, file: str) -> Iterator[Fault]:
        compiled = self.evaluator.compiled(dispositif.conditions, self.at)
        for index in compiled.relations:
            variable = compiled.variables[index]
            for truth, what in ((True, "vraie"), (False, "fausse")):
                if find(compiled.box, ((variable.formula, {}, {truth}),)) is None:
                    yield Fault(
                        file,
                        self._leaf_line(file, variable.leaves[0]),
                        f"La condition « {variable.leaves[0].id} » ne peut jamais être {what}.",
                    )
        tree = dispositif.conditions
        for literal in literals(tree):
            if literal.leaf.always and compiled.is_testable(literal.leaf):
                tree = _replace(tree, literal, Any(()) if literal.negated else All(()))
        bare = Compiled(tree, self.base.facts, self.at)
        for literal in literals(dispositif.conditions):
            if literal.leaf.always:
                continue  # « toujours » carries a sentence and a source, by design it changes nothing
            if not _has_effect(bare, literal):
                yield Fault(
                    file,
                    self._leaf_line(file, literal.leaf),
                    f"La condition « {literal.leaf.id} » ne change rien.",
                    "Une autre condition dit déjà la même chose, ou la contredit.",
                )

    def _validity(self, dispositif: Dispositif, file: str) -> Iterator[Fault]:
        for leaf in _leaves(dispositif):
            line = self._leaf_line(file, leaf)
            if _is_over(leaf, self.at):
                yield Fault(file, line, f"La condition « {leaf.id} » a expiré le {leaf.period.end}.")
            for name in _without_value(leaf, self.at) - _admitted(dispositif):
                yield Fault(
                    file,
                    line,
                    f"Le barème « {name} » n'a pas de valeur le {self.at}.",
                    f"Donnez-la, ou dites qui la connaît dans « lacunes », avec « bareme: {name} ».",
                )

    def _criteria(self, dispositif: Dispositif, file: str) -> Iterator[Fault]:
        """The criteria of the specification are numbered from 1, without a hole."""
        leaves = [literal.leaf for literal in literals(dispositif.conditions)]
        for leaf in leaves:
            if leaf.criterion is None:
                yield Fault(
                    file, self._leaf_line(file, leaf), f"La condition « {leaf.id} » n'a pas de « critere »."
                )
        used = {item.criterion for item in (*leaves, *dispositif.gaps) if item.criterion}
        holes = set(range(1, max(used, default=0))) - used
        if holes:
            yield Fault(file, self._line(file, "conditions"), f"Il manque le critère {min(holes)}.")

    def _routes(self, dispositif: Dispositif, file: str) -> Iterator[Fault]:
        for route in dispositif.routes:
            dated = route.when.on(self.at)
            if dated is None or find(self._box(dated), ((dated, {}, {True}),)) is None:
                yield Fault(
                    file,
                    self._line(file, "routage"),
                    f"Personne ne peut être envoyé vers « {route.to} ».",
                    "Corrigez « quand ».",
                )

    def _box(self, formula: Formula) -> Box:
        return {name: self.base.facts[name].values for name in formula.inputs}

    def _periods(self, bareme: Bareme) -> Iterator[Fault]:
        """The periods of an amount follow each other: no day has two values, none is forgotten between two."""
        line = self._line("baremes.yml", bareme.id)
        periods = sorted(
            (period for period, _ in bareme.amount.values), key=lambda period: period.start or date.min
        )
        for one, other in pairwise(periods):
            eve = other.start - timedelta(days=1) if other.start else None
            if eve is None or _overlap(one, other):
                yield Fault(
                    "baremes.yml",
                    line,
                    f"Deux périodes de « {bareme.id} » se recouvrent.",
                    f'La première finit la veille de la seconde : au: "{eve}".' if eve else None,
                )
                return
            if one.end != eve:
                yield Fault(
                    "baremes.yml",
                    line,
                    f"« {bareme.id} » n'a pas de valeur entre le {one.end} et le {other.start}.",
                    f'La première finit la veille de la seconde : au: "{eve}".',
                )

    def _rows(self, bareme: Bareme, formula: Formula) -> Iterator[Fault]:
        """The rows of a table neither overlap nor leave a household out, unless the barème says why."""
        if not isinstance(formula, Table):
            return
        line = self._line("baremes.yml", bareme.id)
        table = Condition(False, tuple(_in_row(row).on(self.at) for row in formula.rows))
        box = self._box(table)
        for index, one in enumerate(table.members):
            for other in table.members[index + 1 :]:
                if found := find(box, ((one, {}, {True}), (other, {}, {True})), _CUTS):
                    yield Fault(
                        "baremes.yml", line, f"Deux lignes de « {bareme.id} » se recouvrent.", _example(found)
                    )
        hole = find(box, ((table, {}, {False}),), _CUTS)
        if hole is not None and bareme.outside is None:
            hint = f"{_example(hole)} Ajoutez une ligne, ou dites pourquoi dans « hors_table »."
            yield Fault("baremes.yml", line, f"« {bareme.id} » laisse des foyers sans ligne.", hint)
        if hole is None and bareme.outside is not None:
            yield Fault(
                "baremes.yml", line, f"« hors_table » est inutile : « {bareme.id} » a toutes ses lignes."
            )

    def _completeness(self, dispositif: Dispositif, file: str) -> Iterator[Fault]:
        count = sum(1 for case in self.base.cases if case.dispositif == dispositif.id)
        if count < MINIMUM_CASES:
            yield Fault(
                file,
                1,
                f"Il y a {count} cas, il en faut {MINIMUM_CASES}.",
                "Ajoutez-les dans le fichier .cas.yml.",
            )
        if dispositif.prescriber and not dispositif.prescriber_text:
            line = self._line(file, "orientation_par")
            yield Fault(file, line, "« orientation_par » demande aussi « orientation_texte ».")
        if not dispositif.needs:
            yield Fault(file, self._line(file, "besoins"), "Ce dispositif ne répond à aucun besoin.")

    def _case(self, case: Case) -> Iterator[Fault]:
        dispositif = self.base.dispositifs[case.dispositif]
        facts = self.evaluator.complete(case.facts)
        result = self.evaluator.evaluate(dispositif, facts, case.at)
        if result.status != case.status:
            why = ", ".join(f"{reason.leaf.id} {reason.result}" for reason in result.reasons)
            yield Fault(
                case.file,
                case.line,
                f"Cas « {case.title} » : attendu {case.status}, obtenu {result.status}.",
                f"Raisons : {why or 'aucune'}.",
            )
        found = {reason.leaf.id for reason in result.reasons}
        if case.missing == () and result.missing:
            still = ", ".join(result.missing)
            yield Fault(case.file, case.line, f"Cas « {case.title} » : il manque encore {still}.")
        for what, expected, got in (
            ("raison", case.reasons, found),
            ("fait manquant", case.missing or (), result.missing),
        ):
            for item in expected:
                if item not in got:
                    listing = ", ".join(sorted(got)) or "aucun"
                    yield Fault(
                        case.file,
                        case.line,
                        f"Cas « {case.title} » : {what} « {item} » absent.",
                        f"Obtenu : {listing}.",
                    )

    def _needs(self) -> Iterator[Fault]:
        answered = {need for dispositif in self.base.dispositifs.values() for need in dispositif.needs}
        for need in self.base.needs.values():
            if need.id not in answered and need.human_help is None:
                yield Fault(
                    "besoins.yml",
                    self._line("besoins.yml", need.id),
                    f"Rien ne répond au besoin « {need.id} ».",
                    "Ajoutez « aide_humaine » ou un dispositif.",
                )
            yield from self._order(need)

    def _order(self, need: Need) -> Iterator[Fault]:
        """An order names every dispositif that answers the need, once, and no other."""
        answering = {one.id for one in self.base.dispositifs.values() if need.id in one.needs}
        line = line_of(self.documents.get("besoins.yml", {}).get(need.id), "ordre")
        for name in sorted(set(need.order) - answering):
            message = f"« {name} » ne répond pas au besoin « {need.id} »."
            yield Fault("besoins.yml", line, message, near(name, answering - set(need.order)))
        for name in sorted(answering - set(need.order)) if need.order else ():
            message = f"« {name} » répond à « {need.id} », mais n'est pas dans « ordre »."
            yield Fault("besoins.yml", line, message)
        if len(set(need.order)) < len(need.order):
            yield Fault("besoins.yml", line, f"L'ordre de « {need.id} » nomme 2 fois le même dispositif.")

    def _line(self, file: str, key: str) -> int | None:
        return line_of(self.documents.get(file), key)

    def _leaf_line(self, file: str, leaf: Leaf) -> int | None:
        return find_leaf(self.documents.get(file), leaf.id)


def _replace(node: Node, target: Literal, by: Node) -> Node:
    if isinstance(node, Literal):
        return by if node is target else node
    return type(node)(tuple(_replace(child, target, by) for child in node.children))


def _has_effect(compiled: Compiled, literal: Literal) -> bool:
    """Whether both meeting the literal and failing it change an outcome, for someone possible.

    The verdicts of those who check conditions are variables of the diagram, so what only shows
    once another condition has been checked counts too. Equal functions are the same node.
    """
    met, failed = (_replace(compiled.tree, literal, constant) for constant in (All(()), Any(())))
    return compiled.diagram.root not in (compiled.node(met), compiled.node(failed))


def _leaves(dispositif: Dispositif) -> list[Leaf]:
    """Its conditions, those of its places included."""
    trees = [dispositif.conditions, *(rule.condition for rule in dispositif.places if rule.condition)]
    return [literal.leaf for tree in trees for literal in literals(tree)]


def _is_over(leaf: Leaf, at: date) -> bool:
    return leaf.period.end is not None and leaf.period.end < at


def _admitted(dispositif: Dispositif) -> set[str | None]:
    return {gap.bareme for gap in dispositif.gaps}


def _without_value(leaf: Leaf, at: date) -> set[str]:
    """Barèmes that the condition reads and that have no value on the day."""
    amounts = [part for part in leaf.test.walk() if isinstance(part, Amount)] if leaf.test else []
    return {amount.name for amount in amounts if amount.on(at) is None}


def _in_row(row: Row) -> Condition:
    """The households that a row is for."""
    parts = []
    for key, wanted in row.keys:
        if isinstance(wanted, tuple):
            bounds = zip(("min", "max"), wanted, strict=True)
            parts += [Comparison(key, which, Number(bound)) for which, bound in bounds]
        else:
            parts.append(Comparison(key, "egal", wanted))
    return Condition(True, tuple(parts))


def _example(box: Box) -> str:
    return "Par exemple : " + ", ".join(f"{name} {_plain(values[0])}" for name, values in box.items()) + "."


def _person(compiled: Compiled, way: Mapping[int, int]) -> str:
    facts = [(compiled.variables[i], cell) for i, cell in way.items() if compiled.variables[i].fact]
    return (
        ", ".join(f"{variable.name} {_plain(variable.pieces[cell][0])}" for variable, cell in facts) or "tous"
    )


def _plain(value: object) -> str:
    return {True: "oui", False: "non"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _overlap(one: Period, other: Period) -> bool:
    first, last = date.min, date.max
    return (one.start or first) <= (other.end or last) and (other.start or first) <= (one.end or last)
