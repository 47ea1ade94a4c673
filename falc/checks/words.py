"""Which words: known, plain, French, without jargon, heavy connectors nor images."""

from __future__ import annotations

import re
from collections.abc import Iterator

from falc.checks.registry import ADVICE, GUIDE, MEASURED, rule
from falc.lexicon import Lexicon
from falc.model import BLOCKS, WARNS, Hit
from falc.sentences import HOLE, Sentence
from falc.syntax import Token

RARE = 3.5  # Zipf: 3 times in a million words
_CONTENT = {"NOUN", "VERB", "ADJ", "ADV"}
_FROM_VERB = re.compile(r"[a-zà-ÿ]{3,}(?:tion|sion|ment|ité|ance|ence|age)s?", re.IGNORECASE)
_NOMINALS = 2


@rule("WORD", "Des mots connus : ni rares, ni savants.", GUIDE)
def rare_word(sentence: Sentence, lexicon: Lexicon) -> Iterator[Hit]:
    """Zipf under 3.5, neither explained (glossary) nor allowed. One warns, two block."""
    rare = [token for token in _plain_tokens(sentence, lexicon) if token.frequency < RARE]
    level = BLOCKS if len(rare) > 1 else WARNS
    for token in rare:
        problem = f"« {token.text} » est un mot rare."
        yield Hit(token.start, token.end, problem, "Prenez un mot de tous les jours, ou expliquez-le.", level)


@rule("FOREIGN", "Pas de mot étranger, sauf s'il est très connu.", GUIDE)
def foreign_word(sentence: Sentence, lexicon: Lexicon) -> Iterator[Hit]:
    listed = list(_swapped(sentence, lexicon, "etrangers", "mot étranger", WARNS))
    yield from listed
    for token in _plain_tokens(sentence, lexicon):
        seen = any(hit.start <= token.start < hit.end for hit in listed)
        if not seen and token.frequency < RARE and token.abroad > token.frequency + 1 and token.abroad > RARE:
            problem = f"« {token.text} » est un mot étranger."
            yield Hit(token.start, token.end, problem, "Prenez un mot français connu.", WARNS)


_DEFINES = re.compile(
    r"(?:Une?|L[ea]s?|L['’]) ?(?:\S+ ){1,4}(?:est|sont|veut dire) (?:une?|l[ea]s?|des) \S+ (?:qui|que|où)\b"
)


@rule("JARG", "Pas de mot de l'administration.", GUIDE)
def jargon(sentence: Sentence, lexicon: Lexicon) -> Iterator[Hit]:
    """Frequency does not see these words: newspapers use them. A sentence that explains one may name it."""
    level = WARNS if _DEFINES.match(sentence.bare) else None
    yield from _swapped(sentence, lexicon, "jargon", "mot de l'administration", level)


@rule("CONN", "Pas de mot de liaison lourd (afin de, notamment, sous réserve).", MEASURED)
def heavy_connector(sentence: Sentence, lexicon: Lexicon) -> Iterator[Hit]:
    yield from _swapped(sentence, lexicon, "connecteurs", "mot de liaison lourd")


@rule("META", "Pas d'image ni d'expression toute faite.", GUIDE)
def image(sentence: Sentence, lexicon: Lexicon) -> Iterator[Hit]:
    """A list only: what is an image for someone needs people to tell."""
    yield from _swapped(sentence, lexicon, "images", "image", WARNS)


@rule("NOM", "Des verbes, plutôt que des noms tirés de verbes : deux au plus par phrase.", MEASURED)
def nouns_from_verbs(sentence: Sentence, lexicon: Lexicon) -> Iterator[Hit]:
    found = [
        token
        for token in sentence.tokens
        if token.pos == "NOUN"
        and _FROM_VERB.fullmatch(token.text)
        and token.text.lower().rstrip("s") not in lexicon.plain_nouns
        and _is_plain(sentence, token)
    ]
    if len(found) > _NOMINALS:
        words = ", ".join(f"« {token.text} »" for token in found)
        problem = f"{len(found)} noms tirés de verbes : {words}."
        yield Hit(found[0].start, found[-1].end, problem, "Dites qui fait quoi, avec des verbes.")


@rule("ABBR", "Pas d'abréviation (etc., n°, RDV, tél., h).", ADVICE)
def abbreviation(sentence: Sentence, _: Lexicon) -> Iterator[Hit]:
    for found in _ABBREVIATIONS.finditer(sentence.bare):
        short = found.group().lower().rstrip(".")
        problem = f"« {found.group()} » est une abréviation."
        yield Hit(*found.span(), problem, f"Écrivez « {_LONG[short]} ».")


_LONG = {
    "etc": "un exemple de plus, ou rien", "p. ex": "par exemple", "ex": "par exemple", "n°": "numéro", "no": "numéro",
    "rdv": "rendez-vous", "tél": "téléphone", "tel": "téléphone", "svp": "s'il vous plaît", "mme": "madame",
    "bd": "boulevard", "bld": "boulevard", "av": "avenue", "arr": "arrondissement", "mn": "minutes",
    "min": "minutes", "env": "environ", "max": "au plus", "asso": "association", "assos": "associations",
    "apt": "appartement", "appt": "appartement", "st": "saint", "km": "kilomètres", "kg": "kilos", "m²": "mètres carrés",
    "infos": "informations", "doc": "papier", "docs": "papiers", "cf": "regardez", "càd": "coupez en deux phrases",
}  # fmt: skip
_ABBREVIATIONS = re.compile(
    r"(?<![\w-])(?:p\. ex\.|etc\b\.?|n°|(?:ex|tél|tel|bd|bld|av|arr|env|max|min|mn|cf|no|apt|appt|st)\.(?!\w)"
    r"|(?:rdv|svp|mme|assos?|infos|docs?|km|kg|mn|càd)(?![\w-])|m²)",
    re.IGNORECASE,
)


def _swapped(
    sentence: Sentence, lexicon: Lexicon, name: str, kind: str, weakest: str | None = None
) -> Iterator[Hit]:
    """Hits of one list of words to leave."""
    for swap in lexicon.swaps[name]:
        kept = [found.span() for found in swap.unless.finditer(sentence.bare)] if swap.unless else []
        for found in swap.pattern.finditer(sentence.bare):
            if any(start <= found.start() and found.end() <= end for start, end in kept):
                continue
            problem = f"« {found.group().strip()} » : {kind}."
            yield Hit(*found.span(), problem, f"Dites plutôt : {swap.better}.", weakest or swap.level)


def _plain_tokens(sentence: Sentence, lexicon: Lexicon) -> Iterator[Token]:
    """Words with a meaning that are neither names, nor explained, nor allowed."""
    terms = [found.span() for term in lexicon.terms for found in term.pattern.finditer(sentence.text)]
    for token in sentence.tokens:
        if (
            token.pos in _CONTENT
            and _is_plain(sentence, token)
            and token.text.lower() not in lexicon.words
            and not any(start <= token.start < end for start, end in terms)
        ):
            yield token


def _is_plain(sentence: Sentence, token: Token) -> bool:
    """A word of letters, not a name: capitals inside a sentence tell names."""
    return (
        HOLE not in token.text
        and any(map(str.isalpha, token.text))
        and sentence.bare[token.start : token.end] == token.text
        and (token.text.islower() or token.start == 0)
    )
