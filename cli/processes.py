"""The processes of one Jalon under honcho, and what it lacks: some that come and go while the others run."""

from __future__ import annotations

import os
import re
import shlex
import sys
import threading
import time
from collections.abc import Mapping

from honcho.manager import SYSTEM_PRINTER_NAME, Manager
from honcho.printer import Message, Printer

from assistant import journal
from cli.project import ROOT

_STOPPED = re.compile(r"(\S+) stopped \(rc=(-?\d+)\)")
_STOP_LIMIT_S = 10
_POLL_S = 0.1


def leash(command: list[str]) -> str:
    """Shell line that runs `command` and stops it within 2 s if this process is killed outright."""
    watch = f"while kill -0 {os.getpid()}; do sleep 2; done; kill 0"
    return f"({watch}) </dev/null >/dev/null 2>&1 & exec {shlex.join(command)}"


class News(Printer):
    """Passes on the lines of the processes; keeps honcho's own news to itself, but for who stopped first.

    `passing`: names of those whose end means nothing.
    """

    def __init__(self) -> None:
        super().__init__(sys.stdout)
        self._json = journal.wants_json()
        self.passing: frozenset[str] = frozenset()
        self.first_stopped: tuple[str, int] | None = None

    def write(self, message: Message) -> None:
        if message.name != SYSTEM_PRINTER_NAME:
            self._pass_on(message)
            return
        found = _STOPPED.match(message.data)
        if self.first_stopped is None and found and found[1] not in self.passing:
            self.first_stopped = (found[1], int(found[2]))

    def _pass_on(self, message: Message) -> None:
        if not self._json:
            super().write(message)
            return
        text = message.data.decode("utf-8", "replace") if isinstance(message.data, bytes) else message.data
        text = text.rstrip()
        self.output.write((text if text.startswith("{") else journal.line(message.name, text)) + "\n")
        self.output.flush()


class Processes(Manager):
    """honcho's manager, whose table of processes may change under its loop: it is replaced, never changed."""

    def __init__(self, news: News):
        super().__init__(news)
        self._news = news

    def add(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        """Start one more, whose end means nothing until `adopt`. Its output is read by a thread: forking another
        reader, as honcho does at the start, is not safe once threads run."""
        self._news.passing |= {name}
        process = self._process_ctor(
            leash(command), name=name, colour=next(self._colours), env=dict(environment), cwd=str(ROOT)
        )
        self._processes = {**self._processes, name: {"obj": process}}
        threading.Thread(target=process.run, args=(self.events,), daemon=True).start()

    def has_ended(self, name: str) -> bool:
        return "returncode" in self._processes[name]

    def adopt(self, names: list[str]) -> None:
        """These matter from now on: the end of one ends all."""
        self._news.passing -= set(names)

    def retire(self, names: list[str]) -> None:
        """Stop these and wait for their end, which matters no more."""
        self._news.passing |= set(names)
        for stop in (self._procmgr.terminate, self._procmgr.kill):
            for name in names:
                if (pid := self._pid(name)) and not self.has_ended(name):
                    stop(pid)
            limit = time.monotonic() + _STOP_LIMIT_S
            while time.monotonic() < limit and not all(map(self.has_ended, names)):
                time.sleep(_POLL_S)

    def _pid(self, name: str) -> int | None:
        """Its number, as soon as honcho has noted its start."""
        limit = time.monotonic() + _STOP_LIMIT_S
        while time.monotonic() < limit:
            if pid := self._processes[name].get("pid"):
                return pid
            time.sleep(_POLL_S)
        return None

    def _any_stopped(self) -> bool:
        return any(
            "returncode" in process
            for name, process in self._processes.items()
            if name not in self._news.passing
        )
