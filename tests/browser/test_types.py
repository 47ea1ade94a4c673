"""The types written in the comments of the page's scripts hold (tsc, nothing is built)."""

import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "types"


def run(*command: str) -> subprocess.CompletedProcess:
    return subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=300, check=False)


def test_the_scripts_of_the_pages_hold_their_types():
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("node ou npm est introuvable (paquets « nodejs » et « npm »)")
    compiler = FOLDER / "node_modules" / "typescript" / "bin" / "tsc"
    if not compiler.exists():
        installed = run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        if installed.returncode:
            pytest.skip(f"typescript n'a pas pu être installé : {installed.stderr[-300:]}")
    checked = run(node, str(compiler), "-p", ".")
    assert checked.returncode == 0, checked.stdout
