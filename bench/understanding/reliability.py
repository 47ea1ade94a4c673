"""Reliability: of the labels announced with a score near p, what share was right?"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

BINS = 10


def bins(scored: Iterable[tuple[float, bool]]) -> list[tuple[float, float, int]]:
    """(mean score, share right, how many) for each tenth of the scores that holds something."""
    groups: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for value, right in scored:
        groups[min(BINS - 1, int(value * BINS))].append((value, right))
    return [
        (sum(v for v, _ in group) / len(group), sum(r for _, r in group) / len(group), len(group))
        for group in groups
        if group
    ]


def calibration_error(points: Sequence[tuple[float, float, int]]) -> float:
    """Mean gap between announced score and share right, weighted by how many (0: perfect)."""
    total = sum(count for *_, count in points)
    return sum(abs(said - right) * count for said, right, count in points) / total if total else 0.0


def draw(series: dict[str, Sequence[tuple[float, float, int]]], target: Path) -> None:
    """Write the diagram as PNG, with the Python of the dialogue server: only that one has matplotlib.

    Raises subprocess.CalledProcessError.
    """
    root = Path(__file__).resolve().parents[2]
    command = [str(root / ".venv-rasa/bin/python"), "-m", "bench.understanding.reliability", str(target)]
    subprocess.run(command, cwd=root, input=json.dumps(series), text=True, check=True)


def _draw(series: dict[str, Sequence[tuple[float, float, int]]], target: Path) -> None:
    """One line for each series; the diagonal is a perfect score."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(5.5, 5), dpi=110)
    axes.plot([0, 1], [0, 1], linestyle=":", color="grey", label="perfect")
    for name, points in series.items():
        axes.plot([p[0] for p in points], [p[1] for p in points], marker="o", label=name)
        for said, right, count in points:
            axes.annotate(str(count), (said, right), textcoords="offset points", xytext=(4, -10), fontsize=7)
    axes.set(xlabel="announced score", ylabel="share that was right", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.legend(loc="upper left")
    figure.tight_layout()
    figure.savefig(target, metadata={"Software": None})
    pyplot.close(figure)


if __name__ == "__main__":
    _draw(json.load(sys.stdin), Path(sys.argv[1]))
