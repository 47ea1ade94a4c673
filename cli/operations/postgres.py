"""PostgreSQL's own tools, for backups: pg_dump and pg_restore. The password never shows among the processes."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

_LIMIT_S = 3600
# Conversations under way are erased on demand and within a day: a backup would keep what was promised to go.
_NOT_KEPT = "*.conversations"


class ToolError(Exception):
    """pg_dump or pg_restore is absent or failed; the message is French."""


def dump(address: str, target: Path) -> None:
    """Write the database as it is at one moment, while it is used. Raises ToolError."""
    options = ["--format=custom", f"--exclude-table-data={_NOT_KEPT}", "--no-owner", "--no-privileges"]
    _run("pg_dump", address, [*options, f"--file={target}"])


def in_use(address: str) -> bool:
    """Whether a Jalon, on any machine, is connected to the database. Raises ToolError when it cannot be reached."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'jalon%'"
    try:
        with psycopg.connect(address, connect_timeout=5) as db:
            return db.execute(query).fetchone()[0] > 0
    except psycopg.Error as error:
        raise ToolError(f"PostgreSQL ne répond pas ({type(error).__name__}).") from None


def restore(address: str, source: Path) -> None:
    """Put the database back in one transaction: all of it, or nothing changes. Raises ToolError."""
    options = ["--single-transaction", "--clean", "--if-exists", "--no-owner", "--no-privileges"]
    _run("pg_restore", address, [*options, str(source)])


def _run(tool: str, address: str, options: list[str]) -> None:
    if not shutil.which(tool):
        raise ToolError(f"Il manque {tool} : installez le paquet postgresql-client.")
    try:
        parts = conninfo_to_dict(address)
    except psycopg.Error:
        raise ToolError("JALON_POSTGRES ne se lit pas.") from None
    password = parts.pop("password", None)
    environment = {
        **os.environ,
        "PGCONNECT_TIMEOUT": "5",
        **({"PGPASSWORD": str(password)} if password else {}),
    }
    command = [tool, "--no-password", f"--dbname={make_conninfo(**parts)}", *options]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise ToolError(f"{tool} n'a pas fini en une heure.") from None
    if done.returncode:
        # Its words may quote a row: only those that say what is wrong with the server are kept.
        told = [
            line for line in done.stderr.splitlines() if "connection to server" in line or "version" in line
        ]
        raise ToolError(" ".join([f"{tool} a échoué (code {done.returncode}).", *told[:2]]))
