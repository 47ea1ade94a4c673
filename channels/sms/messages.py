"""What passes between the queue and the work: messages received and leaving, what decides of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from channels.sms.providers import Outgoing


class QueueFull(Exception):
    """Too many messages wait for an answer: the provider must come back later."""


class TurnLost(Exception):
    """Another door works on the queue now, or may."""


class Arrival(StrEnum):
    """What a message that comes in is."""

    NEW = "nouveau"
    AGAIN = "redite"  # a provider that did not hear our answer
    REPLAYED = "rejoue"  # too late to be that
    NOBODY = "personne"  # not from a phone that could be answered


@dataclass(frozen=True)
class Received:
    """A message that waits for its answer."""

    id: str
    session: str
    text: str = field(repr=False)
    tries: int = 0


@dataclass(frozen=True)
class Leaving:
    """A message to give to the provider; `doubtful`: it may have it already."""

    sms: Outgoing
    session: str
    segments: int
    tries: int
    doubtful: bool
    asked: bool


@dataclass(frozen=True)
class Situation:
    """Of a number: whether it asked for silence, its messages of the last hour, the reasons (`trop`, `plafond`)
    already told. Of the day: euros spent, with those of what waits to leave."""

    silenced: bool
    count: int
    told: frozenset[str]
    spent: float
