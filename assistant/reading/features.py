"""What the linear model sees of a line: groups of letters, words and pairs of words, weighed as scikit-learn's TfidfVectorizer does.

scikit-learn learns the vocabulary; read here, a message costs a tenth of what its general code costs for one line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, pairwise

import numpy as np

from assistant.reading.columns import UNKNOWN, Columns

LETTERS = (2, 5)  # lengths of the groups of letters, a space at each end of a word included
WORDS = (1, 2)
_STEM = 6
_REACH = 5
# Words that pair with anything, each between spaces.
_EMPTY = (
    " le la les l un une des du de d a au aux en et ou que qu qui ce c ca cela est sont j je tu il elle on nous vous ils"
    " elles me m te t se s y n ne dans pour par sur avec mon ma mes son sa ses "
)


class Features:
    """Columns and weights of a line.

    `letters`, `words`, `pairs`: column of each group in its own table; `idf`: weights of the three tables. `names` holds
    the three tables as they were given, which only saving them needs.
    """

    def __init__(
        self,
        letters: Mapping[str, int],
        words: Mapping[str, int],
        pairs: Mapping[str, int],
        idf: Sequence[np.ndarray],
    ):
        self.names: tuple[Mapping[str, int], ...] = letters, words, pairs
        self.letters, self.words, self.pairs = map(Columns, self.names)
        self.idf = [table.astype(np.float32) for table in idf]
        self._weights = np.concatenate(self.idf).astype(np.float64)
        # Of the words of the examples alone: what else people write is not kept.
        self._spelt: dict[str, list[int]] = {}

    def of(self, line: str) -> tuple[np.ndarray, np.ndarray]:
        """(columns, weights) of a line: letters, words, pairs; each has length one, or zero when nothing is known."""
        tokens = line.split()
        told = self.words.find([*tokens, *(f"{a} {b}" for a, b in pairwise(tokens))])
        is_kept = (told[: len(tokens)] != UNKNOWN).tolist()
        spelt = Counter(chain.from_iterable(map(self._letters_of, tokens, is_kept)))
        words = Counter((told[told != UNKNOWN] + len(self.letters)).tolist())
        shift = len(self.letters) + len(self.words)
        pairs = Counter(shift + column for column in self.pairs.of(word_pairs(line)))
        columns, weights = zip(*map(self._weighed, (spelt, words, pairs)), strict=True)
        return np.concatenate(columns), np.concatenate(weights)

    def _letters_of(self, word: str, is_kept: bool) -> list[int]:
        columns = self._spelt.get(word)
        if columns is None:
            columns = self.letters.of(list(letter_groups(word)))
            if is_kept:
                self._spelt[word] = columns
        return columns

    def _weighed(self, counts: Counter[int]) -> tuple[np.ndarray, np.ndarray]:
        columns = np.fromiter(counts.keys(), np.intp, len(counts))
        weights = 1 + np.log(np.fromiter(counts.values(), np.float64, len(counts)))
        weights *= self._weights[columns]
        length = np.sqrt(weights @ weights)
        return columns, weights / length if length else weights


def letter_groups(word: str) -> Iterable[str]:
    """The groups of letters of a word between two spaces, with their repetitions; one too short counts whole, once."""
    padded = f" {word} "
    for size in range(LETTERS[0], LETTERS[1] + 1):
        yield from (padded[start : start + size] for start in range(max(1, len(padded) - size + 1)))
        if len(padded) <= size:
            return


def word_pairs(line: str) -> list[str]:
    """Beginnings of two words that stand near each other, in the order of the alphabet: « record~suicid ».

    « en finir » with a form is not « en finir » alone: which words go together tells dangers from figures of speech.
    """
    stems = [word[:_STEM] for word in line.split() if _told(word)]
    return [
        f"{min(one, other)}~{max(one, other)}"
        for rank, one in enumerate(stems)
        for other in stems[rank + 1 : rank + 1 + _REACH]
    ]


def _told(word: str) -> bool:
    return (word[0].isalpha() or word[0] == "#") and f" {word} " not in _EMPTY
