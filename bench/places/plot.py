"""Draw bench/resultats/lieux.png from lieux.json. Only needs matplotlib, which the dialogue environment has."""

from __future__ import annotations

import json
from pathlib import Path

RESULTS = Path(__file__).resolve().parents[1] / "resultats"
LINES = (("mediane_ms", "médiane", "o-"), ("p95_ms", "95 %", "s--"), ("pire_ms", "pire", "^:"))
AIM_MS = 5
TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


def main() -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    sizes = json.loads((RESULTS / "lieux.json").read_text())["tailles"]
    counts = [size["lieux"] for size in sizes]
    figure, axes = pyplot.subplots(figsize=(6.5, 4), dpi=110)
    for key, label, style in LINES:
        axes.plot(counts, [size[key] for size in sizes], style, color="black", label=label, markersize=5)
    axes.axhline(AIM_MS, color="grey", linewidth=1, label=f"but : médiane de {AIM_MS} ms à 100 000 lieux")
    axes.set(xscale="log", yscale="log", xlabel="lieux dans la base", ylabel="millisecondes")
    axes.set_xticks(counts, [f"{count:,}".replace(",", " ") for count in counts], rotation=20)
    axes.set_yticks(TICKS, [str(tick) for tick in TICKS])
    axes.minorticks_off()
    axes.legend()
    figure.tight_layout()
    figure.savefig(RESULTS / "lieux.png", metadata={"Software": None})
    pyplot.close(figure)


if __name__ == "__main__":
    main()
