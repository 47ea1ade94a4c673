"""Where the project is, and whether what is built from its files is still up to date."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PENDING = ROOT / "run" / "restauration.json"  # the moves of a restore under way (cli/operations/restoring.py)
DIALOGUE_PYTHON = ROOT / ".venv-rasa" / "bin" / "python"


def fingerprint(patterns: Iterable[str], root: Path = ROOT) -> str:
    """Hash of the names and contents of the files that match the glob `patterns` under `root`.

    Raises FileNotFoundError for a pattern that matches nothing: a moved file must not go unseen.
    """
    digest = hashlib.sha256()
    for pattern in patterns:
        files = sorted(path for path in root.glob(pattern) if path.is_file())
        if not files:
            raise FileNotFoundError(f"Aucun fichier pour « {pattern} ».")
        for path in files:
            content = path.read_bytes()
            digest.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()
