"""Times, days and lists in plain French."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def say_time(moment: datetime | time) -> str:
    """« 7 heures 30 », « 1 heure », « minuit »."""
    minutes = f" {moment.minute}" if moment.minute else ""
    if moment.hour == 0:
        return f"minuit{minutes}"
    return f"{moment.hour} heure{'s' if moment.hour > 1 else ''}{minutes}"


def say_date(day: date, today: date) -> str:
    """« lundi 23 novembre », with the year when it is not this year's."""
    return f"{DAYS[day.weekday()]} {say_day(day, today)}"


def say_day(day: date, today: date) -> str:
    """« 23 novembre », with the year when it is not this year's."""
    year = "" if day.year == today.year else f" {day.year}"
    return f"{ordinal(day.day)} {MONTHS[day.month - 1]}{year}"


def ordinal(number: int, suffix: str = "") -> str:
    return "1er" if number == 1 else f"{number}{suffix}"


def listed(words: Sequence[str]) -> str:
    """« a, b et c »."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} et {words[-1]}"


def capital(text: str) -> str:
    """`text` with a capital first letter, the others as they are."""
    return text[:1].upper() + text[1:]
