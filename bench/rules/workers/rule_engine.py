"""rule-engine (pure Python): one compiled rule for each rule of the base."""

from __future__ import annotations

import importlib.metadata
import json
import sys
from collections.abc import Mapping

import rule_engine

from bench.rules.neutral import Neutral
from bench.rules.worker import Engine, peak_mib, serve


def expression(node: Mapping) -> str:
    if "not" in node:
        return f"(not {expression(node['not'])})"
    for group, word in (("all", " and "), ("any", " or ")):
        if group in node:
            return f"({word.join(expression(part) for part in node[group])})"
    sign = {"is": "=="}.get(node["op"], node["op"])
    return f"{node['fact']} {sign} {json.dumps(node['value'])}"


class RuleEngine(Engine):
    def __init__(self, base: Neutral):
        super().__init__(base)
        self.ways = {"regles": self._ask}

    def version(self) -> str:
        return importlib.metadata.version("rule-engine")

    def load(self) -> None:
        context = rule_engine.Context(default_value=None)  # a fact that is not told is null
        self.compiled = {
            name: rule_engine.Rule(expression(rule), context=context)
            for name, rule in self.base.rules.items()
        }

    def answer(self, facts: Mapping, way: str) -> dict[str, bool | str]:
        return self._ask(facts)

    def _ask(self, facts: Mapping) -> dict[str, bool | str]:
        said = {}
        for name, rule in self.compiled.items():
            try:
                said[name] = rule.matches(facts)
            except rule_engine.EngineError:
                said[name] = "error"
        return said


def first(path: str) -> None:
    with open(path) as file:
        data = json.load(file)
    base = Neutral.__new__(Neutral)  # the rules as read, not drawn again
    base.rules, base.cases = data["rules"], data["cases"]
    engine = RuleEngine(base)
    engine.load()
    print(json.dumps({"decided": len(engine.answer(base.cases[0]["facts"], "")), "peak_mib": peak_mib()}))


if __name__ == "__main__":
    first(sys.argv[1]) if sys.argv[2:] else serve(RuleEngine(Neutral(7)))
