"""Measure importing, importing again, building and exporting, each in its own process: seconds and peak memory.

Writes bench/resultats/echanges.md. `make bench-echanges`, or with ARGS="--tailles 1000,10000" for a shorter run.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench.exchange.files import write
from data.hours import PARIS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "bench" / "resultats" / "echanges.md"
MEMORY_BAR_MB = 500
_COPIED = ("data/services.yml", "data/sources.yml", "data/categories.yml", "data/correspondances.yml")


@dataclass(frozen=True)
class Measure:
    """One command: seconds on the clock and of CPU, and the most memory it held (resident, MB)."""

    what: str
    seconds: float
    cpu_seconds: float
    memory_mb: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tailles", default="1000,10000,100000", help="services, separated by commas")
    sizes = [int(size) for size in parser.parse_args().tailles.split(",")]
    rows = []
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="jalon-banc-") as folder:
            rows.append((size, *_one_size(Path(folder), size)))
            print(f"{size} services : {rows[-1][-1]}", flush=True)
        PAGE.write_text(_page(rows), encoding="utf-8")


def _one_size(folder: Path, size: int) -> tuple[float, dict[str, int], list[Measure]]:
    """Size of the file in MB, counts of the report, measures."""
    root, path = folder / "depot", folder / "banc.json"
    for name in _COPIED:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    shutil.copytree(ROOT / "data" / "lieux", root / "data" / "lieux")
    shutil.copytree(ROOT / "rules" / "base", root / "rules" / "base")
    write(path, size)
    imported = [
        "importer",
        "data-inclusion",
        str(path),
        "--source",
        "banc",
        "--racine",
        str(root),
        "--ecrire",
    ]
    build = f"from data.build import build; build({str(root)!r})"
    measures = [
        _measure("import", ["-m", "cli.main", *imported], folder / "dit"),
        _measure("le même fichier, une 2e fois", ["-m", "cli.main", *imported], folder / "redit"),
        _measure("construire la base", ["-c", build]),
    ]
    for kind in ("data-inclusion", "hsds"):
        exported = ["-m", "cli.main", "exporter", kind, str(folder / kind), "--racine", str(root)]
        measures.append(_measure(f"exporter {kind}", exported))
    said = (folder / "dit").read_text(encoding="utf-8")
    counts = {word: int(number) for number, word in re.findall(r"^ +(\d+) +([\w ]+?) *$", said, re.MULTILINE)}
    assert "Rien à changer" in (folder / "redit").read_text(encoding="utf-8")
    return path.stat().st_size / 1e6, counts, measures


def _measure(what: str, arguments: list[str], said: Path | None = None) -> Measure:
    """Run Python with `arguments`; the peak is that of this process alone (wait4)."""
    with (said or Path(os.devnull)).open("w", encoding="utf-8") as out:
        start = time.perf_counter()
        child = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, stdout=out)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{what} : code {child.returncode}")
    seconds = time.perf_counter() - start
    return Measure(what, seconds, usage.ru_utime + usage.ru_stime, _megabytes(usage))


def _megabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def _machine() -> str:
    now = datetime.now(PARIS).isoformat(timespec="seconds")
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cœurs"
    return f"{now}. {machine}, Python {platform.python_version()}. D'autres programmes tournaient.\n"


def _page(rows: list) -> str:
    worst = max(one.memory_mb for _, _, _, measures in rows for one in measures[:2])
    verdict = "tenu" if worst <= MEMORY_BAR_MB else "PAS TENU"
    lines = [
        "# Importer beaucoup de lieux\n",
        _machine(),
        "Des fichiers data·inclusion inventés (`bench/exchange/files.py`, graine 1), importés par la vraie",
        "commande, chacune dans son propre processus. Mémoire : le plus haut niveau atteint (RSS).\n",
        f"Barre : 100 000 services en {MEMORY_BAR_MB} Mo au plus. **Import : {worst:.0f} Mo au plus, {verdict}.**\n",
        "| Services | Fichier (Mo) | Étape | Secondes | Secondes de calcul | Mémoire (Mo) |",
        "|---:|---:|---|---:|---:|---:|",
    ]
    for size, megabytes, _, measures in rows:
        for one in measures:
            told = f"{one.seconds:.1f} | {one.cpu_seconds:.1f} | {one.memory_mb:.0f} |"
            lines.append(f"| {_spaced(size)} | {megabytes:.1f} | {one.what} | {told}")
    size, _, counts, _ = rows[-1]
    told = ", ".join(f"{count} {word}" for word, count in counts.items())
    lines.append(f"\nCe que dit le rapport pour {_spaced(size)} services : {told}.")
    lines.append("Les services dont aucune thématique n'est reprise sont gardés, pas montrés.")
    return "\n".join(lines) + "\n"


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", " ")


if __name__ == "__main__":
    main()
