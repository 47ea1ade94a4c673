"""Start the dialogue server, the action server and the door together, and stop them together.

The processes are run by honcho: when one stops, the others are stopped too. This module adds what a
person needs: a word when each part is ready, French sentences, and an exit code that tells the truth.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from channels.door_orders import ORDERS_VARIABLE
from cli import orders, served
from cli.processes import News, Processes, leash
from cli.project import DIALOGUE_PYTHON, ROOT
from cli.replacement import Replacement, Serving, parts_behind
from cli.served import Files, Shelf, usual_files
from data.city import KEY_VARIABLE, POSTGRES, REDIS, read_city

LOOPBACK = "127.0.0.1"
READY = "Jalon est prêt"
START_LIMIT_S = 180
GRACE_S = 4  # for turns under way, before the supervisor kills
_POLL_S = 0.2
_TRIES = 100
_PARTS = {"base": "la base", "actions": "le serveur d'actions", "rasa": "le serveur de dialogue"}


@dataclass(frozen=True)
class Port:
    """A port and the environment variable that changes it."""

    variable: str
    default: int
    what: str

    def number(self, environment: Mapping[str, str] = os.environ) -> int:
        """Raises ValueError when the variable is not a port number."""
        text = environment.get(self.variable) or str(self.default)
        if not text.isdecimal() or not 0 < int(text) < 65536:
            raise ValueError(f"{self.variable} : il faut un numéro de port, pas « {text} ».")
        return int(text)


DOOR = Port("JALON_PORT", 8000, "la page")
RASA = Port("JALON_RASA_PORT", 5005, "le serveur de dialogue")
ACTIONS = Port("JALON_ACTIONS_PORT", 5055, "le serveur d'actions")


@dataclass(frozen=True)
class Several:
    """A number of processes of one kind, and the environment variable that changes it."""

    variable: str
    most: int = 16

    def number(self, environment: Mapping[str, str] = os.environ) -> int:
        """Raises ValueError when the variable is not a number, or when several would not share what they must."""
        text = environment.get(self.variable) or "1"
        if not text.isdecimal() or not 1 <= int(text) <= self.most:
            raise ValueError(f"{self.variable} : il faut un nombre de 1 à {self.most}, pas « {text} ».")
        missing = [name for name in (POSTGRES, REDIS) if not environment.get(name)]
        if int(text) > 1 and missing:
            raise ValueError(
                f"{self.variable}={text} : pour en faire tourner plusieurs, réglez aussi {' et '.join(missing)}."
                " Sans cela, une conversation se perdrait en passant de l'un à l'autre. Voir docs/ville.md."
            )
        return int(text)


DOORS = Several("JALON_PORTES")
DIALOGUES = Several("JALON_DIALOGUES")


def setting_faults(environment: Mapping[str, str] = os.environ) -> list[str]:
    """One sentence for each setting that prevents the start, with the way to change it."""
    faults = []
    for read in (DOORS.number, DIALOGUES.number, read_city):
        try:
            read(environment)
        except ValueError as error:
            faults.append(str(error))
    return faults or port_faults(environment)


def port_faults(environment: Mapping[str, str] = os.environ) -> list[str]:
    """One sentence for each port that is wrong, taken or given twice, with the way to change it."""
    faults, seen = [], {}
    for port in (DOOR, RASA, ACTIONS):
        try:
            first = port.number(environment)
        except ValueError as error:
            faults.append(str(error))
            continue
        for number in range(first, first + (DIALOGUES.number(environment) if port == RASA else 1)):
            if number in seen:
                faults.append(f"Le port {number} est donné deux fois : {seen[number]} et {port.variable}.")
            elif not is_free(number):
                other = first + 1000 if first < 64000 else 8080
                faults.append(
                    f"Le port {number} est déjà pris ({port.what})."
                    f" Choisissez-en un autre : {port.variable}={other} make run"
                )
            seen[number] = port.variable
    return faults


def run(said: Callable[[str], None], on_ready: Callable[[], None]) -> int:
    """Run everything until Ctrl-C, SIGTERM or the end of one process; return the exit code.

    `said` receives French news; `on_ready` is called once, when the door says that all is well.
    """
    environment = _located(
        {
            **os.environ,
            DOOR.variable: str(DOOR.number()),
            RASA.variable: str(RASA.number()),
            ACTIONS.variable: str(ACTIONS.number()),
            KEY_VARIABLE: os.environ.get(KEY_VARIABLE) or secrets.token_hex(32),
            "PYTHONUNBUFFERED": "1",
        }
    )
    shelf = Shelf(DOOR.number())
    files = _kept(shelf)
    if files:
        environment |= {**files.environment(), ORDERS_VARIABLE: str(shelf.door)}
    if DOORS.number() > 1:  # they count together (channels/metrics/counting.py)
        environment["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="jalon-metriques-")
    news = News()
    manager = _Manager(news, said, on_ready)
    for name, command in _commands(environment).items():
        manager.add_process(name, leash(command), env=environment, cwd=str(ROOT))
    if files:
        serving = Serving(1, files, list(parts_behind(_commands(environment))), environment)
        replacement = Replacement(manager, _commands, _moved, shelf, serving, DOORS.number())
        manager.after_ready = lambda: orders.listen(shelf.orders, replacement.obey)
    # A terminal that is closed asks for the end too.
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    manager.loop()
    served.recover(shelf)
    shelf.clear()
    if manager.failure:
        return 1
    if news.first_stopped and manager.returncode not in (130, 143):
        name, code = news.first_stopped
        said(f"Le processus « {name} » s'est arrêté (code {code}). Jalon est arrêté.")
        return 1
    said("Jalon est arrêté.")
    return 0


def _kept(shelf: Shelf) -> Files | None:
    """The files to serve, apart from those that are built and trained; None when nothing can be replaced."""
    shelf.clear()
    try:
        files = shelf.keep(usual_files())
        shelf.is_good(files)
        return files
    except (OSError, ValueError, KeyError):  # what is wrong is told by the processes that need these files
        return None


def _moved(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of other actions and as many other dialogue servers, on free ports."""
    dialogues = DIALOGUES.number(environment)
    first = free_row(dialogues + 1)
    return _located({**environment, RASA.variable: str(first), ACTIONS.variable: str(first + dialogues)})


def _located(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment with the addresses that follow from its ports."""
    return {
        **environment,
        "JALON_RASA_URL": " ".join(f"http://{LOOPBACK}:{port}" for port in _rasa_ports(environment)),
        "JALON_ACTIONS_URL": f"http://{LOOPBACK}:{environment[ACTIONS.variable]}",
    }


def _rasa_ports(environment: Mapping[str, str]) -> range:
    first = RASA.number(environment)
    return range(first, first + DIALOGUES.number(environment))


def _commands(environment: Mapping[str, str]) -> dict[str, list[str]]:
    actions, door = (environment[port.variable] for port in (ACTIONS, DOOR))
    listen = environment.get("JALON_ECOUTE") or LOOPBACK
    uvicorn = ["uvicorn", "channels.replacing:create_door", "--factory", "--host", listen, "--port", door]
    uvicorn += ["--no-server-header", "--log-level", "warning"]
    uvicorn += ["--log-config", str(ROOT / "channels" / "journal.yml")]
    uvicorn += ["--http", "channels.patience:Patient", "--timeout-graceful-shutdown", str(GRACE_S)]
    if proxies := environment.get("JALON_MANDATAIRES"):
        uvicorn += ["--forwarded-allow-ips", ",".join(proxies.split())]
    else:
        uvicorn += ["--no-proxy-headers"]
    if (doors := DOORS.number(environment)) > 1:
        uvicorn += ["--workers", str(doors)]
    dialogue = [str(DIALOGUE_PYTHON), "-m", "assistant.server", "run", "--port"]
    names = ("rasa", *(f"rasa-{rank}" for rank in range(2, 1 + DIALOGUES.most)))
    return {
        "actions": [sys.executable, "-m", "actions.server", "--port", actions],
        **{name: [*dialogue, str(port)] for name, port in zip(names, _rasa_ports(environment), strict=False)},
        "porte": [sys.executable, "-m", *uvicorn],
    }


class _Manager(Processes):
    """Watches, from a thread, until all is ready or the start takes too long."""

    def __init__(self, news: News, said: Callable[[str], None], on_ready: Callable[[], None]):
        super().__init__(news)
        self._said, self._on_ready = said, on_ready
        self.after_ready: Callable[[], None] = lambda: None
        self._stop_asked = False
        self.failure = False

    def _start(self) -> None:
        super()._start()
        # After the processes: forking with a thread running is not safe.
        threading.Thread(target=self._watch, daemon=True).start()

    def terminate(self) -> None:
        self._stop_asked = True
        if self._all_started():  # honcho knows no way to stop a process whose start it has not noted yet
            super().terminate()

    def _watch(self) -> None:
        limit = time.monotonic() + START_LIMIT_S
        told: set[str] = set()
        while time.monotonic() < limit:
            if self._stop_asked:
                if self._all_started():
                    super().terminate()
                    return
            else:
                states = health(DOOR.number())
                for part, name in _PARTS.items():
                    if states.get(part) == "ok" and part not in told:
                        told.add(part)
                        self._said(f"Prêt : {name}.")
                if len(told) == len(_PARTS):
                    self._on_ready()
                    self.after_ready()
                    return
            time.sleep(_POLL_S)
        waiting = ", ".join(name for part, name in _PARTS.items() if part not in told)
        self._said(f"Après {START_LIMIT_S} secondes, il manque toujours : {waiting}. Jalon s'arrête.")
        self.failure = True
        os.kill(os.getpid(), signal.SIGTERM)


def health(port: int) -> dict[str, str]:
    """The parts of a door and their state; nothing when it does not answer."""
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/sante", timeout=3) as answer:
            return dict(json.load(answer)["composants"])
    except (urllib.error.URLError, OSError, ValueError, KeyError, TypeError):
        return {}


def is_free(number: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, number))
        except OSError:
            return False
    return True


def free_row(count: int) -> int:
    """The first of `count` ports of the loopback that follow each other and that nobody listens on."""
    for _ in range(_TRIES):
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            first = probe.getsockname()[1]
        if first + count < 65536 and all(map(is_free, range(first, first + count))):
            return first
    raise OSError("no free ports in a row")
