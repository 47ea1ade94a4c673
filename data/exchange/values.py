"""Read the values that other directories write: text, phone, date, number, SIRET. Pure functions.

Each returns what can be used, and what is wrong as (message, hint); None when nothing is.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache
from html.parser import HTMLParser

Problem = tuple[str, str | None] | None

LONGEST = 10_000  # characters; more is a pasted page, not a field
# LF and tab are layout; every other control character is an accident, as are halves of a character.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|&(?:[a-z]+|#\d+);")
_MOJIBAKE = re.compile(r"Ã[\x80-\xbf©¨ª´®¢§ ]|â€[™œ“”¦\x9d]|Â[ «»°]|ï¿½|\ufffd")
_PHONE = re.compile(r"0[1-9]\d{8}|1\d\d|10\d\d|3\d{3}")
_LA_POSTE = "356000000"


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.hidden = False

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.hidden = self.hidden or tag in ("script", "style")
        self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self.hidden = self.hidden and tag not in ("script", "style")
        self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.words.append(data)


def clean_text(value: object, longest: int = LONGEST) -> tuple[str | None, list[tuple[str, str | None]]]:
    """Text fit to be read, on one line, and what had to be repaired or refused."""
    if value is None:
        return None, []
    if not isinstance(value, str):
        if isinstance(value, (bool, dict, list)):
            return None, [("Il faut ici un texte.", None)]
        value = str(value)
    problems: list[tuple[str, str | None]] = []
    if len(value) > longest:
        return None, [(f"Ce texte a {len(value)} caractères : {longest} au plus.", None)]
    if _CONTROL.search(value):
        problems.append(("Ce texte contient un caractère impossible à écrire.", "Il a été retiré."))
        value = _CONTROL.sub("", value)
    if _TAG.search(value):
        problems.append(("Ce texte contient du code de page web.", "Seuls les mots sont gardés."))
        value = _without_tags(value)
    if _MOJIBAKE.search(value):
        repaired = _repaired(value)
        hint = f"Vouliez-vous dire « {repaired[:80]} » ?" if repaired else "Vérifiez l'encodage du fichier."
        problems.append(("Les accents de ce texte sont abîmés.", hint))
        value = repaired or value
    value = " ".join(unicodedata.normalize("NFC", value).split())
    return value or None, problems


def phone(value: object) -> tuple[str | None, Problem]:
    """« 01 42 76 40 40 » or « 115 » from any French writing of a number."""
    text, _ = clean_text(value)
    if text is None:
        return None, None
    digits = re.sub(r"[\s.\-/()\u2010-\u2015]", "", text)
    digits = re.sub(r"^(?:\+|00)33(?:0(?=\d{9}))?", "0", digits)
    if not digits.isascii() or not _PHONE.fullmatch(digits):
        return None, (f"« {text[:40]} » n'est pas un numéro de téléphone.", _phone_hint(digits))
    if len(digits) < 10:
        return digits, None
    return " ".join(digits[i : i + 2] for i in range(0, 10, 2)), None


def day(value: object, today: date) -> tuple[str | None, Problem]:
    """A day, a month or a year as text, from ISO writing or DD/MM/YYYY; not in the future, not before 2000."""
    text, _ = clean_text(value)
    if text is None:
        return None, None
    french = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
    iso = f"{french[3]}-{french[2]:0>2}-{french[1]:0>2}" if french else text[:10]
    if not re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", iso) or (len(text) > 10 and text[10] not in "T "):
        return None, (f"« {text[:40]} » n'est pas une date.", "Exemple : 2026-11-21.")
    try:
        found = date.fromisoformat((iso + "-01-01")[:10])
    except ValueError:
        return None, (f"« {text[:40]} » n'est pas une date.", "Ce jour n'existe pas.")
    if found > today:
        return None, (f"La date {text[:40]} est dans le futur.", None)
    if found < date(2000, 1, 1):
        return None, (f"La date {text[:40]} est trop ancienne.", None)
    return iso, None


def number(value: object) -> float | None:
    """A finite number, from a number or a text with a dot or a comma; None when it is not one."""
    if isinstance(value, bool):
        return None
    try:
        found = float(value.replace(",", ".") if isinstance(value, str) else value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if abs(found) < 1e9 else None  # false for NaN and infinities too


def siret(value: object) -> Problem:
    """What is wrong with a SIRET: 14 digits whose last checks the others (Luhn; La Poste sums its digits)."""
    text, _ = clean_text(value)
    if text is None:
        return None
    digits = re.sub(r"\s", "", text)
    if not (digits.isascii() and digits.isdigit() and len(digits) == 14):
        return f"« {text[:40]} » n'est pas un SIRET.", "Un SIRET a 14 chiffres."
    if _luhn(digits) or (digits.startswith(_LA_POSTE) and sum(map(int, digits)) % 5 == 0):
        return None
    return f"Le SIRET {digits} est faux : sa clé ne va pas.", "Un chiffre a sans doute été mal recopié."


def yes_no(value: object) -> bool | None:
    """True or False for the usual words; None for anything else."""
    if isinstance(value, bool):
        return value
    return {"oui": True, "true": True, "1": True, "non": False, "false": False, "0": False}.get(
        str(value).strip().lower()
    )


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Lower-case words without accents or signs, one space between."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("æ", "ae"))
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(re.findall(r"[a-z0-9]+", letters))


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _phone_hint(digits: str) -> str:
    if re.fullmatch(r"[1-9]\d{8}", digits):
        return f"Il manque peut-être le zéro : 0{digits}."
    if digits.isdigit():
        return f"Il a {len(digits)} chiffres au lieu de 10."
    return "Exemple : 01 42 76 40 40, ou 115."


def _without_tags(text: str) -> str:
    parser = _Words()
    parser.feed(text)
    parser.close()
    return "".join(parser.words)


def _repaired(text: str) -> str | None:
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return None
