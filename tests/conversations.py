"""Play a conversation written as YAML against the real door (see tests/conversations/README.md)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from data.yaml_reader import read_yaml

FOLDER = Path(__file__).parent / "conversations"
MAXIMUM_TURNS = 14


@dataclass
class Player:
    """A person at the other end of the door: sends texts, presses buttons, keeps every answer."""

    url: str
    canal: str = "web"
    session: str = field(default_factory=lambda: secrets.token_hex(16))
    answers: list[dict] = field(default_factory=list)

    def say(self, text: str) -> dict:
        body = {"session": self.session, "texte": text, "canal": self.canal}
        response = httpx.post(f"{self.url}/api/v1/messages", json=body, timeout=30)
        assert response.status_code == 200, response.text
        self.answers.append(response.json())
        return self.answers[-1]

    def press(self, label: str) -> dict:
        buttons = {b["texte"]: b["valeur"] for m in self.answers[-1]["messages"] for b in m["boutons"]}
        assert label in buttons, f"bouton « {label} » absent de {list(buttons)}"
        return self.say(buttons[label])

    def do(self, step: str | dict) -> dict:
        """A step is a text to send, or {appuie: label of a button}."""
        return self.press(step["appuie"]) if isinstance(step, dict) else self.say(step)

    @property
    def text(self) -> str:
        """Everything said in the last answer."""
        return "\n".join(message["texte"] for message in self.answers[-1]["messages"])

    @property
    def asked(self) -> str | None:
        """The fact asked in the last answer."""
        orientation = self.answers[-1]["orientation"]
        return orientation["question"]["fait"] if orientation and orientation["question"] else None

    @property
    def state(self) -> dict:
        return self.answers[-1]["etat"]

    def dispositif(self, key: str) -> dict:
        """A dispositif as it stood in the last orientation received."""
        orientation = next(a["orientation"] for a in reversed(self.answers) if a["orientation"])
        found = {d["id"]: d for d in orientation["dispositifs"]}
        assert key in found, f"{key} absent de {list(found)}"
        return found[key]

    def answer_questions(self, replies: dict[str, str | dict]) -> list[str]:
        """Answer each question until none is left; returns the facts asked, in order.

        Someone who was given no answer to a question does not know.
        """
        asked = []
        while (fact := self.asked) and len(asked) < MAXIMUM_TURNS:
            asked.append(fact)
            self.do(replies.get(fact, "je ne sais pas"))
        return asked


def scenarios() -> list[tuple[str, dict]]:
    """Every written conversation: name of its file and content."""
    return [(path.stem, read_yaml(path)) for path in sorted(FOLDER.glob("*.yml"))]
