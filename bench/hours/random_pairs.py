"""Expressions drawn at random, odder than any editor writes: what the families did not think of."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from bench.hours.pairs import Pair
from data.hours import fault_in
from data.hours.calendar import PARIS
from data.hours.rules import OSM_DAYS, OSM_MONTHS

MOMENTS = 6
START, DAYS = datetime(2026, 1, 1), 300


def random_pairs(number: int, seed: int = 5) -> list[Pair]:
    """Moments for `number` expressions that `fault_in` accepts; holidays are always said, so that both agree on them."""
    draw = random.Random(seed)
    found: list[Pair] = []
    while len(found) < number * MOMENTS:
        osm = _expression(draw)
        if fault_in(osm):
            continue
        for _ in range(MOMENTS):
            moment = START + timedelta(minutes=draw.randrange(DAYS * 24 * 60))
            found.append(Pair("au hasard", osm, moment.replace(tzinfo=PARIS).astimezone(UTC).isoformat()))
    return found


def _expression(draw: random.Random) -> str:
    rules = "; ".join(_rule(draw) for _ in range(draw.randint(1, 4)))
    also = f", {_days(draw)} {_times(draw)}" if draw.random() < 0.15 else ""
    otherwise = ' || "sur rendez-vous"' if draw.random() < 0.05 else ""
    return f"{rules}{also}; PH off{otherwise}"


def _rule(draw: random.Random) -> str:
    kinds = {
        f"{_days(draw)} {_times(draw)}": 40,
        f"Mo-Su {_times(draw)}": 6,
        f"{_dates(draw)} {_days(draw)} {_times(draw)}": 13,
        f"{_dates(draw)} off": 8,
        f"{draw.choice(OSM_DAYS)}[{draw.choice((1, 2, 3, 4, -1))}] {draw.choice(('off', _times(draw)))}": 8,
        f"week {draw.randint(1, 25):02}-{draw.randint(26, 53):02}{draw.choice(('', '/2'))} {_days(draw)} {_times(draw)}": 6,
        f"PH {_times(draw)}": 4,
        f"SH {draw.choice(('off', f'{_days(draw)} {_times(draw)}'))}": 4,
        f"{_days(draw)} unknown": 4,
        f'{_days(draw)} {_times(draw)} "sur rendez-vous"': 5,
        f"{_days(draw)} off": 5,
    }
    return draw.choices(list(kinds), list(kinds.values()))[0]


def _days(draw: random.Random) -> str:
    first, last = draw.sample(range(7), 2)
    several = ",".join(OSM_DAYS[day] for day in sorted(draw.sample(range(7), draw.randint(2, 4))))
    return draw.choice((f"{OSM_DAYS[first]}-{OSM_DAYS[last]}", several, OSM_DAYS[first]))


def _dates(draw: random.Random) -> str:
    first, last = draw.choices(OSM_MONTHS, k=2)
    day, last_day = draw.randint(1, 28), draw.randint(1, 28)
    return draw.choice((first, f"{first} {day:02}-{last} {last_day:02}", f"{first} {day:02}"))


def _times(draw: random.Random) -> str:
    morning, noon, evening = (draw.randrange(start, end) for start, end in ((24, 44), (46, 56), (58, 88)))
    night, dawn = draw.randrange(72, 96), draw.randrange(1, 32)
    kinds = {
        f"{_clock(morning)}-{_clock(evening)}": 50,
        f"{_clock(morning)}-{_clock(noon)},{_clock(noon + 2)}-{_clock(evening + 2)}": 20,
        f"{_clock(night)}-{_clock(dawn)}": 15,
        f"{_clock(evening)}+": 8,
        f"{_clock(morning)}-{_clock(noon)}+": 3,
    }
    return draw.choices(list(kinds), list(kinds.values()))[0]


def _clock(quarters: int) -> str:
    return f"{quarters // 4:02}:{quarters % 4 * 15:02}"
