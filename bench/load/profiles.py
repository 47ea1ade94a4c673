"""The two profiles that are measured, started alone."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from cli.stack import Stack
from tests.city_services import postgres_url, redis_url


@contextmanager
def local() -> Iterator[Stack]:
    """One process of each kind, everything in memory."""
    with Stack(alone=True) as stack:
        yield stack


@contextmanager
def ville() -> Iterator[Stack]:
    """Two doors and two dialogue servers on a real PostgreSQL and a real Redis."""
    with ExitStack() as opened:
        shared = {
            "JALON_POSTGRES": opened.enter_context(postgres_url()),
            "JALON_REDIS": opened.enter_context(redis_url()),
            "JALON_CLE_INTERNE": secrets.token_hex(32),
        }
        yield opened.enter_context(Stack(alone=True, **shared, JALON_PORTES="2", JALON_DIALOGUES="2"))


PROFILES = {"local": local, "ville": ville}
