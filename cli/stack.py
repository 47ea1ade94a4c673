"""A whole Jalon started by `jalon servir` on free ports, for the tests and the measurements."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Self

from channels.settings import Settings
from cli import supervisor
from cli.project import ROOT
from data.base_file import DEFAULT_PATH

_STOP_LIMIT_S = 20


class StackError(RuntimeError):
    """Jalon did not start. The message ends with what it printed."""


class Stack:
    """The processes of one `jalon servir`. Use it in a `with` block.

    `url`: the door; `rasa_url`: the dialogue server, open to who shows `key`; `base`: the base it reads;
    `statistics`: the file of its counts. `settings`: more environment variables.
    """

    def __init__(self, alone: bool = False, **settings: str) -> None:
        """`alone`: without the settings of this environment, but for the bases: no SMS, no server of a city."""
        door = supervisor.free_row(2 + supervisor.DIALOGUES.most)
        actions, rasa = door + 1, door + 2
        self.url = f"http://{supervisor.LOOPBACK}:{door}"
        self.rasa_url = f"http://{supervisor.LOOPBACK}:{rasa}/webhooks/jalon"
        self.key = secrets.token_hex(32)
        self.base = DEFAULT_PATH
        self.start_seconds = 0.0
        self._folder = tempfile.TemporaryDirectory(prefix="jalon-")
        folder = Path(self._folder.name)
        self.statistics = folder / "statistiques.db"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not alone or _is_harmless(name)},
            "JALON_STATISTIQUES_FICHIER": str(self.statistics),
            supervisor.KEY_VARIABLE: self.key,
            supervisor.DOOR.variable: str(door),
            supervisor.RASA.variable: str(rasa),
            supervisor.ACTIONS.variable: str(actions),
            **settings,
        }
        self._log = folder / "jalon.log"
        self._log.touch()
        self.process: subprocess.Popen | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
        self._folder.cleanup()

    def set(self, name: str, value: str) -> None:
        """One more environment variable, before the start: one that needs `url`."""
        self.environment[name] = value

    def start(self) -> None:
        """Start and wait until every part is ready. Raises StackError."""
        start = time.perf_counter()
        self.launch()
        while supervisor.READY not in self.output():
            if self.process.poll() is not None:
                raise StackError(f"« jalon servir » s'est arrêté :\n{self.output()}")
            time.sleep(0.1)
        self.start_seconds = time.perf_counter() - start

    def launch(self) -> None:
        """Start without waiting."""
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cli.main", "servir"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the tests, which then stop it
            )

    def door_settings(self) -> Settings:
        """Settings with which a channel in this process talks to this Jalon's dialogue server."""
        return Settings(
            base=self.base, rasa_url=self.rasa_url.partition("/webhooks")[0], internal_key=self.key
        )

    def stop(self) -> int | None:
        """Ask for the end, wait for it and return the exit code (None if it never started)."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(_STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise StackError(f"« jalon servir » ne s'arrête pas :\n{self.output()}") from None

    def output(self) -> str:
        """What the processes have printed so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")


def _is_harmless(name: str) -> bool:
    return not name.startswith("JALON_") or name in ("JALON_BASE", "JALON_MODELE", "JALON_ADRESSES")
