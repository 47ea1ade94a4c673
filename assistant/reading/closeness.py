"""Needs close in meaning to a message that nothing else understood, from word vectors (numpy).

Only offered as guesses (« Voulez-vous… ? »), never taken as said: measured, vectors guess well on a
word never seen (« baignoire », « aspirine ») and less well than letters on everything else.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from assistant.reading.text import Reading, plain

VectorOf = Callable[[str], "np.ndarray | None"]
_SHORTEST_WORD = 3


class Closeness:
    """Compares a message with the mean of the examples of each need."""

    def __init__(self, needs: list[str], centres: np.ndarray, middle: np.ndarray):
        self.needs, self.centres, self.middle = needs, centres, middle

    @classmethod
    def train(cls, readings: list[Reading], needs: list[set[str]], vector_of: VectorOf) -> Closeness:
        """Learn the centre of each need. `vector_of` gives the vector of a word, or None."""
        vectors = np.array([message_vector(reading, vector_of) for reading in readings], dtype=np.float32)
        middle = vectors.mean(axis=0)
        names = sorted(set().union(*needs))
        centres = [_unit((vectors[[name in said for said in needs]] - middle).mean(axis=0)) for name in names]
        return cls(names, np.array(centres, dtype=np.float32), middle)

    def nearest(
        self, reading: Reading, vector_of: VectorOf, least: float, most: int
    ) -> list[tuple[str, float]]:
        """At most `most` (need, cosine) pairs of at least `least`, best first."""
        vector = message_vector(reading, vector_of)
        if not vector.any():
            return []
        cosines = self.centres @ _unit(vector - self.middle)
        best = sorted(zip(self.needs, cosines.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
        return [(need, cosine) for need, cosine in best[:most] if cosine >= least]


def message_vector(reading: Reading, vector_of: VectorOf) -> np.ndarray:
    """Sum of the vectors of the words, each of length one; zero when no word is known."""
    total = np.zeros(0, dtype=np.float32)
    for word in reading.words:
        raw = reading.text[word.start : word.end].lower()
        typed = raw if plain(raw) == word.form else word.form
        vector = vector_of(typed) if len(typed) >= _SHORTEST_WORD and typed.isalpha() else None
        if vector is not None:
            total = _unit(vector) + (total if total.size else 0)
    return _unit(total) if total.size else np.zeros(_width(vector_of), dtype=np.float32)


def _width(vector_of: VectorOf) -> int:
    sample = vector_of("maison")
    return 0 if sample is None else len(sample)


def _unit(vector: np.ndarray) -> np.ndarray:
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector
