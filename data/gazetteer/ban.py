"""Lines of a Base Adresse Nationale file, read one by one: an address of Paris, or why it is refused.

Two forms are told apart by their header: the official file of a département (« adresses-75.csv ») and a compact
one, whose streets are in a « rues.csv » beside it. Pure: no file is opened here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

# Paris and its two woods, rounded outwards (degrees).
_LATITUDES = (48.80, 48.92)
_LONGITUDES = (2.20, 2.48)
# Numbers above are technical ones, given to parcels without a number in the street.
_HIGHEST_NUMBER = 4999
# « 100P1 Rue de Reuilly »: a plot inside a block, which nobody says.
_PSEUDO_STREET = re.compile(r"\d+P\d+ ")
_SUFFIXES = {
    "": "", "b": "bis", "bis": "bis", "t": "ter", "ter": "ter", "q": "quater", "quater": "quater",
}  # fmt: skip


class UnknownForm(ValueError):
    """The header is not one of a known form; the message says which columns are missing."""


class Refused(ValueError):
    """A line that gives no address; the message says why, in French."""


@dataclass(frozen=True)
class Street:
    """A street in one arrondissement. `key` is stable: INSEE code and FANTOIR code."""

    key: str
    nom: str
    arrondissement: int
    code_postal: str
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True)
class Address:
    """A house number. `rep` is "", "bis", "ter" or "quater"; degrees WGS 84."""

    street: Street
    numero: int
    rep: str
    lat: float
    lon: float


@dataclass(frozen=True)
class Form:
    """A way to write the file: how its columns are cut, those it must have, and how a row is read."""

    name: str
    delimiter: str
    columns: tuple[str, ...]
    needs_streets: bool = False


OFFICIAL = Form(
    "Base Adresse Nationale", ";",
    ("id", "numero", "rep", "nom_voie", "code_postal", "code_insee", "lon", "lat"),
)  # fmt: skip
COMPACT = Form("compacte", ",", ("id_rue", "numero", "rep", "lat", "lon"), needs_streets=True)
FORMS = (OFFICIAL, COMPACT)
STREET_COLUMNS = ("id", "nom", "arrondissement", "codes_postaux", "lat", "lon")


def form_of(header: str) -> Form:
    """The form of a file from its first line. Raises UnknownForm."""
    first = header.lstrip("\ufeff").strip()
    missing = {form: _missing(form, first) for form in FORMS}
    for form, names in missing.items():
        if not names:
            return form
    raise UnknownForm(
        "Ce n'est pas un fichier d'adresses connu. Il faut le fichier « adresses-75.csv » de la Base Adresse"
        f" Nationale, avec des points-virgules. Colonnes absentes : {', '.join(missing[OFFICIAL])}."
    )


def _missing(form: Form, header: str) -> list[str]:
    present = {name.strip().strip('"') for name in header.split(form.delimiter)}
    return [name for name in form.columns if name not in present]


def reader(
    form: Form, header: Sequence[str], streets: Mapping[str, Street]
) -> Callable[[list[str]], Address]:
    """A function from the cells of one line to its address; it raises Refused.

    `streets`: the streets by key, for a form that does not name them.
    """
    ranks = {name: rank for rank, name in enumerate(header)}
    read = _read_compact if form.needs_streets else _read_official
    known = dict(streets)

    def address_of(cells: list[str]) -> Address:
        if len(cells) != len(header):
            raise Refused(f"{len(cells)} colonnes au lieu de {len(header)}")
        return read({name: cells[rank].strip() for name, rank in ranks.items()}, known)

    return address_of


def read_street(row: Mapping[str, str]) -> Street:
    """A street of a « rues.csv » file. Raises Refused."""
    if not row["id"] or not row["nom"]:
        raise Refused("rue sans identifiant ou sans nom")
    lat, lon = _position(row)
    number = row["arrondissement"]
    if not (number.isdecimal() and 1 <= int(number) <= 20):
        raise Refused(f"arrondissement « {number} » inconnu")
    return Street(row["id"], row["nom"], int(number), row["codes_postaux"].split(" ")[0], lat, lon)


def _read_official(row: Mapping[str, str], known: dict[str, Street]) -> Address:
    name = row["nom_voie"]
    if not name:
        raise Refused("nom de la voie absent")
    if "\ufffd" in name:
        raise Refused("nom de la voie illisible (le fichier n'est pas en UTF-8)")
    if _PSEUDO_STREET.match(name):
        raise Refused("voie technique")
    arrondissement = _arrondissement(row)
    key = "_".join(row["id"].split("_")[:2])
    if "_" not in key:
        raise Refused(f"identifiant « {row['id']} » inconnu")
    street = known.get(key)
    if street is None:
        street = known[key] = Street(key, name, arrondissement, row["code_postal"])
    return Address(street, _number(row["numero"]), _suffix(row["rep"]), *_position(row))


def _read_compact(row: Mapping[str, str], known: dict[str, Street]) -> Address:
    street = known.get(row["id_rue"])
    if street is None:
        raise Refused(f"rue « {row['id_rue']} » absente de rues.csv")
    return Address(street, _number(row["numero"]), _suffix(row["rep"]), *_position(row))


def _arrondissement(row: Mapping[str, str]) -> int:
    insee, postcode = row["code_insee"], row["code_postal"]
    for code, prefix in ((insee, "751"), (postcode, "750"), (postcode, "751")):
        if code.startswith(prefix) and code[3:].isdecimal() and 1 <= int(code[3:]) <= 20:
            return int(code[3:])
    raise Refused("adresse hors de Paris")


def _number(text: str) -> int:
    if not text.isdecimal():
        raise Refused(f"numéro « {text} » illisible")
    if not 1 <= int(text) <= _HIGHEST_NUMBER:
        raise Refused(f"numéro {text} sans sens (lieu sans numéro)")
    return int(text)


def _suffix(text: str) -> str:
    """bis, ter, quater; a building letter is left out, its address is that of the number."""
    return _SUFFIXES.get(text.lower(), "")


def _position(row: Mapping[str, str]) -> tuple[float, float]:
    try:
        lat, lon = float(row["lat"]), float(row["lon"])
    except ValueError:
        raise Refused("position absente ou illisible") from None
    if not (_LATITUDES[0] <= lat <= _LATITUDES[1] and _LONGITUDES[0] <= lon <= _LONGITUDES[1]):
        raise Refused("position hors de Paris")
    return round(lat, 5), round(lon, 5)
