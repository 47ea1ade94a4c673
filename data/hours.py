"""Opening hours: is a place open at a given minute, until when, and how to say it in plain French.

Hours are written in the OpenStreetMap « opening_hours » syntax and evaluated by opening-hours-py with the
French public holidays. « Ouvert » is said only when a person who arrives now is let in: after the last
entry, on a public holiday that the hours do not mention, or past an opening with no known end, it is not.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, ParserError, State

PARIS = ZoneInfo("Europe/Paris")
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_OSM_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_OSM_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# Hours that name the holidays (PH), 1 May, or every hour of the year, were written with holidays in mind.
_MENTIONS_HOLIDAYS = re.compile(r"\bPH\b|\bMay 0?1\b|24/7")
_SPAN = r"\d\d:\d\d(?:-\d\d:\d\d|\+)"
_WEEKLY = re.compile(rf"(?:(?:{'|'.join(_OSM_DAYS)})[A-Za-z,\-]*\s+)?{_SPAN}(?:,{_SPAN})*")
_DATE_OFF = re.compile(rf"({'|'.join(_OSM_MONTHS)}) (\d\d?) off")
_NTH_DAY = re.compile(rf"({'|'.join(_OSM_DAYS)})\[(\d)\] (off|{_SPAN}(?:,{_SPAN})*)")
_DATES_OFF = re.compile(
    rf"(\d{{4}}) ({'|'.join(_OSM_MONTHS)}) (\d\d?)-(\d{{4}}) ({'|'.join(_OSM_MONTHS)}) (\d\d?) off"
)
_HOLIDAYS = re.compile(rf"PH (off|{_SPAN}(?:,{_SPAN})*)")
_FRENCH_DAY = re.compile(
    r"\b(lu(ndi|n)?|ma(rdi|r)?|me(rcredi|r)?|je(udi|u)?|ve(ndredi|n)?|sam(edi)?|di(manche|m)?)\b",
    re.IGNORECASE,
)


def opening_state(
    osm: str | None,
    at: datetime,
    confidence: str | None,
    last_entry_min: int | None = None,
    can_call: bool = True,
) -> dict:
    """The `ouverture` object of the contract for hours `osm` at the instant `at`.

    `at` without a time zone is Paris time. `confidence` is haute, moyenne or basse; `last_entry_min` is how
    many minutes before closing the door shuts to newcomers; `can_call` tells whether a phone number is known.
    Returns etat (ouvert | ferme | inconnu), jusqua (closing time when open, ISO 8601), prochaine (next
    opening when closed), texte (plain French), confiance. Raises ValueError on hours that cannot be read.
    """
    at = _paris(at).replace(second=0, microsecond=0)
    check = "Horaires à vérifier. Appelez avant." if can_call else "Horaires à vérifier avant d'y aller."
    if osm is None:
        return _state("inconnu", check, "basse")
    confidence = confidence or "basse"
    doubt = f" {check}" if confidence == "basse" else ""
    if is_public_holiday(at.date()) and not mentions_holidays(osm):
        return _state("inconnu", f"Aujourd'hui est un jour férié. {check}", confidence)

    hours = _parse(osm)
    if not hours.is_open(at):
        opening = _next(hours, at, State.OPEN)
        text = f"{_closed_now(hours, at)} {_opens(at, opening)}{doubt}"
        return _state("ferme", text, confidence, next_opening=opening)
    if "+" in osm:
        text = f"Ouvre à {say_time(_start_of(hours, at))}. L'heure de fin n'est pas connue.{doubt}"
        return _state("inconnu", text, confidence)
    closing = _next(hours, at, State.CLOSED)
    if closing is None:
        return _state("ouvert", f"Ouvert jour et nuit, tous les jours.{doubt}", confidence)
    if last_entry_min is None:
        return _state("ouvert", f"{_open_until(at, closing)}{doubt}", confidence, until=closing)
    last_entry = closing - timedelta(minutes=last_entry_min)
    if at <= last_entry:
        text = f"{_open_until(at, closing)} Dernière entrée à {say_time(last_entry)}.{doubt}"
        return _state("ouvert", text, confidence, until=closing)
    opening = _next(hours, closing, State.OPEN)
    late = f"Trop tard pour entrer. La dernière entrée était à {say_time(last_entry)}."
    text = f"{late} {_opens(at, opening)}{doubt}"
    return _state("ferme", text, confidence, next_opening=opening)


def describe(osm: str, last_entry_min: int | None = None) -> str | None:
    """The usual week in plain French, or None when the hours are too special to be told by rule
    (seasons, dated closures): the editor then writes `horaires.texte`.
    """
    if osm.strip() == "24/7":
        return "Ouvert jour et nuit, tous les jours."
    rules = [rule.strip() for rule in osm.split(";") if rule.strip()]
    weekly = [rule for rule in rules if _WEEKLY.fullmatch(rule)]
    exceptions = [rule for rule in rules if rule not in weekly]
    told = [_exception(rule) for rule in exceptions if not _DATE_OFF.fullmatch(rule)]
    if not weekly or None in told:
        return None
    closed_dates = [_day_month(*match.groups()) for match in map(_DATE_OFF.fullmatch, exceptions) if match]
    sentences = _week("; ".join(weekly)) + told
    sentences += [f"Fermé {_and(closed_dates[i : i + 3])}." for i in range(0, len(closed_dates), 3)]
    if last_entry_min:
        sentences.append(f"Dernière entrée {last_entry_min} minutes avant la fermeture.")
    return " ".join(sentences)


def fault_in(osm: str) -> tuple[str, str | None] | None:
    """What is wrong with hours, and a likely fix; None when they can be used."""
    french = _FRENCH_DAY.search(osm)
    if french:
        return f"« {french.group()} » n'est pas un jour ici.", f"Les jours sont {', '.join(_OSM_DAYS)}."
    if '"' in osm:
        return "Les horaires contiennent un commentaire.", "Écrivez-le dans horaires.texte."
    if re.search(r"\bSH\b", osm):
        return "Le programme ne connaît pas les vacances scolaires (SH).", "Dites-les dans texte."
    try:
        hours = _parse(osm)
    except ValueError as error:
        return f"Horaires « {osm} » : {error}.", 'Exemple : "Tu-Sa 08:00-13:00; PH off".'
    late = re.search(r"\b(2[4-9]|[3-9]\d):(?!00)\d\d|\b(2[5-9]|[3-9]\d):00", osm)
    if late:
        return f"« {late.group()} » n'est pas une heure.", "Pour une nuit, écrivez par exemple 21:00-02:00."
    if hours.is_closed(_ANY_DAY) and hours.next_change(_ANY_DAY) is None:
        return "Ces horaires ne donnent aucun moment d'ouverture.", "Pour un lieu fermé, changez « statut »."
    return None


@lru_cache(maxsize=1024)
def is_public_holiday(day: date) -> bool:
    """True on the 11 French public holidays."""
    return _only_holidays().is_open(datetime.combine(day, time(12), PARIS))


def mentions_holidays(osm: str) -> bool:
    """True when the hours say what happens on public holidays; otherwise they are unknown on those days."""
    return bool(_MENTIONS_HOLIDAYS.search(osm))


def say_time(moment: datetime | time) -> str:
    """« 7 heures 30 », « 1 heure », « minuit »."""
    minutes = f" {moment.minute}" if moment.minute else ""
    if moment.hour == 0:
        return f"minuit{minutes}"
    return f"{moment.hour} heure{'s' if moment.hour > 1 else ''}{minutes}"


def say_date(day: date, today: date) -> str:
    """« lundi 23 novembre », with the year when it is not this year's."""
    year = "" if day.year == today.year else f" {day.year}"
    return f"{DAYS[day.weekday()]} {_ordinal(day.day)} {MONTHS[day.month - 1]}{year}"


_ANY_DAY = datetime(2001, 1, 1, tzinfo=PARIS)  # a Monday, used where only the weekly pattern matters


@lru_cache(maxsize=4096)
def _parse(osm: str) -> OpeningHours:
    # Hours that ignore holidays must not promise an opening on one of them.
    text = osm if mentions_holidays(osm) else f"{osm}; PH off"
    try:
        return OpeningHours(text, timezone=PARIS, country="FR")
    except ParserError as error:
        column = re.search(r"1:(\d+)", str(error))
        raise ValueError(f"illisible au caractère {column.group(1)}" if column else "illisible") from error


@lru_cache(maxsize=1)
def _only_holidays() -> OpeningHours:
    return OpeningHours("PH 00:00-24:00", timezone=PARIS, country="FR")


def _paris(moment: datetime) -> datetime:
    return moment.replace(tzinfo=PARIS) if moment.tzinfo is None else moment.astimezone(PARIS)


def _state(etat, text, confidence, *, until=None, next_opening=None) -> dict:
    return {
        "etat": etat,
        "jusqua": until.isoformat() if until else None,
        "prochaine": next_opening.isoformat() if next_opening else None,
        "texte": text,
        "confiance": confidence,
    }


def _next(hours: OpeningHours, after: datetime, wanted: State) -> datetime | None:
    """First instant from `after` on when the state is `wanted`; None when it never comes."""
    for start, _end, state, _comment in islice(hours.intervals(after), 50):
        if state == wanted:
            return start
    return None


def _start_of(hours: OpeningHours, at: datetime) -> datetime:
    """Start of the opening that covers `at`, not before midnight of that day."""
    midnight = at.replace(hour=0, minute=0)
    starts = (start for start, _end, _state, _comment in islice(hours.intervals(midnight), 50))
    return max(start for start in starts if start <= at)


def _closed_now(hours: OpeningHours, at: datetime) -> str:
    midnight = at.replace(hour=0, minute=0)
    first = _next(hours, midnight, State.OPEN)
    opens_today = first is not None and first.date() == at.date()
    return "Fermé maintenant." if opens_today else "Fermé aujourd'hui."


def _opens(at: datetime, opening: datetime | None) -> str:
    if opening is None:
        return "La réouverture n'est pas connue."
    if opening.date() == at.date():
        return f"Ouvre aujourd'hui à {say_time(opening)}."
    if opening.date() == at.date() + timedelta(days=1):
        return f"Ouvre demain, {say_date(opening.date(), at.date())}, à {say_time(opening)}."
    return f"Ouvre {say_date(opening.date(), at.date())} à {say_time(opening)}."


def _open_until(at: datetime, closing: datetime) -> str:
    if closing.date() == at.date() or (closing.time() == time(0) and closing - at <= timedelta(days=1)):
        return f"Ouvert aujourd'hui jusqu'à {say_time(closing)}."
    if closing - at < timedelta(hours=12):
        return f"Ouvert maintenant jusqu'à {say_time(closing)}."
    return f"Ouvert jusqu'à {say_date(closing.date(), at.date())} à {say_time(closing)}."


def _week(osm: str) -> list[str]:
    """One sentence per group of days that share the same hours, then the closed days."""
    hours = OpeningHours(osm, timezone=PARIS)
    spans_of: dict[int, tuple] = {day: () for day in range(7)}
    week = hours.intervals(_ANY_DAY, _ANY_DAY + timedelta(days=7))
    for start, end, state, _comment in week:
        if state == State.OPEN:
            spans_of[start.weekday()] += ((start.time(), end.time()),)
    groups: dict[tuple, list[int]] = {}
    for day, spans in spans_of.items():
        groups.setdefault(spans, []).append(day)
    sentences = [f"{_days(days)}, {_spans(spans, '+' in osm)}." for spans, days in groups.items() if spans]
    closed = groups.get((), [])
    if len(closed) > 3:
        return [*sentences, "Fermé les autres jours."]
    return sentences + ([f"Fermé {_and([f'le {DAYS[day]}' for day in closed])}."] if closed else [])


def _days(days: list[int]) -> str:
    if len(days) == 7:
        return "Tous les jours"
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    words = []
    for run in runs:
        if len(run) > 2:
            words.append(f"du {DAYS[run[0]]} au {DAYS[run[-1]]}")
        else:
            words += [f"le {DAYS[day]}" for day in run]
    text = _and(words)
    return text[0].upper() + text[1:]


def _spans(spans: tuple, no_end: bool) -> str:
    if no_end:
        return " et ".join(f"à partir de {say_time(start)}" for start, _end in spans)
    return ". Puis ".join(f"de {say_time(start)} à {say_time(end)}" for start, end in spans)


def _exception(rule: str) -> str | None:
    nth = _NTH_DAY.fullmatch(rule)
    if nth:
        day = f"le {_ordinal(int(nth.group(2)), 'e')} {DAYS[_OSM_DAYS.index(nth.group(1))]} du mois"
        if nth.group(3) == "off":
            return f"Fermé {day}."
        return f"{day.capitalize()}, {_spans(_times(nth.group(3)), False)}."
    dates = _DATES_OFF.fullmatch(rule)
    if dates:
        first_year, first_month, first_day, last_year, last_month, last_day = dates.groups()
        first, last = _day_month(first_month, first_day)[3:], _day_month(last_month, last_day)[3:]
        return f"Fermé du {first} {first_year} au {last} {last_year}."
    holidays = _HOLIDAYS.fullmatch(rule)
    if holidays:
        return "Fermé les jours fériés." if holidays.group(1) == "off" else "Ouvert les jours fériés."
    return None


def _times(spans: str) -> tuple:
    pairs = (span.split("-") for span in spans.split(","))
    return tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in pairs)


def _day_month(month: str, day: str) -> str:
    return f"le {_ordinal(int(day))} {MONTHS[_OSM_MONTHS.index(month)]}"


def _ordinal(number: int, suffix: str = "") -> str:
    return "1er" if number == 1 else f"{number}{suffix}"


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} et {words[-1]}"
