"""The processes that hold the engines: asked one at a time, so that none runs while another is timed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.rules.install import CACHE, Absent, node_packages, python_environment
from cli.project import ROOT

WORKERS = ROOT / "bench" / "rules" / "workers"


class Worker:
    """One engine in its own process, kept between the rounds."""

    def __init__(self, name: str, command: Sequence[object], environment: Mapping[str, str] | None = None):
        self.name = name
        self.command = [str(part) for part in command]
        self.environment = {**os.environ, **(environment or {}), "PYTHONWARNINGS": "ignore"}
        self._errors = CACHE / f"{name}.err"
        self.process: subprocess.Popen | None = None

    def start(self) -> Worker:
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors.open("w"),
            text=True,
        )
        return self

    def ask(self, do: str, **order: object):
        """What the engine says; the process that stops makes the engine absent, not the bench wrong."""
        try:
            print(json.dumps({"do": do, **order}), file=self.process.stdin, flush=True)
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise Absent(f"{self.name} s'est arrêté : {self._last_words()}")
        return json.loads(line)["value"]

    def first_answer(self, data: Path) -> dict[str, float]:
        """A fresh process on the rules of `data`: seconds to its first answer, and the memory it took."""
        start = time.perf_counter()
        done = subprocess.run(
            [*self.command[: 1 + self._fixed()], data, "--first"],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - start
        if done.returncode:
            raise Absent(f"{self.name} : {(done.stderr.strip().splitlines() or ['?'])[-1]}")
        return {"seconds": seconds, "peak_mib": json.loads(done.stdout)["peak_mib"]}

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def _fixed(self) -> int:
        """Arguments that say what to run, before the data: « -m module » or a script."""
        return 2 if self.command[1] == "-m" else 1

    def _last_words(self) -> str:
        return (self._errors.read_text().strip().splitlines() or ["sans un mot"])[-1]


def workers(data: Path) -> tuple[dict[str, Worker], dict[str, str]]:
    """Those that can run here, started, and why each of the others cannot."""
    found: dict[str, Worker] = {}
    absent: dict[str, str] = {}
    makers = {
        "jalon": lambda: Worker("jalon", [sys.executable, "-m", "bench.rules.workers.ours"]),
        "parcours": lambda: Worker("parcours", [sys.executable, "-m", "bench.rules.workers.plain"]),
        "zen": lambda: _python("zen", "python"),
        "rule_engine": lambda: _python("rule_engine", "python"),
        "publicodes": lambda: publicodes(data),
        "openfisca": lambda: _python("openfisca", "openfisca"),
    }
    CACHE.mkdir(parents=True, exist_ok=True)
    for name, make in makers.items():
        try:
            found[name] = make().start()
            found[name].ask("version")
        except Absent as why:
            found.pop(name, None)
            absent[name] = str(why)
    return found, absent


def publicodes(data: Path) -> Worker:
    node, folder = node_packages()
    return Worker("publicodes", [node, WORKERS / "publicodes.mjs", data], {"PEERS": str(folder)})


def _python(name: str, environment: str) -> Worker:
    return Worker(name, [python_environment(environment), "-m", f"bench.rules.workers.{name}"])
