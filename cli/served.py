"""The base and the model that serve, kept apart from the files that building and training replace.

`jalon servir` serves links to them, so that the good ones are still there when new ones fail:

    run/servir-8000/1/  jalon.db  modele.json  modele-….tar.gz
    run/servir-8000/bon  the number of the good ones
    run/servir-8000/porte.sert  what the doors serve, for one that starts again
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.server import MANIFEST, MANIFEST_VARIABLE
from channels.door_orders import serving_file
from cli import orders
from cli.project import ROOT
from data.base_file import DEFAULT_PATH

BASE_VARIABLE = "JALON_BASE"
ORDERS, DOOR_ORDERS = (
    "commande",
    "porte",
)  # sockets: of the supervisor, and of the doors, each with its number
_GOOD = "bon"
_TRIAL, _REFUSED = "essai", "refuse"
_LEFT_BEHIND_S = 86_400.0  # folders of a Jalon that was killed, on a port that serves no more


@dataclass(frozen=True)
class Files:
    """A base and the note of a model (`modele.json`), whose model is beside it."""

    base: Path
    manifest: Path

    def environment(self) -> dict[str, str]:
        """What makes a process read these files."""
        return {BASE_VARIABLE: str(self.base), MANIFEST_VARIABLE: str(self.manifest)}

    def model(self) -> Path:
        """Raises OSError, ValueError or KeyError when there is no note of a model."""
        return self.manifest.parent / json.loads(self.manifest.read_text(encoding="utf-8"))["fichier"]


def usual_files(environment: Mapping[str, str] = os.environ) -> Files:
    """The files that `jalon construire` and `jalon entrainer` replace, or those that the environment names."""
    base = environment.get(BASE_VARIABLE) or DEFAULT_PATH
    return Files(ROOT / base, ROOT / (environment.get(MANIFEST_VARIABLE) or MANIFEST))


class Shelf:
    """The folder `run/servir-PORT`, open to this account only."""

    def __init__(self, port: int):
        self.folder = ROOT / "run" / f"servir-{port}"

    @property
    def orders(self) -> Path:
        return self.folder / ORDERS

    @property
    def door(self) -> Path:
        return self.folder / DOOR_ORDERS

    def doors(self) -> list[Path]:
        """The sockets of the doors; that of one which was killed may still be there."""
        return sorted(one for one in self.folder.glob(f"{DOOR_ORDERS}.*") if one.is_socket())

    def note_serving(self, order: dict) -> None:
        """Note what a door that starts from now on must serve."""
        _write_whole(serving_file(self.door), json.dumps(order))

    def keep(self, files: Files) -> Files:
        """Links to `files` in a folder of their own. Raises OSError, ValueError or KeyError."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        taken = [int(one.name) for one in self.folder.iterdir() if one.name.isdecimal()]
        folder = self.folder / str(max(taken, default=0) + 1)
        folder.mkdir(mode=0o700)
        kept = Files(folder / "jalon.db", folder / "modele.json")
        _link(files.base, kept.base)
        _link(files.model(), folder / files.model().name)
        _link(files.manifest, kept.manifest)
        return kept

    def is_good(self, files: Files) -> None:
        """Note that `files`, kept here, serve from now on; the others are dropped."""
        number = files.base.parent.name
        _write_whole(self.folder / _GOOD, number)
        for other in self.folder.iterdir():
            if other.name.isdecimal() and other.name != number:
                shutil.rmtree(other, ignore_errors=True)

    def good(self) -> Files | None:
        """The files that served when a Jalon was killed on this port."""
        try:
            folder = self.folder / (self.folder / _GOOD).read_text()
        except OSError:
            return None
        return Files(folder / "jalon.db", folder / "modele.json") if folder.is_dir() else None

    def drop(self, files: Files) -> None:
        shutil.rmtree(files.base.parent, ignore_errors=True)

    def clear(self) -> None:
        """Drop all of this port, and what was left behind for a day on others."""
        shutil.rmtree(self.folder, ignore_errors=True)
        for other in self.folder.parent.glob("servir-*"):
            old = time.time() - other.stat().st_mtime > _LEFT_BEHIND_S
            if old and not orders.is_heard(other / ORDERS):
                shutil.rmtree(other, ignore_errors=True)


def put_back(good: Files, usual: Files) -> None:
    """Lay `good` over `usual`; what was under trial is refused. Raises OSError, ValueError or KeyError."""
    _replace(good.base, usual.base)
    _replace(good.model(), usual.manifest.parent / good.model().name)
    _replace(good.manifest, usual.manifest)
    _note(usual, "sources").unlink(
        missing_ok=True
    )  # the base was made from other files than the present ones
    with contextlib.suppress(FileNotFoundError):
        os.replace(_note(usual, _TRIAL), _note(usual, _REFUSED))


def note_trial(usual: Files, sources: str) -> None:
    """Before `usual` is made anew: what is not proven is known as such after a cut too. `sources`: what it is made from."""
    _note(usual, _TRIAL).write_text(sources, encoding="utf-8")


def end_trial(usual: Files) -> None:
    """What was under trial serves."""
    for name in (_TRIAL, _REFUSED):
        _note(usual, name).unlink(missing_ok=True)


def recover(shelf: Shelf) -> bool:
    """Put the good files back when a trial was cut; whether there was one. Raises as `put_back`."""
    usual, good = usual_files(), shelf.good()
    if good is None or not _note(usual, _TRIAL).exists():
        return False
    put_back(good, usual)
    return True


def is_refused(usual: Files, sources: str) -> bool:
    """Whether what is made from these sources was tried and failed, the former files being back."""
    try:
        return _note(usual, _REFUSED).read_text(encoding="utf-8") == sources
    except OSError:
        return False


def _write_whole(path: Path, text: str) -> None:
    new = path.with_name(f"{path.name}.nouveau")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)


def _note(usual: Files, name: str) -> Path:
    return usual.base.with_name(f"{usual.base.name}.{name}")


def _link(source: Path, target: Path) -> None:
    """These files are replaced whole, never written into: a link is as good as a copy, and free."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _replace(source: Path, target: Path) -> None:
    new = target.with_name(f".{target.name}.remis")
    new.unlink(missing_ok=True)
    _link(source, new)
    os.replace(new, target)
    new.unlink(missing_ok=True)  # a link to the very same file is left where it was
