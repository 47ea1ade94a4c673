"""Where corrections wait for a person: a folder of one machine, or a table that several doors write to."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from data.sql.engine import Engine, open_engine

_SCHEMA = "CREATE TABLE IF NOT EXISTS propositions (id TEXT PRIMARY KEY, texte TEXT NOT NULL)"


class Box(Protocol):
    """Proposals as YAML texts, by id. Every method may raise StoreError or OSError."""

    def put(self, proposal_id: str, text: str) -> None:
        """Keep a text; the same id twice is one proposal."""

    def texts(self) -> dict[str, str]:
        """What waits, in the order of the ids, which begin with the day."""

    def remove(self, proposal_id: str) -> None: ...


class Folder:
    """One file a proposal, made at the first one."""

    def __init__(self, path: Path):
        self._path = path

    def put(self, proposal_id: str, text: str) -> None:
        self._path.mkdir(parents=True, exist_ok=True)
        replace(self._path / f"{proposal_id}.yml", text)

    def texts(self) -> dict[str, str]:
        files = sorted(self._path.glob("*.yml")) if self._path.is_dir() else []
        return {file.stem: file.read_text(encoding="utf-8") for file in files}

    def remove(self, proposal_id: str) -> None:
        (self._path / f"{proposal_id}.yml").unlink()


class Table:
    """One row a proposal, in PostgreSQL."""

    def __init__(self, postgres: str):
        self._postgres = postgres

    def put(self, proposal_id: str, text: str) -> None:
        with self._opened() as db:
            db.execute(
                "INSERT INTO propositions VALUES (:id, :text) ON CONFLICT (id) DO UPDATE SET texte = :text",
                {"id": proposal_id, "text": text},
            )

    def texts(self) -> dict[str, str]:
        with self._opened() as db:
            rows = db.execute("SELECT id, texte FROM propositions").fetchall()
        return {row["id"]: row["texte"] for row in sorted(rows, key=lambda row: row["id"])}

    def remove(self, proposal_id: str) -> None:
        with self._opened() as db:
            db.execute("DELETE FROM propositions WHERE id = :id", {"id": proposal_id})

    @contextmanager
    def _opened(self) -> Iterator[Engine]:
        db = open_engine(self._postgres, Path(), "jalon_propositions", _SCHEMA)
        try:
            with db.transaction():
                yield db
        finally:
            db.close()


def open_box(postgres: str, folder: Path) -> Box:
    """The table of a PostgreSQL when there is an address, else the folder."""
    return Table(postgres) if postgres else Folder(folder)


def replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(name, 0o644)
    os.replace(name, path)
