"""Our answer and the second opinion on the same pairs."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.hours.pairs import Pair
from bench.rules.install import Absent, node_packages
from cli.project import ROOT
from data.hours.timeline import around

HERE = Path(__file__).parent
FOLDER = ROOT / ".cache" / "bench-hours" / "node"
HORIZON = timedelta(days=400)


@dataclass(frozen=True)
class Answer:
    """The state at the moment of a pair, and the instant (ISO 8601, UTC) when it next changes, if it does."""

    state: str
    change: str | None
    reason: str = ""


@dataclass(frozen=True)
class Verdict:
    pair: Pair
    ours: Answer
    theirs: Answer

    @property
    def agree(self) -> bool:
        return (self.ours.state, self.ours.change) == (self.theirs.state, self.theirs.change)


def ours(osm: str, at: datetime) -> Answer:
    """The state of `osm` at `at`, as Jalon reads it, and its next change within the horizon."""
    now, *_ = first = list(_until_change(osm, at))
    change = first[-1].start if first[-1].state != now.state else None
    near = change and change < at + HORIZON
    return Answer(now.state, change.astimezone(UTC).isoformat() if near else None, now.reason)


def second_opinions(pairs: Sequence[Pair]) -> list[Answer | str]:
    """What the reference implementation answers to each pair, or its error."""
    node, folder = node_packages(HERE / "versions", FOLDER)
    lines = [
        json.dumps({**asdict(pair), "until": (datetime.fromisoformat(pair.at) + HORIZON).isoformat()})
        for pair in pairs
    ]
    done = subprocess.run(
        [node, HERE / "second_opinion.mjs"],
        input="\n".join(lines) + "\n",
        env={**os.environ, "TZ": "Europe/Paris", "PEERS": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    if len(found) != len(pairs):
        raise Absent(f"node s'est arrêté : {(done.stderr.strip().splitlines() or ['sans un mot'])[-1]}")
    return [said["error"] if "error" in said else _answer(said) for said in found]


def _answer(said: dict) -> Answer:
    change = said["change"] and datetime.fromisoformat(said["change"]).astimezone(UTC).isoformat()
    return Answer(said["state"], change)


def _until_change(osm: str, at: datetime):
    state = None
    for span in around(osm, at):
        yield span
        if state not in (None, span.state) or span.start > at + HORIZON:
            return
        state = span.state
