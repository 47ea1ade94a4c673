"""A small linear model over letters: several labels per message, kept as JSON and npz (no pickle).

Needs numpy and scikit-learn (environment of the dialogue server). Deterministic.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from assistant.reading.composition import SEED

_SETTINGS = (
    {"analyzer": "char_wb", "ngram_range": (2, 5), "sublinear_tf": True, "min_df": 2},
    {"analyzer": "word", "ngram_range": (1, 2), "sublinear_tf": True, "min_df": 2, "token_pattern": r"[^ ]+"},
)


class LinearModel:
    """One logistic regression per label over the same letter and word features."""

    def __init__(self, labels: list[str], vectorizers: list[TfidfVectorizer], weights, bias):
        self.labels = labels
        self._vectorizers = vectorizers
        self._weights = np.ascontiguousarray(weights)
        self._bias = bias

    @classmethod
    def train(cls, lines: list[str], targets: list[set[str]], strength: float) -> LinearModel:
        """Learn from normalised lines and their labels. `strength` is the inverse regularisation (C)."""
        labels = sorted(set().union(*targets))
        vectorizers = [TfidfVectorizer(lowercase=False, **settings).fit(lines) for settings in _SETTINGS]
        features = _features(vectorizers, lines)
        # One after the other: the solver draws from one generator per process, and threads that share it
        # would not give the same model twice.
        fitted = [_fit(features, [label in target for target in targets], strength) for label in labels]
        weights = np.array([model.coef_[0] for model in fitted], dtype=np.float32).T
        bias = np.array([model.intercept_[0] for model in fitted], dtype=np.float32)
        return cls(labels, vectorizers, weights, bias)

    def scaled(self, scales: Mapping[str, Sequence[float]]) -> LinearModel:
        """The same model, whose scores say how often they are right: (slope, shift) of the log-odds by kind.

        Balanced learning shouts: it says 0.9 of what is right three times out of four. The scales are
        measured on messages apart (bench/understanding/calibrate.py).
        """
        pairs = [scales.get(label.partition(":")[0], (1.0, 0.0)) for label in self.labels]
        slopes, shifts = np.array(pairs, dtype=np.float32).T
        return LinearModel(
            self.labels, self._vectorizers, self._weights * slopes, self._bias * slopes + shifts
        )

    def scores(self, lines: list[str]) -> np.ndarray:
        """Probability of each label (columns, in the order of `labels`) for each line."""
        return 1 / (1 + np.exp(-(_weighed(_features(self._vectorizers, lines), self._weights) + self._bias)))

    def knows(self, line: str) -> bool:
        """At least half of the words of the line were seen in the examples."""
        words = [word for word in line.split() if word[0].isalpha()]
        known = sum(word in self._vectorizers[1].vocabulary_ for word in words)
        return not words or 2 * known >= len(words)

    def save(self, folder: Path) -> None:
        """Write `model.json` and `model.npz` in `folder`."""
        vocabularies = [{term: int(i) for term, i in v.vocabulary_.items()} for v in self._vectorizers]
        text = json.dumps(
            {"labels": self.labels, "vocabularies": vocabularies}, ensure_ascii=False, sort_keys=True
        )
        (folder / "model.json").write_text(text, encoding="utf-8")
        idf = {f"idf{i}": v.idf_.astype(np.float32) for i, v in enumerate(self._vectorizers)}
        np.savez_compressed(folder / "model.npz", weights=self._weights, bias=self._bias, **idf)

    @classmethod
    def load(cls, folder: Path) -> LinearModel:
        """Read what `save` wrote. Raises OSError, KeyError, ValueError on a damaged folder."""
        content = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        arrays = np.load(folder / "model.npz", allow_pickle=False)
        vectorizers = []
        for index, (settings, vocabulary) in enumerate(zip(_SETTINGS, content["vocabularies"], strict=True)):
            vectorizer = TfidfVectorizer(lowercase=False, vocabulary=vocabulary, **settings)
            vectorizer.idf_ = arrays[f"idf{index}"]
            vectorizers.append(vectorizer)
        return cls(content["labels"], vectorizers, arrays["weights"], arrays["bias"])


def _fit(features: csr_matrix, wanted: list[bool], strength: float) -> LogisticRegression:
    # The dual form costs 30 % less here (more features than examples) for the same answers.
    model = LogisticRegression(
        C=strength, class_weight="balanced", solver="liblinear", dual=True, tol=1e-1, random_state=SEED
    )
    return model.fit(features, np.array(wanted))


def _features(vectorizers: list[TfidfVectorizer], lines: list[str]) -> csr_matrix:
    return hstack([vectorizer.transform(lines) for vectorizer in vectorizers], format="csr")


def _weighed(features: csr_matrix, weights: np.ndarray) -> np.ndarray:
    """`features @ weights`, from the few rows of `weights` that a message needs: SciPy first copies all of them."""
    lines = pairwise(features.indptr)
    return np.array([features.data[a:b] @ weights[features.indices[a:b]] for a, b in lines])
