"""Score where phrases place a person: the right arrondissement, the right name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from actions.location import position_of
from bench.understanding.scoring import same_place
from bench.understanding.served import Located
from data.database import Database


@dataclass
class PlaceReport:
    """Counts over phrases. `asked`: the name has several meanings and the person was asked which one."""

    phrases: int = 0
    arrondissement: int = 0
    name: int = 0
    asked: int = 0
    offered: int = 0  # of `asked`: the right meaning was among the choices
    mistakes: list[tuple[Mapping, Located]] = field(default_factory=list)


def score_places(db: Database, phrases: Iterable[Mapping], locate: Callable[[str], Located]) -> PlaceReport:
    """Compare each labelled phrase (texte, lieu, arrondissements_acceptes) with where `locate` puts it.

    Outside Paris there is no arrondissement: it is right when the name is and none is given.
    """
    report = PlaceReport()
    for phrase in phrases:
        found = locate(phrase["texte"])
        position = position_of(db, found.facts)
        name = same_place(_name(found.facts), phrase["lieu"])
        district = position.arrondissement if position else None
        accepted = phrase["arrondissements_acceptes"]
        right = district in accepted if accepted else name and district is None
        report.phrases += 1
        report.name += name
        report.arrondissement += right
        report.asked += bool(found.choices)
        report.offered += any(same_place(_bare(choice), phrase["lieu"]) for choice in found.choices)
        if not (name and right):
            report.mistakes.append((phrase, found))
    return report


def _name(facts: Mapping) -> str:
    if "lieu" in facts:
        return _bare(str(facts["lieu"]))
    number = facts.get("arrondissement")
    return f"{number}{'er' if number == 1 else 'e'} arrondissement" if number else ""


def _bare(label: str) -> str:
    """The name in a label: « Clichy (commune, Clichy) »."""
    return label.partition(" (")[0]
