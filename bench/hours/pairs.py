"""Pairs of (expression, moment) that opening hours are judged on: by family, each with the days that try it.

Half of the moments are drawn over eighteen months; the others are on the family's own days, at the minutes
where something may change. The draw is seeded: the same pairs each time.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from data.hours.calendar import PARIS

START, END = datetime(2026, 1, 1), datetime(2027, 6, 30)
ANYWHERE, ON_DAYS = 6, 9  # moments of an expression
_HOLIDAYS = ("2026-01-01", "2026-04-06", "2026-05-01", "2026-05-08", "2026-05-14", "2026-05-25", "2026-07-14",
             "2026-08-15", "2026-11-01", "2026-11-11", "2026-12-25", "2027-01-01", "2027-03-29", "2027-05-17")  # fmt: skip
_CLOCKS = ("2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25", "2027-03-27", "2027-03-28")


@dataclass(frozen=True)
class Family:
    """Expressions of one kind, and the days on which they are hard."""

    name: str
    days: tuple[str, ...]
    expressions: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    family: str
    osm: str
    at: str  # ISO 8601, UTC


FAMILIES = (
    Family("semaine", ("2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"), (
        "Tu-Sa 08:00-13:00; PH off",
        "Mo-Fr 09:00-12:00,14:00-17:00; PH off",
        "Mo,We,Fr 10:00-12:30; Tu,Th 14:00-18:45; PH off",
        "Mo-Su 07:00-09:00,20:00-22:00; PH off",
        "Tu-Sa 07:30-13:00; Su 08:00-12:30; PH off",
        "Sa-Mo 11:00-15:00; PH off",
        "Fr-Mo 10:00-12:00; Su off; PH off",
        "10:00-18:00; Tu off; PH off",
        "Mo-Fr 09:00-17:00, Sa 10:00-12:00; PH off",
        "Mo-Fr 09:00-17:00, We 18:00-20:00; PH off",
        "24/7",
        "24/7; PH off",
        "Mo-Fr 00:00-24:00; PH off",
        "Mo-Fr 8:30-11:15; PH off",
    )),
    Family("jours fériés", _HOLIDAYS, (
        "Mo-Fr 09:00-17:00; PH off",
        "Mo-Su 07:00-09:00,20:00-22:00; PH 07:00-09:00",
        "Mo-Fr 09:00-17:00; PH 10:00-12:00",
        "PH 10:00-12:00",
        "Mo-Fr,PH 09:00-12:00",
        "PH,Sa,Su 09:00-12:00; Mo-Fr 14:00-16:00",
        "Mo-Sa 09:00-17:00, PH 18:00-19:00",
        "PH off; Mo-Fr 09:00-17:00",
        "Mo-Fr 09:00-17:00; PH -1 day 09:00-12:00; PH off",
        "PH Mo-Fr 10:00-11:00",
        "Tu-Sa 12:00-18:00; Jan 01 off; May 01 off; Jul 14 off; Aug 15 off; Dec 25 off",
        "Mo-Su 12:00-18:00; May 01 off; Nov 11 10:00-11:00",
        "Mo-Su 12:00-18:00; PH unknown",
    )),
    Family("jours fériés que les horaires ne disent pas", _HOLIDAYS, (
        "Mo-Fr 09:00-17:00",
        "Tu,Th 10:00-12:00",
        "Mo-Su 07:00-09:00,20:00-22:00",
        "Sa 10:00-13:00",
    )),
    Family("nuits", ("2026-04-05", "2026-04-06", "2026-11-10", "2026-11-11", "2026-12-31", "2027-01-01"), (
        "We-Fr 21:00-00:30; PH off",
        "Tu-Fr 21:00-02:00; PH off",
        "Mo-Su 20:00-08:00; PH off",
        "Mo-Su 19:00-31:00; PH 19:00-24:00",
        "Fr,Sa 22:00-06:00; Su 10:00-12:00; PH off",
        "Su 22:00-04:00; Mo 02:00-03:00; PH off",
        "Sa 18:00-02:00; Sa[2] off; PH off",
        "Dec 31 20:00-05:00; PH off",
        "Mo-Fr 21:00-24:00; PH off",
        "18:00-18:00; PH off",
        "Mo-Th 00:00-06:00,22:00-24:00; PH off",
    )),
    Family("mois et saisons", ("2026-03-31", "2026-04-03", "2026-12-03", "2026-10-15", "2026-06-15", "2026-02-28", "2026-09-16"), (
        "Dec 03-Apr 03: Mo-Su 19:30-20:15; PH off",
        "Sep 16-Jul 13: Mo-Sa 11:45-12:45; PH off",
        "Oct 15-Jun 15: Mo,Tu,Th,Fr 12:45-13:30; PH off",
        "Nov-Mar 18:00-22:00; PH off",
        "Apr-Sep Mo-Fr 09:00-19:00; Oct-Mar Mo-Fr 09:00-17:00; PH off",
        "Mo-Fr 10:00-16:00; Jul-Aug off; PH off",
        "Mo-Fr 10:00-16:00; Dec 20-Jan 05 off; PH off",
        "Jan,Mar,May-Jul Mo 10:00-12:00; PH off",
        "Mo-Fr 10:00-16:00; 2026 Aug 01-2026 Aug 31 off; PH off",
        "Mo-Fr 10:00-16:00; 2026 Nov 15-2027 Jan 10 off \"travaux\"; PH off",
        "2026 Mo-Fr 10:00-16:00; 2027 Mo-Fr 11:00-15:00; PH off",
        "Mo-Su 10:00-12:00; Feb 29 off; Feb 28 14:00-15:00; PH off",
        "Jul 14-Aug 15 Mo-Fr 10:00-12:00; PH off",
        "Mo-Fr 10:00-16:00; Aug 10-20 off; PH off",
    )),
    Family("énième jour", ("2026-11-05", "2026-11-12", "2026-11-19", "2026-11-26", "2026-11-30", "2026-12-01", "2027-02-22"), (
        "Mo-Su 08:30-12:30; Th[3] off; PH off",
        "Mo-Fr 08:30-12:30,13:30-17:00; Th[1] 08:30-12:30; PH off",
        "Mo[1] 10:00-12:00; PH off",
        "We[2] off; Mo-We 08:30-11:30; PH off",
        "Mo-We 08:30-11:30; We[2] off; PH off",
        "Mo[-1] 14:00-16:00; PH off",
        "Sa[1,3] 09:00-12:00; PH off",
        "Tu[2-4] 09:00-12:00; PH off",
        "Tu[2] +1 day 10:00-12:00; PH off",
        "Su[1] 22:00-03:00; PH off",
        "Fr[5] 10:00-12:00; PH off",
        "Dec Su[-1] 15:00-17:00; PH off",
    )),
    Family("semaines de l'année", ("2026-01-01", "2026-12-28", "2026-12-31", "2027-01-01", "2027-01-04", "2027-01-11"), (
        "week 01-53/2 Mo-Fr 09:00-12:00; PH off",
        "week 02-52/2 Mo-Fr 09:00-12:00; PH off",
        "week 53 Mo-Su 10:00-13:00; PH off",
        "week 10-20 Tu 09:00-11:00; PH off",
        "Mo-Fr 09:00-17:00; week 30-33 off; PH off",
        "week 01 Mo-Su 08:00-09:00; PH off",
        "week 20,22,24 We 10:00-12:00; PH off",
    )),
    Family("Pâques", ("2026-04-03", "2026-04-05", "2026-04-06", "2026-05-14", "2027-03-26", "2027-03-28", "2027-03-29"), (
        "Mo-Su 10:00-12:00; easter off; PH off",
        "Mo-Fr 10:00-12:00; easter -2 days off; PH off",
        "easter 09:00-18:00; PH off",
        "Mo-Su 09:00-11:00; PH off; easter +2 days 15:00-16:00",
        "easter +39 days 10:00-12:00; May 01 off",
    )),
    Family("vacances scolaires", ("2026-02-20", "2026-02-21", "2026-02-22", "2026-03-09", "2026-04-20", "2026-05-04", "2026-07-06",
                                  "2026-09-01", "2026-10-19", "2026-12-21", "2027-01-04", "2027-02-08"), (
        "Mo-Fr 09:00-17:00; SH off; PH off",
        "Mo-Fr 09:00-17:00; SH 10:00-12:00; PH off",
        "SH Mo-Fr 10:00-12:00; PH off",
        "We 14:00-17:00; SH Mo-Fr 10:00-17:00; PH off",
        "Mo-Fr 09:00-17:00; PH,SH off",
        "Mo-Sa 09:00-12:00; SH off; PH off",
    )),
    Family("rendez-vous, fin inconnue, jour non vérifié", ("2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22"), (
        'Mo-Fr 09:00-12:00 "sur rendez-vous"; PH off',
        'Mo-Fr 09:00-12:00; We 14:00-16:00 "sur rendez-vous"; PH off',
        'Mo-Fr 09:00-12:00, We 14:00-16:00 "sur rendez-vous"; PH off',
        'Mo-Fr 09:00-12:00 || "sur rendez-vous"; PH off',
        "Mo-Fr 09:00-12:00; Sa unknown; PH off",
        "Mo-Fr 09:00-12:00; Sa,Su unknown; PH unknown",
        "Tu,Th,Sa 12:00+; PH off",
        "Mo-Sa 16:45+; PH off",
        "Mo-Sa 18:00+; PH off",
        "Mo-Sa 22:30+; PH off",
        "Mo-Fr 09:00-12:00,14:00+; PH off",
        "Mo-Fr 09:00-16:00+; PH off",
        "Mo-Fr 09:00-12:00; Su off || unknown; PH off",
    )),
    Family("changements d'heure", _CLOCKS, (
        "Mo-Su 22:00-06:00; PH off",
        "Mo-Su 00:00-05:00; PH off",
        "Mo-Su 01:00-03:00; PH off",
        "Su 03:00-04:00; PH off",
        "Su 00:30-01:30,04:00-05:00; PH off",
        "Sa 20:00-02:00; PH off",
        "Su 02:00-03:00; PH off",
        "Su 02:30-06:00; PH off",
        "Su 01:00-02:30; PH off",
        "Su 02:15-02:45; PH off",
        "24/7; Su off",
    )),
)  # fmt: skip


def pairs(seed: int = 5) -> list[Pair]:
    """All the pairs, each once, in the order of the families."""
    found: dict[Pair, None] = {}
    for family in FAMILIES:
        for osm in family.expressions:
            draw = random.Random(f"{seed} {osm}")
            for moment in (*_anywhere(draw), *_on_days(draw, family, osm), *_said_twice(family, draw)):
                found[Pair(family.name, osm, moment.astimezone(UTC).isoformat())] = None
    return list(found)


def _anywhere(draw: random.Random) -> Iterator[datetime]:
    minutes = (END - START) // timedelta(minutes=1)
    for _ in range(ANYWHERE):
        yield (START + timedelta(minutes=draw.randrange(minutes))).replace(tzinfo=PARIS)


def _on_days(draw: random.Random, family: Family, osm: str) -> Iterator[datetime]:
    """At the times of the expression, a minute before and a minute after, at midnight, and at odd times."""
    times = [(int(hour) % 24, int(minute)) for hour, minute in re.findall(r"(\d\d?):(\d\d)", osm)]
    for _ in range(ON_DAYS):
        hour, minute = draw.choice([*times, (0, 0), (12, 0), (draw.randrange(24), draw.randrange(60))])
        day = datetime.fromisoformat(draw.choice(family.days))
        shown = day.replace(hour=hour, minute=minute) + timedelta(minutes=draw.choice((-1, 0, 1)))
        yield shown.replace(tzinfo=PARIS)


def _said_twice(family: Family, draw: random.Random) -> Iterator[datetime]:
    """Around both changes of the clocks, minute by minute of real time."""
    if family.days is not _CLOCKS:
        return
    for midnight in (datetime(2026, 3, 28, 23), datetime(2026, 10, 24, 22)):
        for quarter in range(24):
            shift = timedelta(minutes=15 * quarter + draw.choice((-1, 0, 0, 1)))
            yield midnight.replace(tzinfo=UTC) + shift
