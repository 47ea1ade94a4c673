"""The usual week of a place in plain French, and what is added to it: closures, holidays, appointments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from data.hours.expression import NO_END, certain, parsed, whole_nights
from data.hours.rules import DAY, MONTH, OSM_DAYS, OSM_MONTHS, TIMES, WEEKLY, Rule, read_rules, written
from data.hours.words import DAYS, MONTHS, capital, listed, ordinal, say_time

_MONDAY = datetime(2001, 1, 1)  # where only the weekly pattern matters
_WEEK, _ONE_DAY = timedelta(days=7), timedelta(days=1)
_DATE = re.compile(rf"({MONTH}) (\d\d?)")
_DATES = re.compile(rf"(\d{{4}})? ?({MONTH}) (\d\d?)-(\d{{4}})? ?({MONTH})? ?(\d\d?)")
_MONTHS = re.compile(rf"({MONTH})(?:-({MONTH}))?")
_NTH_DAY = re.compile(rf"({DAY})\[(\d)\](?: ({TIMES}))?")
_HOLIDAYS = re.compile(rf"(PH|SH)(?:\s+({TIMES}))?")
_HOLIDAY_WORDS = {"PH": "les jours fériés", "SH": "pendant les vacances scolaires"}


def describe(osm: str, last_entry_min: int | None = None) -> str | None:
    """The usual week in plain French, or None when the hours are too special to be told by rule
    (seasons, weeks of the year, fallbacks): the editor then writes `horaires.texte`.

    Raises ValueError on hours that cannot be read.
    """
    rules, *fallbacks = read_rules(osm)
    weekly = [rule for rule in rules if WEEKLY.fullmatch(rule.body) or rule.body == "24/7"]
    others = [rule for rule in rules if rule not in weekly]
    dates = [_date(rule) for rule in others]
    told = [_exception(rule) for rule, date in zip(others, dates, strict=True) if not date]
    week = _week(weekly) if weekly else None
    if not week or None in told or fallbacks:
        return None
    closed = [date for date in dates if date]
    sentences = week + told + [f"Fermé {listed(closed[i : i + 3])}." for i in range(0, len(closed), 3)]
    if last_entry_min:
        sentences.append(f"Dernière entrée {last_entry_min} minutes avant la fermeture.")
    return " ".join(sentences)


def _week(rules: list[Rule]) -> list[str] | None:
    """One sentence per group of days that share the same hours, then the closed days."""
    hours = parsed(written(whole_nights([said for rule in rules for said in certain(rule, _MONDAY.year)])))
    if hours.next_change(_MONDAY) is None:
        return ["Ouvert jour et nuit, tous les jours."] if hours.is_open(_MONDAY) else None
    of_day: dict[int, tuple] = {day: () for day in range(7)}
    # The night from Sunday to Monday belongs to Sunday.
    for start, end, state, reason in hours.intervals(_MONDAY - _ONE_DAY, _MONDAY + _WEEK + _ONE_DAY):
        if str(state) == "closed" or not _MONDAY <= start < _MONDAY + _WEEK:
            continue
        if str(state) == "open" and end - start > _ONE_DAY:
            return None
        of_day[start.weekday()] += ((start.time(), end.time(), str(state), reason),)
    groups: dict[tuple, list[int]] = {}
    for day, spans in of_day.items():
        groups.setdefault(spans, []).append(day)
    sentences = [_say_group(days, spans) for spans, days in groups.items() if spans]
    closed = groups.get((), [])
    if len(closed) > 3:
        return [*sentences, "Fermé les autres jours."]
    return sentences + ([f"Fermé {listed([f'le {DAYS[day]}' for day in closed])}."] if closed else [])


def _say_group(days: list[int], spans: tuple) -> str:
    if spans == ((time(0), time(0), "unknown", ""),):
        return f"Les heures ne sont pas connues {_days(days)}."
    return f"{capital(_days(days))}, {_spans(spans)}."


def _days(days: list[int]) -> str:
    if len(days) == 7:
        return "tous les jours"
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
    return listed(words)


def _spans(spans: Sequence[tuple]) -> str:
    said: list[str] = []
    for before, (start, end, state, reason) in zip([None, *spans], spans, strict=False):
        if reason == NO_END and before and before[1] == start:
            said[-1] += " au moins"
        else:
            said.append(_span(start, end, state, reason))
    return ". Puis ".join(said)


def _span(start: time, end: time, state: str, reason: str) -> str:
    if reason == NO_END:
        return f"à partir de {say_time(start)}"
    if start == end == time(0):
        return reason or "heures à vérifier"
    unsure = "" if state == "open" else f", {reason or 'à vérifier'}"
    return f"de {say_time(start)} à {say_time(end)}{unsure}"


def _date(rule: Rule) -> str | None:
    """« le 1er mai », for a rule that closes one day every year."""
    found = _DATE.fullmatch(rule.body)
    return f"le {_day_month(*found.groups())}" if found and _is_off(rule) and not rule.comment else None


def _exception(rule: Rule) -> str | None:
    kinds = (_NTH_DAY, _HOLIDAYS, _DATE, _MONTHS, _DATES)
    nth, holidays, date, months, dates = (kind.fullmatch(rule.body) for kind in kinds)
    if nth:
        return _on(f"le {ordinal(int(nth[2]), 'e')} {DAYS[OSM_DAYS.index(nth[1])]} du mois", nth[3], rule)
    if holidays:
        return _on(_HOLIDAY_WORDS[holidays[1]], holidays[2], rule)
    if not _is_off(rule):
        return None
    if date:
        return _on(f"le {_day_month(*date.groups())}", None, rule)
    why = f" pour {rule.comment}" if rule.comment else ""
    if months:
        first, last = (MONTHS[OSM_MONTHS.index(name)] if name else None for name in months.groups())
        return f"Fermé{why} {_of(first)} à {last}." if last else f"Fermé{why} en {first}."
    if not dates:
        return None
    first_year, first_month, first_day, last_year, last_month, last_day = dates.groups()
    first = f"{_day_month(first_month, first_day)}{f' {first_year}' if first_year else ''}"
    last = f"{_day_month(last_month or first_month, last_day)}"
    last += f" {last_year or first_year}" if first_year else ""
    return f"Fermé{why} du {first} au {last}."


def _on(days: str, times: str | None, rule: Rule) -> str | None:
    if _is_off(rule) and not times:
        return f"Fermé {days}{f', {rule.comment}' if rule.comment else ''}."
    if rule.modifier == "unknown" and not times:
        return f"Les heures ne sont pas connues {days}."
    if not times or "+" in times or rule.modifier or rule.comment:
        return None
    pairs = [re.split(r"\s*-\s*", span.strip()) for span in times.split(",")]
    try:
        spans = [
            (time.fromisoformat(f"{start:0>5}"), time.fromisoformat(f"{end:0>5}")) for start, end in pairs
        ]
    except ValueError:  # 24:00, or later
        return None
    return f"{capital(days)}, {_spans([(start, end, 'open', '') for start, end in spans])}."


def _of(month: str) -> str:
    return f"d'{month}" if month[0] in "ao" else f"de {month}"


def _is_off(rule: Rule) -> bool:
    return rule.modifier in ("off", "closed")


def _day_month(month: str, day: str) -> str:
    return f"{ordinal(int(day))} {MONTHS[OSM_MONTHS.index(month)]}"
