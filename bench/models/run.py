"""`make bench-modeles`: several models of needs, alerts and acts, on the same examples and the same unseen messages.

Each training and each reading is in its own process, one thread, low priority. Hours on a busy machine: DIET.
`--reprendre` keeps the steps already done in run/modeles/. Writes bench/resultats/modeles.md.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from bench.models import examples, page
from bench.models.decisions import DECIDED, decide, thresholds, union

ROOT = examples.ROOT
WORK = ROOT / "run" / "modeles"
RESULTS = ROOT / "bench" / "resultats" / "modeles.md"
PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
DECIDE_ALONE = ("reader", "lists")
LEARNED = ("linear", "linear-short", "linear-vectors", "linear-lemmas", "diet", "diet-spacy")
# Learned twice from a few examples, to see whether the same seed gives the same scores.
TWICE = ("linear", "linear-vectors", "linear-lemmas", "diet")
UNIONS = (("lists", "linear"), ("lists", "diet"), ("reader", "diet"), ("reader", "diet-spacy"))
_BOTH = ("once", "twice")
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


def main() -> int:
    """Train, read, compare; 1 when a model failed (the page says so)."""
    parser = argparse.ArgumentParser(description="Compare des modèles de compréhension.")
    parser.add_argument("--reprendre", action="store_true", help="garder les étapes déjà faites")
    if not parser.parse_args().reprendre:
        shutil.rmtree(WORK, ignore_errors=True)
    lost = {name for name, step, fold in _steps() if not _trained(name, step, fold)}
    # Read one after the other: the load of the machine weighs on all of them alike.
    lost |= {name for name in (*DECIDE_ALONE, *LEARNED) if name not in lost and not _read(name)}
    found = {name: _found(name) for name in (*DECIDE_ALONE, *LEARNED) if name not in lost}
    if "reader" in found and "linear" in found:
        found["reader"]["gap"] = found["linear"]["gap"]  # the linear model is all that the reader learns
    for one, other in UNIONS:
        if one in found and other in found:
            found[f"{one}+{other}"] = _joined(found[one], found[other])
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(page.render(found, examples.test_part(), sorted(lost), _version()), "utf-8")
    print(RESULTS.read_text("utf-8"))
    return 1 if lost else 0


def _steps() -> list[tuple[str, str, int]]:
    """(model, folder, fold left out) of each training."""
    steps = [(name, "whole", examples.WHOLE) for name in (*DECIDE_ALONE, *LEARNED)]
    steps += [(name, f"fold{fold}", fold) for name in LEARNED for fold in range(examples.FOLDS)]
    return steps + [(name, step, examples.FEW) for name in TWICE for step in _BOTH]


def _trained(name: str, step: str, fold: int) -> bool:
    folder = WORK / name / step
    folder.mkdir(parents=True, exist_ok=True)
    return (folder / "trained.json").exists() or _worker(folder, "train", name, str(fold), str(folder))


def _read(name: str) -> bool:
    folder = WORK / name / "whole"
    return (folder / "read.json").exists() or _worker(folder, "read", name, str(folder))


def _worker(folder: Path, *arguments: str) -> bool:
    print("…", *arguments[:2], folder.name, file=sys.stderr, flush=True)
    environment = os.environ | dict.fromkeys(_ONE_THREAD, "1") | {"PYTHONWARNINGS": "ignore"}
    with (folder / "log").open("a") as log:
        command = ["nice", "-n", "15", str(PYTHON), "-m", "bench.models.worker", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=log, stderr=log, check=False)
        return done.returncode == 0


def _found(name: str) -> dict:
    """Everything known of one model: limits, predictions of the test part, of what is no request, and costs."""
    folder = WORK / name
    trained, read = _json(folder / "whole" / "trained.json"), _json(folder / "whole" / "read.json")
    limits, best = DECIDED, None
    if name in LEARNED:
        parts = [_json(folder / f"fold{fold}" / "trained.json")["left_out"] for fold in range(examples.FOLDS)]
        best = thresholds([pair for part in parts for pair in part])
        limits = {kind: limit for kind, (limit, _) in best.items()}
    files = (folder / "whole").rglob("*")
    kept = ("trained.json", "read.json", "log")
    return {
        "best": best,
        "predictions": {key: decide(scores, limits) for key, scores in read["scores"].items()},
        "off_topic": [decide(scores, limits) for scores in read["off_topic"]],
        "noise": [decide(scores, limits) for scores in read["noise"]],
        "ms": read["ms"],
        "cpu_ms": read["cpu_ms"],
        "load": read["load"],
        "seconds": trained["seconds"],
        "cpu_seconds": trained["cpu_seconds"],
        "examples": trained["examples"],
        "model_mb": sum(f.stat().st_size for f in files if f.is_file() and f.name not in kept) / 1e6,
        "base_mb": read["before_mb"],
        "more_mb": read["peak_mb"] - read["before_mb"],
        "gap": _gap(folder),
    }


def _gap(folder: Path) -> float | None:
    """Largest difference between the scores of two trainings with the same seed; None when not tried."""
    if not (folder / "twice" / "trained.json").exists():
        return None
    first, second = (_json(folder / step / "trained.json")["left_out"] for step in _BOTH)
    return max(
        abs(a.get(label, 0) - b.get(label, 0))
        for (_, a), (_, b) in zip(first, second, strict=True)
        for label in {*a, *b}
    )


def _joined(one: dict, other: dict) -> dict:
    """Both read each message, one after the other in the same process: costs add up."""
    joined = {key: one[key] + other[key] for key in ("seconds", "cpu_seconds", "model_mb", "more_mb")}
    first, second = one["predictions"], other["predictions"]
    return joined | {
        "best": None,
        "predictions": {key: union(first[key], second[key]) for key in first},
        "off_topic": [union(*pair) for pair in zip(one["off_topic"], other["off_topic"], strict=True)],
        "noise": [union(*pair) for pair in zip(one["noise"], other["noise"], strict=True)],
        "ms": [sum(pair) for pair in zip(one["ms"], other["ms"], strict=True)],
        "cpu_ms": [sum(pair) for pair in zip(one["cpu_ms"], other["cpu_ms"], strict=True)],
        "load": max(one["load"], other["load"]),
        "base_mb": one["base_mb"],
        "examples": other["examples"],
        "gap": other["gap"],
    }


def _version() -> str:
    """Commit of the last change to what is learned and how it is read."""
    command = ["git", "log", "-1", "--format=%h", "--", "assistant"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def _json(path: Path) -> dict:
    return json.loads(path.read_text())


if __name__ == "__main__":
    sys.exit(main())
