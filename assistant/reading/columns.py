"""The columns of a vocabulary, found by the hashes of its groups of letters or words.

A dictionary of 300,000 groups takes 35 MB, their hashes and columns 4. Many are looked for at once, as fast. Two
groups may have the same hash, with a probability of 10⁻⁸ in such a table: nothing guards against that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

UNKNOWN = -1


class Columns:
    """`table`: column of each group. The hashes are those of this process: nothing of them is written anywhere."""

    def __init__(self, table: Mapping[str, int]):
        hashes = np.fromiter(map(hash, table), np.int64, len(table))
        order = hashes.argsort()
        self._hashes = hashes[order]
        self._columns = np.fromiter(table.values(), np.int32, len(table))[order]

    def __len__(self) -> int:
        return len(self._hashes)

    def find(self, groups: Sequence[str]) -> np.ndarray:
        """The column of each group, or UNKNOWN."""
        asked = np.fromiter(map(hash, groups), np.int64, len(groups))
        places = self._hashes.searchsorted(asked)
        is_known = self._hashes.take(places, mode="clip") == asked
        return np.where(is_known, self._columns.take(places, mode="clip"), UNKNOWN)

    def of(self, groups: Sequence[str]) -> list[int]:
        """The columns of the groups that are known, in their order, with their repetitions."""
        found = self.find(groups)
        return found[found != UNKNOWN].tolist()
