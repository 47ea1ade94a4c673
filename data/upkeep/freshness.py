"""What has grown old about the places: each fact with its date, its doubt, and the phone to call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from data.yaml_reader import YamlError, read_yaml
from rules.checking.gaps import ToCheck
from rules.reading.faults import Fault, Reader

FILE = "data/fraicheur.yml"
FACTS = {
    "horaires": "horaires",
    "telephone": "téléphone",
    "publics": "public accueilli",
    "adresse": "adresse",
}
_PLACES = "data/services.yml"
_WHO = "L'accueil de chaque lieu"


@dataclass(frozen=True)
class Delays:
    """How many months each fact stays fresh: `usual` by fact, `special` by category then by fact."""

    usual: Mapping[str, int] = field(default_factory=dict)
    special: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def months(self, category: str, fact: str) -> int:
        """Months that `fact` (a key of FACTS) stays fresh for a place of `category`."""
        return self.special.get(category, {}).get(fact, self.usual[fact])


@dataclass(frozen=True)
class Stale:
    """A fact to check again. `since`: year, month or day of what is known (None: no date)."""

    fact: str
    why: str
    since: str | None = None

    def __str__(self) -> str:
        said = f"{FACTS[self.fact]} {self.why}" if self.fact in FACTS else self.why
        return f"{said} ({self.since})" if self.since else said


def read_delays(root: Path, categories: Mapping[str, str]) -> tuple[Delays, list[Fault]]:
    """The delays written in data/fraicheur.yml under `root`; usable only when there is no fault."""
    faults: list[Fault] = []
    try:
        reader = Reader(FILE, read_yaml(root / FILE, FILE), faults)
    except YamlError as error:
        return Delays(), [Fault(FILE, error.line, error.message)]
    except OSError:
        return Delays(), [Fault(FILE, None, "Ce fichier manque.")]
    usual = _months(reader.sub("delais_mois"), FACTS)
    special = {}
    by_category = reader.sub("categories")
    for category in by_category.node:
        if category not in categories:
            by_category.fault(f"La catégorie « {category} » n'existe pas.", category)
            continue
        delays = by_category.sub(category)
        special[category] = _months(delays, [fact for fact in FACTS if fact in delays.node])
    reader.done()
    return Delays(usual, special), faults


def stale(place: Mapping, sources: Mapping[str, Mapping], delays: Delays, today: date) -> Iterator[Stale]:
    """What to check again about a place of data/services.yml; `sources` gives the date of each document."""
    if place["statut"] == "ferme_definitif":
        return
    if place["statut"] in ("a_verifier", "ferme_travaux"):
        yield Stale(
            "statut", "ouverture à confirmer", place.get("verifie_le") or place.get("derniere_source_le")
        )
    for fact in FACTS:
        if found := _stale_fact(fact, place, sources, delays, today):
            yield found


def as_to_check(place: Mapping, found: Sequence[Stale], label: str) -> ToCheck:
    """One line of a list to work through; the phone is the place's own."""
    phone = (place.get("telephone") or {}).get("numero")
    return ToCheck(
        "lieux",
        place["categorie"],
        label,
        _PLACES,
        getattr(place, "line", None),
        f"{place['nom']} : {', '.join(map(str, found))}.",
        _WHO,
        phone=str(phone) if phone else None,
    )


def counted(counts: Mapping[str, int], category: str, label: str) -> ToCheck:
    """One line for a category: how many places have each fact to check, and the command that lists them."""
    told = ", ".join(
        f"{FACTS.get(fact, 'ouverture à confirmer')} : {number}" for fact, number in counts.items()
    )
    what = f"À revoir : {told}. La liste : jalon fraicheur --categorie {category}"
    return ToCheck("lieux", category, label, _PLACES, None, what, _WHO)


def _stale_fact(
    fact: str, place: Mapping, sources: Mapping[str, Mapping], delays: Delays, today: date
) -> Stale | None:
    known, confidence, source, checked = _known(fact, place)
    since = checked or (sources[source]["date"] if source else place.get("derniere_source_le"))
    if not known:
        needless = (
            place.get("sensible")
            and fact == "adresse"
            or place["statut"] == "ferme_travaux"
            and fact == "horaires"
        )
        return None if needless else Stale(fact, "à trouver")
    if confidence == "basse":
        return Stale(fact, "à confirmer", since)
    if since is None:
        return Stale(fact, "à dater")
    limit = delays.months(place["categorie"], fact)
    return Stale(fact, f"à revoir tous les {limit} mois", since) if _age(since, today) >= limit else None


def _known(fact: str, place: Mapping) -> tuple[bool, str | None, str | None, str | None]:
    """Whether the fact is written, its confidence, its source, and the day a person checked it."""
    if fact == "adresse":
        known = bool(place.get("adresse")) or place.get("acces") == "orientation"
        return known, place.get("confiance_adresse"), None, place.get("verifie_le")
    node = place.get(fact) or {}
    known = any(node.get(key) for key in ("osm", "texte", "numero"))
    return known, node.get("confiance"), node.get("source"), node.get("verifie_le")


def _age(since: str, today: date) -> int:
    """Whole months since a day, a month or a year, counted from its first day."""
    year, month, day = (*map(int, since.split("-")), 1, 1)[:3]
    return (today.year - year) * 12 + today.month - month - (today.day < day)


def _months(reader: Reader, facts: Sequence[str] | Mapping[str, str]) -> dict[str, int]:
    months = {fact: reader.integer(fact) for fact in facts}
    reader.done()
    for fact, number in months.items():
        if fact in reader.node and not 1 <= number <= 120:
            reader.fault("Un délai va de 1 à 120 mois.", fact)
    return months
