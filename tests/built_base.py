"""A base built once for the tests, and copies of the repository's data to plant faults in."""

import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

from data.build import build
from data.database import Database, open_database

ROOT = Path(__file__).resolve().parent.parent


@lru_cache(maxsize=1)
def database() -> Database:
    """The base of this repository, built in a temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="jalon-tests-"))
    return open_database(build(ROOT, folder / "jalon.db").target)


def copy_sources(target: Path) -> Path:
    """Copy what the builder reads under `target` and return `target`."""
    for name in ("services.yml", "sources.yml", "categories.yml", "correspondances.yml"):
        (target / "data").mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "data" / name, target / "data" / name)
    (target / "actions").mkdir()
    shutil.copy(ROOT / "actions" / "textes.yml", target / "actions" / "textes.yml")
    shutil.copytree(ROOT / "data" / "lieux", target / "data" / "lieux")
    shutil.copytree(ROOT / "rules" / "base", target / "rules" / "base")
    return target
