"""Train the dialogue model when what it is made from has changed."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from time import perf_counter

from cli.project import DIALOGUE_PYTHON, ROOT, fingerprint

MANIFEST = ROOT / "assistant" / "models" / "modele.json"
# What the model is made from. The rest of assistant/ only runs it.
SOURCES = (
    "config.yml",
    "assistant/requirements.lock",
    "assistant/components/**/*.py",
    "assistant/dialogue/**/*.yml",
    "assistant/domain/**/*.yml",
    "assistant/lexique/**/*.yml",
    "assistant/nlu/**/*.yml",
    "assistant/reading/**/*.py",
    "data/lieux/*.yml",
    "rules/base/besoins.yml",
    "rules/base/faits.yml",
)


class TrainingError(Exception):
    """No model could be made. The message says why, in French, with the end of the trainer's words."""


@dataclass(frozen=True)
class Training:
    """What `train_if_needed` did: `seconds` is None when the model was already up to date."""

    seconds: float | None


def is_up_to_date(sources: str) -> bool:
    """Whether the present model was made from files of this fingerprint."""
    try:
        manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
        return manifest["sources"] == sources and (MANIFEST.parent / manifest["fichier"]).is_file()
    except (OSError, ValueError, KeyError, TypeError):
        return False


def train_if_needed(force: bool = False) -> Training:
    """Make the model unless it is up to date. Raises TrainingError."""
    if not DIALOGUE_PYTHON.exists():
        raise TrainingError("L'environnement du dialogue (.venv-rasa) manque. Lancez « make run ».")
    try:
        sources = fingerprint(SOURCES)
    except FileNotFoundError as error:
        raise TrainingError(str(error)) from None
    if not force and is_up_to_date(sources):
        return Training(None)
    start = perf_counter()
    command = [str(DIALOGUE_PYTHON), "-m", "assistant.server", "train", "--sources", sources]
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        end = "\n".join(done.stdout.strip().splitlines()[-30:])
        raise TrainingError(f"{end}\nL'entraînement a échoué (code {done.returncode}).")
    return Training(perf_counter() - start)
