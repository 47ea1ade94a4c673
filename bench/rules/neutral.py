"""A neutral rule base, drawn at random, to ask the same of several engines.

A base is plain data: facts, and rules that are trees of `all`, `any`, `not` over comparisons of one fact.
The people come with it: everything known, 60 % or 30 % known, nothing known. The same seed always gives the
same base and the same people. Two truths are computed here, by no engine: Kleene's, which reads a tree
with true, false and unknown; and the exact one, which tries every person that the known facts leave possible.
"""

from __future__ import annotations

import operator
import random
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from math import prod

SHARES = (1.0, 0.6, 0.3, 0.0)  # of the facts that are known; at 0.0 there is but one person
PEOPLE_A_SHARE = 100
RULES, GROUPS = 60, 10
_COMPARE = {
    "is": operator.is_,
    "in": lambda value, wanted: value in wanted,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
}


def facts() -> list[dict]:
    """14 yes or no, 8 numbers (small and large by turns), 8 choices."""
    numbers = [
        {"name": f"nombre_{i}", "kind": "number", "low": 0, "high": (99, 2500)[i % 2]} for i in range(8)
    ]
    choices = [{"name": f"choix_{i}", "kind": "choice", "values": list("abcd")} for i in range(8)]
    return [{"name": f"oui_{i}", "kind": "bool"} for i in range(14)] + numbers + choices


class Neutral:
    """The base, the people and what is true of them, for one seed."""

    def __init__(self, seed: int = 7):
        self.seed = seed
        self.facts = facts()
        self._random = random.Random(seed)  # every draw below is in a fixed order: it is part of the base
        self.rules = {f"dispositif_{number:02d}": self._rule() for number in range(RULES)}
        self.cases = [self._case(share) for share in SHARES for _ in range(PEOPLE_A_SHARE if share else 1)]

    def as_json(self) -> dict:
        return {"facts": self.facts, "rules": self.rules}

    def groups(self) -> list[list[str]]:
        """The rules six by six, in their order: each group is one conversation in the count of questions."""
        names, size = list(self.rules), RULES // GROUPS
        return [names[start : start + size] for start in range(0, RULES, size)]

    def known(self, share: float = 1.0) -> list[dict]:
        """The people of the cases of whom this share of the facts is known."""
        return [case["facts"] for case in self.cases if case["known_share"] == share]

    def people(self, count: int, share: float = 1.0, draw: object = 0) -> list[dict]:
        """Other people, of whom a share of the facts is known. Each `draw` gives people never met before."""
        chance = random.Random(f"{self.seed} {share} {draw}")
        return [
            {fact["name"]: _value(fact, chance) for fact in self.facts if chance.random() < share}
            for _ in range(count)
        ]

    def _rule(self) -> dict:
        draw, parts = self._random, []
        for _ in range(draw.choice([3, 4, 5, 6])):
            kind = draw.random()
            if kind < 0.25:
                parts.append({"any": [self._leaf() for _ in range(draw.choice([2, 3]))]})
            else:
                parts.append({"not": self._leaf()} if kind < 0.32 else self._leaf())
        return {"all": parts}

    def _leaf(self) -> dict:
        draw = self._random
        fact = draw.choice(self.facts)
        if fact["kind"] == "bool":
            comparison = ("is", draw.random() < 0.6)
        elif fact["kind"] == "number":
            comparison = (draw.choice(["<=", ">=", "<"]), draw.randrange(fact["low"] + 1, fact["high"]))
        else:
            size = draw.choice([1, 2, 3])
            comparison = ("in", sorted(draw.sample(fact["values"], size)))
        return {"fact": fact["name"], "op": comparison[0], "value": comparison[1]}

    def _case(self, share: float) -> dict:
        known = {}
        for fact in self.facts:
            if share == 1.0 or self._random.random() < share:
                known[fact["name"]] = _value(fact, self._random)
        expected = {name: kleene(rule, known) for name, rule in self.rules.items()}
        return {"known_share": share, "facts": known, "expected": expected}


def _value(fact: Mapping, draw: random.Random) -> object:
    if fact["kind"] == "bool":
        return draw.random() < 0.5
    if fact["kind"] == "number":
        return draw.randrange(fact["low"], fact["high"] + 1)
    return draw.choice(fact["values"])


# --- two truths, by hand ---------------------------------------------------------------------------------------


def holds(leaf: Mapping, value: object) -> bool:
    return _COMPARE[leaf["op"]](value, leaf["value"])


def kleene(node: Mapping, known: Mapping) -> bool | None:
    """True, False, or None where the tree, read with three values, does not say."""
    if "not" in node:
        inner = kleene(node["not"], known)
        return None if inner is None else not inner
    if "fact" in node:
        value = known.get(node["fact"])
        return None if value is None else holds(node, value)
    wanted, parts = ("any" in node), node.get("any") or node["all"]
    seen = {kleene(part, known) for part in parts}
    # One part decides: a true one in « any », a false one in « all ».
    return wanted if wanted in seen else None if None in seen else not wanted


def leaves(node: Mapping) -> Iterator[Mapping]:
    if "fact" in node:
        yield node
    elif "not" in node:
        yield from leaves(node["not"])
    else:
        for part in node.get("any") or node["all"]:
            yield from leaves(part)


def cells(fact: Mapping, rule: Mapping) -> list[object]:
    """One value for each way in which a fact can answer all the comparisons of a rule."""
    compared = [leaf for leaf in leaves(rule) if leaf["fact"] == fact["name"]]
    if fact["kind"] == "number":
        values = range(fact["low"], fact["high"] + 1)
    else:
        values = (True, False) if fact["kind"] == "bool" else fact["values"]
    found = {}
    for value in values:
        found.setdefault(tuple(holds(leaf, value) for leaf in compared), value)
    return list(found.values())


class Exact:
    """What every possible person says of each rule: True or False when they all agree, None otherwise.

    Plain enumeration, without any engine. The parts of a rule that share no unknown fact cannot influence one
    another, so each bundle of parts is enumerated alone; `whole` enumerates the rule at once (much longer).
    """

    def __init__(self, base: Neutral):
        self.rules = base.rules
        facts_by_name = {fact["name"]: fact for fact in base.facts}
        self._cells = {
            name: {leaf["fact"]: cells(facts_by_name[leaf["fact"]], rule) for leaf in leaves(rule)}
            for name, rule in base.rules.items()
        }

    def truth(self, name: str, known: Mapping) -> bool | None:
        parts = self.rules[name]["all"]
        unknown = [frozenset(leaf["fact"] for leaf in leaves(part)) - known.keys() for part in parts]
        bundles: list[tuple[set[str], list[Mapping]]] = []
        for facts_of_part, part in zip(unknown, parts, strict=True):
            touching = [bundle for bundle in bundles if bundle[0] & facts_of_part]
            merged = (set(facts_of_part).union(*(b[0] for b in touching)), [part])
            for bundle in touching:
                merged[1].extend(bundle[1])
                bundles.remove(bundle)
            bundles.append(merged)
        found = [self._outcomes(name, bundle, known) for bundle in bundles]
        can_be_true = all(True in outcomes for outcomes in found)
        can_be_false = any(False in outcomes for outcomes in found)
        return None if can_be_true and can_be_false else can_be_true

    def whole(self, name: str, known: Mapping) -> tuple[bool | None, int]:
        """The same by trying every combination of cells of the whole rule, and how many there were."""
        rule = self.rules[name]
        open_facts = [fact for fact in self._cells[name] if fact not in known]
        outcomes = self._outcomes(name, (open_facts, rule["all"]), known)
        people = prod(len(self._cells[name][fact]) for fact in open_facts)
        return (None if len(outcomes) > 1 else outcomes.pop()), people

    def _outcomes(self, name: str, bundle: tuple, known: Mapping) -> set[bool]:
        open_facts, parts = sorted(bundle[0]), {"all": bundle[1]}
        outcomes = set()
        for values in product(*(self._cells[name][fact] for fact in open_facts)):
            outcomes.add(kleene(parts, {**known, **dict(zip(open_facts, values, strict=True))}))
            if len(outcomes) == 2:
                break
        return outcomes


# --- the same base, in the words of Jalon ----------------------------------------------------------------------


def documents(base: Neutral) -> dict[str, object]:
    """What `rules.load_base` reads: one file a rule, firm conditions of high confidence, a single source."""
    found: dict[str, object] = {
        "sources.yml": {"banc": {"titre": "Base neutre", "editeur": "Jalon", "date": "2026"}},
        "besoins.yml": {"essai": {"libelle": "Essai", "phrase": "Essai."}},
        "faits.yml": {fact["name"]: _fact(fact) for fact in base.facts},
    }
    for name, rule in base.rules.items():
        found[f"dispositifs/{name}.yml"] = {
            "id": name,
            "nom": name,
            "besoins": ["essai"],
            "texte": "Essai.",
            "demarche": "Essai.",
            "conditions": _tree(rule, iter(range(1, 100))),
        }
    return found


def _fact(fact: Mapping) -> dict:
    said = {"sujet": "essai", "cout": 1, "libelle": fact["name"], "question": "Alors ?", "pourquoi": "Essai."}
    if fact["kind"] == "bool":
        return {"type": "bool", **said}
    if fact["kind"] == "number":
        usual = [fact["low"], fact["high"]]
        return {"type": "entier", "min": fact["low"], "max": fact["high"], "courant": usual, **said}
    return {"type": "choix", "valeurs": {value: value for value in fact["values"]}, **said}


def _tree(node: Mapping, numbers: Iterator[int]) -> dict:
    if "not" in node:
        return {"aucun": [_tree(node["not"], numbers)]}
    for group, word in (("all", "tous"), ("any", "au_moins_un")):
        if group in node:
            return {word: [_tree(part, numbers) for part in node[group]]}
    number = next(numbers)
    word = {"is": "egal", "in": "parmi", "<=": "max", ">=": "min", "<": "moins_de"}[node["op"]]
    return {
        "id": f"condition_{number}",
        "critere": number,
        "fait": node["fact"],
        word: node["value"],
        "force": "ferme",
        "confiance": "haute",
        "source": "banc",
        "vrai": "Vrai.",
        "faux": "Faux.",
        "inconnu": "Inconnu.",
    }


@cache
def neutral(seed: int = 7) -> Neutral:
    return Neutral(seed)
