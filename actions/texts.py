"""The sentences of the conversation, read from `textes.yml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from data.yaml_reader import read_yaml


@cache
def texts() -> dict:
    """Every sentence or group of sentences by its key."""
    return read_yaml(Path(__file__).with_name("textes.yml"), "actions/textes.yml")
