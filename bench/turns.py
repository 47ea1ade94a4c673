"""How long a turn takes: the golden conversations, played one after the other through the real door."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field

import httpx

from tests.conversations import MAXIMUM_TURNS, Player, scenarios


@dataclass
class TimedPlayer(Player):
    """A person whose turns are timed, in milliseconds, on a connection that stays open as a page's does."""

    http: httpx.Client | None = None
    milliseconds: list[float] = field(default_factory=list)

    def say(self, text: str) -> dict:
        body = {"session": self.session, "texte": text, "canal": self.canal}
        start = time.perf_counter()
        response = self.http.post("/api/v1/messages", json=body)
        self.milliseconds.append(1000 * (time.perf_counter() - start))
        self.answers.append(response.raise_for_status().json())
        return self.answers[-1]


def measure(url: str, rounds: int) -> dict[str, float]:
    """Median, 95th centile and maximum of a turn, in milliseconds, after one conversation unmeasured."""
    milliseconds: list[float] = []
    played = [scenario for _, scenario in scenarios()]
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as http:
        _play(TimedPlayer(url, http=http), played[0])
        for _ in range(rounds):
            for scenario in played:
                player = TimedPlayer(url, http=http)
                _play(player, scenario)
                milliseconds += player.milliseconds
    return {
        "tours": len(milliseconds),
        "mediane_ms": round(statistics.median(milliseconds), 1),
        "p95_ms": round(statistics.quantiles(milliseconds, n=20)[-1], 1),
        "max_ms": round(max(milliseconds), 1),
    }


def _play(player: TimedPlayer, scenario: dict) -> None:
    """The scenario's own answers; « je ne sais pas » to a question that it did not foresee."""
    player.say(scenario["ouverture"])
    while (fact := player.asked) and len(player.answers) < MAXIMUM_TURNS:
        player.do(scenario["reponses"].get(fact, "je ne sais pas"))
