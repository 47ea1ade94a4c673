"""What goes on the sheet: one page of the orientation object for a person, the back for a professional.

Pure functions. Facts are never written: a sheet may be lost, or found by someone at home.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from channels.hours import usual_week
from channels.web.wording import in_french, in_paris

MOST_ANSWERS = 3
NOTES_LIMIT = 1_500  # characters
_MOST_NAMES = 5
_DATE = re.compile(r"\d{4}(?:-\d\d){0,2}$")
_NOTES_LINES = 20
_RANK = {"faux": 0, "inconnu": 1, "vrai": 2}


@dataclass(frozen=True)
class Place:
    """A place as paper tells it: nothing that is true only now. `hours` are those of a usual week."""

    id: str
    name: str
    address: str | None
    metro: str | None
    hours: str
    phone: str | None
    terms: str
    checked: str | None
    to_check: bool
    source: str | None


@dataclass(frozen=True)
class Answer:
    """A dispositif on the sheet. `reasons` are those of the orientation object, what fails or lacks first."""

    id: str
    name: str
    status: str
    unconditional: bool
    text: str
    steps: str
    documents: tuple[str, ...]
    to_check: tuple[str, ...]
    notes: tuple[str, ...]
    place: Place | None
    reasons: tuple[Mapping, ...]
    missing: tuple[str, ...]
    prescriber: str | None


@dataclass(frozen=True)
class Sheet:
    """The sheet. `day` is an ISO date; `asked` the needs in words; `names` the first answers by order; `back` whether there is a second page.

    `addresses`: whether the back gives the address of each source on the web. `most_sources`: how many the front
    names, None for all.
    """

    day: str
    asked: tuple[str, ...]
    names: tuple[str, ...]
    near: str | None
    answers: tuple[Answer, ...]
    help: Mapping
    back: bool = False
    notes: tuple[str, ...] = ()
    addresses: bool = True
    most_sources: int | None = None

    @property
    def others(self) -> list[str]:
        """The answers that are not told, by their names."""
        told = {answer.name for answer in self.answers}
        return [name for name in self.names if name not in told]

    @property
    def places(self) -> list[Place]:
        """The places of the answers, each once."""
        found = {answer.place.id: answer.place for answer in self.answers if answer.place}
        return list(found.values())

    @property
    def sources(self) -> list[str]:
        """What the page rests on, each once: what decided each answer, then where its place comes from."""
        found: dict[str, None] = {}
        for answer in self.answers:
            deciding = [reason["source"] for reason in answer.reasons if reason["source"]][:1]
            found.update(dict.fromkeys(map(cited, deciding)))
            if answer.place and answer.place.source:
                found[answer.place.source] = None
        return list(found)[: self.most_sources]


def sheet(
    orientation: Mapping,
    *,
    needs: Mapping[str, str],
    fact_names: Mapping[str, str],
    chosen: bool = False,
    notes: str = "",
    back: bool = False,
) -> Sheet:
    """The whole sheet of an orientation object, before `fit` takes out what is too much.

    `needs`: the needs asked, in words. `chosen`: the dispositifs were chosen by an agent, so that even those that are
    « non » are told. `fact_names`: how a professional names each fact. Facts themselves are never written.
    """
    possible = [one for one in orientation["dispositifs"] if chosen or one["statut"] != "non"]
    first = possible if chosen else _by_need(possible, needs)
    answers = tuple(_answer(one, fact_names) for one in first[:MOST_ANSWERS])
    position = orientation["position"]
    return Sheet(
        day=orientation["date"][:10],
        asked=tuple(needs.values()),
        names=tuple(one["nom"] for one in first[:_MOST_NAMES]),
        near=position and position["nom"],
        answers=answers,
        help=orientation["aide_humaine"],
        back=back or bool(notes.strip()),
        notes=_paragraphs(notes),
    )


def _by_need(possible: Sequence[Mapping], needs: Collection[str]) -> list[Mapping]:
    """The best answer to each need asked, then the others: paper has no room for two of a kind."""
    best = (next((one for one in possible if need in one["besoins"]), None) for need in needs)
    found = {one["id"]: one for one in best if one}
    return [*found.values(), *(one for one in possible if one["id"] not in found)]


def _answer(one: Mapping, fact_names: Mapping[str, str]) -> Answer:
    reasons = sorted(one["raisons"], key=lambda reason: _RANK[reason["resultat"]])
    told = {"a_verifier": "inconnu", "non": "faux"}.get(one["statut"])
    return Answer(
        id=one["id"],
        name=one["nom"],
        status=one["statut"],
        unconditional=one["inconditionnel"],
        text=one["texte"],
        steps=" ".join(part for part in (one["demarche"], one["orientation_texte"]) if part),
        documents=tuple(one["documents"]),
        to_check=tuple(reason["texte"] for reason in reasons if reason["resultat"] == told),
        notes=tuple(one["a_savoir"]),
        place=next(map(_place, one["services"]), None),
        reasons=tuple(reasons),
        missing=tuple(fact_names[name] for name in one["manque"]),
        prescriber=one["orientation_par"],
    )


def _place(service: Mapping) -> Place:
    district = service["arrondissement"]
    town = in_paris(district) if district else service["code_postal"]
    return Place(
        id=service["id"],
        name=service["nom"],
        address=", ".join(part for part in (service["adresse"], town) if part) or None,
        metro=service["metro"],
        hours=usual_week(service),
        phone=service["telephone"],
        terms=" ".join(part for part in (service["publics"], service["conditions"]) if part),
        checked=service["verifie_le"],
        to_check=service["a_verifier"],
        source=_latest(service["sources"]),
    )


def cited(source: Mapping) -> str:
    """« Les bains-douches municipaux, Ville de Paris, lundi 16 février 2026 »."""
    date = in_french(source["date"]) if source["date"] else None
    return ", ".join(part for part in (source["titre"], source["editeur"], date) if part)


def _latest(sources: Sequence[str]) -> str | None:
    """The source with the latest date, which ends it, in French; of those without one, the first."""
    latest = max(sources, key=lambda source: "".join(_DATE.findall(source)), default=None)
    return latest and _DATE.sub(lambda date: in_french(date[0]), latest)


def _paragraphs(notes: str) -> tuple[str, ...]:
    """The lines of a note. Too many short ones would fill the page: the last ones then share a line."""
    lines = [" ".join(line.split()) for line in notes.splitlines() if line.strip()]
    if len(lines) <= _NOTES_LINES:
        return tuple(lines)
    return (*lines[: _NOTES_LINES - 1], " ; ".join(lines[_NOTES_LINES - 1 :]))
