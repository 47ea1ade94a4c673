"""From hours as an editor writes them to an expression that promises nothing uncertain.

An expression is read as rules, and rewritten into the same language before opening-hours-py evaluates it:
- an opening with a comment (« sur rendez-vous ») is `unknown`, as in the reference implementation;
- an opening without end (`12:00+`) is `unknown` from its start, for as long as it could last;
- school holidays (`SH`) become dates, those of Paris; after the last published ones, `unknown`;
- a public holiday that the hours do not mention is `unknown`, if the place usually opens on that day;
- every closure says its reason, so that it can be told.
Nothing here depends on the present time but the years whose dates are written out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from opening_hours import OpeningHours, ParserError, State

from data.hours.calendar import public_holidays, runs, school_holidays, school_known_until
from data.hours.rules import (
    COMMENT,
    DAY,
    MONTH,
    OSM_DAYS,
    OSM_MONTHS,
    SPAN,
    TIMES,
    WEEKLY,
    HoursFault,
    Rule,
    read_rules,
    runs_past_midnight,
    weekdays,
    written,
)

HOLIDAY = "jour férié"
SCHOOL = "vacances scolaires"
CLOSURE = "fermeture"  # a closure with dates, whose editor gave no reason
NO_END = "heure de fin inconnue"
YEARS_AHEAD = 2

# Hours that name the holidays (PH), 1 May, or every hour of the year, were written with holidays in mind.
_MENTIONS_HOLIDAYS = re.compile(r"\bPH\b|\bMay 0?1\b(?!\s*-)|^\s*24/7\s*$")
_AT_HOLIDAYS = re.compile(
    rf"(?P<kinds>(?:PH|SH)(?:\s*,\s*(?:PH|SH))*)\s*:?\s*(?P<rest>(?P<day>{DAY})?.*)", re.DOTALL
)
_HAS_DATES = re.compile(rf"\b(?:{MONTH}|easter|week)\b|\b\d{{4}}\b")


def mentions_holidays(osm: str) -> bool:
    """True when the hours say what happens on public holidays; otherwise they are unknown on those days."""
    return bool(_MENTIONS_HOLIDAYS.search(COMMENT.sub("", osm)))


def effective(osm: str, year: int) -> tuple[str, ...]:
    """The expression that is evaluated for moments of `year` and the two years after; then its fallbacks.

    Raises HoursFault when it cannot be read.
    """
    first, *others = (
        written(
            _until_known(rules, whole_nights([said for rule in rules for said in certain(rule, year)]), year)
        )
        for rules in read_rules(osm)
    )
    if not mentions_holidays(osm):
        usual = parsed(first)
        days = [day for day in _holidays(year) if _opens_on(usual, day)]
        if days:
            first = f'{first}; {_dates(runs(days))} unknown "{HOLIDAY}"'
    return first, *others


def parsed(expression: str) -> OpeningHours:
    """An expression on the clocks of a place, without zone. Raises HoursFault when it cannot be read."""
    try:
        return OpeningHours(expression, country="FR")
    except ParserError as error:
        column = re.search(r"1:(\d+)", str(error))
        rest = expression[int(column.group(1)) - 1 :] if column else expression
        hint = 'Exemple : "Tu-Sa 08:00-13:00; PH off".'
        raise HoursFault(f"Horaires illisibles à partir de « {rest} ».", hint) from error


def certain(rule: Rule, year: int) -> list[Rule]:
    """What a rule says for sure, in as many rules as needed, with the dates of `year` and the two years after."""
    return [
        ended
        for dated in _with_dates(_with_reason(rule), year)
        for ended in _with_ends(replace(dated, modifier="unknown") if _on_condition(dated) else dated)
    ]


def _on_condition(rule: Rule) -> bool:
    return bool(rule.comment) and rule.modifier in ("", "open")


def _with_reason(rule: Rule) -> Rule:
    if rule.modifier not in ("off", "closed") or rule.comment:
        return rule
    holidays = _AT_HOLIDAYS.fullmatch(rule.body)
    if holidays and not re.search(r"\d", holidays["rest"]):  # the whole day, not the morning after
        return replace(rule, comment=SCHOOL if holidays["kinds"].startswith("SH") else HOLIDAY)
    dated = _HAS_DATES.search(rule.body) and not re.search(SPAN, rule.body)
    return replace(rule, comment=CLOSURE) if dated else rule


def _with_dates(rule: Rule, year: int) -> list[Rule]:
    """School holidays as dates; public holidays too where a weekday follows, which is read as « or » otherwise."""
    holidays = _AT_HOLIDAYS.fullmatch(rule.body)
    if not holidays:
        if re.search(rf"\bSH\b|\b(?:{DAY})\s+PH\b", rule.body):
            hint = 'Exemple : "Mo-Fr 09:00-17:00; SH Mo-Fr 10:00-12:00; PH off".'
            raise HoursFault("PH et SH se mettent au début de leur règle.", hint)
        return [rule]
    if "SH" not in holidays["kinds"] and not holidays["day"]:
        return [rule]
    found = []
    for kind in re.findall("PH|SH", holidays["kinds"]):
        days = school_holidays() if kind == "SH" else runs(_holidays(year))
        near = [run for run in days if year - 1 <= run[1].year and run[0].year <= year + YEARS_AHEAD]
        if near:
            found.append(replace(rule, body=f"{_dates(near)} {holidays['rest']}".strip()))
    return found


def whole_nights(rules: list[Rule]) -> list[Rule]:
    """`rules`, where the end of a night is not lost because an earlier rule speaks of the next day.

    « Mo-Su 10:00-12:00; Fr 21:00-02:00 » lasts until Saturday at 2; opening-hours-py (2.1) cuts it at midnight.
    The same without overlap, « Mo,Tu,We,Th,Sa,Su 10:00-12:00, Fr 21:00-02:00 », is read well.
    """
    found: list[Rule] = []
    mornings: set[int] = set()  # the days on which the night of an earlier rule ends: « ; » does cut that one
    for number, rule in enumerate(rules):
        days = weekdays(rule.body)
        if days is None:
            return found + rules[number:]
        night = runs_past_midnight(rule.body)
        if night and found and rule.joint == ";" and not days & mornings:
            found = [rest for one in found if (rest := _without(one, days))]
            rule = replace(rule, joint=",")
        found.append(rule)
        if night:
            mornings |= {(day + 1) % 7 for day in days}
    return found


def _without(rule: Rule, days: frozenset[int]) -> Rule | None:
    """A rule about days of the week, without `days`; None when no day is left."""
    kept = weekdays(rule.body) - days
    times = WEEKLY.fullmatch(rule.body)["times"] or ""
    names = ",".join(OSM_DAYS[day] for day in sorted(kept))
    return replace(rule, body=f"{names} {times}".strip()) if kept else None


def _until_known(rules: list[Rule], found: list[Rule], year: int) -> list[Rule]:
    """`found`, that knows nothing after the last published school holidays when the `rules` depend on them."""
    unknown_from, last = school_known_until() + timedelta(days=1), date(year + YEARS_AHEAD, 12, 31)
    if unknown_from > last or not any(re.search(r"\bSH\b", rule.body) for rule in rules):
        return found
    return [
        *found,
        Rule(";", f"{_date(max(unknown_from, date(year, 1, 1)))}-{_date(last)}", "unknown", SCHOOL),
    ]


def _with_ends(rule: Rule) -> list[Rule]:
    times = re.search(rf"{TIMES}$", rule.body)
    if not times or "+" not in times.group():
        return [rule]
    selector = rule.body[: times.start()]
    spans = [span.strip() for span in times.group().split(",")]
    known = [span.rstrip("+") for span in spans if "-" in span]
    found = [replace(rule, body=selector + ",".join(known))] if known else []
    endless = [_could_last(span) for span in spans if span.endswith("+")]
    joint = "," if known else rule.joint
    found.append(Rule(joint, selector + ",".join(endless), "unknown", rule.comment or NO_END))
    return found


def _could_last(span: str) -> str:
    """How long an opening without end may last, as the reference implementation supposes it."""
    start = span.rstrip("+").rpartition("-")[2]
    hour, minute = (int(number) for number in start.split(":"))
    last = 24 * 60 if hour < 17 else hour * 60 + minute + (8 if hour >= 22 else 10) * 60
    return f"{start}-{last // 60:02}:{last % 60:02}"


def _opens_on(hours: OpeningHours, day: date) -> bool:
    """True when the place opens on `day`; the end of the night before is not an opening."""
    midnight = datetime.combine(day, time(0))
    spans = hours.intervals(midnight - timedelta(minutes=1), midnight + timedelta(days=1))
    return any(
        state != State.CLOSED and (start >= midnight or end > midnight + timedelta(hours=12))
        for start, end, state, _comment in spans
    )


def _holidays(year: int) -> list[date]:
    return [day for ahead in range(YEARS_AHEAD + 1) for day in public_holidays(year + ahead)]


def _dates(days: Iterable[tuple[date, date]]) -> str:
    return ",".join(
        _date(first) if first == last else f"{_date(first)}-{_date(last)}" for first, last in days
    )


def _date(day: date) -> str:
    return f"{day.year} {OSM_MONTHS[day.month - 1]} {day.day:02}"
