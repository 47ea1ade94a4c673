"""A backup: one compressed archive, made while Jalon runs, with a manifest that says what it holds.

Each database is copied as it is at one moment. The archive appears under its name only when it is whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from cli.operations import postgres
from cli.operations.kept import POSTGRES, Kept
from cli.project import ROOT
from data.base_file import DatabaseError
from data.database import open_database
from data.hours import PARIS

FORMAT = 1  # raised when an older Jalon could not read the archive any more
MANIFEST = "manifeste.json"
LAST = ROOT / "run" / "sauvegarde.json"  # when the last one was made, for « jalon diagnostic »


class SavingError(Exception):
    """No backup could be made; the message is French."""


@dataclass(frozen=True)
class Manifest:
    """What an archive holds. `files`: name -> SHA-256; `key`: mark of the key that the SMS queue is sealed with."""

    made_on: str
    base: str
    key: str
    files: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=1)


def save(kept: Kept, target: Path) -> Manifest:
    """Write the archive `target`. Raises SavingError; nothing is then left at `target`."""
    if target.exists():
        raise SavingError(f"{target} existe déjà : une sauvegarde n'en écrase pas une autre.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Beside the archive: it has room for it, and a private folder hides the copies.
        with tempfile.TemporaryDirectory(prefix=".jalon-", dir=target.parent) as name:
            folder = Path(name)
            _copy(kept, folder)
            manifest = _described(kept, folder)
            (folder / MANIFEST).write_text(manifest.as_json(), encoding="utf-8")
            whole = folder / ".archive"
            _pack(folder, [MANIFEST, *manifest.files], whole)
            os.replace(whole, target)
    except postgres.ToolError as error:
        raise SavingError(str(error)) from None
    except (OSError, sqlite3.Error) as error:
        # Neither kind quotes what a database holds.
        raise SavingError(f"La sauvegarde n'a pas pu être écrite : {error}.") from None
    return manifest


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy(kept: Kept, folder: Path) -> None:
    if kept.postgres:
        postgres.dump(kept.postgres, folder / POSTGRES)
    for name, path in kept.bases.items():
        if path.is_file():
            _copy_base(path, folder / name)
    for name, path in kept.files():
        copy = folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def _copy_base(source: Path, target: Path) -> None:
    opened = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
    with closing(opened) as db, closing(sqlite3.connect(target)) as copy:
        db.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, without its log
        fault = copy.execute("PRAGMA quick_check").fetchone()[0]
    if fault != "ok":
        raise SavingError(f"{source} est abîmé : il n'est pas sauvegardé. « jalon diagnostic » en dit plus.")


def _described(kept: Kept, folder: Path) -> Manifest:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    try:
        version = open_database(kept.root / "data" / "jalon.db").version
    except DatabaseError:
        version = ""
    now = datetime.now(PARIS).isoformat(timespec="seconds")
    hashes = {path.relative_to(folder).as_posix(): sha256(path) for path in files}
    return Manifest(now, version, kept.key_mark(), hashes)


def _pack(folder: Path, names: list[str], target: Path) -> None:
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as archive:
            for name in names:
                archive.add(folder / name, name, filter=_anonymous)
        file.flush()
        os.fsync(file.fileno())


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry
