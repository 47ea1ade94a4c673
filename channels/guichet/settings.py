"""Who may enter the counter, and how long. Read once from the environment; every name starts with JALON_."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from data.city import postgres_address

_ROOT = Path(__file__).parents[2]
RETURN_PATH = "/guichet/retour"  # where a provider sends people back
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Oidc:
    """The identity provider of a city. `issuer` and `door` are addresses; `door` is that of Jalon for the agents.

    Someone enters when their e-mail is of one of `domains`, or one of their `groups` is named; each of the two that
    is given must hold.
    """

    issuer: str
    client: str
    door: str
    secret: str | None = field(default=None, repr=False)
    domains: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class CounterSettings:
    """Delays in seconds. `listen`: the address that the door listens on. `root`: where data/services.yml is.
    `service`: who proposes corrections, which wait in `proposals`, or in the database `postgres`."""

    listen: str = "127.0.0.1"
    root: Path = _ROOT
    tokens: Path = _ROOT / "run" / "guichet"
    proposals: Path = _ROOT / "data" / "propositions"
    postgres: str = field(default="", repr=False)
    service: str = "guichet"
    token_life: int = 3600
    session_life: int = 36_000
    session_idle: int = 3600
    oidc: Oidc | None = None

    @property
    def closed_because(self) -> str | None:
        """Why nobody may enter, in French for the operator; None when the counter is open to who proves themselves."""
        if self.oidc or is_loopback(self.listen):
            return None
        return (
            f"Le guichet est fermé : la porte écoute sur {self.listen}, hors de cette machine, et aucun fournisseur "
            "d'identité n'est réglé (JALON_OIDC_ADRESSE). Voir docs/guichet.md."
        )


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine only."""
    if host in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_counter(environment: Mapping[str, str]) -> CounterSettings:
    """The counter's settings. Raises ValueError, with the names, when one cannot be used."""
    found: dict = {"oidc": _oidc(environment), "postgres": postgres_address(environment)}
    if listen := environment.get("JALON_ECOUTE"):
        found["listen"] = listen
    if folder := environment.get("JALON_PROPOSITIONS"):
        found["proposals"] = Path(folder)
    if folder := environment.get("JALON_GUICHET_JETONS"):
        found["tokens"] = Path(folder)
    if service := environment.get("JALON_GUICHET_SERVICE"):
        found["service"] = service.strip()[:60] or "guichet"
    return CounterSettings(**found)


def _oidc(environment: Mapping[str, str]) -> Oidc | None:
    issuer = environment.get("JALON_OIDC_ADRESSE")
    if not issuer:
        return None
    client, door = environment.get("JALON_OIDC_CLIENT"), environment.get("JALON_OIDC_PORTE")
    if not client or not door:
        raise ValueError("JALON_OIDC_ADRESSE : il faut aussi JALON_OIDC_CLIENT et JALON_OIDC_PORTE.")
    for name, address in (("JALON_OIDC_ADRESSE", issuer), ("JALON_OIDC_PORTE", door)):
        parts = urlsplit(address)
        safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
        if not safe or not parts.hostname:
            raise ValueError(f"{name} : il faut une adresse https, pas « {address} ».")
    domains, groups = (
        tuple(part.strip() for part in environment.get(name, "").split(",") if part.strip())
        for name in ("JALON_OIDC_DOMAINES", "JALON_OIDC_GROUPES")
    )
    if not domains and not groups:
        raise ValueError(
            "JALON_OIDC_ADRESSE : dites qui peut entrer, avec JALON_OIDC_DOMAINES ou JALON_OIDC_GROUPES."
        )
    return Oidc(
        issuer=issuer.rstrip("/"), client=client, door=door.rstrip("/"),
        secret=environment.get("JALON_OIDC_SECRET"),
        domains=tuple(domain.casefold().lstrip("@") for domain in domains), groups=groups,
    )  # fmt: skip
