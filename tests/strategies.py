"""Random small bases and facts for the engine's property tests, and what they must mean.

`Oracle` reads the YAML tree itself and enumerates every possible person. It shares nothing with the
engine but the definitions: how a leaf counts, and « oui »/« non » only when everybody possible gets it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import combinations, product

from hypothesis import settings
from hypothesis import strategies as st

from rules import Base, load_base

AT = date(2026, 11, 21)
NO, CHECK, YES = "non", "a_verifier", "oui"
_RANK = {NO: 0, CHECK: 1, YES: 2}

SOURCE = {"s": {"titre": "Guide", "editeur": "Ville de Paris", "date": "2025"}}
_CHOICES = {"rue": "À la rue", "hotel": "À l'hôtel", "locataire": "Locataire"}
_LINKS = {"travail": "Travail", "famille": "Famille", "aucun": "Aucun"}


def _fact(kind: str, cost: int = 1, subject: str = "personne", **more: object) -> dict:
    texts = {"libelle": "votre fait", "question": "Quel est votre fait ?", "pourquoi": "Pour répondre."}
    return {"type": kind, "sujet": subject, "cout": cost, **texts, **more}


FACTS = {
    "age": _fact("entier", min=0, max=4, unite="ans"),
    "dette": _fact("entier", min=10, max=12, cost=2, subject="argent"),
    "animal": _fact("bool"),
    "suivi": _fact("bool", cost=3, subject="demarches"),
    "logement": _fact("choix", valeurs=_CHOICES, subject="logement"),
    "lien": _fact("choix_multiple", valeurs=_LINKS, cost=2, subject="logement"),
    "lieu": _fact("texte", subject="lieu"),
}
DOMAINS = {
    "age": list(range(5)),
    "dette": list(range(10, 13)),
    "animal": [True, False],
    "suivi": [True, False],
    "logement": list(_CHOICES),
    "lien": [list(some) for size in (1, 2, 3) for some in combinations(_LINKS, size)],
}


def _bareme(confidence: str, *values: tuple[str, str | None, float]) -> dict:
    periods = [{"du": start, "au": end, "valeur": amount} for start, end, amount in values]
    return {"libelle": "Plafond", "unite": "EUR", "confiance": confidence, "source": "s", "valeurs": periods}


BAREMES = {
    "courant": _bareme("haute", ("2020-01-01", "2026-11-20", 1), ("2026-11-21", None, 3)),
    "decimal": _bareme("moyenne", ("2020-01-01", None, 2.5)),
    "hors_bornes": _bareme("haute", ("2020-01-01", None, 900)),
    "passe": _bareme("haute", ("2020-01-01", "2026-11-20", 3)),
    "futur": _bareme("haute", ("2026-11-22", None, 3)),
    "fragile": _bareme("basse", ("2020-01-01", None, 3)),
}


def _table(*rows: dict, outside: str | None = None) -> dict:
    value = {"du": "2020-01-01", "au": None, "selon": list(rows)} | (
        {"hors_table": outside} if outside else {}
    )
    return {"libelle": "Table", "unite": "EUR", "confiance": "haute", "source": "s", "valeurs": [value]}


TABLES = {
    "table": _table({"age": [0, 2], "valeur": 11}, {"age": [3, None], "animal": "oui", "valeur": "age + 8"},
                    {"age": [3, None], "animal": "non", "valeur": 12.5}),
    "table_trouee": _table({"logement": "rue", "valeur": 10}, {"logement": "hotel", "somme": [0, 13], "valeur": 11},
                           outside="Les autres n'ont pas de plafond."),
}  # fmt: skip


def _calcul(confidence: str = "haute", **formula: object) -> dict:
    return {"libelle": "Un calcul", "confiance": confidence, "source": "s", **formula}


CALCULS = {
    "somme": _calcul(calcul="age + dette"),
    "ecart": _calcul(calcul="2 * age - dette / 2"),
    "quotient": _calcul(calcul="dette / age"),  # undefined at 0
    "plus_grand": _calcul(calcul="max(age * 3, somme - 4)"),
    "double": _calcul(calcul="2 * age"),
    "fragile_somme": _calcul("basse", calcul="age + dette"),
    "jeune_ou_animal": _calcul(si={"au_moins_un": [{"fait": "animal", "egal": "oui"}, {"fait": "age", "max": 1}]}),
    "loge_seul": _calcul(si={"tous": [{"fait": "logement", "parmi": ["hotel", "locataire"]},
                                      {"aucun": [{"fait": "suivi", "egal": "oui"}]}]}),
    "grand": _calcul(si={"fait": "age", "min": 3}),
    "lie_ou_petit": _calcul(si={"au_moins_un": [{"fait": "lien", "contient_un_de": ["travail", "aucun"]}, {"fait": "age", "max": 0}]}),
}  # fmt: skip

# The same, by hand: the facts each one reads, and what it is worth for somebody (None: undefined).
_F = Fraction
BY_HAND = {
    "somme": (("age", "dette"), lambda p: p["age"] + p["dette"]),
    "ecart": (("age", "dette"), lambda p: 2 * p["age"] - _F(p["dette"], 2)),
    "quotient": (("age", "dette"), lambda p: _F(p["dette"], p["age"]) if p["age"] else None),
    "plus_grand": (("age", "dette"), lambda p: max(p["age"] * 3, p["age"] + p["dette"] - 4)),
    "double": (("age",), lambda p: 2 * p["age"]),
    "fragile_somme": (("age", "dette"), lambda p: p["age"] + p["dette"]),
    "jeune_ou_animal": (("age", "animal"), lambda p: p["animal"] or p["age"] <= 1),
    "loge_seul": (("logement", "suivi"), lambda p: p["logement"] in ("hotel", "locataire") and not p["suivi"]),
    "grand": (("age",), lambda p: p["age"] >= 3),
    "lie_ou_petit": (("lien", "age"), lambda p: "travail" in p["lien"] or "aucun" in p["lien"] or p["age"] == 0),
    "table": (("age", "animal"), lambda p: 11 if p["age"] <= 2 else p["age"] + 8 if p["animal"] else _F(25, 2)),
    "table_trouee": (
        ("logement", "age", "dette"),
        lambda p: 10 if p["logement"] == "rue"
        else 11 if p["logement"] == "hotel" and p["age"] + p["dette"] <= 13 else None,
    ),
}  # fmt: skip

_TEXTS = {"vrai": "C'est vrai.", "faux": "C'est faux.", "inconnu": "Ce n'est pas connu."}
_PERIODS = [
    *[{}] * 12,
    {"du": "2026-11-21", "au": "2026-11-21"},
    {"au": "2026-11-20"},
    {"du": "2026-11-22"},
]


_ORDERED = ("min", "max", "plus_de", "moins_de", "egal")


def _calculated(one: Callable) -> list[st.SearchStrategy[dict]]:
    """Comparisons that read several facts at once."""
    tables = st.sampled_from([{"bareme": name} for name in TABLES])
    options = [one("dette", operator, tables) for operator in _ORDERED]
    options += [
        one(fact, op, st.integers(-4, 18)) for fact in ("somme", "ecart", "plus_grand") for op in _ORDERED
    ]
    options += [one(fact, op, st.integers(0, 14)) for fact in ("quotient", "double") for op in _ORDERED]
    options.append(one("fragile_somme", "min", st.just(12)))
    options += [one(notion, "egal", st.sampled_from(["oui", "non"])) for notion in
                ("jeune_ou_animal", "loge_seul", "grand", "lie_ou_petit") for _ in range(2)]  # fmt: skip
    return options


def _comparisons(calculs: bool) -> st.SearchStrategy[dict]:
    def one(fact: str, operator: str, operands: st.SearchStrategy) -> st.SearchStrategy[dict]:
        return operands.map(lambda operand: {"fait": fact, operator: operand})

    amounts = st.sampled_from([{"bareme": name} for name in BAREMES])
    options = _calculated(one) if calculs else []
    ordered = _ORDERED
    for fact in ("age", "dette"):
        values = st.sampled_from(DOMAINS[fact])
        options += [one(fact, operator, values | amounts) for operator in ordered for _ in range(3)]
        options.append(one(fact, "parmi", st.lists(values, min_size=1, max_size=3)))
    options += [one(fact, "egal", st.sampled_from(["oui", "non"])) for fact in ("animal", "suivi")]
    options.append(one("logement", "egal", st.sampled_from(list(_CHOICES))))
    options.append(one("logement", "parmi", st.lists(st.sampled_from(list(_CHOICES)), min_size=1)))
    options.append(one("lien", "contient", st.sampled_from(list(_LINKS))))
    options.append(one("lien", "contient_un_de", st.lists(st.sampled_from(list(_LINKS)), min_size=1)))
    return st.one_of(options)


def _leaves(calculs: bool) -> st.SearchStrategy[dict]:
    tests = st.one_of(
        *[_comparisons(calculs)] * 10,
        st.just({"a_verifier": True, "qui": "La mairie"}),
        st.just({"toujours": "oui"}),
    )
    forces = st.sampled_from(["ferme"] * 3 + ["souple"])
    confidences = st.sampled_from(["haute"] * 4 + ["moyenne", "basse"])

    def leaf(test: dict, force: str, confidence: str, period: dict) -> dict:
        return {**test, "force": force, "confiance": confidence, "source": "s", **period, **_TEXTS}

    return st.builds(leaf, tests, forces, confidences, st.sampled_from(_PERIODS))


def _nodes(depth: int, calculs: bool) -> st.SearchStrategy[dict]:
    if depth == 0:
        return _leaves(calculs)
    groups = st.sampled_from(["tous", "au_moins_un", "aucun"])
    below = _nodes(depth - 1, calculs)
    if depth == 3:
        return st.builds(lambda key, nodes: {key: nodes}, groups, st.lists(below, min_size=3, max_size=4))
    children = st.lists(below, min_size=2, max_size=3) | st.lists(below, max_size=3)
    group = st.builds(lambda key, nodes: {key: nodes}, groups, children)
    return st.one_of(_leaves(calculs), group, group)


def _numbered(node: dict, numbers: Iterator[int]) -> dict:
    """The same tree with an identifier on each leaf (children are shared by Hypothesis, so copy)."""
    group = group_of(node)
    if group is None:
        return {"id": f"c{next(numbers)}", **node}
    return {group: [_numbered(child, numbers) for child in node[group]]}


def trees(calculs: bool = False, depth: int = 3) -> st.SearchStrategy[dict]:
    """Condition trees as an editor writes them: groups three deep, any leaf, facts often repeated."""
    return _nodes(depth, calculs).map(lambda node: _numbered(node, iter(range(10_000))))


def facts() -> st.SearchStrategy[dict]:
    """Valid facts about one person: any subset of what may be known, in any order."""
    known = {name: st.sampled_from(values) for name, values in DOMAINS.items()}
    known["lieu"] = st.just("gare de Lyon")
    given = st.fixed_dictionaries({}, optional=known)
    return given.flatmap(lambda said: st.permutations(list(said.items())).map(dict))


def documents(*conditions: dict) -> dict[str, object]:
    """The documents of a base whose dispositifs (d0, d1…) have these trees of conditions."""
    files: dict[str, object] = {
        "sources.yml": SOURCE,
        "faits.yml": FACTS,
        "baremes.yml": BAREMES | TABLES,
        "calculs.yml": CALCULS,
        "besoins.yml": {"douche": {"libelle": "Une douche", "phrase": "Vous voulez vous laver."}},
    }
    for index, tree in enumerate(conditions):
        files[f"dispositifs/d{index}.yml"] = {
            "id": f"d{index}",
            "nom": "Une aide",
            "besoins": ["douche"],
            "texte": "C'est une aide.",
            "demarche": "Demandez à la mairie.",
            "conditions": tree,
        }
    return files


def base_of(*conditions: dict) -> Base:
    return load_base(documents(*conditions))


def examples(count: int):
    """Hypothesis settings: the same examples each run; JALON_HASARD=20 draws 20 times more, at random."""
    more = int(os.environ.get("JALON_HASARD", "0"))
    return settings(max_examples=count * (more or 1), derandomize=not more, deadline=None, database=None)


_OPERATORS = ("egal", "parmi", "min", "max", "plus_de", "moins_de", "contient", "contient_un_de", "toujours")


def reads(leaf: Mapping) -> tuple[str, ...]:
    """The facts that a leaf needs."""
    found = []
    operand = next((leaf[key] for key in _OPERATORS if key in leaf), None)
    for name in (leaf.get("fait"), operand["bareme"] if isinstance(operand, Mapping) else None):
        if name in BY_HAND:
            found += BY_HAND[name][0]
        elif name in FACTS:
            found.append(name)
    return tuple(dict.fromkeys(found))


def group_of(node: Mapping) -> str | None:
    return next((key for key in ("tous", "au_moins_un", "aucun") if key in node), None)


def leaves_of(node: Mapping, negated: bool = False) -> Iterator[tuple[dict, bool]]:
    """Each leaf of a YAML tree in reading order, and whether it stands under an odd number of « aucun »."""
    group = group_of(node)
    if group is None:
        yield node, negated
    else:
        for child in node[group]:
            yield from leaves_of(child, negated != (group == "aucun"))


@dataclass
class Oracle:
    """What one tree means, by brute force. A person is a dict of all facts the tree reads.

    A leaf « toujours » reads a fact of its own, named after it, which everybody has.
    """

    tree: dict
    at: date = AT

    def __post_init__(self) -> None:
        self.leaves = {leaf["id"]: leaf for leaf, _ in leaves_of(self.tree)}
        self.negated = {leaf["id"]: negated for leaf, negated in leaves_of(self.tree)}
        self.domains = {fact: DOMAINS[fact] for leaf in self.leaves.values() for fact in reads(leaf)}
        self.always = [leaf["id"] for leaf in self.leaves.values() if "toujours" in leaf]

    def people(self, known: Mapping[str, object], always: bool = True) -> Iterator[dict]:
        """Every possible person who agrees with `known`; `always=False` doubts the « toujours » too."""
        domains = {name: [known[name]] if name in known else self.domains[name] for name in self.domains}
        domains |= {name: [True] if always else [True, False] for name in self.always}
        for values in product(*domains.values()):
            yield dict(zip(domains, values, strict=True))

    def operand(self, leaf: Mapping) -> object:
        value = next((leaf[key] for key in _OPERATORS if key in leaf), None)
        if isinstance(value, Mapping) and value["bareme"] in TABLES:
            return value
        if isinstance(value, Mapping):
            day = self.at.isoformat()
            periods = BAREMES[value["bareme"]]["valeurs"]
            in_force = [
                p["valeur"] for p in periods if p["du"] <= day and (p["au"] is None or day <= p["au"])
            ]
            return in_force[0] if in_force else None
        return {"oui": True, "non": False}.get(value, value) if isinstance(value, str) else value

    def testable(self, leaf: Mapping) -> bool:
        """Whether a fact can decide the leaf at the date."""
        if "a_verifier" in leaf or leaf["confiance"] == "basse" or self.operand(leaf) is None:
            return False
        day = self.at.isoformat()
        if leaf.get("du", day) > day or leaf.get("au", day) < day:
            return False
        names = [leaf[key]["bareme"] for key in _OPERATORS if isinstance(leaf.get(key), Mapping)]
        used = [
            (BAREMES | TABLES | CALCULS)[name]
            for name in [*names, leaf.get("fait")]
            if name not in FACTS and name
        ]
        return all(one["confiance"] != "basse" for one in used)

    def truth(self, leaf: Mapping, person: Mapping[str, object]) -> bool | None:
        """Whether somebody meets the leaf; None when a calculation has no value for them."""
        operand = self.operand(leaf)
        if "toujours" in leaf:
            return person[leaf["id"]]
        value = BY_HAND[leaf["fait"]][1](person) if leaf["fait"] in BY_HAND else person[leaf["fait"]]
        if isinstance(operand, Mapping):
            operand = BY_HAND[operand["bareme"]][1](person)
        if value is None or operand is None:
            return None
        if "egal" in leaf:
            return value == operand
        if "parmi" in leaf:
            return value in operand
        if "min" in leaf:
            return value >= operand
        if "max" in leaf:
            return value <= operand
        if "plus_de" in leaf:
            return value > operand
        if "moins_de" in leaf:
            return value < operand
        if "contient" in leaf:
            return operand in value
        return bool(set(operand) & set(value))

    def may_be_decided(self, leaf: Mapping, known: Mapping[str, object]) -> bool:
        """Whether facts still unknown decide how the leaf stands."""
        read = reads(leaf)
        if len(read) == 1:
            return read[0] not in known
        return len({self.truth(leaf, person) for person in self.people(known)}) > 1

    def counts(self, leaf: Mapping, negated: bool, person: Mapping[str, object]) -> str:
        if not self.testable(leaf):
            return CHECK
        truth = self.truth(leaf, person)
        if truth is None:
            return CHECK
        if truth != negated:
            return YES
        return CHECK if leaf["force"] == "souple" else NO

    def outcome(self, person: Mapping[str, object], settled: frozenset = frozenset()) -> str:
        """What a fully known person gets; conditions `settled` by someone count as met."""
        return self._outcome(self.tree, False, person, settled)

    def _outcome(self, node: Mapping, negated: bool, person: Mapping, settled: frozenset) -> str:
        group = group_of(node)
        if group is None:
            return YES if node["id"] in settled else self.counts(node, negated, person)
        below = negated != (group == "aucun")
        parts = [self._outcome(child, below, person, settled) for child in node[group]]
        every = (group != "au_moins_un") != negated  # De Morgan: « aucun » is « tous » of the contraries
        if every:
            return min(parts, key=_RANK.get, default=YES)
        return max(parts, key=_RANK.get, default=NO)

    def status(self, known: Mapping[str, object]) -> str:
        return decided({self.outcome(person) for person in self.people(known)})

    def changing(self, known: Mapping[str, object]) -> set[str]:
        """Unknown facts by which alone two possible people differ and get different outcomes."""
        people = [(person, self.outcome(person)) for person in self.people(known)]
        found = set()
        for fact in set(self.domains) - set(known):
            outcomes: dict[tuple, set[str]] = {}
            for person, outcome in people:
                others = tuple(str(value) for name, value in person.items() if name != fact)
                outcomes.setdefault(others, set()).add(outcome)
            if any(len(each) > 1 for each in outcomes.values()):
                found.add(fact)
        return found

    def proved(self, known: Mapping[str, object], proof: list[str]) -> set[str]:
        """Outcomes of everybody for whom the conditions of `proof` stand as they do for `known`."""
        told = {name: True if name in self.always else self.truth(self.leaves[name], known) for name in proof}
        return {
            self.outcome(person)
            for person in self.people({}, always=False)
            if all(self.truth(self.leaves[name], person) == value for name, value in told.items())
        }

    def settled(self, known: Mapping[str, object], reasons: list[str]) -> set[str]:
        """Outcomes of the possible people once each of `reasons` is settled favourably.

        A firm condition on an unknown fact is settled by the fact; any other one by a person who
        checks it or accepts it.
        """
        by_fact = [
            name
            for name in reasons
            if self.testable(self.leaves[name])
            and self.leaves[name]["force"] == "ferme"
            and self.may_be_decided(self.leaves[name], known)
        ]
        by_person = frozenset(reasons) - frozenset(by_fact)
        return {
            self.outcome(person, by_person)
            for person in self.people(known)
            if all(self.counts(self.leaves[name], self.negated[name], person) == YES for name in by_fact)
        }


def decided(outcomes: set[str]) -> str:
    """The status when everybody possible gets one of `outcomes`."""
    return next(iter(outcomes)) if len(outcomes) == 1 else CHECK
