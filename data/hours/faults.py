"""What is wrong with hours, and a likely fix: said to the editor before anybody is sent to a closed door."""

from __future__ import annotations

import re
from datetime import datetime

from opening_hours import OpeningHours, State

from data.hours.expression import effective, parsed
from data.hours.rules import (
    COMMENT,
    MONTH,
    OSM_DAYS,
    OSM_MONTHS,
    TIMES,
    HoursFault,
    Rule,
    read_rules,
    runs_past_midnight,
    weekdays,
)

_FRENCH_DAY = re.compile(
    r"\b(lu(ndi|n)?|ma(rdi|r)?|me(rcredi|r)?|je(udi|u)?|ve(ndredi|n)?|sam(edi)?|di(manche|m)?)\b",
    re.IGNORECASE,
)
_FRENCH_TIME = re.compile(r"\b\d\d?(?:\s*h(?:\s*\d\d)?|\.\d\d)\b", re.IGNORECASE)
_FRENCH_MONTH = re.compile(
    r"\b(janv?(ier)?|f[ée]vr?(ier)?|mars|avr(il)?|mai|juin|juil(let)?|ao[uû]t|sept(embre)?|oct(obre)?"
    r"|nov(embre)?|d[ée]c(embre)?)\b"
)
_BARE_REASON = re.compile(r"\b(off|closed)\s+([a-zéèêàçôûœ]{3,})")
_PERIOD = re.compile(rf"(\d{{4}}) ({MONTH}) (\d\d?)\s*-\s*(\d{{4}}) ({MONTH}) (\d\d?)")
_SUN = re.compile(r"\b(?:sunrise|sunset|dawn|dusk)\b")
_TOO_LATE = re.compile(r"\b(2[4-9]|[3-9]\d):(?!00)\d\d|\b(2[5-9]|[3-9]\d):00")
_NOT_A_REASON = re.compile(r"[^\w' ,\-éèêàâîôûùçœÉ]|^\W*$")
_WORDS_OF_A_REASON = 8
_YEAR = 2026  # any year: what is wrong with hours is so in all of them
_EXAMPLE = 'Exemple : "Tu-Sa 08:00-13:00; PH off".'
_EXAMPLE_CLOSED = 'Exemple : 2026 Dec 01-2027 Jan 15 off "travaux".'


def fault_in(osm: str) -> tuple[str, str | None] | None:
    """What is wrong with hours, and a likely fix; None when they can be used."""
    try:
        groups = read_rules(osm)
        _check_words(COMMENT.sub("", osm))
        _check_periods(COMMENT.sub("", osm))
        for rule in (rule for rules in groups for rule in rules):
            _check_reason(rule.comment)
        for rules in groups:
            _check_days(rules)
            _check_nights(rules)
        _check_openings([parsed(one) for one in effective(osm, _YEAR)])
    except HoursFault as fault:
        return fault.message, fault.hint
    return None


def _check_words(osm: str) -> None:
    if not osm.strip():
        raise HoursFault("Il n'y a pas d'horaires.", _EXAMPLE)
    french = _FRENCH_DAY.search(osm)
    if french:
        raise HoursFault(
            f"« {french.group()} » n'est pas un jour ici.", f"Les jours sont {', '.join(OSM_DAYS)}."
        )
    french = _FRENCH_MONTH.search(osm)
    if french:
        raise HoursFault(f"« {french.group()} » n'est pas un mois ici.", _EXAMPLE_CLOSED)
    if reason := _BARE_REASON.search(osm):
        raise HoursFault(
            f"« {reason.group(2)} » n'est pas entre guillemets.",
            f'Écrivez {reason.group(1)} "{reason.group(2)}".',
        )
    french = _FRENCH_TIME.search(osm)
    if french:
        raise HoursFault(f"« {french.group()} » n'est pas une heure ici.", "Écrivez 09:00 pour 9 heures.")
    if _SUN.search(osm):
        raise HoursFault(
            "Le lever et le coucher du soleil ne sont pas des heures.", "Écrivez des heures, par mois."
        )
    late = _TOO_LATE.search(osm)
    if late:
        raise HoursFault(
            f"« {late.group()} » n'est pas une heure.", "Pour une nuit, écrivez par exemple 21:00-02:00."
        )


def _check_periods(osm: str) -> None:
    """A closure written backwards would never close the place."""
    for period in _PERIOD.finditer(osm):
        year, month, day, last_year, last_month, last_day = period.groups()
        start = (int(year), OSM_MONTHS.index(month), int(day))
        if start > (int(last_year), OSM_MONTHS.index(last_month), int(last_day)):
            raise HoursFault(f"« {period.group()} » finit avant de commencer.", _EXAMPLE_CLOSED)


def _check_reason(comment: str) -> None:
    if not comment:
        return
    bad = _NOT_A_REASON.search(comment)
    if bad or len(comment.split()) > _WORDS_OF_A_REASON or comment[0].isupper():
        raise HoursFault(
            f"Le commentaire « {comment} » ne se dit pas dans une phrase.",
            'Écrivez quelques mots sans majuscule ni point, par exemple "sur rendez-vous" ou "travaux".',
        )


def _check_days(rules: list[Rule]) -> None:
    """Times without days, after other rules: readers of OpenStreetMap hours do not agree on what they replace."""
    for rule in rules[1:]:
        if rule.joint == ";" and re.fullmatch(TIMES, rule.body):
            raise HoursFault(
                f"« {rule} » ne dit pas quels jours, après d'autres horaires.",
                f'Dites les jours, par exemple "Mo-Su {rule.body}".',
            )


def _check_nights(rules: list[Rule]) -> None:
    """A night that the rule of the next day cuts at midnight."""
    for night, after in ((one, other) for index, one in enumerate(rules) for other in rules[index + 1 :]):
        days, next_days = weekdays(night.body), weekdays(after.body)
        if not days or not next_days or after.joint != ";" or not runs_past_midnight(night.body):
            continue
        cut = {(day + 1) % 7 for day in days - next_days} & next_days
        if cut:
            day = OSM_DAYS[min(cut)]
            raise HoursFault(
                f"« {after} » coupe à minuit la nuit de « {night} » ({day} à 00:00).",
                f'Écrivez "{after}; {night}".' if after.modifier else f'Joignez-les : "{night}, {after}".',
            )


def _check_openings(readings: list[OpeningHours]) -> None:
    """No opening, nor any time that may be one, in forty years (a week 53 or a 29 February are rare)."""
    start, end = datetime(2020, 1, 1), datetime(2060, 1, 1)
    for hours in readings:
        if any(state != State.CLOSED for _start, _end, state, _comment in hours.intervals(start, end)):
            return
    raise HoursFault(
        "Ces horaires ne donnent aucun moment d'ouverture.", "Pour un lieu fermé, changez « statut »."
    )
