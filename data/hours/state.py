"""Is a place open now, until when, and the sentence that says so.

« Ouvert » is said only when a person who arrives now is let in: after the last entry, on a public holiday that
the hours do not mention, by appointment, or past an opening with no known end, it is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta, timezone
from functools import lru_cache
from itertools import islice, pairwise, takewhile

from data.hours.calendar import PARIS, in_paris, instant, is_public_holiday
from data.hours.expression import CLOSURE, HOLIDAY, NO_END, SCHOOL
from data.hours.timeline import CLOSED, OPEN, UNKNOWN, Span, read, spans
from data.hours.words import capital, say_date, say_day, say_time

LOOK_AHEAD = 800  # spans: two years of a place that opens once a day and of which nothing is sure
_DAY = timedelta(days=1)
_EARLY = time(6)


class _Memo:
    """The last answer to one question, and the minutes (since 1970) from and until which it stays true."""

    __slots__ = ("said",)

    def __init__(self):
        self.said: tuple[int, float, dict] = (0, 0, {})


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

    An answer is the same until the state changes, the last entry or midnight: it is kept until then.
    """
    minute = int(in_paris(at).timestamp() // 60)
    memo = _memo(osm, confidence, last_entry_min, can_call)
    start, end, answer = memo.said
    if not start <= minute < end:
        moment = datetime.fromtimestamp(minute * 60, timezone.utc)
        start, end, answer = memo.said = _answer(osm, moment, confidence, last_entry_min, can_call)
    return answer.copy()


@lru_cache(maxsize=16384)
def _memo(osm, confidence, last_entry_min, can_call) -> _Memo:
    return _Memo()


def _answer(osm, at: datetime, confidence, last_entry_min, can_call) -> tuple[int, float, dict]:
    """The state at `at` (UTC), with the first minute when it is true and the first when it may be another."""
    check = "Heures à vérifier. Appelez avant." if can_call else "Heures à vérifier avant d'y aller."
    if osm is None:
        return 0, float("inf"), _state("inconnu", check, "basse")
    confidence = confidence or "basse"
    doubt = f" {check}" if confidence == "basse" else ""
    past, now, later = _around(osm, at)
    today = at.astimezone(PARIS)
    bounds = [_midnight(today), _midnight(today + _DAY), now.start, now.end]

    if now.state == UNKNOWN:
        text = _unknown(past, now, today, "Appelez avant." if can_call else "Vérifiez avant d'y aller.")
        answer = _state("inconnu", text, confidence)
    elif now.state == CLOSED:
        ending, opening = _end_of_closure(now, later), _opening([now, *later])
        closed = _closed(now, [*past, *later], ending, today)
        text = f"{closed} {_opens(today, opening, later, can_call)}{doubt}"
        answer = _state("ferme", text, confidence, next_opening=opening)
    elif now.end is None:
        answer = _state("ouvert", f"Ouvert jour et nuit, tous les jours.{doubt}", confidence)
    elif last_entry_min is None:
        answer = _state("ouvert", f"{_open_until(today, now.end)}{doubt}", confidence, until=now.end)
    else:
        last_entry = max(now.start, now.end - timedelta(minutes=last_entry_min))
        bounds.append(last_entry + timedelta(minutes=1))
        door = say_time(last_entry.astimezone(PARIS))
        if at <= last_entry:
            text = f"{_open_until(today, now.end)} Dernière entrée à {door}.{doubt}"
            answer = _state("ouvert", text, confidence, until=now.end)
        else:
            opening = _opening([now, *later])
            late = f"Trop tard pour entrer. La dernière entrée était à {door}."
            text = f"{late} {_opens(today, opening, later, can_call)}{doubt}"
            answer = _state("ferme", text, confidence, next_opening=opening)

    minutes = [int(bound.timestamp() // 60) for bound in bounds if bound]
    minute = int(at.timestamp() // 60)
    start = max(bound for bound in minutes if bound <= minute)
    return start, min(bound for bound in minutes if bound > minute), answer


def forget() -> None:
    """Forget every answer and every expression read: what a fresh process knows."""
    _memo.cache_clear()
    read.cache_clear()


def _around(osm: str, at: datetime) -> tuple[list[Span], Span, list[Span]]:
    """The spans of the day before, the one that covers `at`, and those after, until the first opening."""
    past: list[Span] = []
    found: Iterator[Span] = islice(spans(osm, at), LOOK_AHEAD)
    for now in found:
        if now.end is None or at < now.end:
            break
        past.append(now)
    later: list[Span] = []
    for span in found:
        later.append(span)
        if span.state == OPEN or span.reason == NO_END:
            break
    return past, now, later


def _opening(sequence: list[Span]) -> datetime | None:
    """When the place next opens for sure, after the first span; an opening without end is one too."""
    for before, span in pairwise(sequence):
        if span.state == OPEN or (span.reason == NO_END and before.state != OPEN):
            return span.start
    return None


def _end_of_closure(now: Span, later: list[Span]) -> datetime | None:
    """When the closure that covers now ends; holidays inside it, or just after, are a part of it."""
    end = now.end
    for span in takewhile(lambda span: span.state == CLOSED and span.reason, later):
        end = span.end
    return end


def _state(etat, text, confidence, *, until=None, next_opening=None) -> dict:
    return {
        "etat": etat,
        "jusqua": until.astimezone(PARIS).isoformat() if until else None,
        "prochaine": next_opening.astimezone(PARIS).isoformat() if next_opening else None,
        "texte": text,
        "confiance": confidence,
    }


def _unknown(past: list[Span], now: Span, today: datetime, check: str) -> str:
    if now.reason == HOLIDAY:
        return f"Aujourd'hui est un jour férié. Heures à vérifier. {check}"
    if now.reason == SCHOOL:
        return f"Les dates des vacances scolaires ne sont pas connues. {check}"
    if now.reason == NO_END:
        return f"{_endless(past, now, today)} {check}"
    if now.reason:
        return f"{capital(now.reason)}. {check}"
    return f"Les heures d'aujourd'hui ne sont pas connues. {check}"


def _endless(past: list[Span], now: Span, today: datetime) -> str:
    start = now.start.astimezone(PARIS)
    if past and past[-1].state == OPEN:
        return "L'heure de fermeture n'est pas connue."
    opened = (
        f"Ouvre à {say_time(start)}."
        if start.date() == today.date()
        else f"A ouvert hier à {say_time(start)}."
    )
    return f"{opened} L'heure de fin n'est pas connue."


def _closed(now: Span, around: list[Span], ending: datetime | None, today: datetime) -> str:
    """« Fermé … », with the reason and the last day of a closure."""
    opens_today = any(span.state != CLOSED and _touches(span, today) for span in around)
    dated_holiday = now.reason == CLOSURE and is_public_holiday(today.date()) and _is_one_day(now)
    if now.reason == HOLIDAY or dated_holiday:
        return "Fermé aujourd'hui, jour férié."
    when = "maintenant" if opens_today else "aujourd'hui"
    if not now.reason or ((opens_today or _is_one_day(now)) and now.reason == CLOSURE):
        return f"Fermé {when}."
    if now.reason != SCHOOL and (opens_today or _is_one_day(now)):
        return f"Fermé {when}, {now.reason}."
    until = ""
    if ending:
        last = (ending.astimezone(PARIS) - timedelta(minutes=1)).date()
        until = f" jusqu'au {say_day(last, today.date())}"
    if now.reason == SCHOOL:
        return f"Fermé pendant les vacances scolaires{',' if until else ''}{until}."
    return f"Fermé{'' if now.reason == CLOSURE else f' pour {now.reason}'}{until}."


def _touches(span: Span, today: datetime) -> bool:
    return span.start < _midnight(today + _DAY) and (span.end is None or span.end > _midnight(today))


def _is_one_day(span: Span) -> bool:
    return span.end is not None and span.end - span.start <= timedelta(hours=25)


def _opens(today: datetime, opening: datetime | None, later: list[Span], can_call: bool) -> str:
    if opening is None:
        reason = next((span.reason for span in later if span.state == UNKNOWN), None)
        if reason is None:
            return "La réouverture n'est pas connue."
        how = (
            f"{capital(reason)}. "
            if reason not in ("", HOLIDAY, SCHOOL)
            else "La réouverture n'est pas sûre. "
        )
        return how + ("Appelez avant." if can_call else "Vérifiez avant d'y aller.")
    opens = opening.astimezone(PARIS)
    if opens.date() == today.date():
        return f"Ouvre aujourd'hui à {say_time(opens)}."
    return f"Ouvre {say_date(opens.date(), today.date())} à {say_time(opens)}."


def _open_until(today: datetime, end: datetime) -> str:
    closing = end.astimezone(PARIS)
    tomorrow = today.date() + _DAY
    if closing.date() == today.date() or (closing.date() == tomorrow and closing.time() == time(0)):
        return f"Ouvert aujourd'hui jusqu'à {say_time(closing)}."
    if closing.date() == tomorrow and closing.time() < _EARLY:
        return f"Ouvert maintenant jusqu'à {say_time(closing)}."
    return f"Ouvert jusqu'à {say_date(closing.date(), today.date())} à {say_time(closing)}."


def _midnight(moment: datetime) -> datetime:
    return instant(datetime.combine(moment.date(), time(0)))
