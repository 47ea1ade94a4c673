"""What is asked of a database that is written to, whichever it is: SQLite on one machine, PostgreSQL for several.

Queries are written once, in the SQL that both know, with named parameters (`:name`) and rows read by column name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from data.sql.sqlite import Sqlite


class Rows(Iterable, Protocol):
    """The result of a query; a row is read by column name."""

    rowcount: int

    def fetchone(self) -> Mapping | None: ...
    def fetchall(self) -> list: ...


class Engine(Protocol):
    """One connection, for one thread at a time. Every method may raise StoreError."""

    def execute(self, query: str, values: Mapping = {}) -> Rows:
        """Outside a transaction, each query is one."""

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing, on disk at the end; one writer at a time, in all processes.

        Raises Lost when the database went away: nothing says whether the end was written.
        """

    def take_turn(self) -> bool:
        """Whether this connection is now the only one, of all processes, that has the turn.

        To be asked again every few seconds, in a transaction: who says nothing loses it.
        """

    def has_turn(self) -> bool:
        """Whether the turn is ours, and will be for as long as one call to a provider."""

    def clean(self) -> bool:
        """Make what was erased leave the disk; False when it could not be done now."""

    def close(self) -> None: ...


def open_engine(postgres: str, file: Path, name: str, schema: str, create: bool = True) -> Engine:
    """The tables of `schema`: in PostgreSQL when there is an address, under `name`; else in the SQLite `file`.

    In `schema`, {rank} is the column that numbers rows. Raises StoreError or OSError when the file cannot be opened,
    or is absent and not to be created; PostgreSQL is reached at the first query.
    """
    if not postgres:
        return Sqlite(file, schema, create)
    # Not loaded where it is not used: it costs 30 ms at start and some memory.
    from data.sql.postgres import Postgres

    return Postgres(postgres, name, schema)
