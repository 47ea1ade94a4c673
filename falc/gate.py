"""Judges texts: every rule on every sentence, at the level that the text deserves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from falc.checks import RULES
from falc.lexicon import Lexicon
from falc.model import WARNS, Finding, Hit, Rule, Text
from falc.profiles import Profile, profile_of
from falc.reading import Reading, reading_of, sentences_of
from falc.syntax import Reader

CROWDED = "CUMUL"
MOST_WARNINGS = (
    3  # in one sentence: public easy-to-read sentences have one on average, rarely more than three
)


def judge(texts: Iterable[Text], lexicon: Lexicon, reader: Reader) -> list[Finding]:
    """What the rules find, text by text, sentence by sentence. Raises `syntax.Unavailable`."""
    texts = list(texts)
    tokens = reader.read(sentences_of(texts))
    return [finding for text in texts for finding in _findings(reading_of(text, lexicon, tokens), lexicon)]


def _findings(reading: Reading, lexicon: Lexicon) -> Iterator[Finding]:
    profile = profile_of(reading.text)
    rules = [rule for rule in RULES.values() if profile.reads(rule.code)]
    for rule in rules:
        if rule.whole:
            for hit in rule.check(reading, lexicon):
                yield _placed(reading.text, rule.code, reading.text.words, hit, profile)
    for sentence in reading.sentences:
        found = [
            _placed(reading.text, rule.code, sentence.text, hit, profile)
            for rule in rules
            if not rule.whole
            for hit in rule.check(sentence, lexicon)
        ]
        yield from found
        if profile.reads(CROWDED):
            yield from _crowded(reading.text, sentence.text, found, profile)


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
