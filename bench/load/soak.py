"""A long time at half load: does memory stay flat?"""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bench import memory
from bench.load.crowd import Load, measure

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


def hold(url: str, pid: int, people: int, minutes: float) -> Soak:
    """`people` at once during `minutes`, while the memory of the stack of `pid` is read."""
    samples: list[tuple[float, dict[str, float]]] = []
    start = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        load = pool.submit(measure, url, people, round(60 * minutes), erase=True)
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
