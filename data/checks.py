"""Check what editors write in data/services.yml, data/sources.yml and data/categories.yml.

Every fault is collected with its file, its line, what is wrong and the likely fix; nothing is guessed.
The form of an entry is explained to editors in docs/donnees.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from data import hours
from data.yaml_reader import YamlError, read_yaml
from rules.reading.faults import Fault, Reader
from rules.reading.located import line_of

CONFIDENCES = ("haute", "moyenne", "basse")
STATUSES = ("ouvert", "a_verifier", "ferme_travaux", "ferme_definitif")
ACCESS = ("libre", "inscription", "rendez_vous", "orientation")
PRECISIONS = ("numero", "numero_voisin", "approchee")
ANIMALS = ("oui", "dehors", "non")
GENDERS = ("femme", "homme")
ACCOMPANIED_BY = ("enfant", "grossesse")
TEXTS = ("conditions", "tarif", "a_savoir")  # shown to people, with those of horaires, publics, animaux
MAXIMUM_WORDS = 20  # a longer sentence is refused; aim at 15

# South, west, north, east, in degrees: Paris with its two woods, and the region.
PARIS_BOX = (48.81, 2.22, 48.91, 2.47)
REGION_BOX = (48.12, 1.44, 49.25, 3.56)
REGION_POSTCODES = ("75", "77", "78", "91", "92", "93", "94", "95")

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_PHONE = re.compile(r"0[1-9]( \d\d){4}|\d{3,4}")
_HARD_TO_READ = re.compile(r"[;()/]|\betc\b")
_NOT_A_TITLE = re.compile(r"github|d[ée]p[ôo]t public|@[0-9a-f]{7}", re.IGNORECASE)


@dataclass
class Places:
    """What the three files say, ready to be stored: every field present, None where nothing is known."""

    services: list[dict] = field(default_factory=list)
    sources: dict[str, dict] = field(default_factory=dict)
    categories: dict[str, str] = field(default_factory=dict)
    offers: dict[str, str] = field(default_factory=dict)


def check_services(root: Path) -> list[Fault]:
    """Every fault of the places under the repository `root`."""
    return read_places(root)[1]


def read_places(root: Path) -> tuple[Places, list[Fault]]:
    """Read and check the places under `root`. The content can be trusted only when there is no fault."""
    faults: list[Fault] = []
    places = Places()
    words = Reader("data/categories.yml", _read(root, "data/categories.yml", faults, {}), faults)
    places.categories = _labels(words.sub("categories"))
    places.offers = _labels(words.sub("services"))
    words.done()
    places.sources = _sources(_read(root, "data/sources.yml", faults, {}), faults)
    entries = _read(root, "data/services.yml", faults, [])
    if not isinstance(entries, list):
        faults.append(
            Fault(
                "data/services.yml",
                1,
                "Le fichier doit être une liste de lieux.",
                "Chaque lieu commence par « - id: ».",
            )
        )
        return places, faults
    lines: dict[str, int | None] = {}
    for index, entry in enumerate(entries):
        reader = Reader("data/services.yml", entry, faults, line_of(entries, index))
        place = _Entry(reader, places).read()
        if place["id"] in lines:
            reader.fault(f"L'identifiant « {place['id']} » est déjà pris, ligne {lines[place['id']]}.", "id")
        lines.setdefault(place["id"], reader.line)
        places.services.append(place)
    return places, sorted(faults, key=lambda fault: (fault.file, fault.line or 0))


def check_place(entry: Mapping, places: Places, file: str) -> tuple[dict, list[Fault]]:
    """Read and check one entry written as in services.yml, against the words and sources of `places`.

    `file` is how faults call where it comes from. The place can be trusted only when there is no fault.
    """
    faults: list[Fault] = []
    return _Entry(Reader(file, entry, faults), places).read(), faults


def _read(root: Path, name: str, faults: list[Fault], neutral: object) -> object:
    try:
        return read_yaml(root / name, name)
    except YamlError as error:
        faults.append(Fault(name, error.line, error.message))
    except OSError:
        faults.append(Fault(name, None, "Ce fichier manque."))
    return neutral


def _labels(reader: Reader) -> dict[str, str]:
    return {key: reader.text(key) or "" for key in reader.node}


def _sources(document: object, faults: list[Fault]) -> dict[str, dict]:
    root = Reader("data/sources.yml", document, faults)
    sources = {}
    for key in root.node:
        reader = root.sub(key)
        source = {
            "titre": reader.text("titre"),
            "editeur": reader.text("editeur"),
            "date": _date(reader, "date"),
            "adresse": reader.text("adresse", None),
            "licence": reader.text("licence", None),
            "note": reader.text("note", None),
        }
        reader.done()
        if _NOT_A_TITLE.search(source["titre"] or ""):
            reader.fault(
                "Ce titre dit où le document a été trouvé, pas ce qu'il est.",
                "titre",
                "Écrivez le titre que porte le document.",
            )
        if source["adresse"] and not re.match(r"https?://[^\s/]+", source["adresse"]):
            reader.fault(f"« {source['adresse']} » n'est pas une adresse internet.", "adresse")
        sources[key] = source
    return sources


def _date(reader: Reader, key: str) -> str | None:
    """A day, a month or a year; None when absent."""
    value = reader.get(key, None)
    if value is None or _DATE.fullmatch(str(value)):
        return None if value is None else str(value)
    reader.fault(f"« {value} » n'est pas une date.", key, "Écrivez 2026, 2026-11 ou 2026-11-21.")
    return None


def _checked(reader: Reader) -> dict[str, str | None]:
    """The day a person called or went to see, and who; both or none."""
    found = {"verifie_le": _date(reader, "verifie_le"), "verifie_par": reader.text("verifie_par", None)}
    if found["verifie_par"] and not found["verifie_le"]:
        reader.fault(
            "« verifie_par » sans « verifie_le ».", "verifie_par", "Écrivez la date de la vérification."
        )
    return found


class _Entry:
    """One place of services.yml."""

    def __init__(self, reader: Reader, places: Places):
        self.reader, self.places = reader, places

    def read(self) -> dict:
        reader = self.reader
        sources = self._place_sources()
        self.source_ids = [source["id"] for source in sources]
        place = {
            "id": reader.text("id"),
            "nom": reader.text("nom"),
            "nom_public": reader.text("nom_public", None),
            "sensible": reader.flag("sensible", False),
            "categorie": reader.one_of("categorie", tuple(self.places.categories)),
            "statut": reader.one_of("statut", STATUSES),
            "gestionnaire": reader.text("gestionnaire", None),
            "adresse": reader.text("adresse", None),
            "code_postal": reader.text("code_postal", None),
            "arrondissement": reader.integer("arrondissement", None) or None,
            "commune": reader.text("commune", "Paris"),
            "position": self._position(),
            "metro": self._texts("metro"),
            "services": list(reader.references("services", self.places.offers, "Le service", [])),
            "horaires": self._hours(),
            "telephone": self._phone(),
            "publics": self._publics(),
            "acces": reader.one_of("acces", ACCESS, None),
            **{key: reader.text(key, None) for key in TEXTS},
            "gratuit": self._known_or_not("gratuit"),
            "animaux": self._animals(),
            "accessible": self._known_or_not("accessible"),
            "langues": self._texts("langues"),
            "sources": sources,
            "confiance_adresse": reader.one_of("confiance_adresse", CONFIDENCES, None),
            "derniere_source_le": _date(reader, "derniere_source_le"),
            **_checked(reader),
            "notes": reader.text("notes", None),
        }
        reader.done()
        self._check_identity(place)
        self._check_address(place)
        self._check_dates(place)
        for key in TEXTS:
            _check_words(reader, key, place[key])
        return place

    def _check_identity(self, place: Mapping) -> None:
        if place["id"] and not _ID.fullmatch(place["id"]):
            self.reader.fault(
                f"L'identifiant « {place['id']} » doit être en minuscules, sans accent ni espace.",
                "id",
                "Exemple : bd-oberkampf.",
            )
        if not place["sensible"]:
            return
        if not place["nom_public"]:
            self.reader.fault(
                "Un lieu sensible doit avoir un « nom_public ».",
                "sensible",
                "Écrivez un nom qui ne dit pas où est le lieu.",
            )
            return
        told = [word for word in _where_words(place) if word in place["nom_public"].lower()]
        if told or re.search(r"\d", place["nom_public"]):
            self.reader.fault(
                "Le « nom_public » d'un lieu sensible dit où il est.",
                "nom_public",
                f"Retirez « {told[0]} »." if told else "Retirez le chiffre.",
            )

    def _check_address(self, place: Mapping) -> None:
        reader, postcode, district = self.reader, place["code_postal"], place["arrondissement"]
        if place["adresse"] and not place["confiance_adresse"]:
            reader.fault(
                "Une adresse doit avoir une « confiance_adresse ».",
                "adresse",
                "Écrivez haute, moyenne ou basse.",
            )
        if district is not None and not 1 <= district <= 20:
            reader.fault(f"Il n'y a pas de {district}e arrondissement à Paris.", "arrondissement")
        if postcode is None:
            return
        if not re.fullmatch(r"\d{5}", postcode) or postcode[:2] not in REGION_POSTCODES:
            reader.fault(
                f"« {postcode} » n'est pas un code postal de la région.", "code_postal", 'Exemple : "75018".'
            )
        elif postcode.startswith("75"):
            expected = 16 if postcode == "75116" else int(postcode[3:])
            if district != expected or not postcode.startswith(("750", "75116")):
                reader.fault(
                    f"Le code postal {postcode} ne va pas avec l'arrondissement {district}.",
                    "code_postal",
                    f"Écrivez arrondissement: {expected}, ou corrigez le code postal.",
                )
        elif district is not None:
            reader.fault(
                f"Le code postal {postcode} n'est pas à Paris.",
                "arrondissement",
                "Retirez l'arrondissement et écrivez la commune.",
            )

    def _check_dates(self, place: Mapping) -> None:
        dates = [self.places.sources[source]["date"] for source in self.source_ids]
        newest, last = max((date for date in dates if date), default=None), place["derniere_source_le"]
        if newest and (last is None or last < newest[: len(last)]):
            self.reader.fault(
                f"La source la plus récente est du {newest}{f', pas du {last}' if last else ''}.",
                "derniere_source_le",
                f'Écrivez derniere_source_le: "{newest}".',
            )

    def _place_sources(self) -> list[dict]:
        found = []
        for index, reader in enumerate(self.reader.children("sources")):
            reader.line = (
                line_of(reader.node) or line_of(self.reader.node.get("sources"), index) or reader.line
            )
            source = reader.references("id", self.places.sources, "La source")
            confidence = reader.one_of("confiance", CONFIDENCES)
            reader.done()
            found += [{"id": one, "confiance": confidence} for one in source]
        if not self.reader.node.get("sources"):
            self.reader.fault("Un lieu sans source est refusé.", "sources", "Ajoutez au moins une source.")
        return found

    def _position(self) -> dict | None:
        if self.reader.get("position", None) is None:
            return None
        reader = self.reader.sub("position")
        found = {
            "lat": reader.get("lat"),
            "lon": reader.get("lon"),
            "origine": next(iter(reader.references("origine", self.places.sources, "La source")), None),
            "precision": reader.one_of("precision", PRECISIONS),
        }
        reader.done()
        lat, lon = found["lat"], found["lon"]
        if not all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (lat, lon)):
            reader.fault("La latitude et la longitude doivent être des nombres.", "lat", "Exemple : 48.8566.")
            return None
        in_paris = (self.reader.node.get("commune") or "Paris") == "Paris"
        if not inside(lat, lon, PARIS_BOX if in_paris else REGION_BOX):
            swapped = inside(lon, lat, REGION_BOX)
            reader.fault(
                f"La position {lat}, {lon} n'est pas {'à Paris' if in_paris else 'en Île-de-France'}.",
                "lat",
                "La latitude et la longitude semblent échangées." if swapped else None,
            )
        return found

    def _hours(self) -> dict | None:
        if self.reader.get("horaires", None) is None:
            return None
        reader = self.reader.sub("horaires")
        osm = reader.text("osm", None)
        text = reader.text("texte", None)
        last_entry = reader.integer("derniere_entree_min", None) or None
        found = {
            "osm": osm,
            "texte": text,
            "derniere_entree_min": last_entry,
            "confiance": reader.one_of("confiance", CONFIDENCES),
            "source": self._own_source(reader),
            **_checked(reader),
        }
        reader.done()
        _check_words(reader, "texte", text)
        if last_entry and not 0 < last_entry <= 240:
            reader.fault(
                f"La dernière entrée {last_entry} minutes avant la fermeture n'est pas possible.",
                "derniere_entree_min",
            )
        if osm is None:
            if text is None:
                reader.fault("Il faut « osm » ou « texte ».", hint="Sans horaires, écrivez horaires: null.")
            return found
        fault = hours.fault_in(osm)
        if fault:
            reader.fault(fault[0], "osm", fault[1])
            return found
        described = hours.describe(osm, last_entry)
        if described is None and text is None:
            reader.fault(
                "Ces horaires ne savent pas se dire tout seuls.",
                "osm",
                "Dites-les aussi en phrases dans « texte ».",
            )
        found["texte"] = " ".join(part for part in (described, text) if part)
        return found

    def _own_source(self, reader: Reader) -> str | None:
        """The source of one fact: one of the sources of the place."""
        source = reader.text("source", None)
        if source is not None and source not in self.source_ids:
            reader.fault(
                f"La source « {source} » n'est pas dans les sources de ce lieu.",
                "source",
                f"Sources de ce lieu : {', '.join(self.source_ids) or 'aucune'}.",
            )
        return source

    def _phone(self) -> dict | None:
        if self.reader.get("telephone", None) is None:
            return None
        reader = self.reader.sub("telephone")
        number = str(reader.get("numero"))
        found = {
            "numero": number,
            "confiance": reader.one_of("confiance", CONFIDENCES),
            "source": self._own_source(reader),
            **_checked(reader),
        }
        reader.done()
        if not _PHONE.fullmatch(number):
            digits = re.sub(r"^(\+33|0033)", "0", re.sub(r"[\s.\-]", "", number))
            grouped = " ".join(digits[i : i + 2] for i in range(0, 10, 2))
            good = len(digits) == 10 and _PHONE.fullmatch(grouped)
            reader.fault(
                f"« {number} » n'est pas un numéro de téléphone.",
                "numero",
                f'Écrivez "{grouped}".' if good else 'Exemple : "01 42 76 40 40", ou 115.',
            )
        return found

    def _publics(self) -> dict | None:
        if self.reader.get("publics", None) is None:
            return None
        reader = self.reader.sub("publics")
        found = {
            "texte": reader.text("texte"),
            "tous": reader.flag("tous", False),
            "profils": [read_profile(profile) for profile in reader.children("profils", [])],
            "confiance": reader.one_of("confiance", CONFIDENCES),
            **_checked(reader),
        }
        reader.done()
        _check_words(reader, "texte", found["texte"])
        if found["tous"] and found["profils"]:
            reader.fault(
                "Un lieu pour tous n'a pas de « profils ».",
                "profils",
                "Retirez « profils », ou écrivez tous: false.",
            )
        return found

    def _animals(self) -> dict | None:
        if self.reader.get("animaux", None) is None:
            return None
        reader = self.reader.sub("animaux")
        found = {
            "accueil": reader.one_of("accueil", ANIMALS),
            "texte": reader.text("texte"),
            "confiance": reader.one_of("confiance", CONFIDENCES),
            **_checked(reader),
        }
        reader.done()
        _check_words(reader, "texte", found["texte"])
        return found

    def _known_or_not(self, key: str) -> bool | None:
        return None if self.reader.get(key, None) is None else self.reader.flag(key, False)

    def _texts(self, key: str) -> list[str] | None:
        items = self.reader.items(key, None)
        if not all(isinstance(item, str) and item for item in items):
            self.reader.fault(f"« {key} » doit être une liste de mots.", key)
            return None
        return items or None


def read_profile(reader: Reader) -> dict:
    """One kind of people a place is for; only the criteria that are written are kept."""
    criteria = {
        "genre": reader.one_of("genre", GENDERS, None),
        "age_min": reader.integer("age_min", None) or None,
        "age_max": reader.integer("age_max", None) or None,
        "sans_enfant": reader.flag("sans_enfant", False) or None,
        "avec": list(reader.references("avec", ACCOMPANIED_BY, "Le critère", [])) or None,
        "arrondissements": reader.items("arrondissements", []) or None,
    }
    reader.done()
    found = {key: value for key, value in criteria.items() if value is not None}
    if not found:
        reader.fault("Un profil vide ne dit rien.", hint="Pour un lieu ouvert à tous, écrivez tous: true.")
    if found.get("age_min", 0) > found.get("age_max", 999):
        reader.fault("L'âge minimum est plus grand que l'âge maximum.", "age_min")
    if not all(number in range(1, 21) for number in found.get("arrondissements", ())):
        reader.fault("Les arrondissements vont de 1 à 20.", "arrondissements")
    return found


def _check_words(reader: Reader, key: str, text: str | None) -> None:
    for message, hint in hard_words(text):
        reader.fault(message, key, hint)


def hard_words(text: str | None) -> list[tuple[str, str]]:
    """(what, likely fix) of all that a person could not read easily: long sentences, heavy punctuation."""
    found = []
    for sentence in re.split(r"(?<=[.!?])\s+", text or ""):
        words = len(sentence.split())
        if words > MAXIMUM_WORDS:
            found.append((f"Phrase de {words} mots : « {sentence[:50]}… ».", "Coupez-la en deux phrases."))
    hard = _HARD_TO_READ.search(text or "")
    if hard:
        found.append((f"« {hard.group()} » est difficile à lire.", "Écrivez une phrase de plus."))
    return found


def inside(lat: float, lon: float, box: tuple[float, float, float, float]) -> bool:
    """Whether a point is in a box (south, west, north, east), all in degrees."""
    south, west, north, east = box
    return south <= lat <= north and west <= lon <= east


def _where_words(place: Mapping) -> Iterator[str]:
    """Words of a sensitive place that would give away where it is."""
    street = re.sub(
        r"^[\d\s\-]*(bis|ter)?\s*(rue|avenue|boulevard|place|passage|impasse)?\s*",
        "",
        (place["adresse"] or "").lower(),
    )
    names = [
        street,
        *(station.lower() for station in place["metro"] or ()),
        "arrondissement",
        "mairie",
        "quartier",
    ]
    return (name for name in names if name)
