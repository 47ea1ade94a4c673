"""How the reader is spoken to: « vous », no promise."""

from __future__ import annotations

import re
from collections.abc import Iterator

from falc.checks.registry import GUIDE, JALON, rule
from falc.lexicon import Lexicon
from falc.model import WARNS, Hit
from falc.sentences import Sentence

_YOU = re.compile(r"(?<![\w-])(?:(?:tu|te|toi|ton|ta|tes)(?![\w-])|t['’](?=\w))", re.IGNORECASE)
_ONE = re.compile(r"(?<![\w-])(?:on|l'on)(?![\w-])", re.IGNORECASE)
_PROMISE = re.compile(
    r"\bavez (?:le )?droit (?:à|au|aux)\b|\b(?:est|sont) garanti\w*|\bvous (?:obtiendrez|aurez|recevrez|toucherez)\b"
    r"|\bvous allez (?:recevoir|obtenir|avoir|toucher)\b|\bà coup sûr\b|\bc['’]est sûr\b|(?<!pas )\btoujours (?:une|de la) place\b",
    re.IGNORECASE,
)
_MOST_WARNINGS = 3


@rule("YOU", "Parlez à la personne : « vous » partout, jamais « tu » ni « on ».", GUIDE)
def not_you(sentence: Sentence, _: Lexicon) -> Iterator[Hit]:
    for found in _YOU.finditer(sentence.bare):
        yield Hit(*found.span(), f"« {found.group()} » tutoie la personne.", "Écrivez « vous », « votre ».")
    for found in _ONE.finditer(sentence.bare):
        better = "Dites qui : « je », « vous », « la Ville »."
        yield Hit(*found.span(), f"« {found.group()} » : qui ?", better, WARNS)


@rule("PROM", "Pas de promesse : « vous pouvez demander ».", JALON)
def promise(sentence: Sentence, _: Lexicon) -> Iterator[Hit]:
    for found in _PROMISE.finditer(sentence.text):
        yield Hit(*found.span(), f"« {found.group()} » promet.", "Écrivez « vous pouvez demander ».")
