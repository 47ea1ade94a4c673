"""How long a turn takes: the golden conversations, played one after the other through the real door."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field

from tests.conversations import MAXIMUM_TURNS, Player, scenarios


@dataclass
class TimedPlayer(Player):
    """A person whose turns are timed, in milliseconds."""

    milliseconds: list[float] = field(default_factory=list)

    def say(self, text: str) -> dict:
        start = time.perf_counter()
        answer = super().say(text)
        self.milliseconds.append(1000 * (time.perf_counter() - start))
        return answer


def measure(url: str, rounds: int) -> dict[str, float]:
    """Median, 95th centile and maximum of a turn, in milliseconds, after one conversation unmeasured."""
    played = scenarios()
    _play(TimedPlayer(url), played[0][1])
    milliseconds: list[float] = []
    for _ in range(rounds):
        for _, scenario in played:
            player = TimedPlayer(url)
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
