"""data·inclusion, version 1: structures and their services, checked with the models of data-inclusion-schema.

A file holds both in one object, in one array, or one a line; several files may be given together.
A service without an address of its own is at the address of its structure.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, TextIO

from data_inclusion.schema.v1 import (
    Frais,
    ModeAccueil,
    ModeMobilisation,
    PersonneMobilisatrice,
    Public,
    ReseauPorteur,
    Service,
    Structure,
    Thematique,
    TypeService,
)
from pydantic import ValidationError

from data.checks import Places
from data.exchange.correspondances import Correspondances
from data.exchange.fiche import Note
from data.exchange.formats import SERVICE, STRUCTURE, Format, NotShown, write_array
from data.exchange.json_records import Record
from data.exchange.report import ERROR, WARNING, near
from data.exchange.values import clean_text, siret

PRODUCER = "jalon"
_VALUES = {
    "type": TypeService,
    "thematiques": Thematique,
    "frais": Frais,
    "publics": Public,
    "modes_accueil": ModeAccueil,
    "modes_mobilisation": ModeMobilisation,
    "mobilisable_par": PersonneMobilisatrice,
    "reseaux_porteurs": ReseauPorteur,
}
_WORDS = {key: [one.value for one in kind] for key, kind in _VALUES.items()}
_TYPES = {
    "missing": "Le champ « {field} » manque.",
    "string_too_short": "« {field} » est trop court.",
    "string_too_long": "« {field} » est trop long.",
    "string_type": "« {field} » doit être un texte.",
    "url_parsing": "« {value} » n'est pas une adresse internet.",
    "url_scheme": "« {value} » n'est pas une adresse internet.",
    "enum": "« {value} » n'existe pas dans data·inclusion.",
    "avertissement": "{text}",
    "too_short": "La liste « {field} » est vide.",
}
# Told better when the place is made.
_LATER = ("code_postal", "telephone", "latitude", "longitude", "date_maj")
_WHERE = ("adresse", "code_postal", "commune", "latitude", "longitude")
_TAKEN = {
    SERVICE: {
        "id", "source", "structure_id", "nom", "date_maj", "thematiques", "frais", "frais_precisions",
        "publics", "publics_precisions", "conditions_acces", "telephone", "horaires_accueil",
        "modes_accueil", "modes_mobilisation", "mobilisable_par", *_WHERE,
    },
    STRUCTURE: {"id", "source", "nom", "date_maj", "telephone", "horaires_accueil", *_WHERE},
}  # fmt: skip


_SERVICE_ONLY = Service.model_fields.keys() - Structure.model_fields.keys()
_CLOSED = "Fermé pour travaux."


class DataInclusion(Format):
    """Read and write services and structures."""

    name = "data-inclusion"
    passes = 2
    global_ids = True
    sections = ("structures", "services", "items")
    fields: ClassVar = {
        "lat": "latitude",
        "lon": "longitude",
        "osm": "horaires_accueil",
        "date": "date_maj",
        "conditions": "conditions_acces",
        "tarif": "frais_precisions",
        "publics_texte": "publics_precisions",
        "categorie": "thematiques",
    }

    def __init__(self, words: Correspondances, places: Places):
        super().__init__(words, places)
        self._structures = sqlite3.connect("")  # a file that SQLite spills to and deletes by itself
        self._structures.execute("CREATE TABLE structures (id TEXT PRIMARY KEY, json TEXT) WITHOUT ROWID")
        # Jalon's own words, read and written at the start of descriptions.
        self._labels = {label: key for key, label in places.categories.items()}
        self._offers = {label: key for key, label in places.offers.items()}

    def read(self, paths: Sequence[Path], advance: Callable[[int], None]) -> Iterator[Record]:
        for record in super().read(paths, advance):
            values = record.values or {}
            if self.kind(values) == STRUCTURE and isinstance(values.get("id"), str):
                self._structures.execute(
                    "INSERT OR IGNORE INTO structures VALUES (?, ?)", (_key(values["id"]), json.dumps(values))
                )
        yield from super().read(paths, advance)

    def kind(self, values: Mapping) -> str:
        return SERVICE if _SERVICE_ONLY & values.keys() else STRUCTURE

    def group(self, values: Mapping) -> object:
        return values.get("structure_id") or values.get("id")

    def related(self, values: Mapping) -> Mapping | None:
        embedded, key = values.get("structure"), values.get("structure_id")
        if isinstance(embedded, dict):
            return embedded
        if not isinstance(key, str):
            return None
        found = self._structures.execute("SELECT json FROM structures WHERE id = ?", (_key(key),)).fetchone()
        return found and json.loads(found[0])

    def check(self, values: Mapping, note: Note) -> None:
        kind = self.kind(values)
        try:
            model = Service if kind == SERVICE else Structure
            model.model_validate(values, context={"ignore_warnings": False})
        except ValidationError as error:
            for fault in error.errors(include_url=False):
                _tell(fault, note)
        if kind == STRUCTURE and (problem := siret(values.get("siret"))):
            note(ERROR, "siret", *problem)

    def fiche(self, values: Mapping, note: Note) -> dict:
        if self.kind(values) == STRUCTURE:
            raise NotShown("structure : elle est lue avec ses services")
        structure = self.related(values)
        if structure is None:
            told, _ = clean_text(values.get("structure_id"))
            note(ERROR, "structure_id", f"La structure « {(told or '')[:60]} » n'est pas dans le fichier.")
            structure = {}
        if values.get("modes_accueil") == ["a-distance"]:
            raise NotShown("service à distance")
        at_service = any(values.get(key) not in (None, "") for key in ("adresse", "latitude"))
        where = values if at_service else {**values, **{key: structure.get(key) for key in _WHERE}}
        name = structure.get("nom") or values.get("nom")
        label, offers, rest = self._own_words(values.get("description"))
        category, services = (label, offers) if label else self._meaning(values, structure)
        closed = rest is not None and rest.startswith(_CLOSED)
        rest = rest.removeprefix(_CLOSED).strip() if closed else rest
        other = values.get("nom") if structure.get("nom") and values.get("nom") != name else None
        return {
            "nom": name,
            "categorie": category,
            "services": services,
            "statut": "ferme_travaux" if closed else None,
            "a_savoir": rest or (f"Service : {str(other).rstrip('. ')}." if other else None),
            "adresse": where.get("adresse"),
            "code_postal": where.get("code_postal"),
            "commune": where.get("commune"),
            "lat": where.get("latitude"),
            "lon": where.get("longitude"),
            "osm": values.get("horaires_accueil") or structure.get("horaires_accueil"),
            "telephone": values.get("telephone") or structure.get("telephone"),
            "acces": _access(values),
            "conditions": values.get("conditions_acces"),
            "gratuit": {"gratuit": True, "payant": False}.get(str(values.get("frais"))),
            "tarif": values.get("frais_precisions"),
            "date": values.get("date_maj"),
            **self._publics(values),
        }

    def homeless(self, values: Mapping) -> list[str]:
        taken = _TAKEN[self.kind(values)]
        return [key for key, value in values.items() if key not in taken and value not in (None, "", [])]

    def render(self, fiche: Mapping) -> dict[str, dict]:
        key, moment = f"{PRODUCER}--{fiche['identifiant']}", _whole_date(fiche["date"])
        where = {
            "commune": fiche["commune"],
            "code_postal": fiche["code_postal"],
            "adresse": fiche["adresse"],
            "longitude": fiche["lon"],
            "latitude": fiche["lat"],
            "telephone": _e164(fiche["telephone"]),
        }
        name = fiche["nom"].rstrip(". ") if not fiche["nom"].endswith("etc.") else fiche["nom"]
        head = {"source": PRODUCER, "id": key, "nom": name, "date_maj": moment}
        structure = {**head, **where}
        publics = _public_words(fiche, self.words)
        service = {
            **head,
            "structure_id": key,
            "description": self._description(fiche),
            "thematiques": list(self.words.themes_of.get(fiche["categorie"], ())) or None,
            "frais": {True: "gratuit", False: "payant"}.get(fiche["gratuit"]),
            "frais_precisions": fiche["tarif"],
            "publics": publics or None,
            "publics_precisions": fiche["publics_texte"],
            "conditions_acces": fiche["conditions"],
            **where,
            "modes_accueil": ["en-presentiel"] if fiche["adresse"] or fiche["lat"] is not None else None,
            **_mobilisation(fiche),
            "horaires_accueil": fiche["osm"],
        }
        return {STRUCTURE: _filled(structure), SERVICE: _filled(service)}

    def write(self, records: Callable[[str], Iterable[Mapping]], count: int, file: TextIO) -> None:
        file.write('{"structures": ')
        write_array(records(STRUCTURE), file)
        file.write(',\n"services": ')
        write_array(records(SERVICE), file)
        file.write("}\n")

    def _meaning(self, values: Mapping, structure: Mapping) -> tuple[str | None, list[str]]:
        """Category and services that the names and thématiques tell. Raises NotShown."""
        themes = _listed(values, "thematiques")
        if any(one in self.words.protected for one in themes):
            raise NotShown("lieu à protéger peut-être : à saisir à la main")
        meanings = [meaning for one in themes if (meaning := self.words.themes.get(one))]
        names = (clean_text(values.get("nom"))[0], clean_text(structure.get("nom"))[0])
        category = self.words.named(*names) or next((one.category for one in meanings if one.category), None)
        if category is None:
            raise NotShown("thématiques non reprises" if themes else "aucune thématique")
        return category, list(dict.fromkeys(word for one in meanings for word in one.services))

    def _own_words(self, description: object) -> tuple[str | None, list[str], str | None]:
        """Category, services and the rest, of a description that Jalon wrote."""
        told = re.match(r"([^.:]+?)(?: : ([^.]+))?\.(?: (.*))?$", str(description or ""), re.DOTALL)
        label = self._labels.get(told[1]) if told else None
        if label is None:
            return None, [], None
        offers = [self._offers.get(one) for one in (told[2] or "").split(", ") if one]
        return (label, offers, told[3]) if None not in offers else (None, [], None)

    def _description(self, fiche: Mapping) -> str:
        categories, offers = self.places.categories, self.places.offers
        told = ", ".join(offers.get(one, one) for one in fiche["services"])
        head = categories.get(fiche["categorie"], fiche["categorie"]) + (f" : {told}" if told else "")
        closed = _CLOSED if fiche["statut"] == "ferme_travaux" else None
        return " ".join(filter(None, (f"{head}.", closed, fiche["a_savoir"])))

    def _publics(self, values: Mapping) -> dict:
        told = [one for one in _listed(values, "publics") if one in self.words.publics]
        known = [self.words.publics[one] for one in told]
        profiles = [profile for _, profile in known]
        sentences = " ".join(sentence for sentence, _ in known)
        return {
            "tous": "tous-publics" in told if told else None,
            "profils": profiles if None not in profiles else [],
            "publics_texte": values.get("publics_precisions"),
            "publics_sinon": sentences or None,
        }


def _tell(fault: Mapping, note: Note) -> None:
    """One fault of the models, in French."""
    field, kind = str(fault["loc"][0]), fault["type"]
    if field in _LATER and kind != "missing":
        return
    value = str(fault["input"])[:60]
    level = WARNING if kind == "avertissement" else ERROR
    if kind == "value_error":
        text = fault["msg"].removeprefix("Value error, ") if field != "courriel" else ""
        text = text or f"« {value} » n'est pas une adresse électronique."
    else:
        text = _TYPES.get(kind, "« {value} » n'est pas permis pour « {field} ».").format(
            field=field, value=value, text=fault["msg"]
        )
    known = _WORDS.get(field, ())
    hint = near(value, known) if known else None
    if kind == "enum" and not hint and len(known) < 8:
        hint = f"Permis : {', '.join(known)}."
    note(level, field, text, hint)


def _key(text: str) -> str:
    return json.dumps(text)  # halves of a character cannot be stored as they are


def _listed(values: Mapping, key: str) -> list[str]:
    told = values.get(key)
    return [one for one in told if isinstance(one, str)] if isinstance(told, list) else []


def _access(values: Mapping) -> str | None:
    if values.get("mobilisable_par") == ["professionnels"]:
        return "orientation"
    ways = _listed(values, "modes_mobilisation")
    return "libre" if "se-presenter" in ways else "rendez_vous" if "telephoner" in ways else None


def _mobilisation(fiche: Mapping) -> dict:
    ways = {"libre": ["se-presenter"], "rendez_vous": ["telephoner"]}.get(fiche["acces"])
    who = {"orientation": ["professionnels"], "libre": ["usagers"], "rendez_vous": ["usagers"]}
    return {"modes_mobilisation": ways, "mobilisable_par": who.get(fiche["acces"])}


def _public_words(fiche: Mapping, words: Correspondances) -> list[str]:
    """The publics that say exactly what the profiles say; none when one profile has no word."""
    if fiche["tous"]:
        return ["tous-publics"]
    told = {
        json.dumps(profile, sort_keys=True): word for word, (_, profile) in words.publics.items() if profile
    }
    found = [told.get(json.dumps(profile, sort_keys=True)) for profile in fiche["profils"]]
    return found if None not in found else []


def _filled(record: Mapping) -> dict:
    return {key: value for key, value in record.items() if value is not None}


def _e164(number: str | None) -> str | None:
    return "+33" + number.replace(" ", "")[1:] if number and number.startswith("0") else number


def _whole_date(told: str | None) -> str:
    """A day: the first of the month or the year when only that is known, of 2000 when nothing is."""
    return ((told or "2000") + "-01-01")[:10]
