"""How it is written: simple signs, digits that are read at once."""

from __future__ import annotations

import re
from collections.abc import Iterator

from falc.checks.registry import ADVICE, GUIDE, rule
from falc.lexicon import Lexicon
from falc.model import Hit
from falc.sentences import SITE, Sentence, blank

_SIGNS = {
    ";": "Mettez un point.",
    "(": "Faites une phrase à part.",
    ")": "Faites une phrase à part.",
    "/": "Écrivez « ou ».",
    "…": "Mettez un point.",
    "...": "Mettez un point.",
    "&": "Écrivez « et ».",
    "§": "Écrivez « partie ».",
    "#": "Écrivez « numéro ».",
    "<": "Écrivez « moins de ».",
    ">": "Écrivez « plus de ».",
    "[": "Faites une phrase à part.",
    "]": "Faites une phrase à part.",
    "*": "Écrivez l'explication dans la phrase.",
    "+": "Écrivez « et » ou « plus ».",
    "=": "Écrivez « c'est ».",
    "_": "Écrivez un mot.",
    "→": "Écrivez « puis ».",
    " – ": "Faites deux phrases.",
    " — ": "Faites deux phrases.",
}
_SIGN = re.compile("|".join(map(re.escape, sorted(_SIGNS, key=len, reverse=True))))
_HYPHENATED = re.compile("[a-zà-ÿ]-\n|\u00ad")


@rule(
    "PUNCT", "Des signes simples : le point, la virgule, les deux-points, le point d'interrogation.", ADVICE
)
def hard_sign(sentence: Sentence, _: Lexicon) -> Iterator[Hit]:
    for found in _SIGN.finditer(blank(sentence.text, (SITE,))):
        yield Hit(
            *found.span(), f"« {found.group().strip()} » est un signe difficile.", _SIGNS[found.group()]
        )


@rule("LINE", "Une phrase par ligne, alignée à gauche, sans mot coupé.", GUIDE)
def cut_word(sentence: Sentence, _: Lexicon) -> Iterator[Hit]:
    """In words: no word cut. What style sheets do is judged by STYLE."""
    for found in _HYPHENATED.finditer(sentence.text):
        yield Hit(*found.span(), "Un mot est coupé.", "Écrivez le mot entier.")
