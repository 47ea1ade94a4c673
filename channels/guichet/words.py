"""The professional words of the counter's screen, and facts as its form shows them."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

from data.yaml_reader import read_yaml
from rules.explaining.written import short_unit, spoken, unit_words
from rules.model import Base, Fact

_FILE = Path(__file__).with_name("guichet.yml")


@cache
def words() -> dict:
    """The content of guichet.yml."""
    return read_yaml(_FILE)


def fact_name(fact: Fact) -> str:
    """« Dette d'énergie »."""
    return words()["faits"].get(fact.id, fact.label)


def need_name(base: Base, need: str) -> str:
    """« Domiciliation »."""
    return words()["besoins"].get(need, base.needs[need].label)


def choices(fact: Fact) -> dict[str, str]:
    """The choices of a fact, in professional words where the base says them in the first person."""
    return {**fact.choices, **words()["choix"].get(fact.id, {})}


def said(fact: Fact, value: object) -> str:
    """A value as an agent reads it: « oui », « 640 € », « Locataire du parc privé »."""
    names = choices(fact)
    if isinstance(value, (list, tuple)):
        return ", ".join(names.get(item, str(item)) for item in value)
    return names[value] if value in names else spoken(fact, value)


def form(base: Base) -> list[dict]:
    """The facts by subject, in the order of the base: [{"id", "titre", "champs": [...]}]."""
    subjects: dict[str, list[dict]] = {}
    for fact in base.facts.values():
        subjects.setdefault(fact.subject, []).append(_field(fact))
    titles = words()["sujets"]
    return [
        {"id": subject, "titre": titles.get(subject, subject), "champs": fields}
        for subject, fields in subjects.items()
    ]


def _field(fact: Fact) -> dict:
    unit = unit_words(fact.unit)
    return {
        "id": fact.id,
        "libelle": fact_name(fact),
        "type": fact.type,
        "unite": "" if unit == "personnes" else unit,
        "argent": short_unit(fact.unit) == "EUR",
        "choix": choices(fact),
        "question": fact.question,
        "sensible": fact.sensitive,
    }


def blind(text: str) -> str:
    """A text to be searched in: without accents, signs nor capitals."""
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "oe"))
    return " ".join(
        "".join(one if one.isalnum() else " " for one in plain if not unicodedata.combining(one))
        .lower()
        .split()
    )
