"""One word for one thing, explained where it first appears; no unknown acronym."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from falc.checks.registry import GUIDE, rule
from falc.lexicon import Lexicon, Term
from falc.model import WARNS, Hit
from falc.reading import Reading
from falc.sentences import PHONE, Sentence, blank
from falc.syntax import frequency

_ACRONYM = re.compile(r"(?<![\w-])[A-ZÀ-Ý][A-ZÀ-Ý0-9&]*[A-ZÀ-Ý][A-ZÀ-Ý0-9]*(?![\w-])")
_ROMAN = re.compile(r"[IVX]{2,}")
_CALLED = re.compile(r"\bappel(?:le|lent|ée?s?)\s+(?:l[ea]s?\s+|l['’])?$", re.IGNORECASE)
_EXPLAINS = re.compile(
    r",? (?:veut dire|signifie|(?:est|c['’]est|sont|ce sont) (?:un|une|le|la|les|des|l)\b)"
)
_COMMON_WORD = 4  # letters from which a word in capitals is read as a word
_KNOWN_WORD = 3.5


@rule("GLOSS", "Un mot difficile est expliqué tout de suite.", GUIDE, whole=True)
def unexplained_term(reading: Reading, lexicon: Lexicon) -> Iterator[Hit]:
    """In one text alone it warns: the explanation may be in the message before. `unexplained` judges conversations."""
    for term, found in terms_in(reading.text.words, lexicon):
        if not term.explained_in(reading.text.words):
            problem = f"« {found.group()} » n'est pas expliqué ici."
            yield Hit(*found.span(), problem, f"Ajoutez : « {term.explanation} »", WARNS)


def unexplained(messages: Sequence[str], lexicon: Lexicon) -> list[tuple[int, Term]]:
    """Terms of a conversation whose first use is explained neither in the same message nor in the next.

    Returns the position of the message with each term; an explanation given before counts.
    """
    missing = []
    said: set[str] = set()
    for position, message in enumerate(messages):
        near = " ".join(messages[position : position + 2])
        for term, _ in terms_in(message, lexicon):
            if term.name not in said and not term.explained_in(near):
                missing.append((position, term))
            said.add(term.name)
        said.update(term.name for term in lexicon.terms if term.explanation in message)
    return missing


@rule("SAME", "Le même mot pour la même chose, partout.", GUIDE)
def another_name(sentence: Sentence, lexicon: Lexicon) -> Iterator[Hit]:
    for term in lexicon.terms:
        for found in term.never.finditer(sentence.bare) if term.never else ():
            problem = f"« {found.group()} » : Jalon dit toujours « {term.name} »."
            yield Hit(*found.span(), problem, f"Écrivez « {term.name} ».")


@rule("ACRO", "Pas de sigle inconnu.", GUIDE)
def unknown_acronym(sentence: Sentence, lexicon: Lexicon) -> Iterator[Hit]:
    """Capitals that are neither an acronym of the lexicon, nor explained at once (« un ESAT est… »), nor a roman
    number, nor a common word (CAPS sees it)."""
    for found in _ACRONYM.finditer(sentence.bare):
        known = _is_known(found.group(), lexicon) or _explained(sentence.text, *found.span())
        if not known and not is_shouted(found.group()):
            problem = f"« {found.group()} » est un sigle."
            yield Hit(*found.span(), problem, "Écrivez le nom entier, ou ajoutez le sigle au glossaire.")


@rule("CAPS", "Pas de mot tout en majuscules.", GUIDE)
def capitals(sentence: Sentence, lexicon: Lexicon) -> Iterator[Hit]:
    for found in _ACRONYM.finditer(sentence.bare):
        if not _is_known(found.group(), lexicon) and is_shouted(found.group()):
            problem = f"« {found.group()} » est tout en majuscules."
            yield Hit(*found.span(), problem, f"Écrivez « {found.group().lower()} ».")


def _explained(text: str, start: int, end: int) -> bool:
    """« un ESAT est… », or « une commission qui s'appelle la CDAPH »."""
    return bool(_EXPLAINS.match(text, end) or _CALLED.search(text, 0, start))


def is_shouted(word: str) -> bool:
    """Whether capitals write a common word, and not an acronym."""
    return len(word) >= _COMMON_WORD and frequency(word.lower()) >= _KNOWN_WORD


def terms_in(text: str, lexicon: Lexicon) -> Iterable[tuple[Term, re.Match]]:
    """Terms of the glossary in a text, at their first place."""
    plain = blank(text, (PHONE,))
    for term in lexicon.terms:
        if found := term.pattern.search(plain):
            yield term, found


def _is_known(acronym: str, lexicon: Lexicon) -> bool:
    explained = any(term.pattern.fullmatch(acronym) for term in lexicon.terms)
    return acronym in lexicon.acronyms or explained or _ROMAN.fullmatch(acronym) is not None
