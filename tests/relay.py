"""A wire between a program and a server, that a test can cut, mend, or leave silent."""

from __future__ import annotations

import contextlib
import socket
import threading


class Relay:
    """Listens on `port` of this machine and passes everything on to `host`:`target`."""

    def __init__(self, host: str, target: int):
        self._to, self._wires = (host, target), set()
        self._passing, self._open = threading.Event(), True
        self._passing.set()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        self.cut()
        self._server.close()

    def cut(self) -> None:
        """All connections end now, and none is made until `mend`."""
        self._open = False
        for wire in list(self._wires):
            with contextlib.suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)

    def freeze(self) -> None:
        """Nothing passes any more, and nobody is told, until `mend`."""
        self._passing.clear()

    def mend(self) -> None:
        self._open = True
        self._passing.set()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._server.accept()
                if not self._open:
                    near.close()
                    continue
                far = socket.create_connection(self._to)
                self._wires |= {near, far}
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := one.recv(65_536):
                self._passing.wait()
                other.sendall(piece)
        for wire in (one, other):
            with contextlib.suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)
            self._wires.discard(wire)
