"""How long: sentences, messages, and how much a sentence holds."""

from __future__ import annotations

import re
from collections.abc import Iterator

import smsutil

from falc.checks.registry import ADVICE, GUIDE, MEASURED, rule
from falc.lexicon import Lexicon
from falc.model import BLOCKS, WARNS, Hit
from falc.reading import Reading
from falc.sentences import Sentence, is_a_line_of_data, kandel_moles, words_of

LONG, TOO_LONG = 15, 20  # words a sentence
MEAN = 12  # words a sentence, over the sentences of a text
SENTENCES = 4  # in a bubble
SEGMENTS = 2  # SMS paid for one answer
FLOOR, AIM = 65, 75  # Kandel-Moles of a whole message
_PIECES = ("phrase", "lieu", "page")
_SHORTEST = 21  # words under which the formula says little of a piece, often one sentence, read among others
SHORTEST_MESSAGE = 8
_SHORTEST_BLOCKED = 14  # « vous pouvez demander. Appelez avant. » is no harder for being short
_BUT = re.compile(r"(?:,|\s)\s*(?:et|mais|car)\b")
_LIST_INSIDE = re.compile(r":[^,:?!]+,[^:?!]*\b(?:et|ou)\b")


@rule("LEN", "Une phrase courte : 15 mots, jamais plus de 20.", GUIDE)
def long_sentence(sentence: Sentence, _: Lexicon) -> Iterator[Hit]:
    """An address or a number to call counts for one word."""
    if sentence.length > TOO_LONG:
        yield _all(sentence, f"Phrase de {sentence.length} mots.", "Coupez-la en deux ou trois phrases.")
    elif sentence.length > LONG:
        yield _all(sentence, f"Phrase de {sentence.length} mots.", "Coupez-la en deux phrases.", WARNS)


@rule("MOYENNE", "En moyenne, 12 mots par phrase dans un message.", MEASURED, whole=True)
def long_on_average(reading: Reading, _: Lexicon) -> Iterator[Hit]:
    lengths = [sentence.length for sentence in reading.sentences]
    if len(lengths) > 1 and sum(lengths) / len(lengths) > MEAN:
        mean = f"{sum(lengths) / len(lengths):.1f}".replace(".", ",")
        yield reading.hit(
            f"{mean} mots par phrase en moyenne.", "Coupez les phrases les plus longues.", WARNS
        )


@rule("MSG", "Un message court : 4 phrases dans une bulle, 2 SMS payés pour une réponse.", GUIDE, whole=True)
def long_message(reading: Reading, _: Lexicon) -> Iterator[Hit]:
    words = reading.text.words
    if reading.text.channel == "sms":
        # What is not yet in the alphabet of SMS is counted once composed.
        cost = len(smsutil.split(words).parts) if smsutil.is_valid_gsm(words) else 0
        if cost > SEGMENTS:
            yield reading.hit(f"{cost} SMS payés.", "Gardez le plus important.")
    elif len(reading.sentences) > SENTENCES:
        problem = f"{len(reading.sentences)} phrases dans un message."
        level = WARNS if reading.text.kind in _PIECES else BLOCKS
        yield reading.hit(problem, "Gardez le plus important, ou faites deux messages.", level)


@rule(
    "KANDEL",
    "Des mots courts : lisibilité de Kandel et Moles d'au moins 75, jamais moins de 65.",
    MEASURED,
    whole=True,
)
def hard_to_read(reading: Reading, _: Lexicon) -> Iterator[Hit]:
    """Addresses and numbers are not counted. A piece of a message is only blocked when it is long enough to judge."""
    judged = [sentence for sentence in reading.sentences if not is_a_line_of_data(sentence)]
    size = sum(len(words_of(sentence.bare)) for sentence in judged)  # names of places are not ours to simplify
    score = kandel_moles(judged)
    if score is None or size < SHORTEST_MESSAGE or score >= AIM:
        return
    blocks = score < FLOOR and size >= (_SHORTEST if reading.text.kind in _PIECES else _SHORTEST_BLOCKED)
    longest = max((word.text for one in judged for word in one.words), key=len)
    problem = f"Lisibilité de {score:.0f} : il faut 75, au moins 65."
    better = f"Prenez des mots plus courts. Le plus long : « {longest} »."
    yield reading.hit(problem, better) if blocks else reading.hit(problem, better, WARNS)


@rule("IDEA", "Une idée par phrase : un verbe, deux au plus.", ADVICE)
def several_ideas(sentence: Sentence, _: Lexicon) -> Iterator[Hit]:
    """More than 3 conjugated verbs block; 3 verbs, « , et », or a list after « : » warn."""
    verbs = [token for token in sentence.tokens if token.has("VerbForm=Fin")]
    better = "Écrivez une phrase pour chaque idée."
    if len(verbs) > 3:
        yield _all(sentence, f"{len(verbs)} verbes dans la phrase.", better)
    elif len(verbs) > 2:
        yield _all(sentence, f"{len(verbs)} verbes dans la phrase.", better, WARNS)
    elif (
        "," in sentence.bare
        and (found := _BUT.search(sentence.bare, sentence.bare.index(",")))
        and len(verbs) > 1
    ):
        yield Hit(*found.span(), "Plusieurs idées dans la phrase.", better, WARNS)
    elif found := _LIST_INSIDE.search(sentence.bare):
        yield Hit(*found.span(), "Une liste dans la phrase.", "Écrivez une ligne pour chaque chose.", WARNS)


@rule("LIST", "Trois choses ou plus : une liste, une ligne pour chacune.", ADVICE)
def list_in_a_sentence(sentence: Sentence, _: Lexicon) -> Iterator[Hit]:
    if found := re.search(r"(?:[^,]+,){2,}[^,]*\b(?:et|ou)\b|(?:[^,]+,){3,}", sentence.bare):
        yield Hit(
            *found.span(),
            "Trois choses ou plus dans la phrase.",
            "Faites une liste, une ligne par chose.",
            WARNS,
        )


def _all(sentence: Sentence, problem: str, better: str, level: str | None = None) -> Hit:
    hit = Hit(0, len(sentence.text), problem, better)
    return hit if level is None else Hit(hit.start, hit.end, problem, better, level)
