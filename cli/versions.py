"""Another version of the rules base: a built base, a folder of YAML files, or a git revision of this project."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from pathlib import Path

import click

from cli.project import ROOT
from data.base_file import DatabaseError
from data.build import RULES_FOLDER, read_documents
from data.database import open_database
from rules import BaseError, Evaluator, load_base


def open_version(where: str) -> Evaluator:
    """The rules of a file .db, of a folder with rules/base, or of a git revision.

    Raises BadParameter with what is wrong.
    """
    path = Path(where)
    try:
        if path.is_file():
            return open_database(path).evaluator
        if path.is_dir():
            return _from_folder(path)
        with tempfile.TemporaryDirectory(prefix="jalon-") as folder:
            _extract(where, Path(folder))
            return _from_folder(Path(folder))
    except (DatabaseError, BaseError) as error:
        raise click.BadParameter(f"« {where} » ne se lit pas. {error}", param_hint="--avec") from None


def _from_folder(folder: Path) -> Evaluator:
    if not (folder / RULES_FOLDER).is_dir():
        raise click.BadParameter(f"{folder} ne contient pas {RULES_FOLDER}.", param_hint="--avec")
    documents, faults = read_documents(folder)
    if faults:
        raise BaseError(faults)
    return Evaluator(load_base(documents))


def _extract(revision: str, folder: Path) -> None:
    """Write the rules of a git revision under `folder`."""
    command = ["git", "-C", str(ROOT), "archive", "--format=tar", f"{revision}^{{commit}}", RULES_FOLDER]
    try:
        archive = subprocess.run(command, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        said = f"« {revision} » n'est ni un fichier, ni un dossier, ni une révision git."
        raise click.BadParameter(said, param_hint="--avec") from None
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
