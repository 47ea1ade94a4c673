"""A running Jalon, as the measures ask it: what it understands of a sentence, where it places a person."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import httpx

from actions.understanding import GUESS, from_parse
from data.city import KEY_HEADER
from data.database import Database

_OPENING = "je cherche une douche"  # Jalon then asks where the person is


@dataclass(frozen=True)
class Understood:
    """What one sentence was understood to say, and the milliseconds it took on an open connection.

    `answer`: that of /comprendre. `scored`: (kind, label, announced score) of needs and dangers, with the
    needs only offered as a guess when the dialogue server itself answers.
    """

    answer: dict
    scored: list[tuple[str, str, float]]
    milliseconds: float

    def prediction(self, identifier: str) -> dict:
        """One line for the scorers: booleans become « oui » and « non »."""
        facts = {
            name: ("oui" if value else "non") if isinstance(value, bool) else value
            for name, value in self.answer["faits"].items()
        }
        kept = {name: self.answer[name] for name in ("besoins", "alertes", "acte")}
        return {"id": identifier, **kept, "faits": facts}


@dataclass(frozen=True)
class Located:
    """Facts of place that the conversation kept from an answer, or the meanings it asked to choose from."""

    facts: dict
    choices: list[str] = field(default_factory=list)


class Served:
    """A Jalon that answers at `door`. With `rasa` (address, key), sentences go straight to the dialogue server."""

    def __init__(self, door: str, db: Database, rasa: tuple[str, str] | None = None):
        self.db = db
        self._http = httpx.Client(base_url=door, timeout=30, trust_env=False)
        self._rasa = rasa

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._http.close()

    def understand(self, text: str, channel: str) -> Understood:
        """Read one sentence outside any conversation. Raises httpx.HTTPError."""
        if self._rasa is None:
            answer, milliseconds = self._timed("/api/v1/comprendre", {"texte": text, "canal": channel})
            found = [(mark["type"], mark["id"], mark["score"]) for mark in answer["reperes"]]
        else:
            address, key = self._rasa
            parse, milliseconds = self._timed(f"{address}/comprendre", {"texte": text}, {KEY_HEADER: key})
            answer = from_parse(parse, self.db.base)
            found = [_score(entity) for entity in parse["entities"]]
        return Understood(answer, [one for one in found if one[0] in ("besoin", "alerte")], milliseconds)

    def locate(self, text: str) -> Located:
        """Answer `text` to « où êtes-vous ? » in a new conversation. Raises httpx.HTTPError."""
        session = secrets.token_hex(8)
        try:
            self._say(session, _OPENING)
            turn = self._say(session, text)
        finally:
            self._http.delete(f"/api/v1/sessions/{session}")
        buttons = [button for message in turn["messages"] for button in message["boutons"]]
        choices = [button["texte"] for button in buttons if '"lieu"' in button["valeur"]]
        facts = turn["etat"]["faits"]
        return Located({name: facts[name] for name in ("lieu", "arrondissement") if name in facts}, choices)

    def _say(self, session: str, text: str) -> dict:
        return self._timed("/api/v1/messages", {"session": session, "texte": text, "canal": "web"})[0]

    def _timed(self, path: str, body: Mapping, headers: Mapping | None = None) -> tuple[dict, float]:
        start = time.perf_counter()
        response = self._http.post(path, json=body, headers=headers)
        milliseconds = 1000 * (time.perf_counter() - start)
        return response.raise_for_status().json(), milliseconds


def _score(entity: Mapping) -> tuple[str, str, float]:
    kind = "besoin" if entity["entity"] == GUESS else entity["entity"]
    return kind, entity["value"], float(entity.get("confidence_entity") or 1.0)
