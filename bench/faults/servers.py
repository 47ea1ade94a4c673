"""A PostgreSQL and a Redis of our own, to be killed."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
import redis

from bench.faults.seen import wait_for
from tests.door_server import closed_port


@dataclass
class Server:
    """One process. `ready` raises until it answers."""

    url: str
    command: list[str]
    ready: Callable[[], object]
    process: subprocess.Popen | None = field(default=None, repr=False)

    def start(self) -> None:
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(
            self.command, stdout=quiet, stderr=quiet, start_new_session=True, cwd="/"
        )
        wait_for(self.answers)

    def answers(self) -> bool:
        try:
            self.ready()
        except (psycopg.Error, redis.RedisError, OSError):
            return False
        return True

    def kill(self) -> None:
        """SIGKILL, to it and what it started."""
        self._send(signal.SIGKILL)
        self.process.wait()

    def freeze(self) -> None:
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        self._send(signal.SIGCONT)

    def _send(self, what: signal.Signals) -> None:
        first = psutil.Process(self.process.pid)
        for process in (first, *first.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(what)


def make_redis(folder: Path) -> Server:
    port = closed_port()
    url = f"redis://127.0.0.1:{port}/0"
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)]
    return Server(url, command, lambda: redis.Redis.from_url(url, socket_timeout=1).ping())


def make_postgres(folder: Path) -> Server:
    """Raises LookupError when PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = str(found[-1]) if found else shutil.which("initdb")
    if not initdb:
        raise LookupError("PostgreSQL est absent de cette machine")
    home = Path(tempfile.mkdtemp(prefix="pg-", dir=folder))
    account: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        account = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        os.chown(home, pwd.getpwnam("postgres").pw_uid, -1)
    data, port = str(home / "data"), closed_port()
    made = [*account, initdb, "--pgdata", data, "--username", "postgres", "--auth", "trust", "--no-sync"]
    subprocess.run(made, check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=120)
    server = str(Path(initdb).with_name("postgres"))
    options = ["-D", data, "-p", str(port), "-k", str(home), "-c", "listen_addresses=127.0.0.1"]
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    return Server(url, [*account, server, *options], lambda: psycopg.connect(url, connect_timeout=2).close())
