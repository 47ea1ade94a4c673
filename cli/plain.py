"""The engine's plain values as JSON, with French keys like those of the contract."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import date
from fractions import Fraction

import click

_KEYS = {
    "address": "adresse",
    "after": "apres",
    "amounts": "montants",
    "at": "date",
    "before": "avant",
    "changes": "changements",
    "children": "conditions",
    "confidence": "confiance",
    "criterion": "critere",
    "decides": "decide",
    "end": "au",
    "ended": "jusqu_au",
    "facts": "faits",
    "in_force": "en_vigueur",
    "kind": "genre",
    "label": "libelle",
    "lines": "lignes",
    "missing": "manque",
    "name": "nom",
    "negated": "inversee",
    "numbers": "en_nombres",
    "outcome": "resultat",
    "outside": "hors_table",
    "part": "partie",
    "period": "periode",
    "presumed": "presume",
    "publisher": "editeur",
    "rearranged": "recombine",
    "routes": "routage",
    "row": "ligne",
    "said": "dit",
    "start": "du",
    "state": "etat",
    "status": "statut",
    "steps": "calculs",
    "test": "regle",
    "text": "texte",
    "title": "titre",
    "tree": "arbre",
    "truth": "phrase",
    "unit": "unite",
    "users": "dispositifs",
    "value": "valeur",
    "who": "qui",
    "words": "formule",
}


def print_json(value: object) -> None:
    click.echo(json.dumps(plain(value), ensure_ascii=False, indent=2))


def plain(value: object) -> object:
    """Lists, dicts, texts and numbers for dataclasses; days as text; an exact fraction as a decimal number."""
    if is_dataclass(value):
        return {
            _KEYS.get(field.name, field.name): plain(getattr(value, field.name)) for field in fields(value)
        }
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else round(float(value), 6)
    return value
