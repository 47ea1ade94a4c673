"""A line to a server that a test can cut, make silent, and mend."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Wire:
    """Passes bytes between a port of its own and a server. `port`: where clients connect."""

    def __init__(self, host: str, port: int):
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open = True
        self._flowing = threading.Event()
        self._flowing.set()
        self._lines: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Every line ends, and new ones end at once."""
        self._open = False
        while self._lines:
            _end(self._lines.pop())

    def mend(self) -> None:
        self._open = True
        self._flowing.set()

    def silence(self) -> None:
        """Lines stay, nothing passes."""
        self._flowing.clear()

    def close(self) -> None:
        self.cut()
        self._flowing.set()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._server) if self._open else None
            except OSError:
                server = None
            if server is None:
                _end(client)
                continue
            self._lines += [client, server]
            for pair in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while received := source.recv(65536):
                self._flowing.wait()
                target.sendall(received)
        _end(source)
        _end(target)


def _end(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()


@contextmanager
def wire(host: str, port: int) -> Iterator[Wire]:
    """A line to a server until the end of the block."""
    line = Wire(host, port)
    try:
        yield line
    finally:
        line.close()
