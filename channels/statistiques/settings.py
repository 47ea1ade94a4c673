"""Settings of the statistics, read once from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

_FILE = Path(__file__).parents[2] / "run" / "statistiques.db"
LOWEST_THRESHOLD = 5
_EXAMPLES = {
    "JALON_RABBITMQ": (("amqp", "amqps"), "amqp://compte:secret@machine/"),
    "JALON_POSTGRES": (("postgresql", "postgres"), "postgresql://compte:secret@machine/base"),
}


@dataclass(frozen=True)
class StatisticsSettings:
    """Where counts go, and under which number nothing is told.

    A door hands them to `rabbitmq` when it is set, else adds them up itself in `postgres`, else in `file`.
    Addresses may hold a password.
    """

    file: Path = _FILE
    rabbitmq: str | None = field(default=None, repr=False)
    postgres: str | None = field(default=None, repr=False)
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
        _address(environment, "JALON_RABBITMQ"),
        _address(environment, "JALON_POSTGRES"),
        _threshold(environment.get("JALON_STATISTIQUES_SEUIL") or str(StatisticsSettings.threshold)),
    )


def _address(environment: Mapping[str, str], name: str) -> str | None:
    text = environment.get(name, "").strip()
    if not text:
        return None
    schemes, example = _EXAMPLES[name]
    try:
        parts = urlsplit(text)
        right = parts.scheme in schemes and parts.hostname and parts.port != 0
    except ValueError:
        right = False
    if not right:
        raise ValueError(f"{name} : il faut une adresse comme « {example} ».")
    return text


def _threshold(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and LOWEST_THRESHOLD <= int(text[:9]) <= 1000):
        raise ValueError(
            f"JALON_STATISTIQUES_SEUIL : il faut un nombre de {LOWEST_THRESHOLD} à 1000, pas « {text} »."
        )
    return int(text)
