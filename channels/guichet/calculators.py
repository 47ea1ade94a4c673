"""The forms of the two calculators, made from their request schemas and the names of the base."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from channels.api.calculators import DemandeCotation, Depenses, Personne, Ressources
from channels.guichet.words import words
from data.database import Database

_NOT_ASKED = ("date",)
_PERSON = ("age", "role", "garde")


def forms(db: Database) -> dict:
    """{"cotation": fields, "ressources": fields, "depenses": fields, "personne": fields}.

    A field is {"nom", "libelle", "type", "choix", "fait"}: `nom` dotted when it is inside another key, `type` one of
    nombre, bool, choix, rangs; `fait` is the fact of the person that fills it, if any.
    """
    score, left = db.document("cotation_2019.yml"), db.document("reste_pour_vivre.yml")
    said = words()["calculs"]
    facts = said["depuis_les_faits"]
    labels = {**score["entrees"], "classements": said["liste"]}
    roles = {role: told["libelle"] for role, told in left["roles"].items()}
    found = {
        "cotation": list(_fields(DemandeCotation, labels, facts["cotation"])),
        "personne": [one for one in _fields(Personne, said["personne"], {}) if one["nom"] in _PERSON],
    }
    for part, schema in (("ressources", Ressources), ("depenses", Depenses)):
        names = {f"{part}.{key}": told["libelle"] for key, told in left[part].items()}
        found[part] = list(_fields(schema, names, facts["reste"], f"{part}."))
    for field in found["personne"]:
        if field["nom"] == "role":
            field["choix"] = {role: roles[role] for role in field["choix"]}
    return found


def names(db: Database) -> dict[str, str]:
    """The entries of the reste-pour-vivre by their dotted key."""
    return {
        field["nom"]: field["libelle"] for part in ("ressources", "depenses") for field in forms(db)[part]
    }


def _fields(schema: type[BaseModel], labels: dict, facts: dict, prefix: str = "") -> Iterator[dict]:
    for key, field in schema.model_fields.items():
        name, kind = prefix + key, _bare(field.annotation)
        if key in _NOT_ASKED:
            continue
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _fields(kind, labels, facts, f"{name}.")
            continue
        choices = get_args(kind) if get_origin(kind) is Literal else ()
        shown = words()["calculs"]["choix"]
        yield {
            "nom": name,
            "libelle": labels.get(name, name),
            "type": _type(kind),
            "choix": {choice: shown.get(choice, choice) for choice in choices},
            "fait": facts.get(name),
        }


def _type(kind: object) -> str:
    if get_origin(kind) is Literal:
        return "choix"
    if get_origin(kind) is list:
        return "rangs"
    return "bool" if kind is bool else "nombre"


def _bare(annotation: object) -> object:
    """The type inside « Annotated[T, …] » and « T | None »."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return _bare(next(one for one in get_args(annotation) if one is not type(None)))
    return annotation
