"""The real door on a real port, for tests: uvicorn in a thread, the base built from the repository's files."""

from __future__ import annotations

import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import uvicorn

from channels.app import create_app
from channels.settings import Settings
from data.build import build

ROOT = Path(__file__).resolve().parents[1]


@lru_cache(maxsize=1)
def base_path() -> Path:
    """The base of this repository, built once for the tests of the door."""
    return build(ROOT, Path(tempfile.mkdtemp(prefix="jalon-porte-")) / "jalon.db").target


def closed_port() -> int:
    """A loopback port where nobody listens: what a stopped server looks like."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def alone(**changes) -> Settings:
    """Settings of a door whose dialogue and action servers are stopped."""
    nowhere = f"http://127.0.0.1:{closed_port()}"
    return Settings(**{"base": base_path(), "rasa_url": nowhere, "actions_url": nowhere, **changes})


@contextmanager
def serve(settings: Settings, port: int = 0) -> Iterator[str]:
    """The address of the door, served until the end of the block."""
    with serve_app(create_app(settings), port) as address:
        yield address


@contextmanager
def serve_app(app, port: int = 0) -> Iterator[str]:
    """The address of any ASGI application, served until the end of the block."""
    config = uvicorn.Config(app, port=port, log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("la porte n'a pas démarré")
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
