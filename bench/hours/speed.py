"""« Open now » for a thousand places: the first time, a minute later, and on another day."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from data.hours import opening_state
from data.hours.calendar import PARIS
from data.hours.state import forget

PLACES = 1000
ROUNDS = 7
LIMIT_MS = 10.0
_AT = datetime(2026, 11, 20, 9, 0, tzinfo=PARIS)


def expressions(number: int = PLACES) -> list[str]:
    """Distinct hours of the kinds that the base holds: weeks, two openings a day, holidays, a closure."""
    days = ("Mo-Fr", "Tu-Sa", "Mo-Su", "Mo,We,Fr", "Tu,Th,Sa")
    ends = ("", "; PH off", "; Th[3] off; PH off", "; Jan 01 off; May 01 off; Jul 14 off; Aug 15 off; Dec 25 off",
            '; 2026 Nov 01-2027 Jan 15 off "travaux"; PH off')  # fmt: skip
    found = []
    for count in range(number):
        quarter = 15 * (count // 25)
        start, pause = 6 * 60 + quarter % 180, 11 * 60 + quarter // 12 * 5
        spans = f"{_clock(start)}-{_clock(pause)},14:00-{_clock(16 * 60 + quarter // 2)}"
        found.append(f"{days[count % 5]} {spans}{ends[count // 5 % 5]}")
    return found


def measure() -> dict[str, float]:
    """Milliseconds for the thousand places (median of the rounds, and the worst round of the warm ones)."""
    hours = expressions()
    assert len(set(hours)) == PLACES
    cold = [_time(hours, _AT, forget) for _ in range(3)]
    warm = [_time(hours, _AT + timedelta(minutes=turn)) for turn in range(ROUNDS)]
    day = [_time(hours, _AT + timedelta(days=turn + 1)) for turn in range(ROUNDS)]
    return {
        "cold": statistics.median(cold),
        "warm": statistics.median(warm),
        "warm_worst": max(warm),
        "day": statistics.median(day),
    }


def _time(hours: list[str], at: datetime, before: Callable[[], None] = lambda: None) -> float:
    before()
    start = time.perf_counter()
    sum(opening_state(osm, at, "haute", 30)["etat"] == "ouvert" for osm in hours)
    return (time.perf_counter() - start) * 1000


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
