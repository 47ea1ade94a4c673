"""Jalon's real base and OpenFisca-Paris on the municipal aids that both hold.

Random households tell everything. For each aid and each date: does Jalon say « oui », « à vérifier » or
« non », does OpenFisca give an amount? Each difference falls into a kind, named after what decides it;
docs/openfisca.md explains every kind, and the bench says when one is met that it does not know.
"""

from __future__ import annotations

import json
import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from rich.console import Console

from bench.rules.households import facts, households
from bench.rules.install import CACHE, Absent
from bench.rules.processes import Worker
from cli.project import ROOT
from data.build import read_documents
from rules import BaseError, Evaluator, load_base

MONTHS = ("2019-11", "2022-10", "2024-07")  # at which both have values: 2024-07 holds the last of OpenFisca
HOUSEHOLDS, UNTOLD, TIMED, ROUNDS, TOGETHER = 400, 60, 10, 3, 300
EXPLAINED = ROOT / "docs" / "openfisca.md"


def data() -> Path:
    """One household, for a fresh process."""
    path = CACHE / "household.json"
    path.write_text(json.dumps({"households": households(1), "month": MONTHS[-1]}))
    return path


def measure(worker: Worker, console: Console) -> dict:
    documents, faults = read_documents(ROOT)
    try:
        if faults:
            raise BaseError(faults)
        base = load_base(documents)
    except BaseError as error:
        raise Absent(f"la base de Jalon a des fautes. {error}") from error
    people = households(HOUSEHOLDS)
    console.print("[dim]OpenFisca-Paris : accord[/]")
    agreement = {month: _compare(base, worker, people, month) for month in MONTHS}
    untold = _untold(base, worker, people[:UNTOLD], MONTHS[-1])
    console.print("[dim]OpenFisca-Paris : durées[/]")
    names = list(agreement[MONTHS[-1]]["table"])
    return {"lines": _lines(agreement, untold, _times(base, worker, people, names), base)}


def _day(month: str) -> date:
    return date(*map(int, month.split("-")), 15)


def _compare(base, worker: Worker, people: list[Mapping], month: str) -> dict:
    said = worker.ask("aids", households=people, month=month)
    table: dict[str, Counter] = {}
    kinds: Counter = Counter()
    examples: dict[tuple, int] = {}
    evaluator = Evaluator(base)
    names = [name for name in said["aids"] if name in base.dispositifs]
    for number, household in enumerate(people):
        results = evaluator.evaluate_all(facts(household), _day(month), names)
        for name in names:
            ours, amount = results[name].status, said["aids"][name][number]
            theirs = "oui" if amount > 0 else "non"
            table.setdefault(name, Counter())[ours, theirs] += 1
            if ours != theirs:
                why = {key: values[number] for key, values in said["why"].items()}
                kind = (name, ours, theirs, _cause(name, results[name], household, why))
                kinds[kind] += 1
                examples.setdefault(kind, number)
    return {"table": table, "kinds": kinds, "examples": examples}


def _cause(name: str, result, household: Mapping, why: Mapping) -> str:
    """What decides: for « non » and « à vérifier » the conditions of our proof, for « oui » what OpenFisca lacks."""
    if result.status != "oui":
        return ", ".join(reason.leaf.id for reason in result.reasons)
    return next((cause for cause, holds in _THEIRS.items() if holds(name, household, why)), "?")


# Why OpenFisca gives nothing where Jalon says « oui », the first that holds.
_THEIRS: dict[str, Callable[[str, Mapping, Mapping], bool]] = {
    "couple et handicap": lambda name, household, why: (
        name == "complement_sante_paris" and household["disabled"] and household["partner_age"] is not None
    ),
    "logement pas à charge": lambda name, household, why: not why["paris_logement_a_charge"],
    "loyer net nul": lambda name, household, why: (
        name.startswith("paris_logement") and why["paris_logement_charge_nette_mensuelle"] <= 0
    ),
    "parent seul": lambda name, household, why: (
        name == "paris_logement_familles" and household["partner_age"] is None
    ),
    "4 enfants ou plus": lambda name, household, why: (
        name == "paris_logement_familles_mono" and len(household["children"]) >= 4
    ),
    "enfant handicapé": lambda name, household, why: name == "paris_logement" and household["disabled_child"],
    "étudiant": lambda name, household, why: name == "paris_logement" and household["student"],
    "taux d'effort": lambda name, household, why: (
        name == "paris_logement" and not why["paris_condition_taux_effort"]
    ),
}


def _untold(base, worker: Worker, people: list[Mapping], month: str) -> dict[str, int]:
    """What happens to those who did not say some things: to OpenFisca, an amount not given is zero."""
    gaps = {"income": "ressources_mensuelles", "months_in_paris": "anciennete_paris_mois", "rent": "loyer"}
    whole = worker.ask("aids", households=people, month=month)["aids"]
    evaluator = Evaluator(base)
    found: Counter = Counter()
    for key, fact in gaps.items():
        partly = worker.ask("aids", households=[{**one, key: 0} for one in people], month=month)["aids"]
        for number, household in enumerate(people):
            told = facts(household)
            ours = evaluator.evaluate_all(told, _day(month))
            del told[fact]
            ours_partly = evaluator.evaluate_all(told, _day(month))
            for name in whole:
                if name not in base.dispositifs:
                    continue
                found["answers"] += 1
                found["theirs"] += (whole[name][number] > 0) != (partly[name][number] > 0)
                decided = ours_partly[name].status != "a_verifier"
                found["ours"] += decided and ours_partly[name].status != ours[name].status
                found["ours decided"] += decided
    return dict(found)


def _times(base, worker: Worker, people: list[Mapping], names: list[str]) -> dict[str, float]:
    """Milliseconds for one household, by turns; each round has households that neither has met."""
    day, month = _day(MONTHS[-1]), MONTHS[-1]
    evaluator = Evaluator(base)
    rounds: dict[str, list[float]] = {}

    def note(key: str, value: float) -> None:
        rounds.setdefault(key, []).append(value)

    for turn in range(ROUNDS):
        some = households(TIMED, f"timed {turn}")
        ours = []
        for household in some:
            told = facts(household)
            start = time.perf_counter()
            evaluator.evaluate_all(told, day, names)
            ours.append((time.perf_counter() - start) * 1000)
        theirs = worker.ask("times", households=some, month=month, complete=True)
        both = [a + b for a, b in zip(theirs["entities"], theirs["aids"], strict=True)]
        note("ours", statistics.median(ours))
        note("theirs, aids only", statistics.median(theirs["aids"]))
        note("theirs", statistics.median(both))
        if turn < 1:
            ordinary = worker.ask("times", households=some[:2], month=month, complete=False)
            note("theirs, ordinary", statistics.median(ordinary["aids"]))
        crowd = households(TOGETHER, f"crowd {turn}")
        told = [facts(household) for household in crowd]
        start = time.perf_counter()
        for one in told:
            evaluator.evaluate_all(one, day, names)
        note("ours, together", (time.perf_counter() - start) * 1000)
        if turn < 3:
            note("theirs, together", worker.ask("together", households=crowd, month=month))
    return {key: statistics.median(values) for key, values in rounds.items()}


def _lines(agreement: Mapping, untold: Mapping, times: Mapping, base) -> list[str]:
    from bench.rules.page import number, table

    explained = EXPLAINED.read_text() if EXPLAINED.exists() else ""
    lines = ["## OpenFisca-Paris, sur les aides municipales que les deux connaissent", ""]
    lines += [
        (
            f"{HOUSEHOLDS} foyers tirés au hasard, qui disent tout. « OpenFisca oui » : un montant plus grand que"
            " zéro. Les désaccords sont expliqués, un par un, dans `docs/openfisca.md`."
        ),
        "",
    ]
    for month, found in agreement.items():
        rows = []
        for name, counts in found["table"].items():
            same = counts["oui", "oui"] + counts["non", "non"]
            cells = (counts[pair] for pair in _PAIRS)
            rows.append(
                (base.dispositifs[name].name, *map(str, cells), f"{same / HOUSEHOLDS:.0%}".replace("%", " %"))
            )
        heads = [f"{ours.replace('a_verifier', 'à vérifier')} / {theirs}" for ours, theirs in _PAIRS]
        lines += [f"{month} (Jalon / OpenFisca).", "", *table(("aide", *heads, "accord"), rows)]
        causes = Counter()
        for (_, ours, theirs, cause), count in found["kinds"].items():
            causes[f"{ours.replace('a_verifier', 'à vérifier')} / {theirs}", cause] += count
        lines += table(
            ("désaccord", "ce qui décide", "foyers", "expliqué"),
            (
                (pair, cause, str(count), _known(cause, explained))
                for (pair, cause), count in sorted(causes.items(), key=lambda item: (-item[1], item[0]))
            ),
        )
    lines += [
        (
            f"Quand une personne tait ses revenus, son loyer ou son temps à Paris, OpenFisca compte zéro :"
            f" {untold['theirs']} de ses {untold['answers']} réponses changent de sens. Jalon en décide"
            f" {untold['ours decided']} sans le savoir, et {untold['ours']} changent."
        ),
        "",
        *table(
            ("les 7 aides d'un foyer", "durée", "rapport"),
            [
                ("**Jalon**, avec les raisons, foyer jamais vu", f"{number(times['ours'])} ms", ""),
                *(
                    (label, f"{number(times[key])} ms", f"× {number(times[key] / times['ours'])}")
                    for label, key in (
                        ("OpenFisca, tout lui est donné, le calcul seul", "theirs, aids only"),
                        ("OpenFisca, tout lui est donné", "theirs"),
                        ("OpenFisca, ce qu'une personne sait dire", "theirs, ordinary"),
                    )
                ),
                (f"**Jalon**, {TOGETHER} foyers", f"{number(times['ours, together'])} ms", ""),
                (
                    f"OpenFisca, {TOGETHER} foyers en un seul calcul",
                    f"{number(times['theirs, together'])} ms",
                    f"× {number(times['theirs, together'] / times['ours, together'])}",
                ),
            ],
        ),
    ]
    return lines


def _known(cause: str, explained: str) -> str:
    return "oui" if all(f"`{part}`" in explained for part in cause.split(", ")) else "**non**"


_PAIRS = [(ours, theirs) for ours in ("oui", "a_verifier", "non") for theirs in ("oui", "non")]
