"""spaCy French kept to what the project uses: words and their vectors, loaded once per process."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import spacy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.utils.spacy_utils import SpacyModel, SpacyNLP
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData


@lru_cache(maxsize=1)
def load_french(name: str) -> SpacyModel:
    """The words and vectors of an installed model. Raises OSError when it is not installed.

    Cached: Rasa's graph asks for it twice. Neither pipeline nor tokenizer is loaded: importing the French
    tokenizer compiles one huge expression (8 of the 11 s of a whole load, measured), and nothing uses it.
    """
    package = spacy.util.get_package_path(name)
    meta = spacy.util.get_model_meta(package)
    words = spacy.blank("xx").from_disk(
        package / f"{meta['lang']}_{meta['name']}-{meta['version']}", exclude=["tokenizer"]
    )
    return SpacyModel(model=words, model_name=name)


@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.MODEL_LOADER, DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER],
    is_trainable=False,
    model_from="FrenchSpacy",
)
class FrenchSpacy(SpacyNLP):
    """Provides the words and vectors to the other components; adds nothing to the messages itself."""

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
