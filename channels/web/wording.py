"""How dates, distances, numbers and sentences are written on the pages. Pure functions, used as filters."""

from __future__ import annotations

import re
from datetime import date

from markupsafe import Markup, escape

from actions.rendering import by_phone
from channels.texts import texts
from data.distance import say_metres, say_minutes

_SENTENCE_END = re.compile(r"(?<=[.?!])\s+(?=[A-ZÀ-Ý0-9«])")
_TO_DIAL = re.compile(r"(?P<sms>SMS au )?(?P<call>[Aa]ppele[zr] le )?(?P<number>\b\d{2,4}(?: \d{2,3})*\b)")


def in_french(text: str) -> str:
    """An ISO date as it is said: « lundi 16 février 2026 », « février 2026 » or « 2026 »."""
    parts = [int(part) for part in text[:10].split("-")]
    if len(parts) == 1:
        return str(parts[0])
    said = texts()["dates"]
    month = said["mois"][parts[1] - 1]
    if len(parts) == 2:
        return f"{month} {parts[0]}"
    day = "1er" if parts[2] == 1 else parts[2]
    weekday = said["jours"][date(*parts).weekday()]
    return f"{weekday} {day} {month} {parts[0]}"


def since(text: str, day: str, longer: str) -> str:
    """A date after the word it needs: « le lundi 16 février 2026 », « en février 2026 »."""
    return f"{day if len(text) >= 10 else longer} {in_french(text)}"


def dialable(number: str) -> str:
    """A phone number as a `tel:` link takes it."""
    return re.sub(r"[^0-9+]", "", number)


def in_paris(number: int) -> str:
    """An arrondissement as it is said: « Paris 1er », « Paris 18e »."""
    return f"Paris {number}{'er' if number == 1 else 'e'}"


def sentences(text: str) -> list[str]:
    """One sentence a line: what easy-to-read pages show."""
    return [
        _unbroken(part) for line in text.splitlines() for part in _SENTENCE_END.split(line.strip()) if part
    ]


def _unbroken(text: str) -> str:
    """French puts a space before « ? » and inside « »: no line may break there."""
    return re.sub(r" (?=[?!:»])|(?<=«) ", "\u00a0", text)


def with_calls(text: str) -> Markup:
    """The text, escaped, where a number to call or to write to is a link that a phone can follow."""
    pieces, end = [], 0
    for found in _TO_DIAL.finditer(text):
        scheme = "sms" if found["sms"] else "tel" if found["call"] or _is_long(found["number"]) else None
        if scheme is None:
            continue
        pieces.append(escape(text[end : found.start("number")]))
        link = Markup('<a href="{}:{}">{}</a>')
        pieces.append(link.format(scheme, dialable(found["number"]), found["number"]))
        end = found.end()
    if not pieces:
        return escape(text)
    return Markup("").join([*pieces, escape(text[end:])])


def _is_long(number: str) -> bool:
    return len(dialable(number)) == 10 and number.startswith("0")


FILTERS = {
    "en_francais": in_french,
    "depuis": since,
    "a_composer": dialable,
    "en_metres": say_metres,
    "en_minutes": say_minutes,
    "a_paris": in_paris,
    "phrases": sentences,
    "avec_appels": with_calls,
    "par_telephone": by_phone,
}
