"""PostgreSQL, Redis and RabbitMQ for tests: a named server, one that runs here, or a private one started for the test.

Each context manager yields an address that is the test's own (a fresh database, an empty Redis), and skips the test
with a message when there is no server and none can be started.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import redis

_READY_S = 60.0


@contextmanager
def postgres_url() -> Iterator[str]:
    """The address of a new, empty database; dropped afterwards, whoever still uses it."""
    with _postgres_server() as server:
        name = f"jalon_test_{secrets.token_hex(4)}"
        with psycopg.connect(server, autocommit=True) as db:
            db.execute(f"CREATE DATABASE {name}")
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            with psycopg.connect(server, autocommit=True) as db:
                db.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def redis_url() -> Iterator[str]:
    """The address of an empty Redis (JALON_TEST_REDIS: it is emptied before)."""
    if named := os.environ.get("JALON_TEST_REDIS"):
        redis.Redis.from_url(named).flushdb()
        yield named
        return
    program = _program("redis-server", "Redis")
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", folder]
        url = f"redis://127.0.0.1:{port}/0"
        with _running(command, lambda: redis.Redis.from_url(url).ping(), "Redis"):
            yield url


@contextmanager
def rabbitmq_url() -> Iterator[str]:
    """The address of a RabbitMQ (JALON_TEST_RABBITMQ, port 5672 here, or a private one). Name your own queues."""
    if named := os.environ.get("JALON_TEST_RABBITMQ"):
        yield named
    elif _answers(5672):
        yield "amqp://guest:guest@127.0.0.1:5672/"
    else:
        with _private_rabbitmq() as port:
            yield f"amqp://guest:guest@127.0.0.1:{port}/"


@contextmanager
def _postgres_server() -> Iterator[str]:
    if named := os.environ.get("JALON_TEST_POSTGRES"):
        yield named
        return
    here = "postgresql://postgres@127.0.0.1:5432/postgres"
    try:
        psycopg.connect(here, connect_timeout=2).close()
    except psycopg.OperationalError:
        with _private_postgres() as private:
            yield private
    else:
        yield here


@contextmanager
def _private_postgres() -> Iterator[str]:
    """A cluster of its own in a temporary folder. PostgreSQL refuses to run as root: its own account is then used."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = str(found[-1]) if found else _program("initdb", "PostgreSQL")
    account = _as("postgres")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        if account:
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
        data, port = f"{folder}/data", _free_port()
        made = [*account, initdb, "--pgdata", data, "--username", "postgres", "--auth", "trust", "--no-sync"]
        subprocess.run(made, check=True, cwd=folder, stdout=subprocess.DEVNULL, timeout=_READY_S)
        server = str(Path(initdb).with_name("postgres"))
        options = ["-D", data, "-p", str(port), "-k", folder, "-c", "listen_addresses=127.0.0.1"]
        url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        ready = lambda: psycopg.connect(url, connect_timeout=2).close()
        # SIGINT: it does not wait for its clients to leave.
        with _running([*account, server, *options], ready, "PostgreSQL", folder, end=signal.SIGINT):
            yield url


@contextmanager
def _private_rabbitmq() -> Iterator[int]:
    named = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")  # Debian's command on PATH takes another folder
    program = str(named) if named.exists() else _program("rabbitmq-server", "RabbitMQ")
    port = _free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        if os.geteuid() == 0:
            os.chown(folder, pwd.getpwnam("rabbitmq").pw_uid, -1)
        for name in ("env", "rabbitmq.conf"):  # empty: not those of this machine
            Path(folder, name).touch(mode=0o644)
        environment = os.environ | {
            "HOME": folder,
            "RABBITMQ_CONF_ENV_FILE": f"{folder}/env",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_NODENAME": f"jalon-{port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(_free_port()),
            "RABBITMQ_MNESIA_BASE": folder,
            "RABBITMQ_LOG_BASE": folder,
            "RABBITMQ_PID_FILE": f"{folder}/pid",
        }

        def ready() -> None:
            if not _answers(port):
                raise ConnectionRefusedError

        with _running([*_as("rabbitmq"), program], ready, "RabbitMQ", folder, environment):
            yield port


@contextmanager
def _running(
    command: list[str],
    ready: Callable[[], object],
    name: str,
    folder: str | None = None,
    environment: dict | None = None,
    end: signal.Signals = signal.SIGTERM,
) -> Iterator[None]:
    """A server of this test alone; skips when it does not start."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, cwd=folder, env=environment, **quiet)
    try:
        limit = time.monotonic() + _READY_S
        while not _succeeds(ready):
            if process.poll() is not None or time.monotonic() > limit:
                pytest.skip(f"{name} ne démarre pas sur cette machine")
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(end)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _as(account: str) -> list[str]:
    """What to put before a command that refuses to run as root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={account}", f"--regid={account}", "--init-groups"]


def _succeeds(step: Callable[[], object]) -> bool:
    try:
        step()
    except (psycopg.Error, redis.RedisError, OSError):
        return False
    return True


def _program(name: str, product: str) -> str:
    found = shutil.which(name)
    if not found:
        pytest.skip(
            f"{product} est absent de cette machine : installez-le, ou nommez un serveur (docs/running.md)"
        )
    return found


def _answers(port: int) -> bool:
    return _succeeds(lambda: socket.create_connection(("127.0.0.1", port), timeout=1).close())


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
