"""`make bench-horaires`: opening hours against a second opinion, and the time they take.

Writes bench/resultats/horaires.md. With `--figer`, also writes the agreed pairs to tests/data_horaires/, where
a test replays them without node. Fails when a disagreement has no explanation.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from bench.hours import page, speed
from bench.hours.compare import Verdict, ours, second_opinions
from bench.hours.explain import reason_of
from bench.hours.pairs import Pair, pairs
from bench.hours.random_pairs import random_pairs
from bench.rules.install import Absent
from cli.project import ROOT

RESULTS = ROOT / "bench" / "resultats" / "horaires.md"
FROZEN = ROOT / "tests" / "data_horaires" / "paires.csv"
FROZEN_BY_EXPRESSION = 9


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare les horaires à une autre implémentation.")
    parser.add_argument("--figer", action="store_true", help="réécrit aussi les paires du test")
    parser.add_argument("--hasard", type=int, default=1000, help="expressions au hasard (1000)")
    options = parser.parse_args()
    console = Console()
    verdicts, refused = _judge(pairs())
    drawn, _ = _judge(random_pairs(options.hasard))
    text = page.render(verdicts, refused, drawn, speed.measure())
    console.print(Markdown(text))
    unexplained = [verdict for verdict in verdicts if not verdict.agree and not reason_of(verdict)]
    for verdict in unexplained:
        console.print(f"Sans explication : {verdict}")
    _replace(RESULTS, text)
    if options.figer:
        console.print(f"{_freeze(verdicts)} paires dans {FROZEN.relative_to(ROOT)}.")
    if unexplained:
        sys.exit(f"{len(unexplained)} désaccords sans explication.")


def _judge(asked: Sequence[Pair]) -> tuple[list[Verdict], list[tuple[Pair, str]]]:
    """Both answers to each pair; apart, the pairs that the second opinion cannot answer, and its error."""
    verdicts, refused = [], []
    for pair, second in zip(asked, second_opinions(asked), strict=True):
        if isinstance(second, str):
            refused.append((pair, second))
        else:
            verdicts.append(Verdict(pair, ours(pair.osm, datetime.fromisoformat(pair.at)), second))
    return verdicts, refused


def _freeze(verdicts: list[Verdict]) -> int:
    """The pairs on which both agree, some of each expression, with the answer of the second opinion."""
    kept: dict[str, list[Verdict]] = defaultdict(list)
    seen: Counter = Counter()
    for verdict in verdicts:
        # A pair tells more when the same answer has not been kept for this expression.
        said = (verdict.pair.osm, verdict.theirs.state, verdict.theirs.change)
        if verdict.agree and len(kept[verdict.pair.osm]) < FROZEN_BY_EXPRESSION and not seen[said]:
            seen[said] += 1
            kept[verdict.pair.osm].append(verdict)
    rows = [verdict for of_one in kept.values() for verdict in of_one]
    FROZEN.parent.mkdir(exist_ok=True)
    with FROZEN.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["famille", "osm", "moment", "etat", "change"])
        for verdict in rows:
            pair, answer = verdict.pair, verdict.theirs
            writer.writerow([pair.family, pair.osm, pair.at, answer.state, answer.change or ""])
    return len(rows)


def _replace(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(path)


if __name__ == "__main__":
    try:
        main()
    except Absent as why:
        sys.exit(f"Arrêt : {why}")
