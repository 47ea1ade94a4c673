"""The SMS queue under load: the real door, store and worker, in front of a dialogue of a stated delay or the real one.

    python -m bench.sms.load                       50 messages a second for 60 seconds, dialogue of 0.12 s
    python -m bench.sms.load --delai 0.4           a dialogue too slow: what the queue absorbs
    python -m bench.sms.load --reel --secondes 10  the real dialogue server

Messages come by the Kannel webhook and answers leave by a sendsms address, both over HTTP on the loopback.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import threading
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from channels.sms.gsm7 import to_gsm7
from channels.sms.overview import state
from channels.sms.settings import SmsSettings
from channels.sms.words import words
from cli.stack import Stack
from tests.door_server import base_path, closed_port
from tests.sms_peers import Peers, door_environment, start_door

TEXTS = (
    "ou dormir se soir",
    "douche gare du nord",
    "g pa mangé",
    "j'ai reçu un commandement de payer",
    "menu",
    "suite",
)
QUIET_S = 1800


@dataclass
class Run:
    """What one run measured: seconds, megabytes, counts."""

    rate: int
    seconds: int
    dialogue: str
    acknowledged: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    total: float = 0.0
    sent: int = 0
    dead: int = 0
    excuses: int = 0
    processor: float = 0.0


def main() -> None:
    """Run and print the lines of a table in Markdown."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--debit", type=int, default=50)
    options.add_argument("--secondes", type=int, default=60)
    options.add_argument("--delai", type=float, default=0.12)
    options.add_argument("--reel", action="store_true")
    asked = options.parse_args()
    dialogue = "real" if asked.reel else f"stand-in, {asked.delai:.2f} s a turn"
    print(table(play(Run(asked.debit, asked.secondes, dialogue), asked.delai, asked.reel)))


def play(run: Run, delay: float, real: bool) -> Run:
    """Send, wait until all is answered, and measure the door's process."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Peers(delay) as peers,
        Stack() if real else nullcontext() as stack,
    ):
        port = closed_port()
        environment = {**door_environment(Path(folder), peers, port), "JALON_SMS_PLAFOND": "100000"}
        if stack:
            environment["JALON_BASE"], environment["JALON_CLE_INTERNE"] = str(stack.base), stack.key
            environment["JALON_RASA_URL"] = stack.rasa_url.partition("/webhooks")[0]
        else:
            environment["JALON_BASE"] = str(base_path())
        door = start_door(port, environment)
        try:
            watching = threading.Event()
            settings = SmsSettings("kannel", file=Path(folder) / "sms.db")
            watcher = threading.Thread(
                target=watch, args=(run, psutil.Process(door.pid), settings, watching), daemon=True
            )
            watcher.start()
            times = psutil.Process(door.pid).cpu_times()
            started = times.user + times.system
            begun = asyncio.run(send(run, f"http://127.0.0.1:{port}/webhooks/sms/kannel", environment))
            limit = time.monotonic() + QUIET_S
            while len(peers.arrivals) < len(begun) and time.monotonic() < limit:
                time.sleep(0.1)
            time.sleep(2)
            times = psutil.Process(door.pid).cpu_times()
            run.processor = times.user + times.system - started
            watching.set()
            watcher.join()
            found = state(settings, time.time())
        finally:
            door.terminate()
            door.wait()
    run.answered = [peers.arrivals[number] - at for number, at in begun.items() if number in peers.arrivals]
    run.total = max(peers.arrivals.values()) - min(begun.values())
    run.excuses = sum(to_gsm7(words()["panne"]) in text for text in peers.answers)
    run.sent, run.dead = len(peers.sent), sum(found["lettres_mortes"].values())
    return run


async def send(run: Run, address: str, environment: dict) -> dict[str, float]:
    """One message of a new number every 1/rate second, whatever the answers; when each was sent."""
    begun: dict[str, float] = {}
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=50)
    async with httpx.AsyncClient(limits=limits, timeout=60, trust_env=False) as http:

        async def one(rank: int) -> None:
            number = f"+336{rank:08d}"
            query = {"jeton": environment["JALON_SMS_KANNEL_JETON"], "id": f"m{rank}", "de": number}
            begun[number] = start = time.monotonic()
            answer = await http.get(address, params={**query, "texte": TEXTS[rank % len(TEXTS)]})
            answer.raise_for_status()
            run.acknowledged.append(time.monotonic() - start)

        start, tasks = time.monotonic(), []
        for rank in range(run.rate * run.seconds):
            await asyncio.sleep(max(0.0, start + rank / run.rate - time.monotonic()))
            tasks.append(asyncio.create_task(one(rank)))
        await asyncio.gather(*tasks)
    return begun


def watch(run: Run, door: psutil.Process, settings: SmsSettings, end: threading.Event) -> None:
    """The memory of the door and the length of the queue, twice a second."""
    while not end.wait(0.5):
        run.memory.append(door.memory_info().rss / 1e6)
        run.waiting.append(state(settings, time.time())["recus"].get("attend", 0))


def table(run: Run) -> str:
    """One run in Markdown."""
    asked = run.rate * run.seconds
    rows = {
        "Dialogue": run.dialogue,
        "Received": f"{asked} ({run.rate} a second for {run.seconds} s)",
        "Answered": f"{len(run.answered)} ({run.sent} SMS sent, {asked - len(run.answered)} lost, {run.dead} dead letters, {run.excuses} excuses)",
        "All answered after": f"{run.total:.0f} s",
        "Acknowledged to the provider": spread(run.acknowledged),
        "Answer given to the provider": spread(run.answered),
        "Longest queue": str(max(run.waiting)),
        "Memory of the door, start / most / end": " / ".join(
            f"{value:.0f}" for value in (run.memory[0], max(run.memory), run.memory[-1])
        )
        + " MB",
        "Processor time of the door": f"{1000 * run.processor / asked:.1f} ms a message, in and out",
        "Machine": f"{os.cpu_count()} cores, {psutil.cpu_percent(0.1):.0f} % busy and load average {os.getloadavg()[0]:.1f} at the end",
    }
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())])


def spread(seconds: list[float]) -> str:
    """« p50 0.010, p90 …, p99 …, max … s »."""
    cuts = statistics.quantiles(seconds, n=100)
    return f"p50 {cuts[49]:.3f}, p90 {cuts[89]:.3f}, p99 {cuts[98]:.3f}, max {max(seconds):.3f} s"


if __name__ == "__main__":
    sys.exit(main())
