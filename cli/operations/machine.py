"""What the machine must give: Pythons and packages, disk, memory, a right clock, fonts for the sheet."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cli.operations.findings import FAILURE, OK, WATCH, Finding
from cli.project import DIALOGUE_PYTHON, ROOT
from data.base_file import DEFAULT_PATH, DatabaseError
from data.database import open_database

_RUN = ROOT / "run"
_GIB = 2**30
_MEMORY_MIB = 700  # what all processes take on a small desk machine
_BOOTSTRAP = "Lancez « scripts/bootstrap.sh run »."
_LOCKS = {
    ".venv": ("requirements.lock", "requirements-dev.lock"),
    ".venv-rasa": ("assistant/requirements.lock",),
}
_EARLY_S = 300.0  # a file that far in the future was written under another clock


def pythons() -> Iterator[Finding]:
    """The two Pythons, and their packages against the lock files."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("python", OK, f"Python {version}.")
    if not DIALOGUE_PYTHON.exists():
        said = "L'environnement du dialogue (.venv-rasa) manque."
        yield Finding("python du dialogue", FAILURE, said, _BOOTSTRAP)
    for folder, locks in _LOCKS.items():
        noted = ROOT / folder / ".jalon-lock"
        if not noted.is_file():
            continue
        if any((ROOT / lock).read_bytes() == noted.read_bytes() for lock in locks):
            yield Finding(f"paquets {folder}", OK, "Ceux des fichiers .lock.")
        else:
            said = "Les paquets installés ne sont plus ceux du fichier .lock."
            yield Finding(f"paquets {folder}", WATCH, said, _BOOTSTRAP)


def disk() -> Iterator[Finding]:
    """Room and rights where Jalon writes."""
    for name, folder in (("disque de Jalon", ROOT), ("disque temporaire", Path(tempfile.gettempdir()))):
        free = shutil.disk_usage(folder).free
        said = f"{free / _GIB:.1f} Gio libres dans {folder}."
        if free < 0.2 * _GIB:
            yield Finding(name, FAILURE, said, "Libérez de la place : plus rien ne peut être noté.")
        elif free < _GIB:
            yield Finding(name, WATCH, said, "Libérez de la place.")
        else:
            yield Finding(name, OK, said)
    for folder in (_RUN, ROOT / "data"):
        try:
            folder.mkdir(exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            said = f"On ne peut pas écrire dans {folder} ({error.strerror})."
            yield Finding("droits", FAILURE, said, "Rendez le dossier au compte qui fait tourner Jalon.")


def memory() -> Iterator[Finding]:
    """Room in memory, where the system tells it (Linux)."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return
    free = next(int(line.split()[1]) // 1024 for line in lines if line.startswith("MemAvailable"))
    state = OK if free >= _MEMORY_MIB else WATCH
    mend = "" if state == OK else "Jalon demande environ 700 Mio en tout : fermez d'autres programmes."
    yield Finding("mémoire", state, f"{free} Mio disponibles.", mend)


def clock() -> Iterator[Finding]:
    """A wrong clock shows closed doors as open, and expired amounts as due."""
    try:
        ZoneInfo("Europe/Paris")
    except ZoneInfoNotFoundError:
        said = "Le fuseau Europe/Paris est inconnu."
        yield Finding("horloge", FAILURE, said, "Installez le paquet tzdata.")
        return
    reasons = [*_in_the_past(), *_not_kept_right()]
    if not reasons:
        now = datetime.now(ZoneInfo("Europe/Paris"))
        yield Finding("horloge", OK, f"Il est {now:%H h %M le %d/%m/%Y} à Paris.")
    yield from reasons


def _in_the_past() -> Iterator[Finding]:
    mend = "Mettez la machine à l'heure : « timedatectl set-ntp true »."
    try:
        db = open_database(DEFAULT_PATH)
    except DatabaseError:
        return
    built = datetime.fromisoformat(db.built_on).timestamp()
    db.close()
    files = [path.stat().st_mtime for path in _RUN.rglob("*")] if _RUN.is_dir() else []
    if max([built, *files]) > time.time() + _EARLY_S:
        yield Finding(
            "horloge", FAILURE, "L'heure est avant celle de fichiers déjà écrits : elle a reculé.", mend
        )


def _not_kept_right() -> Iterator[Finding]:
    asked = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]
    try:
        told = subprocess.run(asked, capture_output=True, text=True, timeout=3, check=False).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return  # a container takes the clock of its host
    if told == "no":
        said = "Rien ne tient la machine à l'heure."
        yield Finding(
            "horloge", WATCH, said, "« timedatectl set-ntp true », ou un serveur de temps du réseau."
        )


def sheet() -> Iterator[Finding]:
    """What the PDF sheet needs. No browser is needed to run Jalon, only to test it."""
    # Apart: Pango is loaded by the import, and a broken one ends the process.
    command = [sys.executable, "-c", "import weasyprint"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=30, check=False)
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode:
        packages = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
        yield Finding(
            "fiche PDF", WATCH, "Pango manque : la page s'imprime, le PDF non.", f"Installez {packages}."
        )
        return
    if (
        shutil.which("fc-list")
        and not subprocess.run(["fc-list", ":lang=fr"], capture_output=True, timeout=10, check=False).stdout
    ):
        said = "Aucune police pour le français."
        yield Finding("fiche PDF", WATCH, said, "Installez fonts-dejavu-core.")
        return
    yield Finding(
        "fiche PDF", OK, "Pango et une police sont là. Aucun navigateur n'est nécessaire en service."
    )


def secrets_kept() -> Iterator[Finding]:
    """Files of secrets that others on the machine could read."""
    for path in sorted(_RUN.glob("*.cle")):
        if os.name == "posix" and path.stat().st_mode & 0o077:
            said = f"{path.name} peut être lu par d'autres comptes."
            yield Finding("secrets", FAILURE, said, f"« chmod 600 {path} »")
