"""`make bench-rules`: Jalon's engine and others on the same rules, by turns, in one run.

Each engine is in its own process and they are asked one after the other, round after round, so that a load
on the machine weighs on all of them. Figures are medians of rounds; ratios are medians of the ratios of a
round. An engine that cannot be installed is said to be absent. The page in bench/resultats/ is replaced only
by a run in which nothing was absent and nothing failed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from bench.rules import aids, page
from bench.rules.install import CACHE, Absent
from bench.rules.neutral import SHARES, Neutral, documents
from bench.rules.processes import Worker, publicodes, workers
from cli.project import ROOT

RESULTS = ROOT / "bench" / "resultats" / "regles.md"
SEEDS = (7, 1, 2, 3, 4)
MET_BEFORE = 2000  # people of each share that Jalon has answered before « other people » are timed
CROWD = 10_000
# (engine, way of asking): people of the crowd that are really asked; the time is brought to 10,000.
WAYS = {
    ("jalon", "raisons"): CROWD,
    ("jalon", "statuts"): CROWD,
    ("parcours", "parcours"): CROWD,
    ("zen", "graphe"): CROWD,
    ("zen", "liste"): CROWD,
    ("rule_engine", "regles"): 1000,
    ("publicodes", None): 100,
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Mesure le moteur de règles face à d'autres.")
    parser.add_argument("--tours", type=int, default=5, help="tours de mesure (5)")
    rounds = parser.parse_args().tours
    console = Console()
    base = Neutral(7)
    running, absent = workers(_data(base))
    try:
        found = {
            "rounds": rounds,
            "absent": absent,
            "machine": page.machine(),
            "versions": {name: worker.ask("version") for name, worker in running.items()},
            "answers": _answers(running),
            "check": running["jalon"].ask("check"),
            "times": _times(running, base, rounds, console),
            "questions": _questions(running, console),
            "first": _first(running, base, rounds),
            "aids": _aids(running, absent, console),
        }
        found["peak_after"] = running["jalon"].ask("peak")
    finally:
        for worker in running.values():
            worker.stop()
    text = page.render(found)
    console.print(Markdown(text))
    if absent:
        for name, why in absent.items():
            console.print(f"[bold]Non mesuré[/] {name} : {why}")
        console.print(f"La page {RESULTS.relative_to(ROOT)} n'est pas remplacée : il manque un moteur.")
        return
    RESULTS.parent.mkdir(exist_ok=True)
    fresh = RESULTS.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(RESULTS)
    console.print(f"Écrit dans {RESULTS.relative_to(ROOT)}.")
    if found["check"]["exact"] != found["check"]["answers"]:
        sys.exit("Le moteur de Jalon a donné une réponse fausse.")


def _data(base: Neutral) -> Path:
    """The base as a file, for those that are not Python and for fresh processes."""
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / f"base-{base.seed}.json"
    whole = {**base.as_json(), "cases": base.cases, "groups": base.groups(), "documents": documents(base)}
    path.write_text(json.dumps(whole))
    return path


def _ways(running: dict[str, Worker]) -> list[tuple[str, str | None]]:
    return [way for way in WAYS if way[0] in running]


def _answers(running: dict[str, Worker]) -> dict[str, dict]:
    """Of each engine (its first way of asking), against Kleene's truth, the shares of known facts put together."""
    found = {}
    for name, way in _ways(running):
        if name not in found:
            shares = running[name].ask("answers", way=way).values()
            found[name] = {key: sum(share[key] for share in shares) for key in ("same", "other", "error")}
    return found


def _times(running: dict[str, Worker], base: Neutral, rounds: int, console: Console) -> dict:
    """By measure, then by way of asking: one figure a round, None when the engine does not answer."""
    found: dict[str, dict[str, list]] = {}

    def note(measure: str, way: tuple, value: float | None) -> None:
        found.setdefault(measure, {}).setdefault("/".join(filter(None, way)), []).append(value)

    ways = _ways(running)
    for name, way in ways:
        if name == "jalon":
            for share in SHARES[:-1]:
                running[name].ask("people", way=way, people=base.people(MET_BEFORE, share, "before"))
    for turn in range(rounds):
        console.print(f"[dim]tour {turn + 1} sur {rounds}[/]")
        crowd = base.people(CROWD, 1.0, f"crowd {turn}")
        partly = base.people(CROWD, 0.6, f"crowd {turn}")
        for name, way in ways[turn % len(ways) :] + ways[: turn % len(ways)]:
            worker, key = running[name], (name, way)
            note("load", key, worker.ask("load"))
            for share in SHARES:
                same, others = base.known(share), base.people(100, share, f"turn {turn}")
                note(f"same {share}", key, _median(worker.ask("people", way=way, people=same)))
                if share:
                    note(f"others {share}", key, _median(worker.ask("people", way=way, people=others)))
                if name == "jalon":
                    times = worker.ask("new", way=way, people=others if share else same)
                    note(f"very first {share}", key, times[0])
                    note(f"new {share}", key, _median(times[1:]) if share else None)
            asked = WAYS[key]
            note("crowd", key, worker.ask("crowd", way=way, people=crowd[:asked]) * CROWD / asked)
            if name in ("jalon", "parcours"):
                note("partly known crowd", key, worker.ask("crowd", way=way, people=partly))
        people = base.people(100, 0.3, f"question {turn}")
        for name in ("jalon", "publicodes"):
            if name not in running:
                continue
            if name == "publicodes":
                note("question", (name,), _median(running[name].ask("question", people=people[:30])))
                continue
            served = running[name].ask("question", people=people)
            fresh = running[name].ask("new_question", people=people)
            note("question", (name,), _median(served["new"]))
            note("question again", (name,), _median(served["again"]))
            note("question new", (name,), _median(fresh["new"][1:]))
            note("question new, longest", (name,), max(fresh["new"][1:]))
    return found


def _median(times: list[float]) -> float | None:
    return statistics.median(times) if times else None


def _questions(running: dict[str, Worker], console: Console) -> dict[str, dict[int, dict]]:
    """How many questions until the six rules of a group are decided: 10 groups, 100 people, several bases."""
    found: dict[str, dict[int, dict]] = {}
    for seed in SEEDS:
        console.print(f"[dim]questions, base {seed}[/]")
        for name in ("jalon", "publicodes", "parcours"):
            if name not in running:
                continue
            if name == "publicodes":  # it reads its base from a file: a process for each
                worker = publicodes(_data(Neutral(seed))).start()
                counts = worker.ask("questions")
                worker.stop()
            else:
                counts = running[name].ask("questions", seed=seed)
            found.setdefault(name, {})[seed] = {
                "mean": statistics.mean(counts),
                "median": statistics.median(counts),
                "most": max(counts),
            }
    return found


def _aids(running: dict[str, Worker], absent: dict[str, str], console: Console) -> dict | None:
    if "openfisca" not in running:
        return None
    try:
        return aids.measure(running["openfisca"], console)
    except Absent as why:
        absent["openfisca"] = str(why)
        return None


def _first(running: dict[str, Worker], base: Neutral, rounds: int) -> dict[str, dict]:
    """From the start of a process to its first answer, and the most memory it held."""
    found: dict[str, list] = {}
    names = [name for name in running if name not in ("parcours", "openfisca")]
    for _ in range(rounds):
        for name in names:
            found.setdefault(name, []).append(running[name].first_answer(_data(base)))
    if "openfisca" in running:
        found["openfisca"] = [running["openfisca"].first_answer(aids.data()) for _ in range(2)]
    return {
        name: {key: statistics.median(one[key] for one in runs) for key in runs[0]}
        for name, runs in found.items()
    }


if __name__ == "__main__":
    try:
        main()
    except Absent as why:
        sys.exit(f"Arrêt : {why}")
