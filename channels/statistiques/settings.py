"""Settings of the statistics, read once from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from data.city import postgres_address, rabbitmq_address

_FILE = Path(__file__).parents[2] / "run" / "statistiques.db"
LOWEST_THRESHOLD = 5


@dataclass(frozen=True)
class StatisticsSettings:
    """Where counts go, and under which number nothing is told.

    A door hands them to `rabbitmq` when it is set, else adds them up itself in `postgres`, else in `file`.
    Addresses may hold a password.
    """

    file: Path = _FILE
    rabbitmq: str = field(default="", repr=False)
    postgres: str = field(default="", repr=False)
    threshold: int = 10


def read_statistics(environment: Mapping[str, str]) -> StatisticsSettings | None:
    """Settings from the environment; None when JALON_STATISTIQUES is « non ».

    Raises ValueError, with the name of the variable and never an address, when a value cannot be used.
    """
    wanted = environment.get("JALON_STATISTIQUES") or "oui"
    if wanted not in ("oui", "non"):
        raise ValueError(f"JALON_STATISTIQUES : il faut « oui » ou « non », pas « {wanted} ».")
    if wanted == "non":
        return None
    return StatisticsSettings(
        Path(environment.get("JALON_STATISTIQUES_FICHIER") or _FILE),
        rabbitmq_address(environment),
        postgres_address(environment),
        _threshold(environment.get("JALON_STATISTIQUES_SEUIL") or str(StatisticsSettings.threshold)),
    )


def _threshold(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and LOWEST_THRESHOLD <= int(text[:9]) <= 1000):
        raise ValueError(
            f"JALON_STATISTIQUES_SEUIL : il faut un nombre de {LOWEST_THRESHOLD} à 1000, pas « {text} »."
        )
    return int(text)
