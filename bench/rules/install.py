"""The other engines, installed under .cache from pinned and hashed versions, once.

Nothing is installed when what is there already matches. Without network, node or uv, the engine concerned is
`Absent`, with the reason in one sentence, and the bench goes on without it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from cli.project import ROOT

CACHE = ROOT / ".cache" / "bench-rules"
VERSIONS = Path(__file__).parent / "versions"
_UV = ("uv", ".cache/uv/bin/uv", str(Path.home() / ".local" / "bin" / "uv"))  # where bootstrap.sh looks


class Absent(Exception):
    """An engine that cannot be measured here, and why."""


def python_environment(name: str) -> Path:
    """The Python of an environment that holds exactly the versions of `versions/NAME.lock`."""
    lock, folder = VERSIONS / f"{name}.lock", CACHE / name
    python, done = folder / "bin" / "python", folder / ".installed"
    if python.exists() and done.exists() and done.read_bytes() == lock.read_bytes():
        return python
    uv = next((found for candidate in _UV if (found := shutil.which(candidate, path=_path()))), None)
    if uv is None:
        raise Absent("uv est introuvable")
    what = "les paquets PyPI"
    _run(what, uv, "venv", "--quiet", "--clear", "--no-project", "--python", sys.executable, folder)
    _run(what, uv, "pip", "sync", "--quiet", "--require-hashes", "--python", python, lock)
    done.write_bytes(lock.read_bytes())
    return python


def node_packages(versions: Path = VERSIONS, folder: Path = CACHE / "node") -> tuple[str, Path]:
    """The node program, and the `folder` whose node_modules holds what `versions`/package-lock.json says."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise Absent("node ou npm est introuvable (paquets « nodejs » et « npm »)")
    wanted = (versions / "package-lock.json").read_bytes()
    done = folder / ".installed"
    if not (done.exists() and done.read_bytes() == wanted):
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(versions / name, folder / name)
        # The lock file has no address, only versions and digests: npm checks these against what it gets.
        quiet = ("--silent", "--no-audit", "--no-fund", "--ignore-scripts")
        _run("les paquets npm", npm, "ci", *quiet, cwd=folder)
        done.write_bytes(wanted)
    return node, folder


def _path() -> str:
    return os.pathsep.join([os.environ.get("PATH", ""), str(ROOT)])


def _run(what: str, *command: object, cwd: Path = ROOT) -> None:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise Absent(f"{what} ne peuvent pas être installés : {lines[-1] if lines else done.returncode}")
