"""Digits, dates, hours, numbers to call, addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from falc.checks.registry import ADVICE, JALON, rule
from falc.lexicon import Lexicon
from falc.model import BLOCKS, WARNS, Hit
from falc.sentences import ADDRESS, PHONE, SITE, Sentence, blank

_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_NUMBER_WORDS = {
    "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "onze": 11,
    "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16, "vingt": 20, "trente": 30, "quarante": 40,
    "cinquante": 50, "soixante": 60, "cent": 100, "mille": 1000,
}  # fmt: skip
_WRITTEN = re.compile(rf"(?<![\w-])(?<!pour )(?:{'|'.join(_NUMBER_WORDS)})(?![\w-])", re.IGNORECASE)
_ROMAN = re.compile(r"(?<![\w-])(?=[IVXLC]{2,})(?:X{0,3})(?:IX|IV|V?I{0,3})(?:e|è|ème|er)?(?![\w-])")
_PERCENT = re.compile(r"\d+(?:[.,]\d+)?\s*%|pour[ -]cents?\b|pourcentages?\b")
_BIG = re.compile(r"(?<![\d ])\d{5,}(?!\d)|(?<!\d)\d{1,3}(?:[  ]\d{3})+(?!\d)")
_EUROS = re.compile(r"\s*(?:euros?|€)")
_NUMERIC_DATE = re.compile(r"(?<![\d/])\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})(?![\d/])|\b\d{4}-\d\d-\d\d\b")
_DATE = re.compile(
    rf"(?:\b({'|'.join(_DAYS)})\s+)?\b(\d{{1,2}}|1er)\s+({'|'.join(_MONTHS)})(?:\s+(\d{{4}}))?\b",
    re.IGNORECASE,
)
_HOUR = re.compile(r"(?<![\w])\d{1,2}\s?[hH](?:\s?\d{2})?(?!\w)|(?<![\d:])\d{1,2}:\d{2}(?![\d:])")
_TEN_DIGITS = re.compile(r"(?<!\d)(?:\+33|0)(?:[ .-]?\d){9}(?!\d)")
_FREE_CALL = re.compile(r"0 8\d\d(?: \d{3}){2}|0 8\d\d(?: \d\d){3}")
_DISTRICT = re.compile(r"\b\d{1,2}(?:ème|ième|eme)\b|\b75\d{3}\b|(?<=Paris )\d{1,2}(?![\der])")
_CODE = re.compile(r"\b(?:formulaire|Cerfa|cerfa|numéro) (?:numéro )?\d[\d*]*")


@rule("NUM", "Des chiffres, pas des nombres en lettres.", ADVICE)
def number_in_letters(sentence: Sentence, _: Lexicon) -> Iterator[Hit]:
    for found in _WRITTEN.finditer(sentence.bare):
        digits = _NUMBER_WORDS[found.group().lower()]
        yield Hit(*found.span(), f"« {found.group()} » en lettres.", f"Écrivez « {digits} ».", WARNS)


@rule("ROMAN", "Pas de chiffres romains.", ADVICE)
def roman_number(sentence: Sentence, lexicon: Lexicon) -> Iterator[Hit]:
    for found in _ROMAN.finditer(sentence.bare):
        if found.group() not in lexicon.acronyms:
            yield Hit(
                *found.span(), f"« {found.group()} » est un chiffre romain.", "Écrivez le nombre en chiffres."
            )


@rule("PCT", "Ni pourcentage, ni grand nombre.", ADVICE)
def hard_number(sentence: Sentence, _: Lexicon) -> Iterator[Hit]:
    """An amount in euros, or a number of four digits, only warns: it is a fact that people need."""
    for found in _PERCENT.finditer(sentence.text):
        yield Hit(
            *found.span(),
            f"« {found.group()} » est un pourcentage.",
            "Dites « 1 sur 4 », « la moitié », « peu ».",
        )
    plain = blank(sentence.text, (PHONE, ADDRESS, _CODE, _DISTRICT, SITE))
    for found in _BIG.finditer(plain):
        needed = _EUROS.match(plain, found.end()) or len(re.sub(r"\D", "", found.group())) < 5
        problem = f"« {found.group()} » est un grand nombre."
        yield Hit(*found.span(), problem, "Dites « beaucoup », ou un exemple.", WARNS if needed else BLOCKS)


@rule("DATE", "Une date entière, avec le jour de la semaine : lundi 23 novembre 2026.", ADVICE)
def short_date(sentence: Sentence, _: Lexicon) -> Iterator[Hit]:
    """Digits only and a weekday that the calendar denies block; a full date without one warns (laws have none)."""
    for found in _NUMERIC_DATE.finditer(blank(sentence.text, (PHONE, SITE))):
        yield Hit(
            *found.span(),
            f"« {found.group()} » est une date en chiffres.",
            "Écrivez « lundi 23 novembre 2026 ».",
        )
    for found in _DATE.finditer(sentence.text):
        said, day, month, year = found.groups()
        if not year:
            continue
        try:
            real = date(int(year), _MONTHS.index(month.lower()) + 1, int(day.removesuffix("er")))
        except ValueError:
            yield Hit(*found.span(), f"« {found.group()} » n'existe pas.", "Vérifiez la date.")
            continue
        weekday = _DAYS[real.weekday()]
        if said is None:
            better = f"Écrivez « {weekday} {found.group()} »."
            yield Hit(*found.span(), "La date est sans jour de la semaine.", better, WARNS)
        elif said.lower() != weekday:
            yield Hit(*found.span(), f"« {found.group()} » est un {weekday}.", "Vérifiez la date.")


@rule("TIME", "Des heures entières : 9 heures, 13 heures 30.", ADVICE)
def short_hour(sentence: Sentence, _: Lexicon) -> Iterator[Hit]:
    for found in _HOUR.finditer(sentence.text):
        yield Hit(
            *found.span(),
            f"« {found.group()} » est abrégé.",
            "Écrivez « 9 heures », « 13 heures 30 ».",
            WARNS,
        )


@rule("PHONE", "Un numéro de téléphone par groupes de deux : 01 42 76 40 40.", ADVICE)
def ungrouped_phone(sentence: Sentence, _: Lexicon) -> Iterator[Hit]:
    for found in _TEN_DIGITS.finditer(sentence.text):
        digits = "0" + re.sub(r"\D", "", found.group())[-9:]
        grouped = " ".join(digits[index : index + 2] for index in range(0, 10, 2))
        if found.group() != grouped and not _FREE_CALL.fullmatch(found.group()):
            yield Hit(*found.span(), f"« {found.group()} » est difficile à lire.", f"Écrivez « {grouped} ».")


@rule("ADDR", "Une adresse simple : 25 rue des Renaudes, Paris 17e.", JALON)
def hard_address(sentence: Sentence, _: Lexicon) -> Iterator[Hit]:
    for found in _DISTRICT.finditer(blank(sentence.text, (PHONE, _CODE))):
        yield Hit(*found.span(), f"« {found.group()} » dans une adresse.", "Écrivez « Paris 18e ».", WARNS)
