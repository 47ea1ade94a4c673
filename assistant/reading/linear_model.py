"""A small linear model over letters, words and pairs of words: several labels per message, kept as JSON and npz (no pickle).

Needs numpy and scikit-learn (environment of the dialogue server). Deterministic.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from scipy.sparse import csr_matrix, hstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from assistant.reading.composition import SEED
from assistant.reading.features import LETTERS, WORDS, Features, word_pairs

_SETTINGS = (
    {"analyzer": "char_wb", "ngram_range": LETTERS, "sublinear_tf": True, "min_df": 2},
    {"analyzer": "word", "ngram_range": WORDS, "sublinear_tf": True, "min_df": 2, "token_pattern": r"[^ ]+"},
    {"analyzer": word_pairs, "sublinear_tf": True, "min_df": 3},
)

_MOST_TURNS = 25


class LinearModel:
    """One logistic regression per label over the same letters, words and pairs of words."""

    def __init__(self, labels: list[str], features: Features, weights, bias):
        self.labels = labels
        self._features = features
        self._weights = np.ascontiguousarray(weights)
        self._bias = bias

    @classmethod
    def train(cls, lines: list[str], targets: list[set[str]], strength: float) -> LinearModel:
        """Learn from normalised lines and their labels. `strength` is the inverse regularisation (C)."""
        labels = sorted(set().union(*targets))
        vectorizers = [TfidfVectorizer(lowercase=False, **settings) for settings in _SETTINGS]
        features = hstack([vectorizer.fit_transform(lines) for vectorizer in vectorizers], format="csr")
        # In processes, not threads: the solver draws from one generator per process, and threads that share it
        # would not give the same model twice.
        fitted = Parallel(n_jobs=-1)(
            delayed(_fit)(features, [label in target for target in targets], strength) for label in labels
        )
        weights = np.array([model.coef_[0] for model in fitted], dtype=np.float32).T
        bias = np.array([model.intercept_[0] for model in fitted], dtype=np.float32)
        tables = [{term: int(i) for term, i in v.vocabulary_.items()} for v in vectorizers]
        return cls(labels, Features(*tables, [v.idf_ for v in vectorizers]), weights, bias)

    def scaled(self, scales: Mapping[str, Sequence[float]]) -> LinearModel:
        """The same model, whose scores say how often they are right: (slope, shift) of the log-odds by kind.

        Balanced learning shouts: it says 0.9 of what is right three times out of four. The scales are
        measured on messages apart (bench/understanding/calibrate.py).
        """
        pairs = [scales.get(label.partition(":")[0], (1.0, 0.0)) for label in self.labels]
        slopes, shifts = np.array(pairs, dtype=np.float32).T
        return LinearModel(self.labels, self._features, self._weights * slopes, self._bias * slopes + shifts)

    def scores(self, lines: list[str]) -> np.ndarray:
        """Probability of each label (columns, in the order of `labels`) for each line."""
        # The parts of a message and the message without its figures of speech are often the same line.
        known = {line: self._weighed(line) for line in dict.fromkeys(lines)}
        return 1 / (1 + np.exp(-(np.array([known[line] for line in lines]) + self._bias)))

    def _weighed(self, line: str) -> np.ndarray:
        columns, weights = self._features.of(line)
        return weights @ self._weights[columns]

    def knows(self, line: str) -> bool:
        """At least half of the words of the line were seen in the examples."""
        words = [word for word in line.split() if word[0].isalpha()]
        return not words or 2 * len(self._features.words.of(words)) >= len(words)

    def save(self, folder: Path) -> None:
        """Write `model.json` and `model.npz` in `folder`."""
        features = self._features
        content = {"labels": self.labels, "vocabularies": features.names}
        text = json.dumps(content, ensure_ascii=False, sort_keys=True)
        (folder / "model.json").write_text(text, encoding="utf-8")
        idf = {f"idf{i}": table for i, table in enumerate(features.idf)}
        np.savez_compressed(folder / "model.npz", weights=self._weights, bias=self._bias, **idf)

    @classmethod
    def load(cls, folder: Path) -> LinearModel:
        """Read what `save` wrote, to be used and not saved again. Raises OSError, KeyError, ValueError on a damaged folder."""
        content = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        arrays = np.load(folder / "model.npz", allow_pickle=False)
        tables = content["vocabularies"]
        features = Features(*tables, [arrays[f"idf{rank}"] for rank in range(len(tables))])
        features.names = ()
        return cls(content["labels"], features, arrays["weights"], arrays["bias"])


def _fit(features: csr_matrix, wanted: list[bool], strength: float) -> LogisticRegression:
    # The dual form costs 30 % less here (more features than examples) for the same answers. Acts, that few words
    # tell apart, would turn four times longer for the same answers too.
    model = LogisticRegression(
        C=strength,
        class_weight="balanced",
        solver="liblinear",
        dual=True,
        tol=1e-1,
        max_iter=_MOST_TURNS,
        random_state=SEED,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(features, np.array(wanted))
