"""`make bench-charge`: turns a second, delays, memory and refusals of the two profiles; bench/resultats/charge.md.

About 6 minutes. `python -m bench.load.run --secondes 10`: seconds of each measure.
"""

from __future__ import annotations

import argparse
import os
import time
from datetime import datetime

from bench import memory, turns
from bench.load.crowd import Load, measure
from bench.load.profiles import PROFILES
from cli.project import ROOT
from cli.stack import Stack

PAGE = ROOT / "bench" / "resultats" / "charge.md"
# (seconds between an answer and the next message, people at once). People who never pause are as many requests waiting:
# their wait is their number divided by the turns a second, whatever the program.
CROWDS = (
    (0.0, (1, 10, 50, 100)),
    (0.25, (10, 50, 100)),
    (5.0, (50, 200, 500)),
)
DRAIN_S = 3  # what a crowd left in line is answered before the next one comes
TOO_MANY = 600  # without a pause: the door has 16 turns under way and 200 in line


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--secondes", type=int, default=10)
    arguments = parser.parse_args()
    lines = [
        "# Charge",
        "",
        (
            f"{datetime.now().astimezone():%Y-%m-%d %H:%M}, {os.cpu_count()} cœurs, partagés avec wrk qui joue les"
            f" gens. Charge de la machine au début : {os.getloadavg()[0]:.1f}. « Pause » : temps moyen entre une réponse et"
            " le message suivant de la même personne (tirée entre 0,2 et 1,8 fois ce temps) ; 0 : personne ne s'arrête, ce qu'aucun humain ne"
            " fait. 5 s : une personne qui lit un peu et tape peu. L'attente ne compte pas la pause."
        ),
        "",
    ]
    for name, profile in PROFILES.items():
        with profile() as stack:
            lines += [f"## Profil « {name} »", "", *_profile(stack, arguments.secondes)]
    lines += [f"Charge de la machine à la fin : {os.getloadavg()[0]:.1f}.", ""]
    PAGE.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


def _profile(stack: Stack, seconds: int) -> list[str]:
    before = memory.processor(stack.process.pid)
    alone = turns.measure(stack.url, 2)
    spent = memory.processor(stack.process.pid)
    sizes = memory.measure(stack.process.pid)
    table = []
    for pause, people in ((pause, people) for pause, crowd in CROWDS for people in crowd):
        table.append(_row(pause, people, measure(stack.url, people, seconds + round(2 * pause), pause=pause)))
        time.sleep(DRAIN_S)
    return [
        f"- prêt en {stack.start_seconds:.1f} s (visé : 8 s)",
        f"- un tour seul : médiane {alone['mediane_ms']} ms, p95 {alone['p95_ms']} ms (visé : 40 ms)",
        "- processeur par tour : "
        + ", ".join(f"{name} {_per_turn(spent, before, name, alone):.1f} ms" for name in spent)
        + f" ; en tout {sum(_per_turn(spent, before, name, alone) for name in spent):.1f} ms",
        "- mémoire (PSS, Mo) : " + ", ".join(f"{name} {size['pss']:g}" for name, size in sizes.items()),
        "",
        "| pause (s) | personnes | tours/s | médiane (ms) | p95 (ms) | refusés (429, 503) | sans dialogue | sans réponse |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
        *table,
        "",
        _refusals(measure(stack.url, TOO_MANY, seconds)),
        "",
    ]


def _refusals(load: Load) -> str:
    return (
        f"Au-delà de la limite, {TOO_MANY} personnes sans pause : {load.rate:.0f} tours/s répondus, {load.refused} refus sur"
        f" {load.turns} demandes, dont {load.told} avec la phrase qui le dit et les numéros à appeler (503) ;"
        f" {load.without_dialogue} sans dialogue, {load.broken} sans réponse ; la plus longue attente, refus compris :"
        f" {load.longest / 1000:.1f} s."
    )


def _per_turn(spent: dict, before: dict, name: str, alone: dict) -> float:
    return 1000 * (spent[name] - before.get(name, 0.0)) / alone["tours"]


def _row(pause: float, people: int, load: Load) -> str:
    return (
        f"| {pause:g} | {people} | {load.rate:.0f} | {load.p50:.0f} | {load.p95:.0f} | {load.refused} | {load.without_dialogue}"
        f" | {load.broken} |"
    )


if __name__ == "__main__":
    main()
