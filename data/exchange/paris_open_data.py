"""Equipment published by the Ville de Paris (bains-douches, îlots de fraîcheur): JSON or CSV, import only.

Each day has its own column (`horaires_lundi`: « 07h30 - 13h00 »), the place a `geo_point_2d`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from data.exchange.csv_file import table
from data.exchange.fiche import Note
from data.exchange.formats import Format, NotShown
from data.exchange.json_records import Record
from data.exchange.report import ERROR, WARNING, near
from data.exchange.values import clean_text, fold, yes_no

_DAYS = {
    "lundi": "Mo",
    "mardi": "Tu",
    "mercredi": "We",
    "jeudi": "Th",
    "vendredi": "Fr",
    "samedi": "Sa",
    "dimanche": "Su",
}
_COLUMN = {day: f"horaires_{day}" for day in _DAYS}
_TIME = r"(\d{1,2})\s*[hH:]\s*(\d{2})?"
_SPAN = re.compile(rf"{_TIME}\s*(?:-|–|à|a)\s*{_TIME}")
_CLOSED = ("", "-", "ferme", "fermee")
_TAKEN = {
    "identifiant", "recordid", "id", "nom", "type", "adresse", "arrondissement", "code_postal", "commune",
    "geo_point_2d", "geo_shape", "geom", "payant", "telephone", "horaires_periode", *_COLUMN.values(),
}  # fmt: skip


class ParisOpenData(Format):
    """Read equipment."""

    name = "paris"
    sections = ("results", "records", "features")
    fields: ClassVar = {
        "lat": "geo_point_2d",
        "lon": "geo_point_2d",
        "code_postal": "arrondissement",
        "categorie": "type",
    }

    def read(self, paths: Sequence[Path], advance: Callable[[int], None]) -> Iterator[Record]:
        for path in paths:
            with open(path, "rb") as file:
                first = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
            yield from super().read([path], advance) if first in (b"{", b"[") else table(path, advance)

    def identity(self, values: Mapping) -> object:
        told = _fields(values)
        return told.get("identifiant") or values.get("recordid") or told.get("id")

    def fiche(self, values: Mapping, note: Note) -> dict:
        told = _fields(values)
        kind, _ = clean_text(told.get("type"))
        known = {fold(word): meaning for word, meaning in self.words.types.items()}
        if kind is None or fold(kind) not in known:
            hint = near(kind, self.words.types) if kind else None
            note(ERROR, "categorie", f"Le type « {(kind or '')[:40]} » n'est pas connu.", hint)
            raise NotShown("type inconnu")
        meaning = known[fold(kind)]
        if meaning is None:
            raise NotShown("type non repris")
        lat, lon = _point(told.get("geo_point_2d"))
        return {
            "nom": told.get("nom"),
            "categorie": meaning.category,
            "services": list(meaning.services),
            "adresse": re.sub(
                r"^(\d+\s*(?:bis|ter)?)\s*,\s*", r"\1 ", " ".join(str(told.get("adresse") or "").split())
            ),
            "code_postal": told.get("code_postal") or told.get("arrondissement"),
            "commune": told.get("commune"),
            "lat": lat,
            "lon": lon,
            "telephone": told.get("telephone"),
            "gratuit": None if (paid := yes_no(told.get("payant"))) is None else not paid,
            "osm": week(told, note),
        }

    def homeless(self, values: Mapping) -> list[str]:
        period = str(_fields(values).get("horaires_periode") or "-").strip()
        others = [
            key for key, cell in _fields(values).items() if key not in _TAKEN and cell not in (None, "")
        ]
        return others + (["horaires_periode"] if period != "-" else [])


def week(told: Mapping, note: Note) -> str | None:
    """The seven columns as OpenStreetMap hours; None when there is none, or one cannot be read."""
    days: dict[str, list[str]] = {}
    filled = [told.get(column) for column in _COLUMN.values()]
    if all(cell in (None, "") or str(cell).strip() == "-" for cell in filled):
        return None
    for day, column in _COLUMN.items():
        spans = _spans(told.get(column))
        if spans is None:
            note(
                ERROR,
                column,
                f"« {str(told[column])[:40]} » : ces heures sont illisibles.",
                "Exemple : 07h30 - 13h00.",
            )
            return None
        if spans:
            days.setdefault(spans, []).append(_DAYS[day])
    if told.get("horaires_periode") not in (None, "", "-"):
        note(WARNING, "horaires_periode", "Une période est donnée en phrase : vérifiez qu'elle est en cours.")
    return "; ".join(f"{','.join(names)} {spans}" for spans, names in days.items()) or None


def _spans(cell: object) -> str | None:
    """« 07:30-13:00,14:00-18:00 », "" for a closed day, None when it cannot be read."""
    text = str(cell or "").strip()
    if text == "-" or fold(text) in _CLOSED:
        return ""
    found = _SPAN.findall(text)
    rest = _SPAN.sub("", text)
    if not found or not re.fullmatch(r"(?:[\s,/;&.\-]|et)*", rest):
        return None
    spans = [f"{int(a):02}:{b or '00'}-{int(c):02}:{d or '00'}" for a, b, c, d in found]
    return ",".join(spans)


def _fields(values: Mapping) -> Mapping:
    """The columns, wherever this export puts them."""
    for key in ("fields", "properties"):
        if isinstance(values.get(key), dict):
            return values[key]
    return values


def _point(told: object) -> tuple[object, object]:
    if isinstance(told, dict):
        return told.get("lat"), told.get("lon")
    if isinstance(told, str):
        told = [part.strip() for part in told.split(",")]
    return (told[0], told[1]) if isinstance(told, list) and len(told) == 2 else (None, None)
