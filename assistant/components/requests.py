"""Rasa component that finds needs, dangers and the intent. The work is in `assistant/reading/`."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.components.reader import READING, is_payload
from assistant.reading.lexicon import load_lexicon
from assistant.reading.linear_model import LinearModel
from assistant.reading.requests import Label, RequestReader
from assistant.reading.text import Reading, read
from assistant.reading.understanding import Thresholds, Understander, Understanding

POSSIBLE_NEED = "besoin_possible"
_LEARNED_ENTITIES = ("besoin", "alerte")
_NO_ACT = ("informer", "danger")


@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR],
    is_trainable=True,
)
class RequestClassifier(GraphComponent):
    """Several needs and dangers per message, one intent: danger, then informer, then an act."""

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, model: LinearModel | None = None
    ):
        self._config = config
        self._storage = storage
        self._resource = resource
        self._use(model)

    def _use(self, model: LinearModel | None) -> None:
        thresholds = Thresholds(**self._config["seuils"])
        self._understander = Understander(RequestReader(load_lexicon()), model, thresholds)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"C": 20.0, "seuils": {}}

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> RequestClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource,
        execution_context: ExecutionContext, **kwargs: Any,
    ) -> RequestClassifier:
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, LinearModel.load(folder))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the annotated examples and keep the model as JSON and npz."""
        lexicon = load_lexicon()
        lines, targets = [], []
        for example in training_data.intent_examples:
            lines.append(read(example.get(TEXT), lexicon).line)
            targets.append(labels_of(example))
        model = LinearModel.train(lines, targets, self._config["C"])
        self._use(model)
        with self._storage.write_to(self._resource) as folder:
            model.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent of each typed message and append its needs and dangers."""
        for message in messages:
            reading = message.get(READING)
            if reading is not None and not is_payload(message):
                has_fact = bool(message.get(ENTITIES))
                self._write(message, reading, self._understander.understand(reading, has_fact))
        return messages

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


def _entity(reading: Reading, name: str, label: Label) -> dict[str, Any]:
    start, end = reading.span(label.first, label.last)
    return {
        "entity": name, "value": label.value, "start": start, "end": end,
        "confidence_entity": round(label.score, 4), "extractor": "RequestClassifier",
    }
