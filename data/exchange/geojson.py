"""GeoJSON (RFC 7946): a FeatureCollection of points, with the columns of data/exchange/flat.py as properties."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar, TextIO

from data.exchange.fiche import Note
from data.exchange.flat import COLUMNS, by_column, from_cells, homeless, to_cells
from data.exchange.formats import Format, write_array
from data.exchange.report import ERROR


class GeoJson(Format):
    """Read and write points."""

    name = "geojson"
    sections = ("features",)
    fields: ClassVar = {key: column for column, key in COLUMNS.items()} | {
        "lat": "coordinates",
        "lon": "coordinates",
    }

    def identity(self, values: Mapping) -> object:
        return values.get("id") or by_column(_properties(values)).get("id")

    def check(self, values: Mapping, note: Note) -> None:
        if values.get("type") != "Feature":
            note(ERROR, "type", "Cet enregistrement n'est pas un « Feature ».")
        if not isinstance(values.get("properties"), (dict, type(None))):
            note(ERROR, "properties", "« properties » n'est pas un objet.")

    def fiche(self, values: Mapping, note: Note) -> dict:
        found = from_cells(by_column(_properties(values)), note)
        lat, lon = _point(values, note)
        return {**found, "lat": lat, "lon": lon}

    def homeless(self, values: Mapping) -> list[str]:
        return homeless(_properties(values))

    def render(self, fiche: Mapping) -> dict[str, dict]:
        cells = to_cells(fiche)
        key, lat, lon = cells.pop("id"), cells.pop("latitude"), cells.pop("longitude")
        point = None if lat is None else {"type": "Point", "coordinates": [lon, lat]}
        return {"service": {"type": "Feature", "id": key, "geometry": point, "properties": cells}}

    def write(self, records: Callable[[str], Iterable[Mapping]], count: int, file: TextIO) -> None:
        file.write('{"type": "FeatureCollection", "features": ')
        write_array(records("service"), file)
        file.write("}\n")


def _properties(values: Mapping) -> Mapping:
    found = values.get("properties")
    return found if isinstance(found, dict) else {}


def _point(values: Mapping, note: Note) -> tuple[object, object]:
    """Latitude and longitude as written; nothing when the place has no point."""
    shape = values.get("geometry")
    if shape is None:
        return None, None
    if not isinstance(shape, dict) or shape.get("type") != "Point":
        kind = shape.get("type") if isinstance(shape, dict) else shape
        note(
            ERROR, "lat", f"« {str(kind)[:20]} » n'est pas un point.", "Donnez le point de l'entrée du lieu."
        )
        return None, None
    told = shape.get("coordinates")
    if not isinstance(told, list) or len(told) < 2:
        note(ERROR, "lat", "Un point a une longitude puis une latitude.")
        return None, None
    return told[1], told[0]
