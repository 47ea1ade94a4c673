"""Which profile runs, as the environment says: one machine, or the servers that several machines share.

`JALON_POSTGRES` and `JALON_REDIS` absent: everything is in this machine's memory and files. Read by the door, the
dialogue server and the command line, under two Pythons: the standard library only.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

POSTGRES = "JALON_POSTGRES"
REDIS = "JALON_REDIS"
RABBITMQ = "JALON_RABBITMQ"
KEY_VARIABLE = "JALON_CLE_INTERNE"  # what doors, dialogue servers and action servers know each other by
KEY_HEADER = "X-Jalon-Cle"  # where each shows it to the next
SHORTEST_KEY = 16
_SCHEMES = {POSTGRES: ("postgresql", "postgres"), REDIS: ("redis", "rediss"), RABBITMQ: ("amqp", "amqps")}


@dataclass(frozen=True)
class City:
    """Addresses of the shared servers; None where this machine does without. They may hold a password."""

    postgres: str | None = field(default=None, repr=False)
    redis: str | None = field(default=None, repr=False)


def read_city(environment: Mapping[str, str] = os.environ) -> City:
    """The shared servers that the environment names.

    Raises ValueError, with the name of the variable and never its value, when an address cannot be one, or when
    servers are shared but not the key that names conversations in them.
    """
    city = City(_address(environment, POSTGRES), _address(environment, REDIS))
    if (city.postgres or city.redis) and len(environment.get(KEY_VARIABLE, "")) < SHORTEST_KEY:
        raise ValueError(
            f"{KEY_VARIABLE} : avec {POSTGRES} ou {REDIS}, donnez partout la même clé, de {SHORTEST_KEY} caractères ou plus."
        )
    return city


def internal_key(environment: Mapping[str, str] = os.environ) -> bytes:
    """What must be shown to a server behind the door. Raises ValueError when there is none, or a short one."""
    key = environment.get(KEY_VARIABLE, "")
    if len(key) < SHORTEST_KEY:
        raise ValueError(
            f"{KEY_VARIABLE} doit contenir au moins {SHORTEST_KEY} caractères : « jalon servir » s'en charge."
        )
    return key.encode()


def postgres_address(environment: Mapping[str, str]) -> str:
    """The PostgreSQL of the environment, for what needs no key; "" when there is none. Raises ValueError."""
    return _address(environment, POSTGRES) or ""


def rabbitmq_address(environment: Mapping[str, str]) -> str:
    """The RabbitMQ of the environment, which needs no key; "" when there is none. Raises ValueError."""
    return _address(environment, RABBITMQ) or ""


def _address(environment: Mapping[str, str], name: str) -> str | None:
    text = environment.get(name, "").strip()
    if not text:
        return None
    try:
        parts = urlsplit(text)
        right = parts.scheme in _SCHEMES[name] and parts.hostname and parts.port != 0
    except ValueError:
        right = False
    if not right:
        raise ValueError(
            f"{name} : il faut une adresse comme « {_SCHEMES[name][0]}://compte:mot-de-passe@machine/0 »."
        )
    return text
