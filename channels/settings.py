"""Settings of the public door, read once from the environment. Every name starts with JALON_."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from limits import parse_many

from channels.door_orders import ORDERS_VARIABLE
from channels.guichet.settings import CounterSettings, read_counter
from channels.sms.settings import SmsSettings, read_sms_settings
from channels.statistiques.settings import StatisticsSettings, read_statistics
from data.city import City, read_city

_LONGEST_REVIEW = 90  # days
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_ORIGIN = re.compile(r"https?://[a-zA-Z0-9.-]+(:\d{1,5})?")


_RATES = {"JALON_LIMITE_SESSION": "session", "JALON_LIMITE_ADRESSE": "adresse"}
_NUMBERS = {"JALON_TOURS_SIMULTANES": "turns_at_once", "JALON_TOURS_ATTENTE": "turns_waiting"}


@dataclass(frozen=True)
class Settings:
    """What the door needs to run. Delays are in seconds, sizes in bytes or characters.

    `sms`: the SMS channel, None when it is off. `statistics`: where counts go, None when nothing is counted.
    `review_days`: how long a sentence that was not understood is kept, if the person agrees; 0: never asked.
    `host_sites`: origins (« https://www.example.org ») whose pages may show Jalon in a frame.
    `rasa_url`: the addresses of the dialogue servers, with spaces between them.
    `city`: the servers shared with other doors, if any.
    `contact`: the e-mail address, shown with the accessibility statement, of who answers for this Jalon.
    `rates`: how often a session may have a turn, and a network address ask for anything (« 60/minute;900/hour »).
    `turns_at_once`, `turns_waiting`: conversation turns under way, and in line for `turns_patience` at most; the
    others are refused at once.
    `orders`: where the supervisor asks the doors to change base and dialogue (`socket_of`, channels/replacing.py).
    `metrics_token`: what Prometheus shows to read /metriques; empty: only this machine may.
    """

    base: Path | None = None
    rasa_url: str = "http://127.0.0.1:5005"
    actions_url: str = "http://127.0.0.1:5055"
    internal_key: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)
    rasa_delay: float = 8.0
    health_delay: float = 1.0
    text_limit: int = 500
    body_limit: int = 65_536
    web_idle: int = 1800
    sms: SmsSettings | None = None
    statistics: StatisticsSettings | None = None
    review_days: int = 0
    host_sites: tuple[str, ...] = ()
    contact: str = ""
    city: City = field(default_factory=City)
    metrics_token: str = field(default="", repr=False)
    rates: Mapping[str, str] = field(
        default_factory=lambda: {"session": "60/minute", "adresse": "600/minute"}
    )
    turns_at_once: int = 16
    turns_waiting: int = 200
    turns_patience: float = 5.0
    orders: Path | None = None
    review_file: Path = Path(__file__).parents[1] / "run" / "relecture.db"
    counter: CounterSettings = field(default_factory=CounterSettings)


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from JALON_* variables; absent ones keep their default.

    Without JALON_CLE_INTERNE a random key is drawn: the door then works alone, without the dialogue.
    Raises ValueError, with the name of the variable, when a delay is not a positive number, a number of days is
    not between 0 and 90, a limit cannot be read, a site is not an origin, the contact is not an e-mail address, the counter's identity
    provider is half described, or a shared server cannot be used.
    """
    found: dict = {}
    if base := environment.get("JALON_BASE"):
        found["base"] = Path(base)
    if key := environment.get("JALON_CLE_INTERNE"):
        found["internal_key"] = key
    found["city"] = read_city(environment)
    found["rasa_url"] = environment.get("JALON_RASA_URL") or _loopback(environment, "JALON_RASA_PORT", 5005)
    found["actions_url"] = environment.get("JALON_ACTIONS_URL") or _loopback(
        environment, "JALON_ACTIONS_PORT", 5055
    )
    if delay := environment.get("JALON_RASA_DELAI"):
        found["rasa_delay"] = _positive("JALON_RASA_DELAI", delay)
    if days := environment.get("JALON_RELECTURE_JOURS"):
        found["review_days"] = _days("JALON_RELECTURE_JOURS", days)
    if file := environment.get("JALON_RELECTURE_FICHIER"):
        found["review_file"] = Path(file)
    if sites := environment.get("JALON_SITES_HOTES"):
        found["host_sites"] = tuple(_origin("JALON_SITES_HOTES", site) for site in sites.split())
    if contact := environment.get("JALON_CONTACT"):
        found["contact"] = _email("JALON_CONTACT", contact)
    if token := environment.get("JALON_METRIQUES_JETON"):
        found["metrics_token"] = _token("JALON_METRIQUES_JETON", token)
    found["rates"] = {
        kind: _rate(name, environment.get(name) or Settings().rates[kind]) for name, kind in _RATES.items()
    }
    for name, place in _NUMBERS.items():
        if text := environment.get(name):
            found[place] = _number(name, text)
    if orders := environment.get(ORDERS_VARIABLE):
        found["orders"] = Path(orders)
    found["counter"] = read_counter(environment)
    found["sms"] = read_sms_settings(environment)
    found["statistics"] = read_statistics(environment)
    return Settings(**found)


def _loopback(environment: Mapping[str, str], name: str, default: int) -> str:
    return f"http://127.0.0.1:{environment.get(name) or default}"


def _positive(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 3600:
        raise ValueError(f"{name} : il faut un nombre de secondes, pas « {text} ».")
    return value


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 10_000):
        raise ValueError(f"{name} : il faut un nombre de 1 à 9999, pas « {text} ».")
    return int(text)


def _rate(name: str, text: str) -> str:
    try:
        parse_many(text)
    except ValueError:
        raise ValueError(f"{name} : il faut une limite comme « 60/minute », pas « {text} ».") from None
    return text


def _days(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= _LONGEST_REVIEW):
        raise ValueError(f"{name} : il faut un nombre de jours, de 0 à {_LONGEST_REVIEW}, pas « {text} ».")
    return int(text)


def _origin(name: str, text: str) -> str:
    if not _ORIGIN.fullmatch(text):
        raise ValueError(f"{name} : il faut des adresses comme « https://www.exemple.fr », pas « {text} ».")
    return text


def _token(name: str, text: str) -> str:
    if len(text) < 32:
        raise ValueError(f"{name} : il faut 32 caractères ou plus.")
    return text


def _email(name: str, text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise ValueError(f"{name} : il faut une adresse comme « contact@exemple.fr », pas « {text} ».")
    return text
