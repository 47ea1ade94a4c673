"""What one answer adds to the statistics: identifiers of the vocabulary, and nothing of the person.

An event becomes cells at once: each value counted by channel, by status or by arrondissement, never by two of them
together. Who asked what, where and in which order cannot be put together again from cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from data.database import Database

CHANNELS = ("web", "sms", "guichet", "formulaire", "api")
OUTCOMES = ("compris", "incompris")
STATUSES = ("oui", "a_verifier", "non")  # from the best to the worst
UNSAID = "inconnu"  # no arrondissement was told, or the search was outside Paris
# What is counted, and by what. An arrondissement is known when an answer is shown, rarely when a need is told.
SPLITS = {
    "echange": ("canal",),
    "besoin": ("canal",),
    "alerte": ("canal",),
    "reponse": ("statut", "arrondissement"),
    "dispositif": ("statut", "arrondissement"),
    "lieu": ("arrondissement",),
}


class Cell(NamedTuple):
    """One number of the statistics: in `week`, how often `value` of `measure`, in that `part` of `split`."""

    week: str
    measure: str
    value: str
    split: str
    part: str


@dataclass(frozen=True)
class Shown:
    """A dispositif that was shown: its status, and the needs told that it answers."""

    id: str
    status: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Event:
    """One answer. `outcome`: None when nothing had to be understood (form, sheet, program)."""

    channel: str
    outcome: str | None = None
    needs: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    shown: tuple[Shown, ...] = ()
    places: tuple[str, ...] = ()
    arrondissement: int | None = None


def of_turn(channel: str, answer: Mapping) -> Event:
    """The event of a turn, from the door's answer (`channels.conversation.Conversation.turn`).

    A need or a danger counts when it is told for the first time in the conversation, a dispositif when its message is
    new: who repeats themselves does not make a number.
    """
    messages = answer["messages"]
    orientation = next((m["orientation"] for m in reversed(messages) if m["orientation"]), None)
    heard = answer.get("entendu")  # absent when the dialogue did not answer
    told = [message["alerte"] for message in messages]
    before = heard.get("alertes_dites", ()) if heard else ()
    return Event(
        channel,
        outcome=heard and ("incompris" if heard["incompris"] else "compris"),
        needs=tuple(heard["nouveaux"]) if heard else (),
        alerts=tuple(one for one in told if one and one not in before),
        **(_shown(orientation, answer["etat"]["besoins"]) if orientation else {}),
    )


def of_orientation(channel: str, needs: Sequence[str], orientation: Mapping) -> Event:
    """The event of an orientation given without conversation: all of it is new."""
    return Event(channel, needs=tuple(needs), **_shown(orientation, needs))


def _shown(orientation: Mapping, needs: Sequence[str]) -> dict:
    new = [
        one for one in orientation["dispositifs"] if one.get("nouveau", True) and one["statut"] in STATUSES
    ]
    position = orientation["position"] or {}
    return {
        "shown": tuple(
            Shown(one["id"], one["statut"], tuple(need for need in one["besoins"] if need in needs))
            for one in new
        ),
        "places": tuple(dict.fromkeys(place["id"] for one in new for place in one["services"])),
        "arrondissement": position.get("arrondissement"),
    }


def vocabulary(db: Database) -> dict[str, frozenset[str]]:
    """The values that each measure may count. Nothing else is ever written."""
    needs = frozenset(db.base.needs)
    return {
        "echange": frozenset(OUTCOMES),
        "besoin": needs,
        "alerte": frozenset(db.base.alerts),
        "reponse": needs,
        "dispositif": frozenset(db.base.dispositifs),
        "lieu": db.public_places,
    }


def cells(event: Event, week: str, known: Mapping[str, frozenset[str]]) -> list[Cell]:
    """Each cell to which an event adds one; values out of the vocabulary `known` are left out."""
    if event.channel not in CHANNELS:
        return []
    district = event.arrondissement
    where = str(district) if type(district) is int and 1 <= district <= 20 else UNSAID
    return [
        Cell(week, measure, value, split, part)
        for measure, value, status in _counted(event)
        if value in known[measure]
        for split, part in (("canal", event.channel), ("statut", status), ("arrondissement", where))
        if split in SPLITS[measure]
    ]


def _counted(event: Event) -> Iterator[tuple[str, str, str]]:
    """(measure, value, status) of everything that the event counts, each once."""
    if event.outcome:
        yield "echange", event.outcome, ""
    yield from (("besoin", need, "") for need in dict.fromkeys(event.needs))
    yield from (("alerte", alert, "") for alert in dict.fromkeys(event.alerts))
    yield from (("reponse", need, status) for need, status in _best(event.shown).items())
    yield from (("dispositif", one.id, one.status) for one in event.shown)
    yield from (("lieu", place, "") for place in event.places)


def _best(shown: Iterable[Shown]) -> dict[str, str]:
    """The best status that was shown for each need."""
    ranked = sorted(shown, key=lambda one: STATUSES.index(one.status), reverse=True)
    return {need: one.status for one in ranked for need in one.needs}
