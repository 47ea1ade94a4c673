"""Build a Base from its documents, checking every key, reference and value on the way.

Documents are the parsed files of `rules/base`, keyed by their path inside it. They may come from
YAML (then faults carry line numbers) or from the built database (plain JSON).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from rules.conditions import ALWAYS, OPERATORS
from rules.faults import BaseError, Fault, Reader, as_bool, near
from rules.model import (
    CONFIDENCES,
    FORCES,
    STATUSES,
    Alert,
    All,
    Any,
    Bareme,
    Base,
    Case,
    Dispositif,
    EmergencyNumber,
    Fact,
    Gap,
    HumanHelp,
    Leaf,
    Literal,
    Need,
    Node,
    Period,
    PlaceRule,
    Presumption,
    Source,
    Sourced,
    literals,
)

FACT_TYPES = ("entier", "bool", "choix", "choix_multiple", "texte")
_FILES = tuple(
    f"{name}.yml" for name in ("sources", "faits", "baremes", "besoins", "alertes", "numeros", "presomptions")
)
NOTES = ("delai", "duree", "recours", "a_savoir")
_GROUPS = {"tous": All, "au_moins_un": Any, "aucun": All}
_OPERATORS_OF = {
    "entier": ("egal", "parmi", "min", "max"),
    "bool": ("egal",),
    "choix": ("egal", "parmi"),
    "choix_multiple": ("contient", "contient_un_de"),
    "texte": (),
}


def load_base(documents: Mapping[str, object]) -> Base:
    """Build the base. Raises BaseError with every fault found, each with file, line and hint."""
    return _Loading(documents).run()


class _Loading:
    def __init__(self, documents: Mapping[str, object]):
        self.documents = documents
        self.faults: list[Fault] = []
        self.sources: dict[str, Source] = {}
        self.facts: dict[str, Fact] = {}
        self.baremes: dict[str, Bareme] = {}
        self.needs: dict[str, Need] = {}

    def run(self) -> Base:
        for path in self.documents:
            if path not in _FILES and not path.startswith("dispositifs/"):
                self.faults.append(Fault(path, None, "Ce fichier n'est pas connu.", near(path, _FILES)))
        # Each part may refer to those read before it.
        self.sources = self._table("sources.yml", self._source)
        self.facts = self._table("faits.yml", self._fact)
        self.baremes = self._table("baremes.yml", self._bareme)
        self.needs = self._table("besoins.yml", self._need)
        alerts = self._table("alertes.yml", self._alert)
        numbers = tuple(self._number(reader) for reader in self._list("numeros.yml"))
        presumptions = tuple(self._presumption(reader) for reader in self._list("presomptions.yml"))
        dispositifs = self._dispositifs()
        cases = tuple(case for path in self._paths(".cas.yml") for case in self._cases(path, dispositifs))
        if self.faults:
            raise BaseError(self.faults)
        return Base(
            self.needs,
            self.facts,
            self.sources,
            self.baremes,
            dict(sorted(alerts.items(), key=lambda item: item[1].priority)),
            numbers,
            presumptions,
            dispositifs,
            cases,
        )

    def _table(self, path: str, read: Callable) -> dict:
        whole = Reader(path, self.documents.get(path, {}), self.faults)
        table = {}
        for key in whole.node:
            reader = whole.sub(key)
            table[key] = read(key, reader)
            reader.done()
        return table

    def _list(self, path: str) -> list[Reader]:
        document = self.documents.get(path) or []
        if not isinstance(document, list):
            self.faults.append(Fault(path, None, "Il faut une liste : chaque élément commence par « - »."))
            return []
        return [Reader(path, item, self.faults) for item in document]

    def _paths(self, suffix: str) -> list[str]:
        return sorted(p for p in self.documents if p.startswith("dispositifs/") and p.endswith(suffix))

    def _source(self, key: str, reader: Reader) -> Source:
        return Source(
            key,
            reader.text("titre"),
            reader.text("editeur"),
            self._loose_date(reader),
            reader.text("adresse", None),
            reader.text("note", None),
        )

    @staticmethod
    def _loose_date(reader: Reader) -> str | None:
        """A date as precise as it is known: 2023, 2023-07 or 2023-07-12; null when undated."""
        value = reader.get("date", None)
        if value is None:
            return None
        parts = str(value).split("-")
        try:
            date(*[int(part) for part in parts + ["1"] * (3 - len(parts))])
        except (TypeError, ValueError):
            reader.fault("« date » doit être comme 2023, 2023-07 ou 2023-07-12.", "date")
        return str(value)

    def _fact(self, key: str, reader: Reader) -> Fact:
        kind = reader.one_of("type", FACT_TYPES)
        choices = {}
        if kind in ("choix", "choix_multiple"):
            values = reader.sub("valeurs")
            choices = {choice: values.text(choice) or choice for choice in values.node}
            if not choices:
                reader.fault("« valeurs » ne peut pas être vide.", "valeurs")
        bounds = {}
        if kind == "entier":
            bounds = {"low": reader.integer("min", 0), "high": reader.integer("max", 10_000_000)}
            if bounds["low"] > bounds["high"]:
                reader.fault("« min » est plus grand que « max ».", "min")
        cost = reader.integer("cout", 1)
        if cost < 1:
            reader.fault("« cout » va de 1 (facile à dire) à 5 (très sensible).", "cout")
        return Fact(
            id=key,
            type=kind or "texte",
            label=reader.text("libelle"),
            question=reader.text("question"),
            why=reader.text("pourquoi"),
            subject=reader.text("sujet"),
            cost=cost,
            sensitive=reader.flag("sensible", False),
            unit=reader.text("unite", None),
            choices=choices,
            **bounds,
        )

    def _bareme(self, key: str, reader: Reader) -> Bareme:
        values = []
        for item in reader.children("valeurs"):
            amount = item.get("valeur")
            if isinstance(amount, bool) or not isinstance(amount, (int, float)):
                item.fault("« valeur » doit être un nombre.", "valeur")
                amount = 0
            values.append((self._period(item), amount))
            item.done()
        return Bareme(
            key,
            reader.text("libelle"),
            reader.text("unite"),
            reader.one_of("confiance", CONFIDENCES),
            reader.sources(self.sources),
            tuple(values),
        )

    @staticmethod
    def _period(reader: Reader) -> Period:
        period = Period(reader.day("du"), reader.day("au"))
        if period.start and period.end and period.start > period.end:
            reader.fault("La période finit avant de commencer.", "au")
        return period

    def _need(self, key: str, reader: Reader) -> Need:
        help_ = None
        if reader.get("aide_humaine", None) is not None:
            sub = reader.sub("aide_humaine")
            help_ = HumanHelp(sub.text("texte"), sub.text("telephone", None), sub.sources(self.sources, ()))
            sub.done()
        return Need(key, reader.text("libelle"), reader.text("phrase"), help_)

    def _number(self, reader: Reader) -> EmergencyNumber:
        number = EmergencyNumber(
            reader.text("numero"),
            reader.text("texte"),
            reader.text("nom", None),
            reader.one_of("confiance", CONFIDENCES, None),
            reader.sources(self.sources, ()),
        )
        reader.done()
        return number

    def _alert(self, key: str, reader: Reader) -> Alert:
        return Alert(
            key,
            reader.integer("priorite"),
            reader.text("texte"),
            tuple(self._number(item) for item in reader.children("numeros")),
            reader.texts("suite"),
            reader.sources(self.sources, ()),
        )

    def _presumption(self, reader: Reader) -> Presumption:
        presumption = Presumption(
            id=reader.text("id"),
            known=reader.references("si_connu", self.facts, "Le fait", ()),
            equal=self._values(reader.sub("si", {})),
            then=self._values(reader.sub("alors")),
            why=reader.text("pourquoi"),
            sources=reader.sources(self.sources, ()),
        )
        if not presumption.known and not presumption.equal:
            reader.fault("Il faut « si_connu » ou « si ».")
        reader.done()
        return presumption

    def _values(self, reader: Reader) -> dict[str, object]:
        """A mapping of facts to values."""
        return {
            key: self._value(reader, key, self.facts[key]) for key in reader.node if self._exists(reader, key)
        }

    def _exists(self, reader: Reader, key: str) -> bool:
        if key in self.facts:
            return True
        reader.fault(f"Le fait « {key} » n'existe pas.", key, near(key, self.facts))
        return False

    def _dispositifs(self) -> dict[str, Dispositif]:
        found = {}
        for path in self._paths(".yml"):
            if path.endswith(".cas.yml"):
                continue
            reader = Reader(path, self.documents[path], self.faults)
            dispositif = self._dispositif(reader)
            expected = path.removeprefix("dispositifs/").removesuffix(".yml")
            if dispositif.id != expected:
                reader.fault(f"L'identifiant doit être celui du fichier : « {expected} ».", "id")
            found[dispositif.id] = dispositif
        return found

    def _dispositif(self, reader: Reader) -> Dispositif:
        phone = reader.sub("telephone", {}) if reader.get("telephone", None) is not None else None
        dispositif = Dispositif(
            id=reader.text("id"),
            name=reader.text("nom"),
            needs=reader.references("besoins", self.needs, "Le besoin"),
            text=reader.text("texte"),
            steps=reader.text("demarche"),
            conditions=self._tree(reader.sub("conditions")),
            long_name=reader.text("nom_long", None),
            run_by=reader.text("gere_par", None),
            documents=tuple(self._sourced(item) for item in reader.children("documents", ())),
            prescriber=reader.text("orientation_par", None),
            prescriber_text=reader.text("orientation_texte", None),
            notes={key: self._sourced(reader.sub(key)) for key in NOTES if reader.get(key, None) is not None},
            phone=phone.text("numero") if phone else None,
            phone_text=phone.text("texte", None) if phone else None,
            places=tuple(self._place_rule(item) for item in reader.children("lieux", ())),
            gaps=tuple(self._gap(item) for item in reader.children("lacunes", ())),
            unreachable=self._unreachable(reader),
            history=tuple(self._sourced(item) for item in reader.children("historique", ())),
        )
        if phone:
            phone.sources(self.sources, ())
            phone.one_of("confiance", CONFIDENCES, None)
            phone.done()
        self._check_unique_leaves(reader, dispositif.conditions)
        reader.done()
        return dispositif

    def _unreachable(self, reader: Reader) -> dict[str, str]:
        if reader.get("statuts_inatteignables", None) is None:
            return {}
        sub = reader.sub("statuts_inatteignables")
        declared = {key: sub.text(key) for key in ("oui", "non") if sub.get(key, None) is not None}
        sub.done()
        return declared

    def _check_unique_leaves(self, reader: Reader, tree: Node) -> None:
        seen: set[str] = set()
        for literal in literals(tree):
            if literal.leaf.id in seen:
                reader.fault(f"Deux conditions s'appellent « {literal.leaf.id} ».", "conditions")
            seen.add(literal.leaf.id)

    def _sourced(self, reader: Reader) -> Sourced:
        item = Sourced(
            reader.text("texte"),
            reader.sources(self.sources, ()),
            reader.one_of("confiance", CONFIDENCES, None),
        )
        reader.done()
        return item

    def _gap(self, reader: Reader) -> Gap:
        gap = Gap(reader.text("texte"), reader.text("qui"), reader.sources(self.sources, ()))
        reader.done()
        return gap

    def _place_rule(self, reader: Reader) -> PlaceRule:
        condition = self._tree(reader.sub("si")) if reader.get("si", None) is not None else None
        rule = PlaceRule(
            reader.texts("categories"),
            reader.texts("services"),
            reader.texts("ids"),
            reader.text("titre", None),
            condition,
        )
        if not (rule.categories or rule.services or rule.ids):
            reader.fault("Il faut « categories », « services » ou « ids ».")
        reader.done()
        return rule

    def _tree(self, reader: Reader, negated: bool = False) -> Node:
        """A tree in which « aucun » has been pushed down to the leaves."""
        group = next((key for key in _GROUPS if key in reader.node), None)
        if group is None:
            return Literal(self._leaf(reader), negated)
        below = negated != (group == "aucun")
        children = tuple(self._tree(child, below) for child in reader.children(group))
        reader.done()
        conjunction = (_GROUPS[group] is All) != negated
        return All(children) if conjunction else Any(children)

    def _leaf(self, reader: Reader) -> Leaf:
        operators = [key for key in reader.node if key in OPERATORS]
        checked_by_person = reader.flag("a_verifier", False)
        fact_id, operator, operand = None, None, None
        if checked_by_person:
            if operators:
                reader.fault("Une condition « a_verifier » ne compare rien.", operators[0])
        elif len(operators) != 1:
            reader.fault("Il faut une seule comparaison.", hint=f"Choisissez parmi : {', '.join(OPERATORS)}.")
        else:
            operator = operators[0]
            fact_id, operand = self._comparison(reader, operator)
        wanted = (
            ("inconnu",)
            if checked_by_person
            else ("vrai",)
            if operator == ALWAYS
            else ("vrai", "faux", "inconnu")
        )
        texts = {key: reader.text(key) for key in wanted}
        for key in ("vrai", "faux", "inconnu"):
            if key not in wanted and reader.text(key, None):
                texts[key] = reader.text(key, None)
        leaf = Leaf(
            id=reader.text("id") or "?",
            fact=fact_id,
            operator=operator,
            operand=operand,
            force=reader.one_of("force", FORCES),
            confidence=reader.one_of("confiance", CONFIDENCES),
            sources=reader.sources(self.sources),
            period=self._period(reader),
            texts=texts,
            who=reader.text("qui") if checked_by_person else reader.text("qui", None),
        )
        reader.done()
        return leaf

    def _comparison(self, reader: Reader, operator: str) -> tuple[str | None, object]:
        if operator == ALWAYS:
            if as_bool(reader.get(operator)) is not True:
                reader.fault("« toujours » ne peut être que oui.", operator)
            return None, True
        fact_id = reader.text("fait")
        if fact_id is None or not self._exists_as_value(reader, fact_id):
            reader.get(operator)
            return None, None
        fact = self.facts[fact_id]
        if operator not in _OPERATORS_OF[fact.type]:
            allowed = ", ".join(_OPERATORS_OF[fact.type]) or "aucune"
            reader.fault(
                f"« {operator} » ne va pas avec « {fact_id} » ({fact.type}). Possible : {allowed}.", operator
            )
        return fact_id, self._operand(reader, operator, fact)

    def _exists_as_value(self, reader: Reader, fact_id: str) -> bool:
        if fact_id in self.facts:
            return True
        reader.fault(f"Le fait « {fact_id} » n'existe pas.", "fait", near(fact_id, self.facts))
        return False

    def _operand(self, reader: Reader, key: str, fact: Fact) -> object:
        """The checked value of `key`: what a condition compares `fact` with, or a value of the fact."""
        plural = key in ("parmi", "contient_un_de") or (fact.type == "choix_multiple" and key == fact.id)
        value = reader.get(key)
        if isinstance(value, Mapping) and fact.type == "entier" and key in ("egal", "min", "max"):
            return self._bareme_operand(reader, key, value)
        values = list(value) if isinstance(value, (list, tuple)) else [value]
        if not values or (len(values) > 1 and not plural):
            wanted = "au moins une valeur" if plural else "une seule valeur"
            reader.fault(f"Il faut {wanted} pour « {key} ».", key)
            return None
        if fact.type == "bool":
            values = [as_bool(item) for item in values]
        for item in values:
            self._check_operand(reader, key, fact, item)
        return tuple(values) if plural else values[0]

    def _bareme_operand(self, reader: Reader, key: str, value: Mapping) -> Bareme | None:
        name = str(value.get("bareme"))
        if name not in self.baremes or len(value) != 1:
            reader.fault(f"Le barème « {name} » n'existe pas.", key, near(name, self.baremes))
            return None
        return self.baremes[name]

    @staticmethod
    def _check_operand(reader: Reader, key: str, fact: Fact, item: object) -> None:
        if fact.type == "bool" and item is None:
            reader.fault(f"« {fact.id} » se compare à oui ou non.", key)
        if fact.type == "entier" and (isinstance(item, bool) or not isinstance(item, (int, float))):
            reader.fault(f"« {fact.id} » se compare à un nombre.", key)
        elif fact.type == "entier" and not fact.low <= item <= fact.high:
            reader.fault(f"{item} est hors des bornes de « {fact.id} » ({fact.low} à {fact.high}).", key)
        if fact.type in ("choix", "choix_multiple") and str(item) not in fact.choices:
            reader.fault(f"« {item} » n'est pas une valeur de « {fact.id} ».", key, near(item, fact.choices))

    def _cases(self, path: str, dispositifs: Mapping[str, Dispositif]) -> list[Case]:
        name = path.removeprefix("dispositifs/").removesuffix(".cas.yml")
        if name not in dispositifs:
            self.faults.append(Fault(path, None, f"Aucun dispositif « {name} ».", near(name, dispositifs)))
            return []
        return [self._case(reader, name) for reader in self._list(path)]

    def _case(self, reader: Reader, name: str) -> Case:
        expected = reader.sub("attendu")
        case = Case(
            dispositif=name,
            title=reader.text("cas"),
            why=reader.text("pourquoi"),
            at=reader.day("date", required=True) or date.min,
            facts=self._values(reader.sub("faits", {})),
            status=expected.one_of("statut", STATUSES),
            reasons=expected.texts("raisons"),
            missing=expected.references("manque", self.facts, "Le fait")
            if "manque" in expected.node
            else None,
            file=reader.file,
            line=reader.line,
        )
        expected.done()
        reader.done()
        return case

    def _value(self, reader: Reader, key: str, fact: Fact) -> object:
        if fact.type == "texte":
            return reader.text(key)
        return self._operand(reader, key, fact)
