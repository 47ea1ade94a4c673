"""Durations and dates said in a message, in whole months before a reference day."""

from __future__ import annotations

import re
from datetime import date

from assistant.reading.text import Reading, Word

MONTHS = (
    "janvier",
    "fevrier",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "aout",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
)
_SEASONS = {
    "printemps": 3,
    "ete": 7,
    "rentree": 9,
    "automne": 10,
    "hiver": 12,
    "noel": 12,
    "toussaint": 11,
    "paques": 4,
}
_ROUND = {"dizaine": 10, "quinzaine": 15, "vingtaine": 20, "trentaine": 30}
_RECENT = re.compile(r"hier|semaine|matin|jours?\b|aujourd")


def months_before(reading: Reading, first: int, last: int, today: date) -> int | None:
    """Months between the moment or length said by words `first` to `last` and `today`; None if unclear."""
    words = reading.words[first : last + 1]
    for word in words:
        if word.form in ("<date>", "<mois>"):
            return _since_figures(reading.text[word.start : word.end], today)
    text = " ".join(word.form for word in words)
    values = [word.value for word in words if word.value is not None]
    for name in (*MONTHS, *_SEASONS):
        if re.search(rf"\b{name}\b", text):
            month = MONTHS.index(name) + 1 if name in MONTHS else _SEASONS[name]
            years = [int(value) for value in values if 1900 <= value <= today.year]
            if re.search(r"\ban dernier|annee derniere", text):
                years = [today.year - 1]
            return _since_month(month, years[0] if years else None, today)
    if not values:
        return _without_number(text)
    return _with_number(text, values, today)


def _without_number(text: str) -> int | None:
    for name, value in _ROUND.items():
        if name in text:
            return value * 12 if re.search(r"\ban", text) else value if "mois" in text else value // 30
    if re.search(r"l an dernier|l annee derniere", text):
        return 12
    if "mois dernier" in text:
        return 1
    if re.search(r"\ban(nee)?\b", text):
        return 18 if "demi" in text else 12
    if re.search(r"\bmois\b", text):
        return 3 if "quelques" in text else 1
    return 0 if _RECENT.search(text) else None


def _with_number(text: str, values: list[float], today: date) -> int | None:
    value = values[0]
    if re.match(r"(une?|an) .*# mois", text):  # « un an et trois mois »
        return 12 + int(value)
    if re.search(r"# (ans?|annees?)\b", text):
        extra = 6 if "demi" in text else int(values[1]) if len(values) > 1 and "mois" in text else 0
        return int(value * 12) + extra
    if re.search(r"# (mois|moi)\b", text):
        return int(value)
    if "semaine" in text:
        return int(value * 7 // 30)
    if "jour" in text:
        return int(value // 30)
    if 1930 <= value <= today.year:
        return (today.year - int(value)) * 12
    return None


def _since_figures(text: str, today: date) -> int | None:
    """« 12/03/2026 », « 06/2024 »."""
    *_, month, year = (int(part) for part in re.split(r"[/.-]", text))
    return _since_month(month, _full_year(year, today), today) if 1 <= month <= 12 else None


def _since_month(month: int, year: int | None, today: date) -> int:
    if year is None:
        year = today.year if month <= today.month else today.year - 1
    return max(0, (today.year - year) * 12 + today.month - month)


def age_from_birth(reading: Reading, first: int, today: date) -> tuple[int, int] | None:
    """(age, last word used) when words from `first` are a birth year or a birth date; else None."""
    words = reading.words
    if first < len(words) and words[first].form == "<date>":
        return _age_from_figures(reading.text[words[first].start : words[first].end], first, today)
    day = month = None
    for index in range(first, min(first + 4, len(words))):
        word = words[index]
        if word.form in MONTHS:
            month = MONTHS.index(word.form) + 1
        elif word.value is not None and 1900 <= word.value <= today.year:
            return _age(int(word.value), month, day, today), index
        elif _is_day(word) and words[index - 1].form != "en" and day is None and month is None:
            day = int(word.value)
        elif word.value is not None and word.value < 100 and words[index - 1].form == "en":
            return _age(_full_year(int(word.value), today), None, None, today), index
        elif word.value is not None and month and word.value < 100:
            return _age(_full_year(int(word.value), today), month, day, today), index
        elif word.form not in ("premier", "en", "le"):
            return None
    return None


def _is_day(word: Word) -> bool:
    return word.value is not None and word.value <= 31


def _age_from_figures(text: str, index: int, today: date) -> tuple[int, int] | None:
    day, month, year = (int(part) for part in re.split(r"[/.-]", text))
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return _age(_full_year(year, today), month, day, today), index


def _full_year(year: int, today: date) -> int:
    if year >= 100:
        return year
    return 2000 + year if 2000 + year <= today.year else 1900 + year


def _age(year: int, month: int | None, day: int | None, today: date) -> int:
    before_birthday = month is not None and (today.month, today.day) < (month, day or 1)
    return today.year - year - before_birthday
