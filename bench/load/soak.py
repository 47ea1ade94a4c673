"""`make bench-endurance`: a long time at half load: does memory stay flat? bench/resultats/endurance.md.

`python -m bench.load.soak --minutes 20`
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from bench import memory
from bench.load.crowd import Load, measure
from bench.load.profiles import local
from cli.project import ROOT

PAGE = ROOT / "bench" / "resultats" / "endurance.md"
# With the pause, about half of what two cores answer.
PEOPLE, PAUSE_S = 15, 0.25
EVERY_S = 30
WARM_UP_S = 120  # caches fill: situations met, last answers
FLAT_MB_PER_HOUR = 60.0


@dataclass(frozen=True)
class Soak:
    """`slopes`: megabytes an hour of each process after the warm-up; `samples`: (seconds, megabytes by process)."""

    load: Load
    samples: list[tuple[float, dict[str, float]]]
    slopes: dict[str, float]

    @property
    def flat(self) -> bool:
        return all(slope <= FLAT_MB_PER_HOUR for slope in self.slopes.values())


def hold(url: str, pid: int, minutes: float) -> Soak:
    """PEOPLE at once during `minutes`, while the memory of the stack of `pid` is read."""
    samples: list[tuple[float, dict[str, float]]] = []
    start = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        load = pool.submit(measure, url, PEOPLE, round(60 * minutes), erase=True, pause=PAUSE_S)
        while not load.done():
            sizes = memory.measure(pid)
            samples.append((time.monotonic() - start, {name: size["pss"] for name, size in sizes.items()}))
            time.sleep(min(EVERY_S, 60 * minutes / 10))
        return Soak(load.result(), samples, slopes(samples))


def slopes(samples: list[tuple[float, dict[str, float]]]) -> dict[str, float]:
    """Megabytes an hour of each process, by least squares, without the warm-up when enough is left."""
    kept = [sample for sample in samples if sample[0] >= WARM_UP_S]
    kept = kept if len(kept) >= 5 else samples
    hours = [seconds / 3600 for seconds, _ in kept]
    return {
        name: round(statistics.linear_regression(hours, [sizes.get(name, 0.0) for _, sizes in kept]).slope, 1)
        for name in kept[0][1]
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    minutes = parser.parse_args().minutes
    with local() as stack:
        soak = hold(stack.url, stack.process.pid, minutes)
    page = "\n".join(_page(soak, minutes))
    PAGE.write_text(page, encoding="utf-8")
    print(page)


def _page(soak: Soak, minutes: float) -> list[str]:
    load, names = soak.load, list(soak.samples[0][1])
    every = max(1, len(soak.samples) // 10)
    return [
        "# Endurance",
        "",
        (
            f"{datetime.now().astimezone():%Y-%m-%d %H:%M}, {os.cpu_count()} cœurs, profil « local »,"
            f" {minutes:g} minutes, {PEOPLE} personnes qui s'arrêtent {PAUSE_S:g} s entre deux messages, chaque conversation"
            " effacée à sa fin."
        ),
        "",
        (
            f"{load.turns} tours, {load.rate:.0f} par seconde, p95 {load.p95:.0f} ms ; {load.refused} refusés,"
            f" {load.without_dialogue} sans dialogue, {load.broken} sans réponse."
        ),
        "",
        (
            f"Mémoire {'plate' if soak.flat else 'PAS PLATE'} (limite : {FLAT_MB_PER_HOUR:g} Mo par heure et par"
            f" processus). En Mo par heure, après {WARM_UP_S // 60} minutes : "
            + ", ".join(f"{name} {slope:+g}" for name, slope in soak.slopes.items())
            + "."
        ),
        "",
        "| secondes | " + " | ".join(f"{name} (Mo)" for name in names) + " |",
        "|---:|" + "---:|" * len(names),
        *(
            f"| {seconds:.0f} | " + " | ".join(f"{sizes.get(name, 0):.0f}" for name in names) + " |"
            for seconds, sizes in soak.samples[::every]
        ),
        "",
    ]


if __name__ == "__main__":
    main()
