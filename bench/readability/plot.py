"""Draw docs/images/lisibilite.png from lisibilite.json. Only needs matplotlib, which the dialogue environment has."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
AIM, FLOOR = 75, 65
LOW, HIGH = 0, 130


def main() -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    content = json.loads((ROOT / "bench" / "resultats" / "lisibilite.json").read_text(encoding="utf-8"))
    sets, known = list(content["mesures"].items()), list(content["connus"].items())
    rows = range(len(sets) + len(known), 0, -1)
    figure, axes = pyplot.subplots(figsize=(9, 0.8 + 0.5 * len(rows)), dpi=110)
    axes.boxplot(
        [values for _, values in sets],
        positions=rows[: len(sets)],
        vert=False,
        whis=(5, 95),
        showfliers=False,
        widths=0.5,
        medianprops={"color": "black", "linewidth": 2},
    )
    axes.plot([value for _, value in known], rows[len(sets) :], "D", color="black", markersize=7)
    names = [f"{name} ({len(values)})" for name, values in sets]
    axes.set_yticks(rows, [*names, *(f"{name} (moyenne connue)" for name, _ in known)])
    axes.axvline(AIM, color="black", linestyle="--", linewidth=1, label=f"but : {AIM}")
    axes.axvline(FLOOR, color="grey", linestyle=":", linewidth=1.5, label=f"plancher : {FLOOR}")
    axes.set(
        xlim=(LOW, HIGH),
        xlabel="Kandel-Moles : à droite, plus facile (boîte : la moitié des textes ; traits : 90 %)",
    )
    axes.legend(loc="lower right")
    figure.tight_layout()
    figure.savefig(ROOT / "docs" / "images" / "lisibilite.png", metadata={"Software": None})
    pyplot.close(figure)


if __name__ == "__main__":
    main()
