"""What a person still has to check about the places: counted by category, or listed one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rules.checking.gaps import ToCheck

FILE = "data/services.yml"
OLD = "2020"  # a place that no document names since then may be gone
_WHO = "L'accueil de chaque lieu"


def counted(places: Sequence[Mapping], labels: Mapping[str, str]) -> list[ToCheck]:
    """One line a category: how many places lack what, and the command that lists them.

    `places`: the entries of data/services.yml; `labels`: name of each category.
    """
    found: dict[str, dict[str, int]] = {}
    for place in places:
        for what in doubts(place):
            counts = found.setdefault(place["categorie"], {})
            counts[what] = counts.get(what, 0) + 1
    return [
        ToCheck(
            "lieux",
            category,
            labels[category],
            FILE,
            None,
            f"{_said(counts)}. La liste : jalon verifier --strict --lieux {category}",
            _WHO,
        )
        for category, counts in found.items()
    ]


def one_by_one(places: Sequence[Mapping], labels: Mapping[str, str], category: str) -> list[ToCheck]:
    """One line for each place of a category with something to check, with its phone."""
    return [
        ToCheck(
            "lieux",
            category,
            labels[category],
            FILE,
            getattr(place, "line", None),
            f"{place['nom']} : {', '.join(found)}.",
            _WHO,
            phone=_phone(place),
        )
        for place in places
        if place["categorie"] == category and (found := list(doubts(place)))
    ]


def doubts(place: Mapping) -> Iterator[str]:
    """What has to be checked about an entry of data/services.yml."""
    if place["statut"] == "ferme_definitif":
        return
    hours, phone = place.get("horaires") or {}, place.get("telephone") or {}
    if not (hours.get("osm") or hours.get("texte")):
        yield "horaires inconnus"
    elif hours.get("confiance") == "basse":
        yield "horaires peu sûrs"
    if not phone.get("numero"):
        yield "téléphone inconnu"
    elif phone.get("confiance") == "basse":
        yield "téléphone peu sûr"
    if place["statut"] == "a_verifier":
        yield "ouverture à confirmer"
    last = place.get("verifie_le") or place.get("derniere_source_le")
    if not last or last < OLD:
        yield f"aucune source depuis {OLD}"


def _said(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{what} : {count}" for what, count in counts.items())


def _phone(place: Mapping) -> str | None:
    number = (place.get("telephone") or {}).get("numero")
    return str(number) if number else None
