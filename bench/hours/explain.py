"""Why the two implementations differ: each reason says what Jalon does, and recognises the pairs it explains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bench.hours.compare import Verdict
from data.hours.calendar import PARIS, school_holidays
from data.hours.expression import HOLIDAY, NO_END, mentions_holidays


@dataclass(frozen=True)
class Reason:
    title: str
    text: str
    explains: Callable[[Verdict], bool]


def _holiday(verdict: Verdict) -> bool:
    return not mentions_holidays(verdict.pair.osm) and (
        verdict.ours.reason == HOLIDAY or _is_midnight(verdict.ours.change)
    )


def _missing_hour(verdict: Verdict) -> bool:
    """Same state; one change is at 3 o'clock, when the clocks have jumped, and the other within that hour."""
    mine, other = verdict.ours.change, verdict.theirs.change
    if verdict.ours.state != verdict.theirs.state or not (mine and other):
        return False
    jump, after = (datetime.fromisoformat(text).astimezone(PARIS) for text in (mine, other))
    before = (jump - timedelta(hours=2)).replace(tzinfo=None)
    jumped = datetime.fromisoformat(mine) - timedelta(hours=1)
    is_jump = jump.hour == 3 and jumped.astimezone(PARIS).hour == 1 and before.hour == 1
    return is_jump and timedelta(0) < after - jump < timedelta(hours=1)


def _last_school_day(verdict: Verdict) -> bool:
    days = {first for first, _last in school_holidays()}
    moments = (verdict.pair.at, verdict.ours.change, verdict.theirs.change)
    return "SH" in verdict.pair.osm and any(
        datetime.fromisoformat(moment).astimezone(PARIS).date() in days for moment in moments if moment
    )


def _no_end(verdict: Verdict) -> bool:
    return verdict.ours.reason == NO_END and verdict.theirs.state == "closed"


def _is_midnight(change: str | None) -> bool:
    return bool(change) and datetime.fromisoformat(change).astimezone(PARIS).strftime("%H:%M") == "00:00"


REASONS = (
    Reason(
        "Jour férié que les horaires ne disent pas",
        "La bibliothèque lit « Mo-Fr 09:00-17:00 » comme ouvert le 11 novembre. Jalon répond « inconnu » toute la "
        "journée, et « Appelez avant ». Il ne promet aucune ouverture ce jour-là. C'est voulu.",
        _holiday,
    ),
    Reason(
        "Heure qui n'existe pas, en mars",
        "Une heure écrite entre 2 heures et 3 heures n'existe pas la nuit du changement. La bibliothèque la repousse "
        "d'une heure (2 h 30 devient 3 h 30). Pour Jalon c'est 3 heures : une porte qui ferme à 2 h 30 est fermée "
        "quand l'horloge saute de 2 heures à 3 heures.",
        _missing_hour,
    ),
    Reason(
        "Samedi de la fin des cours",
        "Le calendrier officiel en données ouvertes fait commencer les vacances le samedi. La bibliothèque les fait "
        "commencer le dimanche. Jalon suit les données ouvertes.",
        _last_school_day,
    ),
    Reason(
        "Fin inconnue, après une heure de fin (« 09:00-16:00+ »)",
        "Interrogée à minuit, la bibliothèque dit « inconnu » de 16 heures à minuit. Interrogée à 17 heures le même "
        "jour, elle dit « fermé » : elle se contredit. Jalon dit « inconnu » dans les deux cas.",
        _no_end,
    ),
)


def reason_of(verdict: Verdict) -> Reason | None:
    """The first reason that explains a disagreement; None when nobody has explained it yet."""
    return next((reason for reason in REASONS if reason.explains(verdict)), None)
