"""Jalon's engine on a neutral base: its answers against two truths, its questions, and what `worker` times."""

from __future__ import annotations

import gc
import json
import platform
import sys
from collections.abc import Mapping
from datetime import date

from rules import Evaluator, load_base, next_fact

AT = date(2026, 1, 1)
TRUTH = {"oui": True, "non": False, "a_verifier": None}


class Ours:
    """The neutral base in the words of Jalon, and an evaluator of it."""

    def __init__(self, documents: Mapping[str, object]):
        self.documents = documents
        self.load()

    def load(self) -> None:
        self.rules = load_base(self.documents)
        self.evaluator = Evaluator(self.rules)

    def with_reasons(self, facts: Mapping) -> dict:
        return self.evaluator.evaluate_all(facts, AT)

    def statuses(self, facts: Mapping) -> dict[str, str]:
        if not hasattr(self.evaluator, "statuses"):
            return {name: result.status for name, result in self.with_reasons(facts).items()}
        return self.evaluator.statuses(facts, AT)

    def truths(self, facts: Mapping) -> dict[str, bool | None]:
        return {name: TRUTH[status] for name, status in self.statuses(facts).items()}

    def next(self, facts: Mapping, names: list[str] | None = None) -> str | None:
        chosen = [self.rules.dispositifs[name] for name in names or self.rules.dispositifs]
        return next_fact(self.evaluator, chosen, facts, AT)


def check(base, ours: Ours) -> dict[str, int]:
    """Every answer for every case of `base` (a Neutral) against both truths.

    `beyond`: Kleene's reading leaves it unknown, and yet all the possible people agree. Each of these is
    proved twice: bundle by bundle, and by trying every combination of cells of the whole rule.
    """
    from bench.rules.neutral import Exact

    exact = Exact(base)
    found = {"answers": 0, "exact": 0, "kleene": 0, "beyond": 0, "beyond_proved": 0, "combinations": 0}
    for case in base.cases:
        said = ours.truths(case["facts"])
        full = {name: TRUTH[result.status] for name, result in ours.with_reasons(case["facts"]).items()}
        for name, kleene in case["expected"].items():
            right = exact.truth(name, case["facts"])
            found["answers"] += 1
            found["exact"] += said[name] is right and full[name] is right
            found["kleene"] += said[name] is kleene
            if kleene is None and said[name] is not None:
                proved, combinations = exact.whole(name, case["facts"])
                found["beyond"] += 1
                found["beyond_proved"] += proved is said[name]
                found["combinations"] = max(found["combinations"], combinations)
    return found


def questions(base, ours: Ours) -> list[int]:
    """For each group of rules and each person: the questions asked until all of the group is decided."""
    counts = []
    for group in base.groups():
        for person in base.known():
            told: dict[str, object] = {}
            while (fact := ours.next(told, group)) is not None:
                told[fact] = person[fact]
            counts.append(len(told))
    return counts


def serve() -> None:
    from bench.rules import worker
    from bench.rules.neutral import Neutral, documents

    class Engine(worker.Engine):
        def __init__(self, base: Neutral):
            super().__init__(base)
            self.ways = {
                "raisons": lambda facts: self.ours.with_reasons(facts),
                "statuts": lambda facts: self.ours.statuses(facts),
            }

        def version(self) -> str:
            return f"python {platform.python_version()}"

        def load(self) -> None:
            self.ours = Ours(documents(self.base))

        def answer(self, facts: Mapping, way: str) -> dict[str, bool | None]:
            if way == "statuts":
                return self.ours.truths(facts)
            return {name: TRUTH[result.status] for name, result in self.ours.with_reasons(facts).items()}

    engine = Engine(Neutral(7))

    def on_a_new_evaluator(measure) -> object:
        """`measure` on an evaluator that never answered anybody; the one that has served is put back."""
        served, engine.ours.evaluator = engine.ours.evaluator, Evaluator(engine.ours.rules)
        gc.collect()
        try:
            return measure()
        finally:
            engine.ours.evaluator = served

    def question(order: Mapping) -> dict[str, list[float]]:
        """Milliseconds to choose a question among the 60 rules, for people never met, then for them again."""
        found = {}
        for time in ("new", "again"):
            found[time] = [
                worker.lap(lambda facts=facts: engine.ours.next(facts)) for facts in order["people"]
            ]
        return found

    def count(order: Mapping) -> list[int]:
        base = Neutral(order["seed"])
        return questions(base, Ours(documents(base)))

    ready = documents(engine.base)  # as read from files: writing them is not Jalon's work
    worker.serve(
        engine,
        load=lambda order: worker.lap(lambda: Ours(ready)),
        # The very first answer is apart: all that the evaluator prepares on a new day is in it.
        new=lambda order: on_a_new_evaluator(
            lambda: worker.times(engine.ways[order["way"]], order["people"])
        ),
        crowd=lambda order: on_a_new_evaluator(
            lambda: worker.together(engine.ways[order["way"]], order["people"])
        ),
        new_question=lambda order: on_a_new_evaluator(lambda: question(order)),
        question=question,
        questions=count,
        check=lambda order: check(engine.base, engine.ours),
    )


def first(path: str) -> None:
    """A fresh process: the rules read from JSON, the first person answered."""
    with open(path) as file:
        data = json.load(file)
    ours = Ours(data["documents"])
    answers = ours.with_reasons(data["cases"][0]["facts"])
    from bench.rules.worker import peak_mib

    print(json.dumps({"decided": len(answers), "peak_mib": peak_mib()}))


if __name__ == "__main__":
    first(sys.argv[1]) if sys.argv[2:] else serve()
