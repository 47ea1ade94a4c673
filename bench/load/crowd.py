"""Many people at once on a running door, played by wrk on the loopback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from channels.texts import error_text, texts

SCRIPT = Path(__file__).with_name("conversations.lua")
_TOLERANCE_S = 30


class NoTool(Exception):
    """wrk is not installed. The message says how to install it."""


@dataclass(frozen=True)
class Load:
    """`turns` asked in `seconds`; of these `refused` by a status (429, 503), `told` of them with the sentence that says
    why and the numbers to call; `without_dialogue` answered by the door alone, `broken` without any answer. `p50`, `p95`,
    `longest`: milliseconds, refusals included."""

    turns: int
    seconds: float
    refused: int
    told: int
    without_dialogue: int
    broken: int
    p50: float
    p95: float
    longest: float

    @property
    def rate(self) -> float:
        """Turns that the dialogue answered, a second."""
        return (self.turns - self.refused - self.without_dialogue) / self.seconds


def measure(url: str, people: int, seconds: int, erase: bool = False, pause: float = 0.0) -> Load:
    """`people` connections for `seconds`. Raises NoTool.

    `pause`: seconds between an answer and the next message, on average (drawn from a fifth to nine fifths of it); 0: none.
    Below 5.5: the door closes a connection that sends nothing for 10 s.
    `erase`: each conversation is erased at its end (one request more, counted as a turn): what is kept does not grow.
    """
    tool = shutil.which("wrk")
    if not tool:
        raise NoTool("wrk est absent : apt install wrk")
    threads = min(2, people)
    command = [
        tool,
        f"-t{threads}",
        f"-c{people}",
        f"-d{seconds}s",
        "--timeout",
        "20s",
        "-s",
        str(SCRIPT),
        url,
    ]
    environment = {
        **os.environ,
        # Twice as many conversations as connections: two turns of one seldom wait for each other.
        "CHARGE_SESSIONS": str(max(1, 2 * people // threads)),
        "CHARGE_EFFACE": "oui" if erase else "",
        "CHARGE_PAUSE_MS": str(1000 * pause),
        "CHARGE_PANNE": texts()["conversation"]["panne"][0],
        "CHARGE_PLEIN": error_text("plein"),
    }
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=seconds + _TOLERANCE_S, check=True
    )
    result = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    return Load(**json.loads(result.removeprefix("RESULT ")))
