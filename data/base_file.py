"""The file of the built base: where it is, and whether it is one of this version. Standard library only."""

from __future__ import annotations

import sqlite3
from pathlib import Path

SCHEMA = 2  # raised when the tables change: an old file is then refused with a clear message
DEFAULT_PATH = Path(__file__).parent / "jalon.db"


class DatabaseError(RuntimeError):
    """The base is missing or was built by another version of Jalon."""


def connect(file: Path) -> tuple[sqlite3.Connection, dict[str, str]]:
    """A read-only connection that threads may share, and what the file says of itself.

    Raises DatabaseError with a sentence that says what to do.
    """
    if not file.is_file():
        raise DatabaseError(f"La base {file} n'existe pas. Lancez « jalon construire ».")
    # The builder replaces the file in one move and never writes into it: an open reader keeps its copy.
    connection = sqlite3.connect(
        f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
    )
    try:
        meta = dict(connection.execute("SELECT cle, valeur FROM meta"))
    except sqlite3.DatabaseError as error:
        connection.close()
        raise DatabaseError(f"{file} n'est pas une base de Jalon. Lancez « jalon construire ».") from error
    if meta.get("schema") != str(SCHEMA):
        connection.close()
        raise DatabaseError(f"La base {file} a été faite par une autre version. Lancez « jalon construire ».")
    return connection, meta
