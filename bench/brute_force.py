"""`make bench-force`: the engine's statuses against everybody possible, tried one by one.

Two judges that share no code: the engine, and `tests.meaning`, which reads the YAML by itself.

* random bases: everybody possible is tried;
* the real trees, calculations and amounts: integers keep a few values drawn around the thresholds, so that
  everybody can still be tried; or keep all their values, one being tried on each side of each threshold.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import combinations
from math import floor
from pathlib import Path
from random import Random

from bench import random_bases
from cli.project import ROOT
from data.build import read_documents
from rules import Base, Evaluator, load_base
from rules.model import Fact
from tests.meaning import CHECK, STATUS, Everybody, Meaning, exact
from tests.strategies import leaves_of

RESULTS = ROOT / "bench" / "resultats" / "force_brute.md"
PEOPLE, REAL_PEOPLE = 20, 10  # people asked of each tree, of each drawing of a real tree
MOST = 3000  # people tried for a real tree
DAYS = (date(2026, 11, 21), date(2024, 3, 1), date(2027, 2, 1))
SHOWN = 3  # disagreements of each kind told in full
WRONG = ("decide_a_tort", "erreur", "oublie")  # the command fails; the other two are prudent


@dataclass
class Tally:
    """What was counted over the cases of one kind, and the first disagreements."""

    counts: Counter = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def fault(self, kind: str, told: str) -> None:
        self.counts[kind] += 1
        if self.counts[kind] <= SHOWN:
            self.found.append(f"{kind} : {told}")


@dataclass(frozen=True)
class Subject:
    """A tree, everybody possible, and the engine that answers for it. `name`: how to draw it again."""

    name: str
    meaning: Meaning
    tree: Mapping
    everybody: Everybody
    evaluator: Evaluator
    dispositif: str
    at: date


def judge(subject: Subject, known: Mapping[str, object], tally: Tally) -> None:
    """Compare the engine with the exact answer for one person, and count."""
    tally.counts["cas"] += 1
    told = f"{subject.name}, {subject.dispositif}, {subject.at}, {json.dumps(known, ensure_ascii=False)}"
    exactly = subject.everybody.status(known)
    least, most = subject.meaning.kleene(subject.tree, known)
    by_tables = STATUS[least] if least == most else STATUS[CHECK]
    tally.counts[exactly] += 1
    tally.counts["kleene"] += by_tables != exactly
    try:
        dispositif = subject.evaluator.base.dispositifs[subject.dispositif]
        result = subject.evaluator.evaluate(dispositif, known, subject.at)
    except Exception as error:  # noqa: BLE001 - whatever is raised is what is looked for
        tally.fault("erreur", f"{told} : {error!r}")
        return
    if result.status != exactly:
        kind = "prudent" if result.status == STATUS[CHECK] else "decide_a_tort"
        tally.fault(kind, f"{told} : « {result.status} » au lieu de « {exactly} »")
    if exactly == result.status == STATUS[CHECK]:
        moving = subject.everybody.changing(known)
        if useless := set(result.missing) - moving:
            tally.fault("inutile", f"{told} : {sorted(useless)}")
        if forgotten := moving - set(result.missing):
            tally.fault("oublie", f"{told} : {sorted(forgotten)}")


def partly(rng: Random, domains: Mapping[str, Sequence]) -> dict[str, object]:
    """Some facts of somebody, from none to nearly all, in any order."""
    share = rng.random()
    told = [(name, rng.choice(values)) for name, values in domains.items() if rng.random() < share]
    rng.shuffle(told)
    return dict(told)


def on_random_bases(seed: int, cases: int, tally: Tally) -> None:
    number = 0
    while tally.counts["cas"] < cases:
        name = f"{seed}/{number}"
        number += 1
        rng = Random(name)
        documents = random_bases.draw(rng)
        meaning, evaluator = Meaning(documents, random_bases.AT), Evaluator(load_base(documents))
        domains = random_bases.domains(documents)
        for dispositif in evaluator.base.dispositifs:
            tree = documents[f"dispositifs/{dispositif}.yml"]["conditions"]
            everybody = Everybody(meaning, tree, {fact: domains[fact] for fact in meaning.inputs(tree)})
            subject = Subject(name, meaning, tree, everybody, evaluator, dispositif, random_bases.AT)
            for _ in range(PEOPLE):
                judge(subject, partly(rng, domains), tally)
        progress("bases tirées au hasard", tally, cases)


def on_real_base(seed: int, cases: int, tally: Tally) -> None:
    documents, _ = read_documents(ROOT)
    base = load_base(documents)
    meanings = {day: Meaning(documents, day) for day in DAYS}
    number = 0
    while tally.counts["cas"] < cases:
        for dispositif in base.dispositifs:
            name = f"{seed}/{number}"
            number += 1
            rng = Random(name)
            meaning = meanings[rng.choice(DAYS)]
            subject, domains, always = real_subject(rng, name, base, meaning, documents, dispositif)
            for _ in range(REAL_PEOPLE):
                known = {**partly(rng, domains), **always}
                judge(subject, known, tally)
        progress("base réelle", tally, cases)


def real_subject(
    rng: Random,
    name: str,
    base: Base,
    meaning: Meaning,
    documents: Mapping,
    dispositif: str,
    narrow: bool | None = None,
) -> tuple[Subject, dict[str, Sequence], dict[str, object]]:
    """A real tree with few people: itself, the values of the facts left open, the facts always told.

    `narrow`: the engine is told the same few values as the judge (by default, one time in two).
    """
    tree = documents[f"dispositifs/{dispositif}.yml"]["conditions"]
    narrow = rng.random() < 0.5 if narrow is None else narrow
    order = list(meaning.inputs(tree))
    rng.shuffle(order)
    values, always, facts, people = {}, {}, dict(base.facts), 1
    for name_ in order:
        fact, marks = base.facts[name_], thresholds(meaning, tree, name_)
        if narrow:
            facts[name_], some = narrowed(rng, fact, marks, MOST // people)
        elif fact.type != "entier":
            some = valid_values(fact.type, fact.choices)
        else:
            some = beside(fact, marks) if alone(meaning, tree, name_) else window(rng, fact, marks)[:1]
        if people * len(some) > MOST or (len(some) == 1 and not narrow):
            some = [rng.choice(some)]
            always[name_] = some[0]
        people *= len(some)
        values[name_] = some
    everybody = Everybody(meaning, tree, {fact: values[fact] for fact in meaning.inputs(tree)})
    only = replace(base, facts=facts, dispositifs={dispositif: base.dispositifs[dispositif]})
    subject = Subject(f"réel {name}", meaning, tree, everybody, Evaluator(only), dispositif, meaning.day)
    return subject, {fact: some for fact, some in values.items() if fact not in always}, always


def narrowed(rng: Random, fact: Fact, marks: Sequence[int], most: int) -> tuple[Fact, list]:
    """The fact as if it had a few values only, no more than `most` if it can be, and these values."""
    if fact.type == "entier":
        some = window(rng, fact, marks)[: max(most, 1)]
        return replace(fact, low=some[0], high=some[-1], usual=None), some
    kept = rng.sample(list(fact.choices), min(len(fact.choices), rng.randint(1, 4)))
    for choices in (kept, kept[:2], kept[:1]):
        small = replace(fact, choices={choice: fact.choices[choice] for choice in choices})
        some = valid_values(small.type, small.choices)
        if len(some) <= most:
            break
    return small, some


def valid_values(kind: str, choices: Mapping[str, object]) -> list:
    """Every value of a fact that is not a number; of several choices, every set."""
    if kind == "bool":
        return [True, False]
    if kind == "choix":
        return list(choices)
    return [list(some) for size in range(1, len(choices) + 1) for some in combinations(choices, size)]


def thresholds(meaning: Meaning, tree: Mapping, fact: str) -> list[int]:
    """Where something may change for a number: all the numbers written in the leaves that read it."""
    numbers: set[int] = set()
    for leaf, _ in leaves_of(tree):
        if fact in meaning.reads(leaf):
            used = [meaning.calculs.get(name) or meaning.baremes.get(name) for name in
                    meaning.mentioned(leaf, every_day=False)]  # fmt: skip
            for part in [leaf, *filter(None, used)]:
                numbers.update(floor(exact(number)) for number in written(part))
    return sorted(numbers)


def written(node: object) -> Iterator[float]:
    """The numbers of a comparison, a calculation or an amount."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key not in ("du", "au", "critere", "libelle", "vrai", "faux", "inconnu", "source"):
                yield from written(value)
    elif isinstance(node, list):
        for item in node:
            yield from written(item)
    elif isinstance(node, (int, float)) and not isinstance(node, bool):
        yield node
    elif isinstance(node, str):
        yield from map(float, re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])", node))


def alone(meaning: Meaning, tree: Mapping, fact: str) -> bool:
    """Whether a number is only ever compared, by itself, with numbers: it then changes at its thresholds."""
    for leaf, _ in leaves_of(tree):
        if fact in meaning.reads(leaf) and (
            leaf["fait"] != fact or len(meaning.reads(leaf)) > 1 or _computed(meaning, leaf)
        ):
            return False
    return True


def _computed(meaning: Meaning, leaf: Mapping) -> bool:
    """Whether the leaf compares with something else than a number written as such."""
    names = [name for name in meaning.mentioned(leaf, every_day=False) if name in meaning.baremes]
    values = [value for name in names for value in meaning.baremes[name]["valeurs"]]
    return any(isinstance(value.get("valeur"), (str, type(None))) for value in values)


def beside(fact: Fact, marks: Sequence[int]) -> list[int]:
    """A value on each side of each threshold, and both ends."""
    near = {mark + step for mark in marks for step in (-1, 0, 1, 2)} | {fact.low, fact.high}
    return sorted(value for value in near if fact.low <= value <= fact.high)


def window(rng: Random, fact: Fact, marks: Sequence[int]) -> list[int]:
    """A few values in a row: around a threshold, where most people are, or at an end."""
    usual = fact.usual or (fact.low, min(fact.high, fact.low + 20))
    points = [mark for mark in marks if fact.low <= mark <= fact.high]
    centre = rng.choice([rng.choice(points or [fact.low]), rng.choice(points or [fact.high]),
                         rng.randint(*usual), fact.low])  # fmt: skip
    start = max(fact.low, centre - rng.randint(0, 2))
    return list(range(start, min(fact.high, start + rng.randint(0, 4)) + 1))


_last = [0.0]


def progress(what: str, tally: Tally, cases: int) -> None:
    """One line that is written over, at most once a second."""
    if time.monotonic() - _last[0] > 1:
        _last[0] = time.monotonic()
        print(f"\r{what} : {tally.counts['cas']} / {cases}", end="", file=sys.stderr, flush=True)


def render(seed: int, tallies: Mapping[str, Tally]) -> str:
    when = datetime.now().astimezone().isoformat(timespec="seconds")
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cœurs"
    lines = [
        "# Force brute : le moteur face à toutes les personnes possibles",
        "",
        f"{when}. {machine}, Python {platform.python_version()}. Graine {seed}.",
        "",
        "Un cas : un arbre de conditions, un jour, une personne dont une partie des faits est connue.",
        "Le juge lit le YAML lui-même (`tests/meaning.py`, rien du moteur) et essaie toutes les personnes",
        "possibles. Base réelle : les vrais arbres, calculs et montants ; chaque nombre garde quelques valeurs",
        "près des seuils, ou toutes avec une valeur essayée de chaque côté de chaque seuil.",
        "",
        "| | " + " | ".join(tallies) + " |",
        "|---|" + "---:|" * len(tallies),
    ]
    rows = {
        "Cas": "cas",
        "**Décidés à tort**": "decide_a_tort",
        "**Erreurs levées**": "erreur",
        "**Faits qui comptent, oubliés**": "oublie",
        "« À vérifier » alors que c'est certain (recherche abandonnée)": "prudent",
        "Avec un fait demandé pour rien": "inutile",
        "Réponse exacte : oui": "oui",
        "Réponse exacte : non": "non",
        "Réponse exacte : à vérifier": "a_verifier",
        "Certains, que les tables de Kleene laissaient inconnus": "kleene",
    }
    for label, key in rows.items():
        lines.append(
            f"| {label} | " + " | ".join(str(tally.counts[key]) for tally in tallies.values()) + " |"
        )
    lines.append("| Durée (s) | " + " | ".join(f"{tally.seconds:.0f}" for tally in tallies.values()) + " |")
    found = [fault for tally in tallies.values() for fault in tally.found]
    return "\n".join(
        [*lines, *(["", "Premiers écarts :", ""] if found else []), *(f"- {one}" for one in found)]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cas", type=int, default=100_000, help="cas sur des bases tirées au hasard")
    parser.add_argument("--reels", type=int, default=10_000, help="cas sur la base réelle")
    parser.add_argument("--graine", type=int, default=1, help="la même graine tire les mêmes cas")
    parser.add_argument("--page", type=Path, default=RESULTS, help="fichier à écrire")
    asked = parser.parse_args(arguments)
    tallies = {"bases tirées au hasard": Tally(), "base réelle": Tally()}
    for run, cases, tally in zip(
        (on_random_bases, on_real_base), (asked.cas, asked.reels), tallies.values(), strict=True
    ):
        start = time.perf_counter()
        run(asked.graine, cases, tally)
        tally.seconds = time.perf_counter() - start
    page = render(asked.graine, tallies)
    asked.page.write_text(page + "\n")
    print("\n" + page)
    return int(any(tally.counts[kind] for tally in tallies.values() for kind in WRONG))


if __name__ == "__main__":
    sys.exit(main())
