"""What a person gets from a door, and what one fault did."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

NUMBERS = ("112", "114", "115", "119", "3919", "3114")
ANSWER, EXCUSE, CUT = (
    "la réponse",
    "l'excuse, les numéros et le formulaire",
    "rien : la page garde le message",
)
_BACK_S = 90.0


@dataclass(frozen=True)
class Row:
    """One line of the table. `waited`, `back`: seconds; `back` is None when there is nothing to come back to."""

    fault: str
    person: str
    lost: str
    waited: float | None = None
    back: float | None = None
    held: bool = True


@dataclass
class Person:
    """Someone who writes to a door, and to another when it does not answer, as behind a balancer."""

    doors: list[str]
    session: str = field(default_factory=lambda: secrets.token_hex(16))
    seconds: float = 0.0
    facts: dict = field(default_factory=dict)

    def say(self, text: str, timeout: float = 20) -> str:
        """ANSWER, EXCUSE or CUT, or what is wrong with it."""
        begun = time.monotonic()
        try:
            return self._read(self._post(text, timeout))
        except httpx.HTTPError:
            return CUT
        finally:
            self.seconds = time.monotonic() - begun

    def back(self) -> float:
        """Seconds until a message is answered again. Raises TimeoutError."""
        begun = time.monotonic()
        while time.monotonic() < begun + _BACK_S:
            if self.say("pourquoi ?") == ANSWER:
                return time.monotonic() - begun
            time.sleep(0.1)
        raise TimeoutError("rien ne revient")

    def _post(self, text: str, timeout: float) -> httpx.Response:
        body = {"session": self.session, "texte": text, "canal": "web"}
        for door in self.doors[:-1]:
            try:
                return httpx.post(f"{door}/api/v1/messages", json=body, timeout=timeout)
            except httpx.ConnectError:
                continue
        return httpx.post(f"{self.doors[-1]}/api/v1/messages", json=body, timeout=timeout)

    def _read(self, response: httpx.Response) -> str:
        said = response.text
        if response.status_code != 200:
            return EXCUSE if all(number in said for number in NUMBERS) else f"code {response.status_code}"
        if "Je ne peux pas vous répondre" in said:
            return EXCUSE if all(number in said for number in NUMBERS) else "une excuse sans numéro"
        self.facts = response.json()["etat"]["faits"]
        return ANSWER


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Raises TimeoutError."""
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            raise TimeoutError(f"plus de {seconds} secondes")
        time.sleep(0.05)
