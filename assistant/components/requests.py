"""Rasa component that finds needs, dangers and the intent. The work is in `assistant/reading/`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.utils.spacy_utils import SpacyModel
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.components.reader import FACTS, READING, is_payload
from assistant.reading.closeness import Closeness
from assistant.reading.composition import training_lines
from assistant.reading.lexicon import load_lexicon
from assistant.reading.linear_model import LinearModel
from assistant.reading.requests import Label, RequestReader
from assistant.reading.text import Reading, read
from assistant.reading.understanding import (
    ANY_DANGER,
    NOT_UNDERSTOOD,
    Thresholds,
    Understander,
    Understanding,
)

POSSIBLE_NEED = "besoin_possible"
_LEARNED_ENTITIES = ("besoin", "alerte")
_NO_ACT = ("informer", "danger")
_CLOSENESS = "closeness.npz"
MOST_GUESSES = 2


@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR],
    is_trainable=True,
    model_from="FrenchSpacy",
)
class RequestClassifier(GraphComponent):
    """Several needs and dangers per message, one intent: danger, then informer, then an act."""

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        model: LinearModel | None = None,
        closeness: Closeness | None = None,
    ):
        self._config = config
        self._storage = storage
        self._resource = resource
        self._use(model, closeness)

    def _use(self, model: LinearModel | None, closeness: Closeness | None) -> None:
        thresholds = Thresholds(**self._config["seuils"])
        scaled = model.scaled(self._config["etalonnage"]) if model else None
        self._understander = Understander(
            RequestReader(load_lexicon()), scaled, thresholds, self._config["arbitrage"]
        )
        self._closeness = closeness

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"C": 20.0, "seuils": {}, "etalonnage": {}, "arbitrage": {}, "proximite": 0.5}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RequestClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> RequestClassifier:
        with model_storage.read_from(resource) as folder:
            arrays = np.load(folder / _CLOSENESS, allow_pickle=False)
            closeness = Closeness(arrays["needs"].tolist(), arrays["centres"], arrays["middle"])
            return cls(config, model_storage, resource, LinearModel.load(folder), closeness)

    def train(self, training_data: TrainingData, model: SpacyModel) -> Resource:
        """Learn from the annotated examples and keep the result as JSON and npz."""
        lexicon = load_lexicon()
        texts = [example.get(TEXT) for example in training_data.intent_examples]
        readings = [read(text, lexicon) for text in texts]
        targets = [labels_of(example) for example in training_data.intent_examples]
        lines, wanted = training_lines(texts, targets, lexicon)
        linear = LinearModel.train(lines, [with_any_danger(labels) for labels in wanted], self._config["C"])
        needs = [
            {label.split(":")[1] for label in target if label.startswith("besoin:")} for target in targets
        ]
        closeness = Closeness.train(readings, needs, model.model.vector)
        self._use(linear, closeness)
        with self._storage.write_to(self._resource) as folder:
            linear.save(folder)
            np.savez_compressed(
                folder / _CLOSENESS,
                needs=np.array(closeness.needs),
                centres=closeness.centres,
                middle=closeness.middle,
            )
        return self._resource

    def process(self, messages: list[Message], model: SpacyModel) -> list[Message]:
        """Set the intent of each typed message and append its needs and dangers."""
        for message in messages:
            reading = message.get(READING)
            if reading is not None and not is_payload(message):
                understanding = self._understander.understand(reading, message.get(FACTS, []))
                if understanding.intent == NOT_UNDERSTOOD and not understanding.possible:
                    understanding = replace(understanding, possible=self._guesses(reading, model))
                self._write(message, reading, understanding)
        return messages

    def _guesses(self, reading: Reading, model: SpacyModel) -> list[Label]:
        if self._closeness is None or not reading.words:
            return []
        least = self._config["proximite"]
        near = self._closeness.nearest(reading, model.model.vector, least, MOST_GUESSES)
        return [Label("besoin", need, 0, len(reading.words) - 1, cosine) for need, cosine in near]

    @staticmethod
    def _write(message: Message, reading: Reading, understanding: Understanding) -> None:
        entities = [_entity(reading, label.kind, label) for label in understanding.labels]
        entities += [_entity(reading, POSSIBLE_NEED, label) for label in understanding.possible]
        intent = {"name": understanding.intent, "confidence": round(understanding.confidence, 4)}
        message.set(INTENT, intent, add_to_output=True)
        message.set(INTENT_RANKING_KEY, [intent], add_to_output=True)
        message.set(ENTITIES, message.get(ENTITIES, []) + entities, add_to_output=True)


def labels_of(example: Message) -> set[str]:
    """Labels of a training example: « besoin:douche », « alerte:suicide », « acte:salut »."""
    labels = {
        f"{entity['entity']}:{entity['value']}"
        for entity in example.get(ENTITIES, [])
        if entity["entity"] in _LEARNED_ENTITIES
    }
    intent = example.get(INTENT)
    return labels if intent in _NO_ACT else {*labels, f"acte:{intent}"}


def with_any_danger(labels: set[str]) -> set[str]:
    """The labels, and the one of a danger of whatever kind."""
    return labels | {ANY_DANGER} if any(label.startswith("alerte:") for label in labels) else labels


def _entity(reading: Reading, name: str, label: Label) -> dict[str, Any]:
    start, end = reading.span(label.first, label.last)
    return {
        "entity": name,
        "value": label.value,
        "start": start,
        "end": end,
        "confidence_entity": round(label.score, 4),
        "extractor": "RequestClassifier",
    }
