"""The sheet that every format fills in or is written from: one flat dictionary of plain values a place.

A fiche read from a file may hold anything; `to_place` keeps what is right, notes the rest, and returns a
place in the shape of services.yml. `to_fiche` is its reverse, for a place of the base.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from math import cos, hypot, radians
from pathlib import Path

from data import hours
from data.checks import (
    ACCESS,
    ANIMALS,
    PARIS_BOX,
    PRECISIONS,
    REGION_BOX,
    REGION_POSTCODES,
    STATUSES,
    Places,
    check_place,
    hard_words,
    inside,
)
from data.exchange.correspondances import Correspondances
from data.exchange.report import ERROR, SUGGESTION, WARNING, near
from data.exchange.values import clean_text, day, fold, number, phone, yes_no
from data.yaml_reader import read_yaml

LONGEST_NAME = 150
FAR_KM = 5  # a position farther than this from the middle of its arrondissement or commune is doubtful
SPECIAL_HOURS = "Horaires particuliers. Vérifiez avant d'y aller."

Note = Callable[..., None]  # (level, field, message, hint)


@dataclass(frozen=True)
class Town:
    """A commune or an arrondissement: its middle in degrees, and its postcodes."""

    name: str
    lat: float
    lon: float
    postcodes: frozenset[str]


class Refused(ValueError):
    """The record cannot be kept at all. The message says why, for the report."""


@dataclass(frozen=True)
class Context:
    """What reading a record needs to know. `source` is the id of the source that places will carry."""

    places: Places
    words: Correspondances
    source: str
    confidence: str = "moyenne"
    today: date = field(default_factory=date.today)
    towns: Mapping[str, Town] = field(default_factory=dict)


def read_towns(root: Path) -> dict[str, Town]:
    """The communes and arrondissements of data/lieux, by folded name."""
    found = {}
    for file in ("communes", "arrondissements"):
        for entry in read_yaml(root / "data" / "lieux" / f"{file}.yml")["lieux"]:
            codes = frozenset(entry.get("codes_postaux") or ())
            found[fold(entry["nom"])] = Town(entry["nom"], entry["lat"], entry["lon"], codes)
    return found


def to_place(fiche: Mapping, context: Context, note: Note) -> tuple[dict | None, str | None]:
    """The place that a fiche describes, or None and why people will not see it.

    Everything that is not taken is told to `note`. Raises Refused when nothing can be kept.
    """
    text = _texts(fiche, note)
    name = text("nom")
    if not name or not any(map(str.isalnum, name)):
        raise Refused("Le nom manque.")
    if len(name) > LONGEST_NAME:
        note(ERROR, "nom", f"Ce nom a {len(name)} caractères : {LONGEST_NAME} au plus.")
        return None, "nom trop long"
    where, why = _where(fiche, text, context, note)
    if why:
        return None, why
    category = _category(fiche, name, context, note)
    if not category:
        return None, "aucun mot ne dit sa catégorie"
    entry = {
        "id": fiche["id"],
        "nom": name,
        "categorie": category,
        "statut": _status(fiche, note),
        "gestionnaire": text("gestionnaire"),
        **where,
        "metro": _list(fiche, "metro", note),
        "services": _known(fiche, "services", context.places.offers, note),
        "horaires": _hours(fiche, context, text, note),
        "telephone": _phone(fiche, context, note),
        "publics": _publics(fiche, context, text, note),
        "acces": _one_of(fiche, "acces", ACCESS, note),
        **{key: _readable(key, text(key), note) for key in ("conditions", "tarif", "a_savoir")},
        "gratuit": _flag(fiche, "gratuit", note),
        "animaux": _animals(fiche, context, text, note),
        "accessible": _flag(fiche, "accessible", note),
        "langues": _list(fiche, "langues", note),
        "sources": [{"id": context.source, "confiance": context.confidence}],
        "derniere_source_le": _date(fiche, context, note),
    }
    if yes_no(fiche.get("sensible")):
        entry |= {"sensible": True, "nom_public": name}
    entry = {key: value for key, value in entry.items() if value is not None}
    place, faults = check_place(entry, context.places, "import")
    for fault in faults:
        note(ERROR, None, fault.message, fault.hint)
    return (None, "la fiche ne passe pas les vérifications de Jalon") if faults else (place, None)


def to_fiche(place: Mapping) -> dict:
    """The fiche of a place of the base. A `sensible` place is told without anything that locates it."""
    position, times = place["position"] or {}, place["horaires"] or {}
    publics, animals = place["publics"] or {}, place["animaux"] or {}
    described = hours.describe(times["osm"], times["derniere_entree_min"]) if times.get("osm") else None
    fiche = {
        "identifiant": place["id"],
        "nom": place["nom"],
        "categorie": place["categorie"],
        "services": place["services"],
        "statut": place["statut"],
        "sensible": place["sensible"],
        "gestionnaire": place["gestionnaire"],
        "adresse": place["adresse"],
        "code_postal": place["code_postal"],
        "commune": place["commune"],
        "lat": position.get("lat"),
        "lon": position.get("lon"),
        "precision": position.get("precision"),
        "metro": place["metro"] or [],
        "osm": times.get("osm"),
        "horaires_texte": (times.get("texte") or "").removeprefix(described or "").strip() or None,
        "derniere_entree_min": times.get("derniere_entree_min"),
        "telephone": (place["telephone"] or {}).get("numero"),
        "tous": publics.get("tous"),
        "profils": publics.get("profils") or [],
        "publics_texte": publics.get("texte"),
        "acces": place["acces"],
        "conditions": place["conditions"],
        "gratuit": place["gratuit"],
        "tarif": place["tarif"],
        "accessible": place["accessible"],
        "langues": place["langues"] or [],
        "animaux": animals.get("accueil"),
        "animaux_texte": animals.get("texte"),
        "a_savoir": place["a_savoir"],
        "date": place["verifie_le"] or place["derniere_source_le"],
    }
    return _hidden(fiche, place) if place["sensible"] else fiche


def _hidden(fiche: dict, place: Mapping) -> dict:
    # Even the id may say where it is (« halte-nuit-20e »).
    told = hashlib.sha256(place["id"].encode()).hexdigest()[:12]
    nothing = ("adresse", "code_postal", "lat", "lon", "precision", "gestionnaire", "a_savoir")
    return {
        **fiche,
        **dict.fromkeys(nothing),
        "metro": [],
        "identifiant": f"lieu-protege-{told}",
        "nom": place["nom_public"],
    }


def _texts(fiche: Mapping, note: Note) -> Callable[[str], str | None]:
    def text(key: str) -> str | None:
        found, problems = clean_text(fiche.get(key))
        for message, hint in problems:
            note(ERROR if found is None else WARNING, key, message, hint)
        return found

    return text


def _status(fiche: Mapping, note: Note) -> str:
    """A place that nobody here has checked is never said open; a closure is believed."""
    told = _one_of(fiche, "statut", STATUSES, note)
    return told if told in ("ferme_travaux", "ferme_definitif") else "a_verifier"


def _where(fiche: Mapping, text: Callable, context: Context, note: Note) -> tuple[dict, str | None]:
    postcode, town, address = _postcode(fiche, note), text("commune"), text("adresse")
    if postcode and postcode[:2] not in REGION_POSTCODES:
        return {}, "hors d'Île-de-France"
    town = _town(town, postcode, context)
    if town is None:
        return {}, "ni commune ni code postal"
    if postcode is None and town != "Paris" and fold(town) not in context.towns:
        return {}, "commune inconnue, sans code postal"
    postcode = _agreed(postcode, town, context, note)
    in_paris = town == "Paris"
    district = None
    if in_paris and postcode:
        district = 16 if postcode == "75116" else int(postcode[3:])
    if address and len(address) > LONGEST_NAME:
        note(ERROR, "adresse", f"Cette adresse a {len(address)} caractères : {LONGEST_NAME} au plus.")
        address = None
    return {
        "adresse": address,
        "code_postal": postcode,
        "arrondissement": district,
        "commune": town,
        "position": _position(fiche, town, district, context, note),
        "confiance_adresse": context.confidence if address else None,
    }, None


def _postcode(fiche: Mapping, note: Note) -> str | None:
    told, _ = clean_text(fiche.get("code_postal"))
    if told is None:
        return None
    digits = told.replace(" ", "")
    if digits.isascii() and digits.isdigit() and len(digits) == 5:
        return digits
    note(ERROR, "code_postal", f"« {told[:20]} » n'est pas un code postal.", "Un code postal a 5 chiffres.")
    return None


def _town(town: str | None, postcode: str | None, context: Context) -> str | None:
    if town is None:
        if not postcode:
            return None
        if postcode.startswith("75"):
            return "Paris"
        named = [one.name for one in context.towns.values() if postcode in one.postcodes]
        return named[0] if len(named) == 1 else None
    folded = fold(town)
    if folded.split()[:1] == ["paris"]:
        return "Paris"
    return context.towns[folded].name if folded in context.towns else town


def _agreed(postcode: str | None, town: str, context: Context, note: Note) -> str | None:
    """The postcode when it is one of this commune."""
    if postcode is None:
        return None
    if town == "Paris":
        if postcode == "75116" or (postcode.startswith("750") and 1 <= int(postcode[3:]) <= 20):
            return postcode
        known: frozenset[str] = frozenset()
    else:
        named = context.towns.get(fold(town))
        known = named.postcodes if named else frozenset({postcode})
    if postcode in known:
        return postcode
    owner = [one.name for one in context.towns.values() if postcode in one.postcodes]
    hint = f"Vouliez-vous dire « {min(known)} » ?" if known else "À Paris : de 75001 à 75020."
    if owner:
        hint += f" {postcode} est le code de {owner[0]}."
    note(ERROR, "code_postal", f"Le code postal {postcode} ne va pas avec la commune {town}.", hint)
    return None


def _position(fiche: Mapping, town: str, district: int | None, context: Context, note: Note) -> dict | None:
    told = [fiche.get("lat"), fiche.get("lon")]
    if all(value in (None, "") for value in told):
        return None
    lat, lon = map(number, told)
    if lat is None or lon is None:
        note(ERROR, "lat", "La position n'est pas faite de deux nombres.", "Exemple : 48.8566 et 2.3522.")
        return None
    if not inside(lat, lon, PARIS_BOX if town == "Paris" else REGION_BOX):
        hint = "La latitude et la longitude semblent échangées." if inside(lon, lat, REGION_BOX) else None
        place = "à Paris" if town == "Paris" else "en Île-de-France"
        note(ERROR, "lat", f"La position {lat:g}, {lon:g} n'est pas {place}.", hint)
        return None
    ordinal = "1er" if district == 1 else f"{district}e"
    _check_distance(lat, lon, f"{ordinal} arrondissement" if district else town, context, note)
    precision = _one_of(fiche, "precision", PRECISIONS, note) or "approchee"
    return {"lat": lat, "lon": lon, "origine": context.source, "precision": precision}


def _check_distance(lat: float, lon: float, name: str, context: Context, note: Note) -> None:
    middle = context.towns.get(fold(name))
    if middle is None:
        return
    far = 111.2 * hypot(lat - middle.lat, (lon - middle.lon) * cos(radians(lat)))
    if far > FAR_KM:
        note(WARNING, "lat", f"La position est à {far:.0f} km du milieu de : {middle.name}.", "Vérifiez-la.")


def _category(fiche: Mapping, name: str, context: Context, note: Note) -> str | None:
    told, _ = clean_text(fiche.get("categorie"))
    if told is None:
        return context.words.named(name)
    if told in context.places.categories:
        return told
    labels = {fold(label): key for key, label in context.places.categories.items()}
    if fold(told) in labels:
        return labels[fold(told)]
    hint = near(told, context.places.categories) or near(told, context.places.categories.values())
    note(ERROR, "categorie", f"La catégorie « {told[:60]} » n'existe pas.", hint)
    return None


def _known(fiche: Mapping, key: str, known: Mapping[str, str], note: Note) -> list[str]:
    found = []
    for word in _list(fiche, key, note) or ():
        if word in known:
            found.append(word)
        else:
            note(ERROR, key, f"Le mot « {word[:60]} » n'existe pas.", near(word, known))
    return list(dict.fromkeys(found))


def _list(fiche: Mapping, key: str, note: Note) -> list[str] | None:
    told = fiche.get(key) or []
    if not isinstance(told, (list, tuple)):
        note(ERROR, key, "Il faut ici une liste.")
        return None
    words = []
    for item in told:
        word, problems = clean_text(item, longest=LONGEST_NAME)
        for message, hint in problems:
            note(ERROR if word is None else WARNING, key, message, hint)
        words.append(word)
    return [word for word in words if word] or None


def _hours(fiche: Mapping, context: Context, text: Callable, note: Note) -> dict | None:
    osm, told = text("osm"), _readable("horaires_texte", text("horaires_texte"), note)
    fault = hours.fault_in(osm) if osm else None
    if fault:
        note(ERROR, "osm", fault[0], fault[1])
        osm = None
    last = number(fiche.get("derniere_entree_min"))
    if last is not None and not (last == int(last) and 0 < last <= 240):
        note(ERROR, "derniere_entree_min", f"La dernière entrée {last:g} minutes avant n'est pas possible.")
        last = None
    if not osm and not told:
        return None
    minutes = int(last) if last and osm else None
    if osm and not told and hours.describe(osm, minutes) is None:
        told = SPECIAL_HOURS
    return {
        "osm": osm,
        "texte": told,
        "derniere_entree_min": minutes,
        "confiance": context.confidence,
        "source": context.source,
    }


def _phone(fiche: Mapping, context: Context, note: Note) -> dict | None:
    found, problem = phone(fiche.get("telephone"))
    if problem:
        note(ERROR, "telephone", *problem)
    return found and {"numero": found, "confiance": context.confidence, "source": context.source}


def _publics(fiche: Mapping, context: Context, text: Callable, note: Note) -> dict | None:
    told = _readable("publics_texte", text("publics_texte"), note) or text("publics_sinon")
    everybody, profiles = yes_no(fiche.get("tous")), list(fiche.get("profils") or ())
    if everybody and profiles:
        note(ERROR, "profils", "Un lieu pour tous n'a pas de profils.", "Retirez l'un des deux.")
        profiles = []
    if not told and everybody:
        told = context.words.publics["tous-publics"][0]
    if not told:
        if profiles:
            note(ERROR, "profils", "Des profils sans phrase ne peuvent pas être montrés.")
        return None
    # Broad publics of other directories must never turn anybody away.
    return {
        "texte": told,
        "tous": bool(everybody),
        "profils": profiles,
        "confiance": context.confidence if everybody else "basse",
    }


def _animals(fiche: Mapping, context: Context, text: Callable, note: Note) -> dict | None:
    welcome, told = _one_of(fiche, "animaux", ANIMALS, note), text("animaux_texte")
    told = _readable("animaux_texte", told, note)
    if not (welcome and told):
        return None
    return {"accueil": welcome, "texte": told, "confiance": context.confidence}


def _date(fiche: Mapping, context: Context, note: Note) -> str | None:
    found, problem = day(fiche.get("date"), context.today)
    if problem:
        note(ERROR, "date", *problem)
    return found


def _readable(key: str, told: str | None, note: Note) -> str | None:
    """A text that people can be shown; others stay in the raw record."""
    if told is None:
        return None
    hard = hard_words(told)
    if not hard:
        return told
    note(SUGGESTION, key, f"Texte gardé, mais pas montré. {hard[0][0]}", hard[0][1])
    return None


def _one_of(fiche: Mapping, key: str, allowed: tuple[str, ...], note: Note) -> str | None:
    told, _ = clean_text(fiche.get(key))
    if told is None or told in allowed:
        return told
    note(
        ERROR,
        key,
        f"« {told[:60]} » n'est pas permis.",
        near(told, allowed) or f"Permis : {', '.join(allowed)}.",
    )
    return None


def _flag(fiche: Mapping, key: str, note: Note) -> bool | None:
    told = fiche.get(key)
    if told is None or told == "":
        return None
    found = yes_no(told)
    if found is None:
        note(ERROR, key, f"« {str(told)[:20]} » n'est pas permis.", "Écrivez oui ou non.")
    return found
