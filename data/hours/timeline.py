"""What an expression says from an instant on: spans of one state, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from opening_hours import OpeningHours

from data.hours.calendar import clock, in_paris, instant
from data.hours.expression import YEARS_AHEAD, effective, parsed

OPEN, CLOSED, UNKNOWN = "open", "closed", "unknown"
_BEFORE = timedelta(days=1)


class Span(NamedTuple):
    """From `start` to `end` (UTC; no `end` when the state lasts beyond what is looked at).

    `state` is open, closed or unknown. `reason` says why, in the words of the editor or of `expression`; ""
    when there is nothing to say.
    """

    start: datetime
    end: datetime | None
    state: str
    reason: str


def spans(osm: str, at: datetime) -> Iterator[Span]:
    """The spans of `osm`, in order and without gap, from one that starts a day before `at`, or at `at`.

    Nothing is said after the end of the second year that follows: the last span has no end. `at` without time
    zone is Paris time. Raises ValueError on hours that cannot be read.
    """
    shown = clock(in_paris(at))
    first, *others = read(osm, shown.year)
    last = datetime(shown.year + YEARS_AHEAD + 1, 1, 1)
    found = _on_clock(first, shown - _BEFORE, last)
    for other in others:
        found = _otherwise(found, other)
    waiting = None
    for start, end, state, reason in found:
        begins, ends = instant(start), None if end >= last else instant(end)
        if begins == ends:  # inside the hour that does not exist
            continue
        if waiting and waiting[2:] == (state, reason):
            waiting = waiting._replace(end=ends)
            continue
        if waiting:
            yield waiting
        waiting = Span(begins, ends, state, reason)
    if waiting:
        yield waiting


def around(osm: str, at: datetime) -> Iterator[Span]:
    """The span that covers `at`, then those that follow."""
    now = in_paris(at).timestamp()
    return (span for span in spans(osm, at) if span.end is None or now < span.end.timestamp())


@lru_cache(maxsize=4096)
def read(osm: str, year: int) -> tuple[OpeningHours, ...]:
    """The expression of `osm` for moments of `year`, then its fallbacks, ready to be asked."""
    return tuple(parsed(expression) for expression in effective(osm, year))


def _on_clock(hours: OpeningHours, start: datetime, last: datetime) -> Iterator[tuple]:
    for begins, ends, state, comment in hours.intervals(start, last):
        yield begins, ends or last, str(state), comment


def _otherwise(found: Iterator[tuple], other: OpeningHours) -> Iterator[tuple]:
    """`found`, with what `other` says instead of « closed »."""
    for start, end, state, reason in found:
        if state == CLOSED:
            yield from _on_clock(other, start, end)
        else:
            yield start, end, state, reason
