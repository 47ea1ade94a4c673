"""Orders to the Jalon that runs on this machine, by a socket that only its account can open."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Callable
from pathlib import Path

CHECK, REPLACE = "possible", "remplacer"
_CONNECT_S = 3.0

Said = Callable[[str], None]


class NoOrder(Exception):
    """Nobody takes orders there."""


def listen(path: Path, obey: Callable[[str, Said], bool]) -> None:
    """Obey one order after the other, for ever. `obey` receives the order and a way to tell news to who gave it."""
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as server:
        _at(path, server.bind)
        path.chmod(0o600)
        server.listen()
        while True:
            connection, _ = server.accept()
            with (
                connection,
                contextlib.suppress(OSError),
                connection.makefile("rw", encoding="utf-8") as line,
            ):
                _say(line, {"code": 0 if obey(line.readline().strip(), _teller(line)) else 1})


def give(path: Path, order: str, said: Said) -> bool:
    """Give an order and wait for its end; whether it succeeded. Raises NoOrder, also when who obeys dies."""
    with _connected(path) as line:
        line.write(f"{order}\n")
        line.flush()
        with contextlib.suppress(OSError):
            for text in line:
                news = json.loads(text)
                if "code" in news:
                    return news["code"] == 0
                said(news["dit"])
    raise NoOrder


def ask(path: Path, question: dict, seconds: float) -> dict:
    """One line of JSON for another, `seconds` at most. Raises NoOrder, OSError or ValueError."""
    with _connected(path, seconds) as line:
        _say(line, question)
        return json.loads(line.readline())


def is_heard(path: Path) -> bool:
    """Whether somebody takes orders there."""
    try:
        with _connected(path):
            return True
    except NoOrder:
        return False


@contextlib.contextmanager
def _connected(path: Path, seconds: float | None = None):
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.settimeout(_CONNECT_S)
            _at(path, client.connect)
        except OSError:
            raise NoOrder from None
        client.settimeout(seconds)
        with client.makefile("rw", encoding="utf-8") as line:
            yield line


def _at(path: Path, do: Callable[[str], None]) -> None:
    """The name of a socket has 100 characters at most: it is reached from its own folder."""
    with contextlib.chdir(path.parent):
        do(path.name)


def _teller(line) -> Said:
    def tell(news: str) -> None:
        with contextlib.suppress(OSError):  # who gave the order is gone, which does not stop it
            _say(line, {"dit": news})

    return tell


def _say(line, news: dict) -> None:
    line.write(json.dumps(news, ensure_ascii=False) + "\n")
    line.flush()
