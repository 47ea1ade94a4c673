"""HSDS 3, the Human Services Data Specification: a page of services, each with all it holds.

Checked with data/exchange/hsds_schema.json, the part of the specification that Jalon needs.
Opening hours are schedules; the OpenStreetMap writing goes along in `notes`, where nothing of it is lost.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import ClassVar, TextIO
from uuid import NAMESPACE_URL, uuid5

import jsonschema_rs

from data.checks import Places
from data.exchange.correspondances import Correspondances
from data.exchange.fiche import Note
from data.exchange.formats import SERVICE, Format, NotShown, write_array
from data.exchange.report import ERROR, WARNING, near
from data.exchange.values import clean_text

SCHEMA = Path(__file__).parent / "hsds_schema.json"
_NAMESPACE = uuid5(NAMESPACE_URL, "jalon")
_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_SPAN = r"\d\d:\d\d-\d\d:\d\d"
_WEEKLY = re.compile(rf"((?:{'|'.join(_DAYS)})[A-Za-z,\-]*) ({_SPAN}(?:,{_SPAN})*)")
_NOTE_HOURS, _NOTE_LAST = "opening_hours=", "last_entry_min="
_STATUS = {"ferme_travaux": "temporarily closed", "ferme_definitif": "defunct"}
_WHEELCHAIR = {True: "Entrée en fauteuil roulant.", False: "Pas d'entrée en fauteuil roulant."}
_METRO = "Métro : "
_CATEGORIES, _SERVICES, _ACCESS = "jalon:categories", "jalon:services", "jalon:acces"
_TAKEN = {
    "id", "name", "description", "status", "application_process", "fees_description",
    "eligibility_description", "minimum_age", "maximum_age", "last_modified", "assured_date", "phones",
    "schedules", "service_at_locations", "languages", "organization", "cost_options", "attributes",
}  # fmt: skip


class Hsds(Format):
    """Read and write services."""

    name = "hsds"
    global_ids = True
    sections = ("contents", "services")
    fields: ClassVar = {
        "nom": "name",
        "adresse": "address_1",
        "code_postal": "postal_code",
        "commune": "city",
        "lat": "latitude",
        "lon": "longitude",
        "telephone": "number",
        "osm": "schedules",
        "conditions": "application_process",
        "tarif": "fees_description",
        "publics_texte": "eligibility_description",
        "a_savoir": "description",
        "date": "last_modified",
        "categorie": "attributes",
        "statut": "status",
    }

    def __init__(self, words: Correspondances, places: Places):
        super().__init__(words, places)
        schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
        self._validator = jsonschema_rs.validator_for(schema, validate_formats=True)

    def check(self, values: Mapping, note: Note) -> None:
        for error in self._validator.iter_errors(_writable(values)):
            path = [str(step) for step in error.instance_path]
            _tell(path, str(error.schema_path[-1]), error, note)
        count = len(list(_objects(values, "service_at_locations")))
        if count > 1:
            note(WARNING, "service_at_locations", f"Ce service a {count} lieux : seul le premier est repris.")

    def fiche(self, values: Mapping, note: Note) -> dict:
        if values.get("status") == "inactive":
            raise NotShown("service inactif")
        place = _first(values, "service_at_locations")
        location, organization = _object(place, "location"), _object(values, "organization")
        address = _first(location, "addresses")
        phones = (_first(one, "phones").get("number") for one in (values, place, location, organization))
        schedules = next((one["schedules"] for one in (values, place, location) if one.get("schedules")), [])
        terms = _terms(values)
        name, keeper = values.get("name"), organization.get("name")
        category = next((code for kind, code, _ in terms if kind == _CATEGORIES), None)
        transport = str(location.get("transportation") or "")
        return {
            "nom": name,
            "categorie": category or self.words.named(_text(name), *(told for *_, told in terms)),
            "services": [code for kind, code, _ in terms if kind == _SERVICES],
            "statut": {told: key for key, told in _STATUS.items()}.get(str(values.get("status"))),
            "gestionnaire": keeper if keeper != name else None,
            "adresse": address.get("address_1"),
            "code_postal": address.get("postal_code"),
            "commune": address.get("city"),
            "lat": location.get("latitude"),
            "lon": location.get("longitude"),
            "metro": transport.removeprefix(_METRO).split(", ") if transport.startswith(_METRO) else [],
            "telephone": next(filter(None, phones), None),
            "acces": next((code for kind, code, _ in terms if kind == _ACCESS), None),
            "conditions": values.get("application_process"),
            "gratuit": _free(values),
            "tarif": values.get("fees_description"),
            "accessible": _wheelchair(location),
            "langues": [one.get("name") for one in _objects(values, "languages") if one.get("name")],
            "profils": _ages(values),
            "publics_texte": values.get("eligibility_description"),
            "a_savoir": values.get("description"),
            "date": values.get("last_modified") or values.get("assured_date"),
            **_hours(schedules, note),
        }

    def homeless(self, values: Mapping) -> list[str]:
        return [key for key, value in values.items() if key not in _TAKEN and value not in (None, "", [])]

    def render(self, fiche: Mapping) -> dict[str, dict]:
        key = fiche["identifiant"]
        location = {
            "id": _id("location", key),
            "location_type": "physical",
            "name": fiche["nom"],
            "latitude": fiche["lat"],
            "longitude": fiche["lon"],
            "transportation": _METRO + ", ".join(fiche["metro"]) if fiche["metro"] else None,
            "addresses": _address(fiche),
            "accessibility": _said(
                "accessibility", key, "description", [_WHEELCHAIR.get(fiche["accessible"])]
            ),
        }
        keeper = fiche["gestionnaire"] or fiche["nom"]
        service = {
            "id": _id("service", key),
            "name": fiche["nom"],
            "description": fiche["a_savoir"],
            "status": _STATUS.get(fiche["statut"], "active"),
            "application_process": fiche["conditions"],
            "fees_description": fiche["tarif"],
            "eligibility_description": fiche["publics_texte"],
            **_age_fields(fiche),
            "last_modified": f"{(fiche['date'] + '-01-01')[:10]}T00:00:00Z" if fiche["date"] else None,
            "phones": _said("phone", key, "number", [_international(fiche["telephone"])]),
            "schedules": _schedules(fiche),
            "service_at_locations": [{"id": _id("at", key), "location": _filled(location)}],
            "languages": _said("language", key, "name", fiche["langues"]),
            "organization": {"id": _id("organization", keeper), "name": keeper, "description": keeper},
            "cost_options": _cost(fiche),
            "attributes": [
                *(_attribute(key, _CATEGORIES, code) for code in [fiche["categorie"]] if code),
                *(_attribute(key, _SERVICES, code) for code in fiche["services"]),
                *(_attribute(key, _ACCESS, code) for code in [fiche["acces"]] if code),
            ],
        }
        return {SERVICE: _filled(service)}

    def write(self, records: Callable[[str], Iterable[Mapping]], count: int, file: TextIO) -> None:
        page = {"total_items": count, "total_pages": 1, "page_number": 1, "size": count}
        page |= {"first_page": True, "last_page": True, "empty": count == 0}
        file.write(json.dumps(page)[:-1] + ', "contents": ')
        write_array(records(SERVICE), file)
        file.write("}\n")


def to_schedules(osm: str) -> list[dict]:
    """The weekly rules of OpenStreetMap hours as RRULE fields; the exceptions are left to the notes."""
    found = []
    for rule in osm.split(";"):
        weekly = _WEEKLY.fullmatch(rule.strip())
        for span in weekly[2].split(",") if weekly else ():
            opens, closes = span.split("-")
            days = ",".join(day.upper() for day in _days(weekly[1]))
            found.append({"freq": "WEEKLY", "byday": days, "opens_at": opens, "closes_at": closes})
    return found


def to_osm(schedules: Iterable[Mapping]) -> str | None:
    """OpenStreetMap hours of weekly schedules; None when one of them is not a plain week."""
    spans: dict[str, list[str]] = {}
    for one in schedules:
        times = [
            re.match(r"([01]\d|2[0-4]):[0-5]\d", str(one.get(key) or "")) for key in ("opens_at", "closes_at")
        ]
        days = [day.strip().capitalize() for day in str(one.get("byday") or "").split(",")]
        plain = one.get("freq") == "WEEKLY" and one.get("interval") in (None, 1)
        if not (plain and all(times) and set(days) <= set(_DAYS)):
            return None
        if any(one.get(key) for key in ("until", "count", "valid_from", "byweekno", "bymonthday")):
            return None
        if one.get("valid_to") and one["valid_to"] < date.today().isoformat():
            continue
        written = ",".join(day for day in _DAYS if day in days)
        spans.setdefault(written, []).append(f"{times[0].group()}-{times[1].group()}")
    return "; ".join(f"{days} {','.join(sorted(times))}" for days, times in spans.items()) or None


def _tell(path: list[str], rule: str, error: jsonschema_rs.ValidationError, note: Note) -> None:
    field = next((step for step in reversed(path) if not step.isdigit()), None)
    value = str(error.instance)[:60]
    if rule == "required":
        missing = re.search(r'"([^"]+)" is a required', error.message)
        field, told = (
            missing[1] if missing else field,
            f"Le champ « {missing[1] if missing else '?'} » manque",
        )
        told += f" dans « {path[-2] if path[-1:] and path[-1].isdigit() else path[-1]} »." if path else "."
        note(ERROR, field, told)
    elif rule == "enum":
        allowed = re.findall(r'"([^"]+)"', error.message.split("is not one of")[-1])
        note(ERROR, field, f"« {value} » n'est pas permis pour « {field} ».", near(value, allowed))
    elif rule == "format":
        note(ERROR, field, f"« {value} » n'est pas bien écrit pour « {field} ».")
    else:
        note(ERROR, field, f"« {field or 'enregistrement'} » n'a pas la bonne forme.")


def _writable(values: Mapping) -> object:
    """Values without the halves of a character that the checker could not hold."""
    return json.loads(json.dumps(values, ensure_ascii=False).encode("utf-8", "replace"))


def _objects(values: Mapping, key: str) -> Iterator[Mapping]:
    told = values.get(key)
    return (one for one in told if isinstance(one, dict)) if isinstance(told, list) else iter(())


def _object(values: Mapping, key: str) -> Mapping:
    told = values.get(key)
    return told if isinstance(told, dict) else {}


def _first(values: Mapping, key: str) -> Mapping:
    return next(_objects(values, key), {})


def _text(value: object) -> str | None:
    return clean_text(value)[0]


def _terms(values: Mapping) -> list[tuple[str | None, str | None, str | None]]:
    """(taxonomy, code, name) of each term of a service."""
    found = [_object(one, "taxonomy_term") for one in _objects(values, "attributes")]
    return [(_text(one.get("taxonomy")), _text(one.get("code")), _text(one.get("name"))) for one in found]


def _free(values: Mapping) -> bool | None:
    amounts = [one.get("amount") for one in _objects(values, "cost_options")]
    amounts = [one for one in amounts if isinstance(one, (int, float))]
    return all(amount == 0 for amount in amounts) if amounts else None


def _wheelchair(location: Mapping) -> bool | None:
    told = [one.get("description") for one in _objects(location, "accessibility")]
    return next((known for known, sentence in _WHEELCHAIR.items() if sentence in told), None)


def _ages(values: Mapping) -> list[dict]:
    ages = {"age_min": values.get("minimum_age"), "age_max": values.get("maximum_age")}
    ages = {key: int(age) for key, age in ages.items() if isinstance(age, (int, float)) and 0 < age < 130}
    if len(ages) == 2 and ages["age_min"] > ages["age_max"]:
        return []
    return [ages] if ages and values.get("eligibility_description") else []


def _age_fields(fiche: Mapping) -> dict:
    profiles = fiche["profils"]
    if len(profiles) != 1 or not set(profiles[0]) <= {"age_min", "age_max"}:
        return {}
    return {"minimum_age": profiles[0].get("age_min"), "maximum_age": profiles[0].get("age_max")}


def _hours(schedules: object, note: Note) -> dict:
    told = [one for one in schedules if isinstance(one, dict)] if isinstance(schedules, list) else []
    lines = [line for one in told for line in str(one.get("notes") or "").split("\n")]
    osm = next((line.removeprefix(_NOTE_HOURS) for line in lines if line.startswith(_NOTE_HOURS)), None)
    last = next((line.removeprefix(_NOTE_LAST) for line in lines if line.startswith(_NOTE_LAST)), None)
    weekly = [one for one in told if one.get("freq") or one.get("opens_at")]
    if weekly and osm is None:
        osm = to_osm(weekly)
        if osm is None:
            note(WARNING, "osm", "Ces horaires ne sont pas une semaine simple.", "Écrivez-les en phrases.")
    sentence = next((one["description"] for one in told if one.get("description")), None)
    return {"osm": osm, "horaires_texte": sentence, "derniere_entree_min": last}


def _days(written: str) -> list[str]:
    found: list[str] = []
    for part in written.split(","):
        first, _, last = part.partition("-")
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        found += _DAYS[start : end + 1] if start <= end else _DAYS[start:] + _DAYS[: end + 1]
    return found


def _schedules(fiche: Mapping) -> list[dict] | None:
    osm, key = fiche["osm"], fiche["identifiant"]
    if not osm and not fiche["horaires_texte"]:
        return None
    weekly = (to_schedules(osm) if osm else []) or [{}]
    last = fiche["derniere_entree_min"]
    notes = [f"{_NOTE_HOURS}{osm}" if osm else None, f"{_NOTE_LAST}{last}" if last else None]
    weekly[0] |= {"description": fiche["horaires_texte"], "notes": "\n".join(filter(None, notes)) or None}
    return [_filled({"id": _id("schedule", key, str(rank)), **one}) for rank, one in enumerate(weekly)]


def _address(fiche: Mapping) -> list[dict] | None:
    if not fiche["commune"]:
        return None
    return [
        _filled(
            {
                "id": _id("address", fiche["identifiant"]),
                "address_1": fiche["adresse"] or "",
                "city": fiche["commune"],
                "state_province": "Île-de-France",
                "postal_code": fiche["code_postal"] or "",
                "country": "FR",
                "address_type": "physical",
            }
        )
    ]


def _cost(fiche: Mapping) -> list[dict] | None:
    if not fiche["gratuit"]:
        return None
    return [{"id": _id("cost", fiche["identifiant"]), "option": "Gratuit", "amount": 0, "currency": "EUR"}]


def _attribute(key: str, taxonomy: str, code: str) -> dict:
    term = {
        "id": _id("term", taxonomy, code),
        "code": code,
        "name": code,
        "description": code,
        "taxonomy": taxonomy,
    }
    return {"id": _id("attribute", key, taxonomy, code), "link_entity": SERVICE, "taxonomy_term": term}


def _said(table: str, key: str, field: str, values: Iterable[str | None]) -> list[dict] | None:
    """Small records of one field each; None when there is nothing to say."""
    return [
        {"id": _id(table, key, str(rank)), field: value} for rank, value in enumerate(values or ()) if value
    ] or None


def _international(number: str | None) -> str | None:
    return f"+33 {number[1:]}" if number and number.startswith("0") else number


def _filled(record: Mapping) -> dict:
    return {key: value for key, value in record.items() if value is not None}


def _id(*parts: str) -> str:
    return str(uuid5(_NAMESPACE, "/".join(parts)))
