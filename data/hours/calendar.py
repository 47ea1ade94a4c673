"""The days and the clock of Paris: public holidays, school holidays, the missing hour and the hour said twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, State
from vacances_scolaires_france import SchoolHolidayDates

PARIS = ZoneInfo("Europe/Paris")
SCHOOL_ZONE = "C"  # académies de Paris, Créteil et Versailles
_DAY = timedelta(days=1)


def in_paris(moment: datetime) -> datetime:
    """`moment` on the clock of Paris; without a time zone it already is."""
    return moment.replace(tzinfo=PARIS) if moment.tzinfo is None else moment.astimezone(PARIS)


def clock(instant: datetime) -> datetime:
    """What the clocks of Paris show at an aware `instant`, without zone.

    In October the hour between 2 and 3 is said twice; the second one counts as the end of the first, so that
    a door that closed at 2:30 does not open again half an hour later.
    """
    local = instant.astimezone(PARIS)
    return local.replace(tzinfo=None, fold=0, **({"minute": 59} if local.fold else {}))


@lru_cache(maxsize=16384)  # places open and close at the same hours
def instant(shown: datetime) -> datetime:
    """The instant, in UTC, when the clocks of Paris show the time `shown` (without zone).

    An hour said twice is the first of the two (RFC 5545, 3.3.5). An hour that does not exist, in March, is 3
    o'clock: a door that closes at 2:30 is closed when the clocks jump from 2 to 3.
    """
    aware = shown.replace(tzinfo=PARIS, fold=0)
    there = aware.astimezone(timezone.utc)
    if there.astimezone(PARIS).replace(tzinfo=None) == shown:
        return there
    return there.replace(minute=0)


@lru_cache(maxsize=4096)
def is_public_holiday(day: date) -> bool:
    """True on the 11 French public holidays."""
    return day in public_holidays(day.year)


@lru_cache(maxsize=64)
def public_holidays(year: int) -> tuple[date, ...]:
    """The French public holidays of `year`, in order."""
    start, end = datetime(year, 1, 1), datetime(year + 1, 1, 1)
    days = OpeningHours("PH 12:00-13:00", country="FR").intervals(start, end)
    return tuple(opens.date() for opens, _closes, state, _comment in days if state == State.OPEN)


@lru_cache(maxsize=1)
def school_holidays() -> tuple[tuple[date, date], ...]:
    """First and last day of each school holiday of Paris, from 2020 to the last one that is published."""
    calendar = SchoolHolidayDates()
    years = range(2020, calendar.max_year + 1)
    return runs(day for year in years for day in calendar.holidays_for_year_and_zone(year, SCHOOL_ZONE))


def school_known_until() -> date:
    """After this day nobody can say which days are school holidays."""
    return school_holidays()[-1][1]


def runs(days: Iterable[date]) -> tuple[tuple[date, date], ...]:
    """`days`, in any order, as first and last day of each run of days in a row."""
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        if found and found[-1][1] + _DAY == day:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return tuple(found)
