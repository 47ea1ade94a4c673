"""Weeks: the only dates of statistics, written as ISO 8601 does (« 2026-W47 »), which sorts as time does."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from actions.orientation import PARIS

KEPT_MONTHS = 25
_WEEK = timedelta(days=7)
_FORM = re.compile(r"\d{4}-W\d{2}", re.ASCII)


def today() -> date:
    """The day in Paris."""
    return datetime.now(PARIS).date()


def week_of(day: date) -> str:
    """The week of a day."""
    year, number, _ = day.isocalendar()
    return f"{year:04}-W{number:02}"


def monday(week: str) -> date:
    """The first day of a week. Raises ValueError when it is not one."""
    if not _FORM.fullmatch(week):
        raise ValueError(week)
    return date.fromisocalendar(int(week[:4]), int(week[6:]), 1)


def closing_day(week: str) -> date:
    """The day from which a week takes no count any more, and may be read: one whole week after its end.

    Read earlier and again later, two readings would tell by subtraction what few people did in between.
    """
    return monday(week) + 2 * _WEEK


def last_closed(today: date) -> str:
    """The latest week that may be read."""
    return week_of(today - 2 * _WEEK)


def oldest_kept(today: date) -> str:
    """The first week that is not erased: none of its days is more than KEPT_MONTHS old."""
    year, month = divmod(12 * today.year + today.month - 1 - KEPT_MONTHS, 12)
    limit = date(year, month + 1, 1) + timedelta(days=today.day - 1)
    return week_of(limit + timedelta(days=6))  # the week of a Monday on the limit or after it
