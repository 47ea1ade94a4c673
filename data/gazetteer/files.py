"""Read data/lieux/*.yml and refuse what cannot be right."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from data.gazetteer.place import TYPES, Lieu
from data.yaml_reader import YamlError, read_yaml
from rules.reading.located import line_of

LEXICON_FILE = "mots_ordinaires.yml"
STREETS_FILE = "rues_de_paris.csv"
# Île-de-France, rounded outwards (degrees).
_LATITUDES = (48.1, 49.3)
_LONGITUDES = (1.4, 3.6)
_KEYS = {
    "nom", "type", "lat", "lon", "arrondissement", "commune", "proches", "variantes", "exige",
    "codes_postaux", "note",
}  # fmt: skip


@dataclass(frozen=True)
class PlaceFault:
    """One entry that was refused, and where to repair it."""

    file: str
    line: int | None
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class PlaceFilesError(ValueError):
    """The place files hold errors; `.faults` lists them all."""

    def __init__(self, faults: list[PlaceFault]):
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def read_places(root: Path | str) -> tuple[list[Lieu], dict, list[dict]]:
    """Places, lexicon and sources of `root`/data/lieux. Raises PlaceFilesError with every fault."""
    folder = Path(root) / "data" / "lieux"
    places: list[Lieu] = []
    sources: list[dict] = []
    faults: list[PlaceFault] = []
    lexicon: dict = {}
    for path in sorted(folder.glob("*.yml")):
        name = f"data/lieux/{path.name}"
        try:
            document = read_yaml(path, name)
        except YamlError as error:
            faults.append(PlaceFault(name, error.line, error.message))
            continue
        if path.name == LEXICON_FILE:
            lexicon = _plain(document)
            continue
        file_places, file_faults = _read_document(document, name)
        places += file_places
        faults += file_faults
        sources += _read_sources(document, name, faults)
    if not lexicon:
        faults.append(PlaceFault(f"data/lieux/{LEXICON_FILE}", None, "fichier absent ou vide"))
    if faults:
        raise PlaceFilesError(faults)
    return places, lexicon, sources


def read_streets(root: Path | str) -> list[Lieu]:
    """Every street of Paris with its middle, once for each arrondissement it crosses; none without the file.

    Raises PlaceFilesError with the lines that cannot be right.
    """
    path = Path(root) / "data" / "lieux" / STREETS_FILE
    if not path.is_file():
        return []
    streets, faults = [], []
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        for row in rows:
            street = _street(row)
            if street:
                streets.append(street)
            else:
                message = "écrivez : nom, arrondissement de 1 à 20, latitude, longitude"
                faults.append(PlaceFault(f"data/lieux/{STREETS_FILE}", rows.line_num, message))
    if faults:
        raise PlaceFilesError(faults)
    return streets


def _street(row: dict[str, str]) -> Lieu | None:
    try:
        number, lat, lon = int(row["arrondissement"]), float(row["lat"]), float(row["lon"])
    except (KeyError, TypeError, ValueError):
        return None
    known = bool(row.get("nom")) and 1 <= number <= 20 and _is_here(lat, lon)
    return Lieu(row["nom"], "rue", number, "Paris", lat, lon) if known else None


def _is_here(lat: float, lon: float) -> bool:
    return _LATITUDES[0] <= lat <= _LATITUDES[1] and _LONGITUDES[0] <= lon <= _LONGITUDES[1]


def _read_document(document: object, name: str) -> tuple[list[Lieu], list[PlaceFault]]:
    if not isinstance(document, dict) or not isinstance(document.get("lieux"), list):
        return [], [PlaceFault(name, line_of(document), "écrivez une liste sous la clé « lieux »")]
    places: list[Lieu] = []
    faults: list[PlaceFault] = []
    entries = document["lieux"]
    for index, entry in enumerate(entries):
        line = line_of(entries, index)
        messages = _entry_faults(entry, document.get("type"))
        faults += [PlaceFault(name, line, message) for message in messages]
        if not messages:
            places.append(_place(entry, document.get("type")))
    return places, faults


def _entry_faults(entry: object, default_type: object) -> list[str]:
    if not isinstance(entry, dict):
        return ["écrivez un lieu entre accolades : {nom: …, lat: …, lon: …}"]
    messages = [f"clé inconnue « {key} »" for key in entry if key not in _KEYS]
    if not isinstance(entry.get("nom"), str) or not entry["nom"].strip():
        messages.append("il manque « nom »")
    kind = entry.get("type", default_type)
    if kind not in TYPES:
        messages.append(f"type inconnu « {kind} » : choisissez parmi {', '.join(TYPES)}")
    lat, lon = entry.get("lat"), entry.get("lon")
    if not _is_number(lat) or not _is_number(lon):
        messages.append("il manque la position « lat » et « lon »")
    elif not _is_here(lat, lon):
        messages.append(f"position hors de l'Île-de-France : {lat}, {lon}")
    numbers = [n for n in (entry.get("arrondissement"), *_items(entry.get("proches"))) if n is not None]
    if any(not isinstance(n, int) or not 1 <= n <= 20 for n in numbers):
        messages.append("un arrondissement va de 1 à 20")
    for key in ("proches", "variantes", "exige", "codes_postaux"):
        if not isinstance(entry.get(key, []), list):
            messages.append(f"« {key} » est une liste : écrivez [ … ]")
    return messages


def _place(entry: dict, default_type: object) -> Lieu:
    names = [*_items(entry.get("variantes")), *_items(entry.get("codes_postaux"))]
    return Lieu(
        nom=entry["nom"],
        type=str(entry.get("type", default_type)),
        arrondissement=entry.get("arrondissement"),
        commune=entry.get("commune") or "Paris",
        lat=float(entry["lat"]),
        lon=float(entry["lon"]),
        variantes=tuple(str(name) for name in names),
        proches=tuple(_items(entry.get("proches"))),
        exige=tuple(_items(entry.get("exige"))),
    )


def _read_sources(document: object, name: str, faults: list[PlaceFault]) -> list[dict]:
    sources = document.get("sources") if isinstance(document, dict) else None
    if not isinstance(sources, list) or not sources:
        faults.append(PlaceFault(name, 1, "il manque « sources » : titre, editeur, licence, date"))
        return []
    keys = ("titre", "editeur", "licence", "date", "adresse")
    for index, source in enumerate(sources):
        missing = [key for key in keys[:4] if not isinstance(source, dict) or not source.get(key)]
        if missing:
            faults.append(PlaceFault(name, line_of(sources, index), f"source sans {', '.join(missing)}"))
    return [
        {"fichier": name, **{key: source.get(key) for key in keys}}
        for source in sources
        if isinstance(source, dict)
    ]


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _items(value: object) -> Iterable:
    return value if isinstance(value, list) else ()


def _plain(value: object) -> object:
    """The same content in plain dicts and lists, as it will come back from the database."""
    return json.loads(json.dumps(value))
