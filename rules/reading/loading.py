"""Build a Base from its documents, checking every key, reference and value on the way.

Documents are the parsed files of `rules/base`, keyed by their path inside it. They may come from
YAML (then faults carry line numbers) or from the built database (plain JSON).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from rules.model import (
    CONFIDENCES,
    STATUSES,
    Alert,
    Base,
    Case,
    Contact,
    Dispositif,
    EmergencyNumber,
    Fact,
    Gap,
    HumanHelp,
    Need,
    Node,
    PlaceRule,
    Presumption,
    Route,
    Source,
    Sourced,
    literals,
)
from rules.reading.faults import BaseError, Fault, Reader, near
from rules.reading.trees import TreeReader

FACT_TYPES = ("entier", "bool", "choix", "choix_multiple", "texte")
_FILES = tuple(
    f"{name}.yml"
    for name in (
        *("sources", "faits", "calculs", "baremes", "besoins", "alertes", "numeros", "presomptions"),
        "interlocuteurs",
    )
)
_CALCULATORS = ("cotation_2019.yml", "reste_pour_vivre.yml")  # read by their own modules
NOTES = ("delai", "duree", "recours", "a_savoir")


def load_base(documents: Mapping[str, object]) -> Base:
    """Build the base. Raises BaseError with every fault found, each with file, line and hint."""
    return _Loading(documents).run()


class _Loading:
    def __init__(self, documents: Mapping[str, object]):
        self.documents = documents
        self.faults: list[Fault] = []
        self.sources: dict[str, Source] = {}
        self.facts: dict[str, Fact] = {}
        self.trees: TreeReader | None = None
        self.needs: dict[str, Need] = {}

    def run(self) -> Base:
        for path in self.documents:
            if path not in (*_FILES, *_CALCULATORS) and not path.startswith("dispositifs/"):
                self.faults.append(Fault(path, None, "Ce fichier n'est pas connu.", near(path, _FILES)))
        # Each part may refer to those read before it.
        self.sources = self._table("sources.yml", self._source)
        self.facts = self._table("faits.yml", self._fact)
        self.trees = TreeReader(self.documents, self.facts, self.sources, self.faults)
        self.needs = self._table("besoins.yml", self._need)
        alerts = self._table("alertes.yml", self._alert)
        numbers = tuple(self._number(reader) for reader in self._list("numeros.yml"))
        presumptions = tuple(self._presumption(reader) for reader in self._list("presomptions.yml"))
        contacts = self._table("interlocuteurs.yml", self._contact)
        dispositifs = self._dispositifs()
        cases = tuple(case for path in self._paths(".cas.yml") for case in self._cases(path, dispositifs))
        if self.faults:
            raise BaseError(self.faults)
        return Base(
            self.needs,
            self.facts,
            self.sources,
            self.trees.baremes,
            self.trees.calculs,
            dict(sorted(alerts.items(), key=lambda item: item[1].priority)),
            numbers,
            presumptions,
            dispositifs,
            cases,
            contacts,
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
            usual = reader.items("courant", ())
            if usual and (len(usual) != 2 or not bounds["low"] <= usual[0] < usual[1] <= bounds["high"]):
                reader.fault("« courant » donne deux nombres, dans les bornes : [0, 3000].", "courant")
            bounds["usual"] = tuple(usual) or None
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

    def _need(self, key: str, reader: Reader) -> Need:
        help_ = None
        if reader.get("aide_humaine", None) is not None:
            sub = reader.sub("aide_humaine")
            help_ = HumanHelp(sub.text("texte"), sub.text("telephone", None), sub.sources(self.sources, ()))
            sub.done()
        return Need(key, reader.text("libelle"), reader.text("phrase"), help_, reader.texts("ordre"))

    def _contact(self, key: str, reader: Reader) -> Contact:
        return Contact(
            key,
            reader.text("nom"),
            reader.texts("mots"),
            reader.text("telephone", None),
            reader.sources(self.sources, ()),
        )

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
            key: self.trees.value(reader, key, self.facts[key])
            for key in reader.node
            if self._exists(reader, key)
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
            conditions=self.trees.tree(reader.sub("conditions")),
            long_name=reader.text("nom_long", None),
            run_by=reader.text("gere_par", None),
            documents=tuple(self._sourced(item) for item in reader.children("documents", ())),
            prescriber=reader.text("orientation_par", None),
            prescriber_text=reader.text("orientation_texte", None),
            notes={key: self._sourced(reader.sub(key)) for key in NOTES if reader.get(key, None) is not None},
            phone=phone.text("numero") if phone else None,
            phone_text=phone.text("texte", None) if phone else None,
            places=tuple(self._place_rule(item) for item in reader.children("lieux", ())),
            routes=tuple(self._route(item) for item in reader.children("routage", ())),
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
        gap = Gap(
            reader.text("texte"),
            reader.text("qui"),
            reader.sources(self.sources, ()),
            reader.integer("critere", None) or None,
            next(iter(reader.references("bareme", self.trees.baremes, "Le barème", ())), None),
        )
        reader.done()
        return gap

    def _route(self, reader: Reader) -> Route:
        route = Route(
            reader.text("vers"),
            self.trees.bare(reader.sub("quand")),
            reader.text("texte"),
            reader.sources(self.sources),
        )
        known = {path.removeprefix("dispositifs/").removesuffix(".yml") for path in self._paths(".yml")}
        if route.to not in known:
            reader.fault(f"Le dispositif « {route.to} » n'existe pas.", "vers", near(route.to, known))
        reader.done()
        return route

    def _place_rule(self, reader: Reader) -> PlaceRule:
        condition = self.trees.tree(reader.sub("si")) if reader.get("si", None) is not None else None
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
