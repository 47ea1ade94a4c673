"""Settings of the SMS channel, read once from the environment. Every name starts with JALON_SMS_."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from channels.sms.providers import NAMES

_RUN = Path(__file__).parents[2] / "run"
_PREFIX = "JALON_SMS_"


@dataclass(frozen=True)
class SmsSettings:
    """What the SMS channel needs to run. Absent provider: the channel is off.

    `key`: what numbers are hashed with; empty: made at the first start beside `file`. `cap`: euros a day.
    `hourly`: messages of one number in an hour that are answered. `queue`: most messages waiting for an
    answer before the provider is asked to come back later. `retention`: hours that a number or a text may
    stay when no delivery report comes. `provider_options`: the variables of the provider, without prefix.
    """

    provider: str
    file: Path = _RUN / "sms.db"
    key: str = field(default="", repr=False)
    price: float = 0.05
    cap: float = 20.0
    hourly: int = 30
    queue: int = 20_000
    retention: float = 24.0
    at_once: int = 8
    settle: float = 0.5
    provider_options: Mapping[str, str] = field(default_factory=dict, repr=False)


def read_sms_settings(environment: Mapping[str, str]) -> SmsSettings | None:
    """Settings from JALON_SMS_* variables; None when no provider is named.

    Raises ValueError, with the name of the variable, when a value cannot be used.
    """
    provider = environment.get(f"{_PREFIX}FOURNISSEUR", "").strip().lower()
    if not provider:
        return None
    if provider not in NAMES:
        raise ValueError(f"{_PREFIX}FOURNISSEUR : il faut {', '.join(NAMES)}, pas « {provider} ».")
    own = f"{_PREFIX}{provider.upper()}_"
    found: dict = {
        "provider": provider,
        "provider_options": {
            name.removeprefix(own).lower(): value
            for name, value in environment.items()
            if name.startswith(own) and value
        },
    }
    if file := environment.get(f"{_PREFIX}FICHIER"):
        found["file"] = Path(file)
    if key := environment.get(f"{_PREFIX}CLE"):
        if len(key) < 32:
            raise ValueError(f"{_PREFIX}CLE : il faut 32 caractères ou plus.")
        found["key"] = key
    numbers = {
        "price": ("PRIX", float, 0, 10),
        "cap": ("PLAFOND", float, 0, 100_000),
        "hourly": ("LIMITE_HEURE", int, 1, 1000),
        "queue": ("FILE_MAX", int, 1, 1_000_000),
        "retention": ("HEURES", float, 1, 72),
        "at_once": ("SIMULTANES", int, 1, 64),
    }
    for name, (variable, kind, low, high) in numbers.items():
        if text := environment.get(_PREFIX + variable):
            found[name] = _number(_PREFIX + variable, text, kind, low, high)
    return SmsSettings(**found)


def _number(variable: str, text: str, kind: type, low: float, high: float):
    try:
        value = kind(text.replace(",", "."))
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise ValueError(f"{variable} : il faut un nombre de {low} à {high}, pas « {text} ».")
    return value
