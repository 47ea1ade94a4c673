"""A Jalon of several processes for tests: two dialogue servers, two doors, one action server, real PostgreSQL and Redis."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx
import psycopg
import redis

from channels.settings import Settings
from cli.project import DIALOGUE_PYTHON, ROOT
from tests.city_services import postgres_url, redis_url
from tests.door_server import base_path, closed_port

_READY_S = 120.0


@dataclass
class City:
    """`doors`, `dialogues`: addresses. Processes are known by their name: porte-0, rasa-1, actions."""

    postgres: str
    redis: str
    key: str
    doors: list[str]
    dialogues: list[str]
    actions: str
    processes: dict[str, subprocess.Popen] = field(default_factory=dict)
    commands: dict[str, tuple[list[str], dict[str, str], str]] = field(default_factory=dict)

    @classmethod
    def planned(cls, postgres: str, redis: str) -> Self:
        """The city's processes, none started."""
        ports = [closed_port() for _ in range(5)]
        *doors, first, second, actions = [f"http://127.0.0.1:{port}" for port in ports]
        city = cls(postgres, redis, secrets.token_hex(32), doors, [first, second], actions)
        city._add(
            "actions", [sys.executable, "-m", "actions.server", "--port", str(ports[4])], f"{actions}/health"
        )
        for rank, port in enumerate(ports[2:4]):
            command = [str(DIALOGUE_PYTHON), "-m", "assistant.server", "run", "--port", str(port)]
            city._add(f"rasa-{rank}", command, f"{city.dialogues[rank]}/webhooks/jalon/sante")
        for rank, port in enumerate(ports[:2]):
            uvicorn = ["uvicorn", "channels.app:create_app", "--factory", "--port", str(port)]
            city._add(
                f"porte-{rank}", [sys.executable, "-m", *uvicorn, "--log-level", "warning"],
                f"{city.doors[rank]}/sante",
            )  # fmt: skip
        return city

    def _add(self, name: str, command: list[str], health: str) -> None:
        environment = {
            **os.environ,
            "JALON_POSTGRES": self.postgres,
            "JALON_REDIS": self.redis,
            "JALON_CLE_INTERNE": self.key,
            "JALON_RASA_URL": " ".join(self.dialogues),
            "JALON_ACTIONS_URL": self.actions,
            "JALON_BASE": str(base_path()),
        }
        self.commands[name] = command, environment, health

    def start(self, *names: str) -> None:
        """Start processes and wait until each answers."""
        for name in names:
            command, environment, _ = self.commands[name]
            log = (Path(tempfile.gettempdir()) / f"jalon-ville-{self.key[:8]}-{name}.log").open("w")
            self.processes[name] = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        limit = time.monotonic() + _READY_S
        for name in names:
            while not self.healthy(name):
                if self.processes[name].poll() is not None or time.monotonic() > limit:
                    raise RuntimeError(f"{name} ne démarre pas :\n{self.log(name)}")
                time.sleep(0.05)

    def healthy(self, name: str) -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(self.commands[name][2], headers={"X-Jalon-Cle": self.key}).status_code == 200
        return False

    def kill(self, name: str) -> None:
        """As a machine that loses its power: SIGKILL."""
        self.processes[name].kill()
        self.processes[name].wait()

    def log(self, name: str) -> str:
        return (Path(tempfile.gettempdir()) / f"jalon-ville-{self.key[:8]}-{name}.log").read_text()

    def stop(self) -> None:
        for process in self.processes.values():
            process.kill()
        for name, process in self.processes.items():
            process.wait()
            (Path(tempfile.gettempdir()) / f"jalon-ville-{self.key[:8]}-{name}.log").unlink()

    def settings(self, *dialogues: str) -> Settings:
        """Settings of a door of this city that knows these dialogue servers only, in this process."""
        return Settings(base=base_path(), rasa_url=" ".join(dialogues), internal_key=self.key, rasa_delay=20)

    def rows(self) -> list[tuple]:
        """The table of conversations: (sender, dialogue, seconds left)."""
        query = "SELECT sender, dialogue, extract(epoch FROM expires_at - now())::float FROM conversations"
        with psycopg.connect(self.postgres) as db:
            return db.execute(query).fetchall()

    def shared(self) -> dict[str, bytes]:
        """All that Redis holds: name -> value."""
        with redis.Redis.from_url(self.redis) as client:
            return {name.decode(): client.get(name) or b"" for name in client.scan_iter()}


@contextmanager
def running_city() -> Iterator[City]:
    """The five processes, ready, until the end of the block."""
    with ExitStack() as stack:
        city = City.planned(stack.enter_context(postgres_url()), stack.enter_context(redis_url()))
        stack.callback(city.stop)
        city.start(*city.commands)
        yield city
