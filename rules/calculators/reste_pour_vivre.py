"""What is left to live on, by day and unit of consumption: the AORIF formula of 2016, from documents of 2019.

Who counts and what counts are in `base/reste_pour_vivre.yml`. It is not the « reste à vivre » of the housing
score (`cotation`), which has other units and other expenses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from rules.calculators.cotation import as_facts, cite, holds, readable, warning
from rules.calculators.cotation_loading import read_condition, read_head
from rules.engine.formulas import Formula, Reading
from rules.reading.calculations import FormulaError, parse
from rules.reading.faults import BaseError, Fault, Reader

FILE = "reste_pour_vivre.yml"
PERSON_KEYS = ("age", "role", "garde", "residence_principale", "rattache_fiscal", "etudiant_sans_declaration")
_UNITS = ("premier_adulte", "autre_de_14_ans_ou_plus", "moins_de_14_ans", "age", "adulte_a")
_SIGNS = {"plus": 1, "moins": -1, "ignore": 0}
_NAMES = ("ressources", "depenses", "uc")


@dataclass(frozen=True)
class Calculator:
    """The document as written (`node`) and its formula."""

    node: Mapping
    sources: Mapping[str, Mapping]
    formula: Formula


def load_reste_pour_vivre(documents: Mapping[str, object]) -> Calculator:
    """The calculator of the documents of the base. Raises BaseError with every fault found."""
    faults: list[Fault] = []
    sources = documents.get("sources.yml") or {}
    whole = Reader(FILE, documents.get(FILE), faults)
    read_head(whole, sources, ("perimee", "historique", "limite"))
    whole.one_of("confiance", ("haute", "moyenne", "basse")), whole.text("unite"), whole.text("seuil_texte")
    units = whole.sub("uc")
    for reader, keys in ((whole, ("seuil",)), (units, _UNITS)):
        for key in keys:
            if not isinstance(reader.get(key), (int, float)):
                reader.fault(f"« {key} » doit être un nombre.", key)
    units.done()
    roles = whole.sub("roles")
    for key in roles.node:
        role = roles.sub(key)
        role.text("libelle"), role.flag("adulte", False), role.done()
    read_condition(whole, "par_defaut", PERSON_KEYS)
    for rule in whole.children("regles"):
        for reader, key, value in read_condition(rule, "si", PERSON_KEYS):
            if key == "role":
                Reader(FILE, {"role": value}, faults, reader.line).one_of("role", roles.node)
        rule.flag("compte", False), rule.get("compte"), rule.text("texte"), rule.done()
    for part in ("ressources", "depenses"):
        amounts = whole.sub(part)
        for key in amounts.node:
            amount = amounts.sub(key)
            amount.one_of("sens", _SIGNS), amount.text("libelle"), amount.text("texte", None)
            amount.flag("essentiel", False), amount.done()
    formula = _formula(whole)
    whole.done()
    if faults:
        raise BaseError(faults)
    return Calculator(whole.node, sources, formula)


def _formula(reader: Reader) -> Formula | None:
    def named(name: str) -> Formula:
        if name not in _NAMES:
            raise FormulaError(f"« {name} » n'est pas connu. Possible : {', '.join(_NAMES)}.")
        return Reading(name)

    try:
        return parse(reader.text("formule") or "", named)
    except FormulaError as error:
        reader.fault(str(error), "formule")
        return None


def left_to_live_on(calculator: Calculator, household: Mapping[str, object], at: date) -> dict:
    """The answer for `household` ({"personnes", "ressources", "depenses"}, already checked) on the day `at`.

    « rpv » is None when it cannot be worked out. When who counts is not certain, « lectures » holds the other
    possible results, and « au_moins_11 » is None unless all agree.
    """
    node = calculator.node
    people = [_member(node, as_facts(person)) for person in household.get("personnes") or ()]
    shown = [
        {"personne": {key: readable(value) for key, value in one.facts.items()}, "compte": one.counts,
         "certain": one.certain, "texte": one.text} for one in people
    ]  # fmt: skip
    amounts, missing, unsaid = {}, [] if people else ["personnes"], []
    for part in ("ressources", "depenses"):
        said = as_facts(household.get(part) or {})
        lines = [_line(part, key, rule, said.get(key)) for key, rule in node[part].items()]
        amounts[part] = sum(
            (_SIGNS[rule["sens"]] * said.get(key, 0) for key, rule in node[part].items()), Fraction()
        )
        needed = [
            key for key, rule in node[part].items() if rule.get("essentiel") == "oui" and key not in said
        ]
        missing += [f"{part}.{key}" for key in needed]
        if part == "ressources" and not any(
            said.get(key) is not None for key in _of_sign(node[part], "plus")
        ):
            missing.append(part)
        unsaid += [
            f"{part}.{line['poste']}"
            for line in lines
            if line["montant"] is None and line["effet"] != "ignore"
        ]
        shown += lines
    proposed, possible = _units(node, people)
    results = {uc: None if missing else calculator.formula.value({**amounts, "uc": uc}) for uc in possible}
    above = {None if result is None else result >= node["seuil"] for result in results.values()}
    return {
        "avertissement": warning(node, at),
        "version": "reste-pour-vivre/1",
        "date": at.isoformat(),
        "uc": None if proposed is None else float(proposed),
        "rpv": _cents(results.get(proposed)),
        "unite": node["unite"],
        "seuil": node["seuil"],
        "seuil_texte": node["seuil_texte"],
        "au_moins_11": above.pop() if len(above) == 1 else None,
        "lectures": [
            {"uc": float(uc), "rpv": _cents(value)} for uc, value in results.items() if uc != proposed
        ],
        "formule": node["formule"],
        **{part: float(value) for part, value in amounts.items()},
        "manque": missing,
        "non_dits": unsaid,
        "detail": shown,
        "source": cite(node, calculator.sources),
    }


@dataclass(frozen=True)
class _Member:
    """Someone named in the request. `weights`: the units that may count for them, None when they may not count."""

    facts: Mapping[str, object]
    counts: bool | None
    certain: bool
    text: str
    adult: bool
    weights: frozenset[Fraction | None]


def _member(node: Mapping, person: Mapping[str, object]) -> _Member:
    """Whether someone counts: the first rule that holds; a rule that may hold leaves its answer possible."""
    facts, possible, decided = {**node["par_defaut"], **person}, set(), None
    for rule in node["regles"]:
        answer = holds(rule["si"], facts)
        if answer is not False:
            possible.add(rule["compte"] == "oui")
        if answer:
            decided = rule
            break
    if decided is None:
        possible = {True, False}
    units, age = node["uc"], facts.get("age")
    older, younger = (Fraction(str(units[key])) for key in ("autre_de_14_ans_ou_plus", "moins_de_14_ans"))
    role = node["roles"].get(facts.get("role"), {})
    adult = role.get("adulte") == "oui" or (age is not None and age >= units["adulte_a"])
    weights = (
        {older if adult or age >= units["age"] else younger} if adult or age is not None else {older, younger}
    )
    return _Member(
        person,
        decided["compte"] == "oui" if decided else None,
        len(possible) == 1,
        decided["texte"] if decided else "Il manque le rôle de cette personne.",
        adult,
        frozenset((weights if True in possible else set()) | ({None} if False in possible else set())),
    )


def _units(node: Mapping, people: list[_Member]) -> tuple[Fraction | None, list[Fraction]]:
    """The proposed number of units (None: not known) and all the possible ones. Without an adult: none."""
    head = Fraction(str(node["uc"]["premier_adulte"])) - Fraction(str(node["uc"]["autre_de_14_ans_ou_plus"]))

    def totals(choices: list[frozenset]) -> set[Fraction]:
        found = {(Fraction(), False)}  # the units so far, and whether an adult is counted
        for one, weights in zip(people, choices, strict=True):
            found = {
                (total + (weight or 0), headed or (one.adult and weight is not None))
                for total, headed in found
                for weight in weights
            }
        return {total + head for total, headed in found if headed}

    decided = [
        one.weights if one.counts is None else one.weights - {None} if one.counts else frozenset({None})
        for one in people
    ]
    proposed, possible = totals(decided), totals([one.weights for one in people])
    return (proposed.pop() if len(proposed) == 1 else None), sorted(possible)


def _of_sign(amounts: Mapping[str, Mapping], sign: str) -> list[str]:
    return [key for key, rule in amounts.items() if rule["sens"] == sign]


def _line(part: str, key: str, rule: Mapping, amount: Fraction | None) -> dict:
    unsaid = amount is None and rule["sens"] != "ignore"
    return {
        "partie": part,
        "poste": key,
        "libelle": rule["libelle"],
        "montant": None if amount is None else float(amount),
        "effet": rule["sens"],
        "texte": "Non dit. Ce poste n'est pas compté." if unsaid else rule.get("texte"),
    }


def _cents(value: Fraction | None) -> float | None:
    """Rounded to the cent, halves away from zero, as by hand."""
    if value is None:
        return None
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return float(exact.quantize(Decimal("0.01"), ROUND_HALF_UP))
