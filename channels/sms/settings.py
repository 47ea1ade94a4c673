"""Settings of the SMS channel, read once from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from channels.sms.providers import NAMES
from data.city import postgres_address

_RUN = Path(__file__).parents[2] / "run"
_NUMBERS = {
    "price": ("JALON_SMS_PRIX", float, 0, 10),
    "cap": ("JALON_SMS_PLAFOND", float, 0, 100_000),
    "hourly": ("JALON_SMS_LIMITE_HEURE", int, 1, 1000),
    "queue": ("JALON_SMS_FILE_MAX", int, 1, 1_000_000),
    "retention": ("JALON_SMS_HEURES", float, 1, 72),
    "at_once": ("JALON_SMS_SIMULTANES", int, 1, 64),
}


@dataclass(frozen=True)
class SmsSettings:
    """What the SMS channel needs to run. Absent provider: the channel is off.

    `postgres`: the database of the queue; empty: the queue is `file`. `key`: what numbers are hashed and texts
    sealed with; empty: made at the first start beside `file`. `cap`: euros a day.
    `hourly`: messages of one number in an hour that are answered. `queue`: most messages waiting for an
    answer before the provider is asked to come back later. `retention`: hours that a number or a text may
    stay when no delivery report comes. `variables`: the environment variables of the provider.
    `at_once`: answers, and sendings, under way at the same time. `settle`: seconds left to a message to be
    overtaken by one written before it.
    """

    provider: str
    file: Path = _RUN / "sms.db"
    postgres: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    price: float = 0.05
    cap: float = 20.0
    hourly: int = 30
    queue: int = 20_000
    retention: float = 24.0
    at_once: int = 8
    settle: float = 0.5
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)


def read_sms_settings(environment: Mapping[str, str]) -> SmsSettings | None:
    """Settings from the environment; None when no provider is named.

    Raises ValueError, with the name of the variable, when a value cannot be used.
    """
    provider = environment.get("JALON_SMS_FOURNISSEUR", "").strip().lower()
    if not provider:
        return None
    if provider not in NAMES:
        raise ValueError(f"JALON_SMS_FOURNISSEUR : il faut {', '.join(NAMES)}, pas « {provider} ».")
    own = ["JALON", "SMS", provider.upper()]
    variables = {name: value for name, value in environment.items() if name.split("_")[:3] == own}
    found: dict = {"provider": provider, "variables": variables}
    if file := environment.get("JALON_SMS_FICHIER"):
        found["file"] = Path(file)
    if key := environment.get("JALON_SMS_CLE"):
        if len(key) < 32:
            raise ValueError("JALON_SMS_CLE : il faut 32 caractères ou plus.")
        found["key"] = key
    found["postgres"] = postgres_address(environment)
    if found["postgres"] and not key:
        raise ValueError("JALON_SMS_CLE : avec JALON_POSTGRES, toutes les portes ont besoin de la même clé.")
    for name, (variable, kind, low, high) in _NUMBERS.items():
        if text := environment.get(variable):
            found[name] = _number(variable, text, kind, low, high)
    return SmsSettings(**found)


def read_price(environment: Mapping[str, str]) -> float:
    """Euros for one segment sent, whether the channel is open or not. Raises ValueError like the others."""
    variable, *bounds = _NUMBERS["price"]
    text = environment.get(variable)
    return _number(variable, text, *bounds) if text else SmsSettings.price


def _number(variable: str, text: str, kind: type, low: float, high: float):
    try:
        value = kind(text.replace(",", "."))
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise ValueError(f"{variable} : il faut un nombre de {low} à {high}, pas « {text} ».")
    return value
