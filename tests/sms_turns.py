"""What the SMS tests share: written conversations, and the real conversation steps without the dialogue server."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from actions import conversation
from actions.conversation import State
from channels.sms.gsm7 import to_gsm7
from channels.sms.parts import where
from data.database import Database
from data.ranking import find_places
from data.yaml_reader import read_yaml

FOLDER = Path(__file__).parent / "conversations_sms"


def scenarios() -> list[tuple[str, dict]]:
    """Every written conversation by SMS: name of its file and content."""
    return [(path.stem, read_yaml(path)) for path in sorted(FOLDER.glob("*.yml"))]


def places_of(db: Database, category: str, at: datetime) -> list[str]:
    """Name and address of every place of a category, as an SMS writes them."""
    found = find_places(db, categories=[category], position=None, at=at, facts={}, limit=500)
    return [to_gsm7(where(service)) for service in found]


class Steps:
    """A conversation made of the real steps of `actions`, that hears only buttons: no server is needed.

    `state` is where it starts: its first turn says what the state already settles.
    """

    def __init__(self, db: Database, state: State, at: datetime):
        self.db, self.start, self.at = db, state, at
        self.states: dict[str, State] = {}
        self.heard: list[str] = []

    async def turn(self, session: str, text: str, channel: str) -> dict:
        self.heard.append(text)
        state = self.states.get(session, self.start)
        if session in self.states:
            turn = conversation.hear(self.db, state, _pressed(text))
            state = turn.state if turn else state
        state = conversation.decide(self.db, state, self.at)
        step = conversation.ask if state.question else conversation.conclude
        turn = step(self.db, state, channel, self.at)
        self.states[session] = turn.state
        etat = {"faits": turn.state.faits, "besoins": list(turn.state.besoins)}
        return {"messages": [asdict(message) for message in turn.messages], "etat": etat}

    async def forget(self, session: str) -> None:
        self.states.pop(session, None)


def _pressed(text: str) -> dict:
    if text == "/ne_sait_pas":
        return {"intent": {"name": "ne_sait_pas"}, "entities": [], "text": text}
    told = json.loads(text.removeprefix("/informer")) if text.startswith("/informer") else {}
    entities = [{"entity": key, "value": value} for key, value in told.items()]
    return {"intent": {"name": "informer"}, "entities": entities, "text": text}
