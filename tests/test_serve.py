"""`jalon servir` starts everything, says clearly what prevents it, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest

from cli import supervisor
from cli.project import DIALOGUE_PYTHON, ROOT, fingerprint
from cli.stack import Stack


def serve(**environment: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "cli.main", "servir"]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_taken_port_is_named_with_the_way_to_change_it():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = serve(JALON_PORT=str(port))
    assert done.returncode == 1
    assert f"Le port {port} est déjà pris" in done.stderr
    assert "JALON_PORT=" in done.stderr


@pytest.mark.parametrize("value", ["abc", "0", "70000", "-1", "80a"])
def test_a_wrong_port_is_refused(value):
    [fault] = supervisor.port_faults(
        {"JALON_PORT": value, "JALON_RASA_PORT": "64001", "JALON_ACTIONS_PORT": "64002"}
    )
    assert fault.startswith("JALON_PORT")
    assert value in fault


def test_the_same_port_twice_is_refused():
    [fault] = supervisor.port_faults(
        {"JALON_PORT": "64000", "JALON_RASA_PORT": "64001", "JALON_ACTIONS_PORT": "64001"}
    )
    assert "deux fois" in fault


def test_a_changed_added_renamed_or_lost_file_is_seen(tmp_path):
    (tmp_path / "a.yml").write_text("un")
    (tmp_path / "b.yml").write_text("deux")
    first = fingerprint(["*.yml"], tmp_path)
    assert fingerprint(["*.yml"], tmp_path) == first
    (tmp_path / "b.yml").rename(tmp_path / "c.yml")
    renamed = fingerprint(["*.yml"], tmp_path)
    (tmp_path / "a.yml").write_text("trois")
    changed = fingerprint(["*.yml"], tmp_path)
    assert len({first, renamed, changed}) == 3
    with pytest.raises(FileNotFoundError):
        fingerprint(["absent/*.yml"], tmp_path)


@pytest.fixture
def own_stack():
    """A Jalon that is not started yet and is stopped at the end."""
    if not DIALOGUE_PYTHON.exists():
        pytest.skip("the environment of the dialogue server (.venv-rasa) is absent: use « make test »")
    stack = Stack()
    yield stack
    stack.stop()


def family(stack: Stack) -> list[psutil.Process]:
    return psutil.Process(stack.process.pid).children(recursive=True)


def dialogue_server(processes: list[psutil.Process]) -> psutil.Process | None:
    return next((process for process in processes if "assistant.server" in command_line(process)), None)


def command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def still_there(processes: list[psutil.Process]) -> list[psutil.Process]:
    return psutil.wait_procs(processes, timeout=10)[1]


def test_it_says_where_it_is_stops_cleanly_and_starts_again_at_once(own_stack):
    own_stack.start()
    assert "Jalon est prêt" in own_stack.output()
    assert own_stack.url in own_stack.output()
    before = family(own_stack)
    assert dialogue_server(before)
    own_stack.process.send_signal(signal.SIGINT)
    assert own_stack.process.wait(20) == 0
    assert still_there(before) == []
    assert "Jalon est arrêté." in own_stack.output()
    own_stack.start()  # the same ports are free again


def test_a_process_that_dies_stops_the_rest_and_is_named(own_stack):
    own_stack.start()
    before = family(own_stack)
    dialogue_server(before).kill()
    assert own_stack.process.wait(20) == 1
    assert still_there(before) == []
    assert "Le processus « rasa » s'est arrêté" in own_stack.output()


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGHUP])
def test_nothing_survives_a_supervisor_that_is_killed_or_whose_terminal_is_closed(own_stack, end):
    own_stack.start()
    before = family(own_stack)
    own_stack.process.send_signal(end)
    own_stack.process.wait(20)
    assert still_there(before) == []


def test_it_can_be_stopped_while_it_starts(own_stack):
    own_stack.launch()
    children: list[psutil.Process] = []
    while own_stack.process.poll() is None and not dialogue_server(children):
        time.sleep(0.05)
        children = family(own_stack)
    own_stack.process.send_signal(signal.SIGTERM)
    assert own_stack.process.wait(30) == 0, own_stack.output()
    assert still_there(children) == []
