"""zen-engine (Rust): as a decision graph of 60 expressions, and as one compiled list of them, its fastest way."""

from __future__ import annotations

import importlib.metadata
import json
import sys
from collections.abc import Mapping

import zen

from bench.rules.neutral import Neutral
from bench.rules.worker import Engine, peak_mib, serve


def expression(node: Mapping) -> str:
    if "not" in node:
        return f"not({expression(node['not'])})"
    for group, word in (("all", " and "), ("any", " or ")):
        if group in node:
            return f"({word.join(expression(part) for part in node[group])})"
    sign = {"is": "=="}.get(node["op"], node["op"])
    return f"{node['fact']} {sign} {json.dumps(node['value'])}"


class Zen(Engine):
    refusal = RuntimeError

    def __init__(self, base: Neutral):
        super().__init__(base)
        self.texts = {name: expression(rule) for name, rule in base.rules.items()}
        # What is timed; looked up at each call, since `load` makes them anew.
        self.ways = {
            "graphe": lambda facts: self.decision.evaluate(facts),
            "liste": lambda facts: self.compiled.evaluate(facts),
        }

    def version(self) -> str:
        return importlib.metadata.version("zen-engine")

    def load(self) -> None:
        self.decision = zen.ZenEngine().create_decision(json.dumps(self._graph()))
        self.compiled = zen.compile_expression(f"[{', '.join(self.texts.values())}]")

    def answer(self, facts: Mapping, way: str) -> dict[str, bool | None]:
        said = self.ways[way](facts)
        return said["result"] if way == "graphe" else dict(zip(self.texts, said, strict=True))

    def _graph(self) -> dict:
        rows = [{"id": name, "key": name, "value": text} for name, text in self.texts.items()]
        kinds = {"entree": "inputNode", "regles": "expressionNode", "sortie": "outputNode"}
        nodes = [
            {"id": key, "name": key, "type": kind, "position": {"x": 0, "y": 0}}
            for key, kind in kinds.items()
        ]
        nodes[1]["content"] = {"expressions": rows}
        edges = [
            {"id": f"{start}-{end}", "type": "edge", "sourceId": start, "targetId": end}
            for start, end in (("entree", "regles"), ("regles", "sortie"))
        ]
        return {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}


def first(path: str) -> None:
    with open(path) as file:
        data = json.load(file)
    base = Neutral.__new__(Neutral)  # the rules as read, not drawn again
    base.rules, base.cases = data["rules"], data["cases"]
    engine = Zen(base)
    engine.load()
    print(
        json.dumps({"decided": len(engine.answer(base.cases[0]["facts"], "graphe")), "peak_mib": peak_mib()})
    )


if __name__ == "__main__":
    first(sys.argv[1]) if sys.argv[2:] else serve(Zen(Neutral(7)))
