"""When to try again, and when a message that nobody asked for may leave."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from actions.orientation import PARIS

HOUR_S, DAY_S = 3600.0, 86400.0
ANSWER_TRIES = 4  # the last one says that Jalon cannot answer now
SEND_TRIES = 12  # about an hour in all: later, an answer with opening hours is no longer true
DOUBT_S = 20.0  # before asking the provider whether it has what may have been given to it: a first report comes sooner
_LONGEST_S = 600.0
_FIRST, _LAST = time(8), time(20)
_SUNDAY = 6


def answer_delay(tries: int) -> float:
    """Seconds before asking the dialogue again after `tries` failures: 2, 4, 8."""
    return 2.0**tries


def send_delay(tries: int) -> float:
    """Seconds before giving a message to the provider again after `tries` failures: 5, 10, 20 ... 600."""
    return min(5.0 * 2 ** (tries - 1), _LONGEST_S)


def allowed_from(at: float) -> float:
    """The first moment, from `at` (seconds since 1970), when a message that nobody asked for may leave.

    Monday to Saturday, from 8 h to 20 h in Paris. Answers never wait.
    """
    moment = datetime.fromtimestamp(at, PARIS)
    while True:
        if moment.weekday() != _SUNDAY and _FIRST <= moment.time() < _LAST:
            return moment.timestamp()
        day = moment.date() + timedelta(days=moment.time() >= _FIRST)
        moment = datetime.combine(day, _FIRST, PARIS)
        if moment.weekday() == _SUNDAY:
            moment = datetime.combine(day + timedelta(days=1), _FIRST, PARIS)


def day_of(at: float) -> str:
    """The day in Paris, as 2026-11-21."""
    return datetime.fromtimestamp(at, PARIS).date().isoformat()
