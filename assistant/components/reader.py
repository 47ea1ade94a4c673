"""Rasa components that read a message: normalisation, then facts. The work is in `assistant/reading/`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.reading.lexicon import load_lexicon
from assistant.reading.places import load_gazetteer
from assistant.reading.reader import MessageReader
from assistant.reading.text import read

READING = "jalon_reading"
FACTS = "jalon_facts"
_ROOT = Path(__file__).resolve().parents[2]


def is_payload(message: Message) -> bool:
    """A button payload (« /informer{...} »), parsed by Rasa itself and left alone here."""
    return (message.get(TEXT) or "").startswith("/")


def _asked(tracker: DialogueStateTracker | None) -> str | None:
    """The fact of the question under way, if any."""
    question = tracker.get_slot("question") if tracker else None
    return question["fait"] if question else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class Normaliser(GraphComponent):
    """Attaches the normalised reading to each message. The text itself is never changed."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Normaliser:
        return cls()

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing: the trained component reads the examples itself."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the reading of each typed message."""
        lexicon = load_lexicon()
        for message in messages:
            if not is_payload(message):
                message.set(READING, read(message.get(TEXT) or "", lexicon))
        return messages


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class FactExtractor(GraphComponent):
    """Adds one entity per fact said. Setting `aujourdhui` (YYYY-MM-DD) fixes the reference day."""

    def __init__(self, today: date | None):
        self._today = today
        self._reader = MessageReader(load_lexicon(), load_gazetteer(_ROOT))

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> FactExtractor:
        fixed = config.get("aujourdhui")
        return cls(date.fromisoformat(str(fixed)) if fixed else None)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"aujourdhui": None}

    def process(self, messages: list[Message], tracker: DialogueStateTracker | None = None) -> list[Message]:
        """Append the facts to the entities of each typed message."""
        asked = _asked(tracker)
        for message in messages:
            reading = message.get(READING)
            if reading is None:
                continue
            facts = self._reader.facts(reading, self._today or date.today(), asked)
            message.set(FACTS, facts)
            entities = [
                {
                    "entity": fact.fait,
                    "value": fact.value,
                    "start": fact.start,
                    "end": fact.end,
                    "confidence_entity": 1.0,
                    "extractor": "FactExtractor",
                }
                for fact in facts
            ]
            message.set(ENTITIES, message.get(ENTITIES, []) + entities, add_to_output=True)
        return messages
