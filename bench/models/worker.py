"""One model in one process: `train MODEL FOLD FOLDER` or `read MODEL FOLDER`. Writes JSON in the folder.

Runs in the dialogue server's environment. Rasa is imported first, as in the product, so that memories compare.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

os.environ |= {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
import rasa.core.agent  # noqa: F401

from bench.models import examples
from bench.models.models import MODELS


def _peak() -> float:
    """Most memory ever held by this process, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def train(name: str, fold: int, folder: Path) -> None:
    """Learn all but one fold, then score the fold left out."""
    texts, targets = examples.learned(fold, MODELS[name].longer)
    wall, cpu = time.perf_counter(), time.process_time()
    model = MODELS[name].train(texts, targets, folder)
    found = {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu}
    found |= {"examples": len(texts), "peak_mb": _peak()}
    texts, targets = examples.left_out(fold)
    found["left_out"] = [
        [sorted(target), _rounded(model.scores(text))] for text, target in zip(texts, targets, strict=True)
    ]
    (folder / "trained.json").write_text(json.dumps(found))


def read(name: str, folder: Path) -> None:
    """Load a trained model, then read the test part and what is no request, one text at a time."""
    before = _peak()
    start = time.perf_counter()
    model = MODELS[name].load(folder)
    model.scores("bonjour")
    found = {"load_seconds": time.perf_counter() - start, "before_mb": before, "peak_mb": _peak()}
    times, cpu_times, scores = [], [], {}
    for message in examples.test_part():
        start, cpu = time.perf_counter(), time.process_time()
        scores[message["id"]] = _rounded(model.scores(message["texte"]))
        cpu_times.append((time.process_time() - cpu) * 1000)
        times.append((time.perf_counter() - start) * 1000)
    found |= {"ms": times, "cpu_ms": cpu_times, "scores": scores, "load": os.getloadavg()[0]}
    found["off_topic"] = [_rounded(model.scores(text)) for text in examples.off_topic()]
    found["noise"] = [_rounded(model.scores(text)) for text in examples.noise()]
    (folder / "read.json").write_text(json.dumps(found))


def _rounded(scores: dict[str, float]) -> dict[str, float]:
    return {label: round(score, 6) for label, score in scores.items() if score >= 0.001}


if __name__ == "__main__":
    task, name, *rest = sys.argv[1:]
    if task == "train":
        train(name, int(rest[0]), Path(rest[1]))
    else:
        read(name, Path(rest[0]))
