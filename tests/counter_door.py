"""A door with a counter, for tests: its tokens and corrections in a folder of the test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from channels.guichet.access import issue_token
from channels.guichet.settings import CounterSettings
from tests.door_server import alone, serve


def counter_settings(folder: Path, **changes) -> CounterSettings:
    """Settings of a counter that keeps its files in `folder`."""
    return CounterSettings(**{"tokens": folder / "jetons", "proposals": folder / "propositions", **changes})


@contextmanager
def open_counter(folder: Path, *, door: dict | None = None, **changes) -> Iterator[tuple[str, CounterSettings]]:
    """(address, counter settings) of a door served until the end of the block."""
    settings = counter_settings(folder, **changes)
    with serve(alone(counter=settings, **(door or {}))) as url:
        yield url, settings


def from_page(url: str, **headers: str) -> dict[str, str]:
    """The headers that a browser puts on what a page of the door itself sends."""
    return {"origin": url, "sec-fetch-site": "same-origin", "accept": "application/json", **headers}


def enter(client: httpx.Client, url: str, settings: CounterSettings) -> str:
    """Use a new one-time token; the CSRF token of the session."""
    token = issue_token(settings.tokens)
    answer = client.post(f"{url}/guichet/entree", data={"jeton": token}, headers={"origin": url})
    assert answer.status_code == 303
    return re.search(r'data-jeton="([^"]+)"', client.get(f"{url}/guichet").text)[1]
