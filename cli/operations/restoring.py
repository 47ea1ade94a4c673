"""A backup put back: checked whole, laid beside what it replaces, then moved; cut anywhere, it can be finished."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from cli.operations import postgres
from cli.operations.kept import POSTGRES, QUEUE, Kept
from cli.operations.saving import FORMAT, MANIFEST, Manifest, sha256

_LARGEST_MANIFEST = 1_000_000
_LOGS = ("-wal", "-shm", "-journal")  # of a SQLite file: those of the old one would spoil the new one


class RestoringError(Exception):
    """The backup cannot be put back; nothing was changed. The message is French."""


@contextmanager
def opened(archive: Path, kept: Kept, without_sms: bool = False) -> Iterator[tuple[Manifest, Path]]:
    """The manifest and a folder with the files of an archive, all checked. Raises RestoringError.

    `without_sms`: leave the queue file aside, when its key is lost.
    """
    with tempfile.TemporaryDirectory(prefix=".jalon-", dir=archive.absolute().parent) as name:
        folder = Path(name)
        try:
            with tarfile.open(archive, "r:gz") as tar:
                manifest = _manifest(tar)
                _extract(tar, manifest, folder)
        except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
            raise RestoringError(
                f"L'archive est abîmée ou ce n'en est pas une ({type(error).__name__})."
            ) from None
        _check(manifest, folder, kept)
        if without_sms:
            files = {name: digest for name, digest in manifest.files.items() if name != QUEUE}
            manifest = replace(manifest, files=files)
        _check_key(manifest, kept)
        yield manifest, folder


def put_back(manifest: Manifest, folder: Path, kept: Kept, pending: Path) -> None:
    """Replace what is there by the files of `folder`. `pending`: where the moves are noted while they are made.

    Raises RestoringError, nothing having changed; after a cut among the moves, `finish` ends them.
    """
    moves: list[tuple[Path, Path]] = []
    try:
        for name in manifest.files:
            if name != POSTGRES:
                target = kept.target(name)
                moves.append((_laid_beside(folder / name, target), target))
        if POSTGRES in manifest.files:
            if postgres.in_use(kept.postgres):
                raise postgres.ToolError("Un Jalon utilise encore la base : arrêtez-le sur chaque machine.")
            postgres.restore(kept.postgres, folder / POSTGRES)
    except (OSError, postgres.ToolError) as error:
        for laid, _ in moves:
            laid.unlink(missing_ok=True)
        raise RestoringError(f"Rien n'a été changé. {error}") from None
    _write(pending, json.dumps([[str(laid), str(target)] for laid, target in moves]))
    finish(pending)


def finish(pending: Path) -> int:
    """End the moves of a restore that was cut; how many were left. Raises FileNotFoundError when none was."""
    moves = [(Path(laid), Path(target)) for laid, target in json.loads(pending.read_text(encoding="utf-8"))]
    left = [(laid, target) for laid, target in moves if laid.exists()]
    for laid, target in left:
        for log in _LOGS:
            target.with_name(target.name + log).unlink(missing_ok=True)
        os.replace(laid, target)
    for folder in {target.parent for _, target in moves}:
        _sync(folder)
    pending.unlink()
    return len(left)


@contextmanager
def queue_alone(kept: Kept) -> Iterator[None]:
    """Keep any door from working on the SMS queue meanwhile. Raises RestoringError when one does."""
    kept.sms.parent.mkdir(parents=True, exist_ok=True)
    with kept.sms.with_suffix(".verrou").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RestoringError("Une porte travaille sur la file des SMS. Arrêtez Jalon d'abord.") from None
        yield


def _manifest(tar: tarfile.TarFile) -> Manifest:
    first = tar.next()
    if first is None or first.name != MANIFEST or not first.isreg() or first.size > _LARGEST_MANIFEST:
        raise RestoringError("Cette archive n'est pas une sauvegarde de Jalon.")
    try:
        found = json.loads(tar.extractfile(first).read())
        if found["format"] > FORMAT:
            raise RestoringError(
                "Cette sauvegarde vient d'un Jalon plus récent. Mettez d'abord celui-ci à jour."
            )
        return Manifest(**found)
    except (ValueError, KeyError, TypeError):
        raise RestoringError("Le manifeste de l'archive est illisible.") from None


def _extract(tar: tarfile.TarFile, manifest: Manifest, folder: Path) -> None:
    for entry in tar:
        if entry.name == MANIFEST:
            continue
        if not entry.isreg() or entry.name not in manifest.files:
            raise RestoringError(f"L'archive contient « {entry.name} », que son manifeste ne connaît pas.")
        tar.extract(entry, folder, filter="data")


def _check(manifest: Manifest, folder: Path, kept: Kept) -> None:
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.is_file() or sha256(path) != expected:
            raise RestoringError(f"L'archive est abîmée : « {name} » n'est pas ce qui a été sauvegardé.")
        if name == POSTGRES:
            continue
        try:
            kept.target(name)
        except ValueError:
            raise RestoringError(f"« {name} » n'a rien à faire dans une sauvegarde.") from None
    _check_place(manifest.files, kept)


def _check_key(manifest: Manifest, kept: Kept) -> None:
    sealed = QUEUE in manifest.files or POSTGRES in manifest.files
    if sealed and manifest.key and manifest.key != kept.key_mark():
        raise RestoringError(
            "La file des SMS est scellée avec une autre clé que celle d'ici, et serait illisible. Remettez d'abord "
            f"JALON_SMS_CLE, ou le fichier {kept.sms.with_suffix('.cle')}. Sans elle : --sans-sms."
        )


def _check_place(files: Mapping[str, str], kept: Kept) -> None:
    if POSTGRES in files and not kept.postgres:
        raise RestoringError("Cette sauvegarde a une base PostgreSQL. Réglez JALON_POSTGRES.")
    if POSTGRES not in files and kept.postgres:
        raise RestoringError("JALON_POSTGRES est réglé, mais cette sauvegarde n'a pas de base PostgreSQL.")


def _laid_beside(source: Path, target: Path) -> Path:
    """A copy of `source` on the disk of `target`, hidden beside it, as readable as what it replaces."""
    target.parent.mkdir(parents=True, exist_ok=True)
    laid = target.with_name(f".{target.name}.restaure")
    laid.unlink(missing_ok=True)
    shutil.copyfile(source, laid)
    os.chmod(laid, 0o600 if target.suffix == ".db" else 0o644)
    with laid.open("rb") as file:
        os.fsync(file.fileno())
    return laid


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".nouveau")
    with new.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
