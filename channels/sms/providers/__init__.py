"""What Jalon asks of an SMS provider. One adapter a file: twilio, ovh, gammu, kannel.

Providers deliver at least once, in any order, and may say twice the same thing: the store sorts that out.
"""

from __future__ import annotations

import hmac
import importlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import httpx

NAMES = ("twilio", "ovh", "gammu", "kannel")

# At INFO, the client's log holds addresses asked, hence phone numbers.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

_NOT_TAKEN = {401, 402, 403, 408, 429, 503}  # our account or their load: the message itself is not at fault


class Fate(StrEnum):
    """What a provider says of a message that it was given."""

    ACCEPTED = "accepte"
    DELIVERED = "remis"
    FAILED = "echec"


@dataclass(frozen=True)
class Incoming:
    """An SMS from a person. `id`: the provider's; `sent_at`: seconds since 1970, None when it is not told."""

    id: str
    number: str = field(repr=False)
    text: str = field(repr=False)
    sent_at: float | None = None


@dataclass(frozen=True)
class Report:
    """News of a message given to the provider under our `reference`."""

    reference: str
    fate: Fate
    reason: str = ""


@dataclass(frozen=True)
class Outgoing:
    """An SMS to give to the provider. `reference` is ours, `provider_id` theirs once they took it."""

    reference: str
    number: str = field(repr=False)
    text: str = field(repr=False)
    created: float = 0.0
    provider_id: str = ""


@dataclass(frozen=True)
class Call:
    """A request received on /webhooks/sms/{provider}. `path`: with its query, as it was asked."""

    method: str
    path: str
    query: Mapping[str, str] = field(repr=False)
    form: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


class Forged(Exception):
    """The request does not come from the provider."""


class Malformed(Exception):
    """The request comes from the provider and lacks something. The message names the field."""


class SendError(Exception):
    """The provider did not take a message. The message is a code, never a number nor a text."""


class Refused(SendError):
    """It never will: the message, or the number, is at fault."""


class Unreachable(SendError):
    """It was not given; trying again is safe."""


class Uncertain(SendError):
    """It may have been given: ask (`Gateway.find`) before trying again."""


class Gateway:
    """A provider. Adapters override what theirs can do.

    `reports`: it tells the fate of messages. `polled`: seconds between two looks at what waits there; None:
    it calls us with all it has to say. `acknowledgement`: body and type of the answer to its calls.
    """

    reports = True
    polled: float | None = None
    acknowledgement = ("", "text/plain")

    async def send(self, sms: Outgoing) -> str:
        """Give a message; the provider's id of it. Raises SendError."""
        raise NotImplementedError

    async def find(self, sms: Outgoing) -> str | None:
        """The provider's id of a message that may have been given; None when it was not. Raises SendError."""
        return None

    def read(self, call: Call) -> list[Incoming | Report]:
        """What a request says; [] for one that only says to come and look. Raises Forged, Malformed."""
        raise NotImplementedError

    async def look(self, awaiting: Sequence[Outgoing]) -> list[Incoming | Report]:
        """What waits at the provider, and news of `awaiting`. Raises SendError."""
        return []

    async def taken(self, news: Sequence[Incoming | Report]) -> None:
        """These are stored: the provider may forget them. Raises SendError."""

    async def close(self) -> None:
        """Close connections."""


def open_gateway(name: str, variables: Mapping[str, str]) -> Gateway:
    """The adapter of a provider. Raises ValueError with the name of the variable that is missing or wrong."""
    module = importlib.import_module(f"channels.sms.providers.{name}")
    return module.open_gateway(Options(variables))


@dataclass(frozen=True)
class Options:
    """The environment variables of one provider, by name."""

    values: Mapping[str, str] = field(repr=False)

    def need(self, variable: str) -> str:
        """Raises ValueError when it is not set."""
        if value := self.values.get(variable):
            return value
        raise ValueError(f"{variable} manque.")

    def get(self, variable: str, default: str = "") -> str:
        return self.values.get(variable) or default


def same_secret(given: str, expected: str) -> bool:
    """Compare in constant time; an empty secret is never given."""
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())


def bearer(call: Call) -> str:
    """The token of « Authorization: Bearer … », or ''."""
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def ask(http: httpx.AsyncClient, method: str, url: str, **options) -> httpx.Response:
    """A successful answer. Raises Refused, Unreachable or Uncertain, without anything of the request in it."""
    try:
        response = await http.request(method, url, **options)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
        raise Unreachable(type(error).__name__) from None
    except httpx.HTTPError as error:
        raise Uncertain(type(error).__name__) from None
    if response.is_success:
        return response
    code = f"http_{response.status_code}"
    if response.status_code in _NOT_TAKEN:
        raise Unreachable(code)
    if response.is_server_error:
        raise Uncertain(code)
    raise Refused(code)
