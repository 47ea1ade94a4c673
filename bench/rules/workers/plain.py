"""No engine at all: the tree walked with three values, without a reason. What any engine has to be held against."""

from __future__ import annotations

import platform
from collections.abc import Mapping

from bench.rules.neutral import Neutral, kleene, leaves
from bench.rules.worker import Engine, serve


class Plain(Engine):
    def __init__(self, base: Neutral):
        super().__init__(base)
        self.ways = {"parcours": self._walk}

    def version(self) -> str:
        return f"python {platform.python_version()}"

    def load(self) -> None:
        pass

    def answer(self, facts: Mapping, way: str) -> dict[str, bool | None]:
        return self._walk(facts)

    def _walk(self, facts: Mapping) -> dict[str, bool | None]:
        return {name: kleene(rule, facts) for name, rule in self.base.rules.items()}


def questions(base: Neutral) -> list[int]:
    """The facts in a fixed order, those that no open condition of an open rule names being skipped."""
    counts = []
    for group in base.groups():
        for person in base.known():
            told: dict[str, object] = {}
            for fact in base.facts:
                if fact["name"] in _named(base, group, told):
                    told[fact["name"]] = person[fact["name"]]
            counts.append(len(told))
    return counts


def _named(base: Neutral, group: list[str], told: Mapping) -> set[str]:
    rules = [base.rules[name] for name in group if kleene(base.rules[name], told) is None]
    parts = [part for rule in rules for part in rule["all"] if kleene(part, told) is None]
    return {leaf["fact"] for part in parts for leaf in leaves(part) if leaf["fact"] not in told}


if __name__ == "__main__":
    serve(Plain(Neutral(7)), questions=lambda order: questions(Neutral(order["seed"])))
