"""What the SMS tests share: written conversations, and the real conversation steps without the dialogue server."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

from hypothesis import strategies as st

from actions import conversation, rendering
from actions.conversation import State
from actions.orientation import orient
from channels.sms.gsm7 import to_gsm7
from channels.sms.parts import where
from data.database import Database
from data.ranking import find_places
from data.yaml_reader import read_yaml
from rules import check_facts
from tests.built_base import database

FOLDER = Path(__file__).parent / "conversations_sms"


def scenarios() -> list[tuple[str, dict]]:
    """Every written conversation by SMS: name of its file and content."""
    return [(path.stem, read_yaml(path)) for path in sorted(FOLDER.glob("*.yml"))]


def places_of(db: Database, category: str, at: datetime) -> list[str]:
    """Name and address of every place of a category, as an SMS writes them."""
    found = find_places(db, categories=[category], position=None, at=at, facts={}, limit=500)
    return [to_gsm7(where(service)) for service in found]


def random_states() -> st.SearchStrategy[State]:
    """What a person may have told, with needs and refusals drawn from the real base."""
    base = database().base
    asked = {
        "age": st.integers(0, 90),
        "enfants": st.integers(0, 4),
        "dette_loyer": st.integers(0, 5000),
        **{
            fact.id: st.booleans() if fact.type == "bool" else st.sampled_from(list(fact.choices))
            for fact in base.facts.values()
            if fact.type in ("bool", "choix")
        },
    }
    facts = st.fixed_dictionaries({}, optional={"arrondissement": st.integers(1, 20), **asked})
    needs = st.lists(st.sampled_from(list(base.needs)), min_size=1, max_size=3, unique=True).map(tuple)
    refused = st.lists(st.sampled_from(list(base.facts)), max_size=30, unique=True).map(tuple)
    return st.builds(lambda f, n, e: State(faits=f, besoins=n, ecartes=e), facts, needs, refused).filter(
        lambda state: not check_facts(base, state.faits)
    )


def whole_turn(state: State, at: datetime) -> dict:
    """A turn that tells everything at once: the hardest to hold in an SMS."""
    db = database()
    orientation = orient(db, besoins=state.besoins, faits=state.faits, date=at, ecartes=state.ecartes)
    told = [rendering.result(dispositif, "sms") for dispositif in orientation["dispositifs"]]
    for dispositif in orientation["dispositifs"]:
        dispositif["nouveau"] = True
    if orientation["question"]:
        last = rendering.question(db.base, orientation["question"]["fait"])
    else:
        last = rendering.closing(db.base, state.besoins, state.faits, told)
    messages = [asdict(message) for message in (*told, replace(last, orientation=orientation))]
    return {"messages": messages, "etat": {"faits": {}, "besoins": list(state.besoins)}}


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
