"""Judges texts: every rule on every sentence, at the level that the text deserves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from falc.checks import RULES
from falc.lexicon import Lexicon
from falc.model import WARNS, Finding, Hit, Rule, Text
from falc.profiles import Profile, profile_of
from falc.reading import Reading, pieces_of, reading_of
from falc.sentences import Sentence, read
from falc.syntax import Reader

CROWDED = "CUMUL"
MOST_WARNINGS = 3  # in one sentence; public easy-to-read sentences have one on average


def judge(texts: Iterable[Text], lexicon: Lexicon, reader: Reader) -> list[Finding]:
    """What the rules find, text by text. A sentence found in several texts is judged once.

    Raises `syntax.Unavailable`.
    """
    texts = list(texts)
    tokens = reader.read(pieces_of(texts))
    sentences = {words: read(words, lexicon.names, found) for words, found in tokens.items()}
    hits = {words: _hits(sentence, lexicon) for words, sentence in sentences.items()}
    return [finding for text in texts for finding in _findings(reading_of(text, sentences), hits, lexicon)]


def _hits(sentence: Sentence, lexicon: Lexicon) -> list[tuple[str, Hit]]:
    """What every rule on sentences finds, with its code."""
    on_sentences = (rule for rule in RULES.values() if not rule.whole)
    return [(rule.code, hit) for rule in on_sentences for hit in rule.check(sentence, lexicon)]


def _findings(
    reading: Reading, hits: Mapping[str, list[tuple[str, Hit]]], lexicon: Lexicon
) -> Iterator[Finding]:
    """The hits that the profile of the text reads."""
    text, profile = reading.text, profile_of(reading.text)
    for rule in RULES.values():
        if rule.whole and profile.reads(rule.code):
            for hit in rule.check(reading, lexicon):
                yield _placed(text, rule.code, text.words, hit, profile)
    for sentence in reading.sentences:
        seen = [(code, hit) for code, hit in hits[sentence.text] if profile.reads(code)]
        found = [_placed(text, code, sentence.text, hit, profile) for code, hit in seen]
        yield from found
        if profile.reads(CROWDED):
            yield from _crowded(text, sentence.text, found, profile)


def _crowded(text: Text, sentence: str, found: list[Finding], profile: Profile) -> Iterator[Finding]:
    codes = {finding.code for finding in found if finding.level == WARNS}
    if len(codes) > MOST_WARNINGS:
        problem = f"{len(codes)} difficultés dans la phrase : {', '.join(sorted(codes))}."
        yield _placed(
            text, CROWDED, sentence, Hit(0, len(sentence), problem, "Écrivez-la autrement."), profile
        )


def _placed(text: Text, code: str, sentence: str, hit: Hit, profile: Profile) -> Finding:
    level = WARNS if profile.gentle else hit.level
    return Finding(text, code, level, sentence, hit.start, hit.end, hit.problem, hit.better)


def rules() -> list[Rule]:
    """The table of rules, in the order of the modules."""
    return list(RULES.values())
