"""How it is built: active, positive, present, without participle clause."""

from __future__ import annotations

import re
from collections.abc import Iterator

from falc.checks.registry import ADVICE, GUIDE, MEASURED, rule
from falc.lexicon import Lexicon
from falc.model import BLOCKS, WARNS, Hit
from falc.reading import Reading
from falc.sentences import Sentence
from falc.syntax import Token

_NOT = re.compile(r"(?<![\w-])(?:ne|n['’])(?=[\s\w])", re.IGNORECASE)
_WITHOUT = re.compile(r"(?<![\w-])sans(?![\w-])", re.IGNORECASE)
_LACK = re.compile(
    r"(?<![\w-])(?:sauf|interdit\w*|impossible|refus\w*|empêch\w*|aucune? [^.]*sans)(?![\w-])", re.IGNORECASE
)
# « Sans abri », « sans rendez-vous », « sans papiers » name a thing: they are said so.
_SET_WITHOUT = re.compile(
    r"(?<![\w-])sans[- ](?:abris?|rendez-vous|papiers|domicile|logement|condition|argent|titre de séjour|attendre"
    r"|activité|travail|emploi)(?![\w-])",
    re.IGNORECASE,
)
_GERUND = re.compile(r"(?<![\w-])en (?:[a-zà-ÿ]+ant)(?![\w-])", re.IGNORECASE)
_NOT_GERUND = {
    "en avant",
    "en attendant",
    "en instant",
    "en volant",
    "en enfant",
    "en passant",
    "en restaurant",
}
_IMPERSONAL = re.compile(
    r"\b(?:il|Il) (?:y a|faut|faudra|existe|est (?:possible|interdit)|reste|manque|n'y a|suffit)\b"
)
_PARTICIPLE = re.compile(r".+(?:é|i|u|is|it|ert|eint|oint|aint|uit)(?:e|s|es)?", re.IGNORECASE)
_PRONOUN = re.compile(r"^(?:Il|Elle|Ils|Elles|Lui|Leur|Celui-ci|Celle-ci|Ceux-ci|Celles-ci)\b")


@rule("PASS", "La voix active : dites qui fait quoi.", GUIDE)
def passive(sentence: Sentence, lexicon: Lexicon) -> Iterator[Hit]:
    """Warns even with « par »: 14 % of the easy-to-read sentences measured are passive. States (« est fermé ») are let."""
    for token in sentence.tokens:
        if token.dep != "aux:pass" or not token.has("VerbForm=Fin") and token.lemma != "être":
            continue
        verb = sentence.tokens[token.head]
        if not _PARTICIPLE.fullmatch(verb.text) or _is_state(verb, lexicon):
            continue
        start, end = min(token.start, verb.start), max(token.end, verb.end)
        problem = f"« {sentence.text[start:end]} » est à la voix passive."
        yield Hit(start, end, problem, "Dites qui fait quoi : « La Ville donne… ».", WARNS)


@rule("NEG", "Une phrase positive : dites ce qu'il faut faire.", GUIDE)
def negative(sentence: Sentence, _: Lexicon) -> Iterator[Hit]:
    found = _NOT.search(sentence.bare)
    if found and not _twice_negative(sentence):
        yield Hit(
            *found.span(), "Phrase négative.", "Dites ce qui est possible, si le sens reste le même.", WARNS
        )


@rule("NEG2", "Pas de double négation.", GUIDE)
def double_negative(sentence: Sentence, _: Lexicon) -> Iterator[Hit]:
    """Two negations in one sentence, or a negation with « sauf », « interdit », « impossible », « refus ».

    They cancel out inside one clause: that blocks. One in each clause (« Ne signez pas si… ne… pas ») only warns.
    """
    if found := _twice_negative(sentence):
        start, end = found
        level = WARNS if _OTHER_CLAUSE.search(sentence.bare, start, end) else BLOCKS
        better = "Dites-le sans négation, ou en deux phrases."
        yield Hit(start, end, "Deux négations dans la phrase.", better, level)


@rule("TENSE", "Le présent : ni conditionnel, ni subjonctif, ni passé simple.", ADVICE)
def hard_tense(sentence: Sentence, _: Lexicon) -> Iterator[Hit]:
    for token in sentence.tokens:
        name = _hard_tense_of(sentence, token)
        if name and sentence.bare[token.start : token.end].strip():
            yield Hit(
                token.start, token.end, f"« {token.text} » est au {name}.", "Écrivez au présent.", WARNS
            )


# spaCy sees conditionals in « parlez » and misses « soit »: the ending decides with it, or « que » and a closed list.
_CONDITIONAL = re.compile(r".*r(?:ais|ait|ions|iez|aient)", re.IGNORECASE)
_SIMPLE_PAST = re.compile(r".+(?:a|ut|int|èrent|irent|urent|inrent)", re.IGNORECASE)
_SUBJUNCTIVE = re.compile(
    r"soi(?:s|t|ent)|soyez|ai(?:e|t|ent)|ayez|puiss\w+|fass\w+|sach\w+|aill\w+|vienne\w*|veniez|prenne\w*|preniez"
    r"|veuill\w+",
    re.IGNORECASE,
)
_THAT = re.compile(r"\b(?:que\b|qu['’])", re.IGNORECASE)


def _hard_tense_of(sentence: Sentence, token: Token) -> str | None:
    """The name of the tense to leave, if the token is in one."""
    if token.has("Mood=Cnd") and _CONDITIONAL.fullmatch(token.text):
        return "conditionnel"
    if token.has("VerbForm=Fin") and token.has("Tense=Past") and _SIMPLE_PAST.fullmatch(token.text):
        return "passé simple"
    known = token.has("Mood=Sub") or _SUBJUNCTIVE.fullmatch(token.text)
    return "subjonctif" if known and _THAT.search(sentence.text, 0, token.start) else None


@rule("PART", "Ni « en faisant », ni proposition participiale.", MEASURED)
def participle(sentence: Sentence, lexicon: Lexicon) -> Iterator[Hit]:
    """« en cherchant », « vivant à Paris », « versée par la CAF » block; « liée au loyer » warns; « signé » is let."""
    better = "Faites une phrase, avec qui, un verbe."
    for found in _GERUND.finditer(sentence.bare):
        if found.group().lower() not in _NOT_GERUND:
            yield Hit(*found.span(), f"« {found.group()} » est un participe.", better)
    for index, token in enumerate(sentence.tokens):
        level = _clause_level(sentence, index, token, lexicon)
        if level:
            problem = f"« {token.text} » commence une proposition participiale."
            yield Hit(token.start, token.end, problem, better, level)


@rule("PRON", "Un pronom dont on voit le nom.", ADVICE, whole=True)
def orphan_pronoun(reading: Reading, _: Lexicon) -> Iterator[Hit]:
    first = reading.sentences[0].text if reading.sentences else ""
    found = _PRONOUN.match(first)
    if found and not _IMPERSONAL.match(first):
        problem = f"« {found.group()} » : on ne sait pas de qui ou de quoi on parle."
        yield Hit(*found.span(), problem, "Redites le nom.", WARNS)


_OTHER_CLAUSE = re.compile(r"\b(?:si|quand|lorsque|car|mais|et)\b|\bs['’](?=ils?\b)", re.IGNORECASE)


def _twice_negative(sentence: Sentence) -> tuple[int, int] | None:
    """From the first to the last of two negations, None when there are fewer."""
    negations = list(_NOT.finditer(sentence.bare))
    others = [*_WITHOUT.finditer(_SET_WITHOUT.sub(_blanks, sentence.bare)), *_LACK.finditer(sentence.bare)]
    found = sorted([*negations, *others], key=lambda one: one.start())
    if not negations or len(found) < 2:
        return None
    return found[0].start(), found[-1].end()


def _blanks(found: re.Match) -> str:
    return " " * len(found.group())


def _clause_level(sentence: Sentence, index: int, token: Token, lexicon: Lexicon) -> str | None:
    """A present participle opens a clause (blocks); a past one when it says by whom or more (warns, as a passive)."""
    if (
        token.dep != "acl"
        or not token.has("VerbForm=Part")
        or not sentence.bare[token.start : token.end].strip()
    ):
        return None
    if token.text.lower().endswith("ant"):
        return BLOCKS if token.has("Tense=Pres") else None
    if _is_state(token, lexicon) or not _PARTICIPLE.fullmatch(token.text):
        return None
    links = {other.dep for other in sentence.tokens if other.head == index}
    return WARNS if links & {"obl", "obl:mod", "obl:arg", "obl:agent"} else None


def _is_state(participle: Token, lexicon: Lexicon) -> bool:
    word = participle.text.lower()
    return not lexicon.states.isdisjoint(
        {word, word.removesuffix("s"), word.removesuffix("e"), word.removesuffix("es")}
    )
