"""The servers of a city: PostgreSQL and Redis, reached as Jalon would, with short delays."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from cli.operations.findings import FAILURE, OK, WATCH, Finding

_DELAY_S = 3
_SLOW_MS = 50.0
_DRIFT_S = 30.0
_OLDEST_POSTGRES = 14


def postgres() -> Iterator[Finding]:
    """Nothing when JALON_POSTGRES is not set. Neither user nor password is told."""
    address = os.environ.get("JALON_POSTGRES", "").strip()
    if not address:
        return
    import psycopg  # 30 ms that a desk machine need not wait for

    try:
        with psycopg.connect(address, connect_timeout=_DELAY_S, autocommit=True) as db:
            db.execute(f"SET statement_timeout = '{_DELAY_S}s'")
            start = time.perf_counter()
            now = float(db.execute("SELECT extract(epoch FROM clock_timestamp())").fetchone()[0])
            latency = 1000 * (time.perf_counter() - start)
            version = db.info.server_version // 10_000
    except (psycopg.Error, ValueError, OSError) as error:
        mend = "Vérifiez JALON_POSTGRES, le réseau et le serveur."
        yield Finding(
            "PostgreSQL", FAILURE, f"{_where(address)} ne répond pas ({type(error).__name__}).", mend
        )
        return
    if version < _OLDEST_POSTGRES:
        said = f"Version {version} : il faut {_OLDEST_POSTGRES} ou plus."
        yield Finding("PostgreSQL", FAILURE, said, "Mettez le serveur à jour.")
        return
    yield from _answered("PostgreSQL", _where(address), str(version), latency, now)


def redis() -> Iterator[Finding]:
    """Nothing when JALON_REDIS is not set."""
    address = os.environ.get("JALON_REDIS", "").strip()
    if not address:
        return
    from redis import Redis, RedisError

    try:
        with Redis.from_url(address, socket_connect_timeout=_DELAY_S, socket_timeout=_DELAY_S) as server:
            server.ping()
            start = time.perf_counter()
            seconds, microseconds = server.time()
            latency = 1000 * (time.perf_counter() - start)
            version = str(server.info("server")["redis_version"])
    except (RedisError, ValueError, OSError) as error:
        mend = "Vérifiez JALON_REDIS, le réseau et le serveur."
        yield Finding("Redis", FAILURE, f"{_where(address)} ne répond pas ({type(error).__name__}).", mend)
        return
    yield from _answered("Redis", _where(address), version, latency, seconds + microseconds / 1e6)


def _answered(name: str, where: str, version: str, latency: float, now: float) -> Iterator[Finding]:
    state = OK if latency < _SLOW_MS else WATCH
    mend = "" if state == OK else "Rapprochez ce serveur, ou voyez sa charge."
    yield Finding(name, state, f"{where}, version {version}, répond en {latency:.1f} ms.", mend)
    if abs(drift := now - time.time()) > _DRIFT_S:
        said = f"Son heure et celle de cette machine diffèrent de {abs(drift):.0f} secondes."
        yield Finding(name, FAILURE, said, "Mettez les deux machines à l'heure.")


def _where(address: str) -> str:
    """The machine of an address, without user nor password."""
    try:
        parts = urlsplit(address)
        return f"{parts.hostname or 'machine locale'}:{parts.port or 'port habituel'}"
    except ValueError:
        return "L'adresse"
