"""The words of the SMS channel, kept in textes.yml beside this module."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from data.yaml_reader import read_yaml


@cache
def words() -> dict:
    """Every text, short label, spelling and budget, by its key."""
    return read_yaml(Path(__file__).with_name("textes.yml"), "channels/sms/textes.yml")
