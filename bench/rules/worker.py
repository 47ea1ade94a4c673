"""How each engine is asked, in a process of its own: one order a line, one line of JSON back.

Only the standard library is used here: the other engines run in environments of their own.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping

from bench.rules.neutral import Neutral

Answer = Mapping[str, "bool | None"]


class Engine:
    """What a worker has to say of its engine. A `way` is one manner of asking for all the rules."""

    ways: Mapping[str, Callable[[Mapping], object]] = {}
    refusal: type[Exception] | tuple = ()  # what it raises at people who do not tell everything

    def __init__(self, base: Neutral):
        self.base = base

    def version(self) -> str:
        raise NotImplementedError

    def load(self) -> None:
        """Everything from the rules to the moment an answer can be asked."""
        raise NotImplementedError

    def answer(self, facts: Mapping, way: str) -> Answer:
        """True, False or None (unknown) for each rule."""
        raise NotImplementedError


def lap(act: Callable[[], object]) -> float:
    """Milliseconds."""
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def serve(engine: Engine, **others: Callable) -> None:
    """Answer the orders of the parent until it closes the pipe."""
    engine.load()
    orders = {
        "version": lambda order: engine.version(),
        "load": lambda order: lap(engine.load),
        "answers": lambda order: tally(engine, order["way"]),
        "people": lambda order: times(engine.ways[order["way"]], order["people"], engine.refusal),
        "crowd": lambda order: together(engine.ways[order["way"]], order["people"]),
        "peak": lambda order: peak_mib(),
        **others,
    }
    obey(orders)


def obey(orders: Mapping[str, Callable[[Mapping], object]]) -> None:
    out, sys.stdout = sys.stdout, sys.stderr  # an engine that prints cannot disturb the answers
    for line in sys.stdin:
        order = json.loads(line)
        print(json.dumps({"value": orders[order["do"]](order)}), file=out, flush=True)


def tally(engine: Engine, way: str) -> dict[str, dict[str, int]]:
    """By share of known facts: the same answer as Kleene's truth, another one, or no answer at all."""
    found: dict[str, dict[str, int]] = {}
    for case in engine.base.cases:
        counts = found.setdefault(str(case["known_share"]), {"same": 0, "other": 0, "error": 0})
        try:
            said = engine.answer(case["facts"], way)
        except engine.refusal:
            counts["error"] += len(case["expected"])
            continue
        for name, wanted in case["expected"].items():
            value = said[name]
            counts["error" if value == "error" else "same" if value is wanted else "other"] += 1
    return found


def times(ask: Callable, people: list[Mapping], refusal: type[Exception] | tuple = ()) -> list[float]:
    """Milliseconds for each; nothing when this engine refuses one of them."""
    try:
        return [lap(lambda facts=facts: ask(facts)) for facts in people]
    except refusal:
        return []


def together(ask: Callable, people: list[Mapping]) -> float:
    def everybody() -> None:
        for facts in people:
            ask(facts)

    return lap(everybody)


def peak_mib() -> float:
    """The most memory this process ever held, that of the program before it left out (Linux), in MiB."""
    if os.path.exists("/proc/self/status"):
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
