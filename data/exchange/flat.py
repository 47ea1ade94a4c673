"""The columns of CSV files and the properties of GeoJSON: a fiche as plain cells, and back.

A list is written with « | » between its items; a profile as « genre=femme,age_min=18 ».
"""

from __future__ import annotations

from collections.abc import Mapping

from data.exchange.fiche import Note
from data.exchange.report import ERROR, near
from data.exchange.values import clean_text, fold

# column → key of the fiche
COLUMNS = {
    "id": "identifiant",
    "nom": "nom",
    "categorie": "categorie",
    "services": "services",
    "statut": "statut",
    "sensible": "sensible",
    "gestionnaire": "gestionnaire",
    "adresse": "adresse",
    "code_postal": "code_postal",
    "commune": "commune",
    "latitude": "lat",
    "longitude": "lon",
    "precision": "precision",
    "metro": "metro",
    "horaires": "osm",
    "horaires_texte": "horaires_texte",
    "derniere_entree_min": "derniere_entree_min",
    "telephone": "telephone",
    "pour_tous": "tous",
    "profils": "profils",
    "publics": "publics_texte",
    "acces": "acces",
    "conditions": "conditions",
    "gratuit": "gratuit",
    "tarif": "tarif",
    "accessible": "accessible",
    "langues": "langues",
    "animaux": "animaux",
    "animaux_texte": "animaux_texte",
    "a_savoir": "a_savoir",
    "date": "date",
}
LISTS = ("services", "metro", "langues")
_SEPARATOR = "|"
_CRITERIA = {
    "genre": str,
    "age_min": int,
    "age_max": int,
    "sans_enfant": str,
    "avec": list,
    "arrondissements": list,
}


_FOLDED = {fold(column.replace("_", " ")): column for column in COLUMNS}


def by_column(values: Mapping[str, object]) -> dict[str, object]:
    """Cells under the names of our columns, whatever their capitals, accents and spaces in the file."""
    return {_column(name) or name: cell for name, cell in values.items()}


def homeless(values: Mapping[str, object]) -> list[str]:
    """Filled columns that Jalon has no field for."""
    return [name for name, cell in values.items() if cell not in (None, "") and _column(name) is None]


def _column(name: str) -> str | None:
    return _FOLDED.get(fold(name.replace("_", " ")))


def to_cells(fiche: Mapping) -> dict[str, object]:
    """Column → text, number, or None."""
    return {column: _cell(key, fiche.get(key)) for column, key in COLUMNS.items()}


def from_cells(cells: Mapping[str, object], note: Note) -> dict:
    """The fiche that cells describe. Cells that cannot be read are told to `note` and left out."""
    fiche = {key: _value(key, cells.get(column)) for column, key in COLUMNS.items()}
    told, _ = clean_text(cells.get("profils"))
    fiche["profils"] = [_profile(text, note) for text in told.split(_SEPARATOR)] if told else []
    fiche["profils"] = [profile for profile in fiche["profils"] if profile]
    return fiche


def _cell(key: str, value: object) -> object:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if key == "profils":
        return _SEPARATOR.join(map(_written, value or ())) or None
    if isinstance(value, (list, tuple)):
        return _SEPARATOR.join(value) or None
    return value


def _value(key: str, cell: object) -> object:
    if key in LISTS:
        return [part.strip() for part in str(cell).split(_SEPARATOR) if part.strip()] if cell else []
    return None if cell == "" else cell


def _written(profile: Mapping) -> str:
    def told(value: object) -> str:
        if isinstance(value, list):
            return "+".join(map(str, value))
        return "oui" if value is True else str(value)

    return ",".join(f"{key}={told(value)}" for key, value in profile.items())


def _profile(text: str, note: Note) -> dict | None:
    found = {}
    for part in text.split(","):
        key, _, value = (piece.strip() for piece in part.partition("="))
        if key not in _CRITERIA or not value:
            note(ERROR, "profils", f"« {part[:40]} » n'est pas un critère.", near(key, _CRITERIA))
            return None
        words = value.split("+")
        kind = _CRITERIA[key]
        if kind is int or key == "arrondissements":
            if not all(word.isascii() and word.isdigit() and len(word) < 4 for word in words):
                note(ERROR, "profils", f"« {value[:20]} » n'est pas un nombre.")
                return None
            words = [int(word) for word in words]
        found[key] = words if kind is list else value == "oui" if key == "sans_enfant" else words[0]
    return found
