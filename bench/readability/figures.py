"""Readability of a set of texts: length, Kandel-Moles, rarest words. Pure functions."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from falc.checks.length import SHORTEST_MESSAGE
from falc.reading import Reading
from falc.sentences import Sentence, is_a_line_of_data, kandel_moles

_CONTENT = {"NOUN", "VERB", "ADJ", "ADV"}


@dataclass(frozen=True)
class Figures:
    """Of a set of texts. `words`: mean words a sentence. `kandel_moles`: of each text long enough to be measured,
    in order. `rarest`: mean Zipf frequency of the rarest content word of each sentence."""

    texts: int
    sentences: int
    words: float
    longest: int
    kandel_moles: tuple[float, ...]
    rarest: float

    @property
    def mean(self) -> float:
        return statistics.fmean(self.kandel_moles) if self.kandel_moles else float("nan")

    def share_from(self, least: float) -> float:
        """Part of the texts whose Kandel-Moles is at least `least`."""
        return sum(value >= least for value in self.kandel_moles) / max(1, len(self.kandel_moles))


def figures(readings: Sequence[Reading]) -> Figures:
    """Lines of data (an address, a number to call) are left out of the means: nobody can write them otherwise."""
    sentences = [one for reading in readings for one in reading.sentences if not is_a_line_of_data(one)]
    lengths = [len(one.words) for one in sentences]
    rarest = [min(found) for one in sentences if (found := _frequencies(one))]
    return Figures(
        len(readings),
        len(sentences),
        statistics.fmean(lengths),
        max(lengths),
        tuple(value for _, value in measured(readings)),
        statistics.fmean(rarest),
    )


def measured(readings: Iterable[Reading]) -> list[tuple[Reading, float]]:
    """The texts of `SHORTEST_MESSAGE` words or more without lines of data, hardest first, with their Kandel-Moles."""
    found = []
    for reading in readings:
        sentences = [one for one in reading.sentences if not is_a_line_of_data(one)]
        if sum(len(one.words) for one in sentences) >= SHORTEST_MESSAGE:
            value = kandel_moles(sentences)
            if value is not None:
                found.append((reading, value))
    return sorted(found, key=lambda item: item[1])


def rare_words(readings: Iterable[Reading], most: int) -> list[tuple[str, float, int]]:
    """The rarest content words: lemma, Zipf frequency, how many times they are written."""
    seen: Counter[str] = Counter()
    frequency: dict[str, float] = {}
    for reading in readings:
        for sentence in reading.sentences:
            for token in _content(sentence):
                lemma = token.lemma.lower()
                seen[lemma] += 1
                frequency[lemma] = max(frequency.get(lemma, 0), token.frequency)
    rarest = sorted(seen, key=lambda lemma: (frequency[lemma], lemma))[:most]
    return [(lemma, frequency[lemma], seen[lemma]) for lemma in rarest]


def _frequencies(sentence: Sentence) -> list[float]:
    return [token.frequency for token in _content(sentence)]


def _content(sentence: Sentence):
    """Words that carry the sense; names, addresses and what a template fills in are blanked in `bare`."""
    for token in sentence.tokens:
        plain = token.text.isalpha() and len(token.text) > 2
        if plain and token.pos in _CONTENT and sentence.bare[token.start : token.end].strip():
            yield token
