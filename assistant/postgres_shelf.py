"""The shelf of several dialogue servers: a table of PostgreSQL, one row for each conversation."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import psycopg2
from psycopg2.errors import LockNotAvailable, QueryCanceled
from psycopg2.pool import ThreadedConnectionPool

_CONNECTIONS = 4
_PATIENCE_S = 3.0  # for one call, waiting for a connection included; the door gives up after 8 s
_CONNECTION = {
    "connect_timeout": 2,
    "options": "-c statement_timeout=2000 -c lock_timeout=2000",
    "tcp_user_timeout": 3000,  # a machine that vanished: milliseconds before the line is given up
    "keepalives_idle": 30,
    "application_name": "jalon-dialogue",
}
_LINE_IS_LOST = (psycopg2.OperationalError, psycopg2.InterfaceError)

_TABLE = """
SELECT pg_advisory_xact_lock(hashtext('jalon.conversations'));
CREATE TABLE IF NOT EXISTS conversations (
  sender text PRIMARY KEY,
  dialogue text NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS conversations_expires_at ON conversations (expires_at);
"""
_GET = "SELECT dialogue FROM conversations WHERE sender = %s AND expires_at > now()"
_PUT = """
INSERT INTO conversations VALUES (%s, %s, now() + %s * interval '1 second')
ON CONFLICT (sender) DO UPDATE SET dialogue = excluded.dialogue, expires_at = excluded.expires_at
"""
_FORGET = "DELETE FROM conversations WHERE sender = %s"
_SWEEP = "DELETE FROM conversations WHERE expires_at <= now()"


class PostgresShelf:
    """A `Shelf` in the table `conversations`, whose clock is that of PostgreSQL, the same for all servers.

    psycopg2 waits where it is called: calls run in a few threads, each as long as a connection is free. All of them may
    be done twice without harm, so one that finds its connection lost (a restarted PostgreSQL) begins again once.
    """

    def __init__(self, url: str):
        """Raises psycopg2.Error when PostgreSQL does not answer or refuses. Makes the table if it is not there."""
        self._pool = ThreadedConnectionPool(1, _CONNECTIONS, url, **_CONNECTION)
        self._threads = ThreadPoolExecutor(_CONNECTIONS, "postgres")
        self._execute(_TABLE)

    async def get(self, key: str) -> str | None:
        _, row = await self._run(_GET, key)
        return row[0] if row else None

    async def put(self, key: str, text: str, seconds: float) -> None:
        await self._run(_PUT, key, text, seconds)

    async def forget(self, key: str) -> bool:
        count, _ = await self._run(_FORGET, key)
        return count > 0

    async def sweep(self) -> None:
        await self._run(_SWEEP)

    async def _run(self, query: str, *values: object) -> tuple[int, tuple | None]:
        work = asyncio.get_running_loop().run_in_executor(self._threads, self._twice_at_most, query, values)
        return await asyncio.wait_for(work, _PATIENCE_S)

    def _twice_at_most(self, query: str, values: tuple) -> tuple[int, tuple | None]:
        try:
            return self._execute(query, values)
        except (QueryCanceled, LockNotAvailable):  # slow, not lost
            raise
        except _LINE_IS_LOST:
            return self._execute(query, values)

    def _execute(self, query: str, values: tuple = ()) -> tuple[int, tuple | None]:
        """(rows touched, first row read if any). A connection that failed in any way is closed, not used again."""
        connection, sound = self._pool.getconn(), False
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(query, values)
                found = cursor.rowcount, cursor.fetchone() if cursor.description else None
            sound = True
            return found
        finally:
            self._pool.putconn(connection, close=not sound)
