"""The images of deploy/Dockerfile, played without a container engine: the same files, the same commands, in a fresh folder.

The packages are those of this machine's environments, made from the same lock files; apt and pip are not played.
"""

from __future__ import annotations

import os
import re
import secrets
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import httpx
import pytest

from cli.project import DIALOGUE_PYTHON, ROOT
from tests.door_server import closed_port

DEPLOY = ROOT / "deploy"
ENVIRONMENTS = (".venv", ".venv-rasa")
PLAYED_ELSEWHERE = ("pip install", "apt-get", "useradd", "mkdir")  # what a machine is made of, not our code
READY_S = 120


@dataclass
class Stage:
    """One FROM of the Dockerfile. `copies`: (source, target), `from_`: (stage, source, target)."""

    base: str
    copies: list[tuple[str, str]] = field(default_factory=list)
    from_: list[tuple[str, str, str]] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)


def stages() -> dict[str, Stage]:
    """The stages by name. Raises ValueError for an instruction that this reader does not know."""
    text = (DEPLOY / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    found: dict[str, Stage] = {}
    for line in text.splitlines():
        word, _, rest = line.strip().partition(" ")
        if not word or word.startswith("#"):
            continue
        if word == "FROM":
            base, name = re.fullmatch(r"(\S+) AS (\S+)", rest).groups()
            stage = found[name] = Stage(base)
        elif word == "COPY" and rest.startswith("--from="):
            source, one, target = rest.removeprefix("--from=").split()
            stage.from_.append((source, one, target))
        elif word == "COPY":
            source, target = rest.split()
            stage.copies.append((source, target))
        elif word == "RUN":
            stage.runs += [one.strip() for one in rest.split("&&")]
        elif word == "CMD":
            stage.command = re.findall(r'"([^"]+)"', rest)
        elif word == "ENV":
            stage.environment |= dict(one.split("=", 1) for one in rest.split())
        elif word not in ("WORKDIR", "USER"):
            raise ValueError(f"{word} is not played")
    return found


def sent() -> list[Path]:
    """What `COPY . .` brings: the files of the repository that .dockerignore lets through."""
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").split()
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip

    def is_ignored(name: str) -> bool:
        parts = Path(name).parts
        heads = ["/".join(parts[: rank + 1]) for rank in range(len(parts))]
        return any(
            fnmatch(head, pattern) or (pattern.startswith("**/") and fnmatch(part, pattern[3:]))
            for pattern in ignored
            for head, part in zip(heads, parts, strict=True)
        )

    return [Path(name) for name in listed if not is_ignored(name) and (ROOT / name).is_file()]


def folder_of(image: Path) -> Path:
    """A folder with what `COPY . .` brings, and the environments of this machine."""
    for name in sent():
        (image / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, image / name)
    for name in ENVIRONMENTS:
        (image / name).symlink_to((ROOT / name).resolve())
    return image


def play(image: Path, run: str, **environment: str) -> None:
    done = subprocess.run(
        shlex.split(run), cwd=image, env={**clean(), **environment}, capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{run}\n{done.stderr[-2000:]}"


def clean() -> dict[str, str]:
    """The environment of a container: nothing of Jalon's is set."""
    return {name: value for name, value in os.environ.items() if not name.startswith("JALON_")}


@pytest.fixture(scope="module")
def image(tmp_path_factory) -> Path:
    """The folder of both images, with the base that the Dockerfile builds and the model of this machine."""
    if not DIALOGUE_PYTHON.exists():
        pytest.skip("the environment of the dialogue server (.venv-rasa) is absent: use « make test »")
    folder = folder_of(tmp_path_factory.mktemp("image"))
    for run in stages()["produit-paquets"].runs:
        if not any(word in run for word in PLAYED_ELSEWHERE) and "-m venv" not in run:
            play(folder, run)
    assert (folder / "data" / "jalon.db").is_file()
    # Trained from the same sources, minutes ago at most: the training itself is `jalon entrainer`, that other tests play.
    shutil.copytree(
        ROOT / "assistant/models", folder / "assistant/models", ignore=shutil.ignore_patterns("tmp*")
    )
    (folder / "run").mkdir()
    return folder


def test_what_the_dockerfile_copies_is_there_and_is_sent():
    files = {str(name) for name in sent()}
    for name, stage in stages().items():
        for source, _ in stage.copies:
            assert source == "." or source in files, (name, source)
        for other, _, _ in stage.from_:
            assert other in stages(), (name, other)
    for wanted in ("rules/base/besoins.yml", "assistant/server.py", "channels/journal.yml", "endpoints.yml"):
        assert wanted in files
    for refused in ("tests/test_images.py", "bench/run.py"):
        assert refused not in files
    assert not [name for name in files if name.startswith((".git/", ".venv", "run/", "assistant/models/"))]


def test_the_pythons_are_those_of_the_environments():
    bases = {name: stage.base for name, stage in stages().items()}
    assert {bases["produit"], bases["produit-paquets"]} == {"python:3.13-slim"}
    assert {bases["dialogue"], bases["dialogue-paquets"]} == {"python:3.10-slim"}
    for lock, stage in (
        ("requirements.lock", "produit-paquets"),
        ("assistant/requirements.lock", "dialogue-paquets"),
    ):
        assert any(f"--require-hashes -r {lock}" in run for run in stages()[stage].runs)


def test_the_training_of_the_image_finds_all_its_files(image):
    """The command as it is written, stopped before the minutes that training takes."""
    [run] = [run for run in stages()["dialogue"].runs if "assistant.server" in run]
    assert run.endswith("-m assistant.server train")
    code = (
        "import assistant.server as s; from rasa.shared.importers.importer import TrainingDataImporter as T;"
        "t = T.load_from_config('config.yml', 'assistant/domain', ['assistant/nlu', 'assistant/dialogue']);"
        "assert len(t.get_nlu_data().training_examples) > 1000;"
        "assert t.get_domain().intents and t.get_stories().story_steps"
    )
    play(image, f'.venv-rasa/bin/python -c "{code}"')


def test_what_root_built_is_readable_by_the_account_that_runs(image):
    """USER 10001 is neither the owner nor in the group of what RUN makes."""
    closed = [
        path
        for path in image.rglob("*")
        if not path.is_symlink() and not path.stat().st_mode & (0o005 if path.is_dir() else 0o004)
    ]
    assert not [path for path in closed if path.relative_to(image).parts[0] not in ENVIRONMENTS]


def test_a_cell_made_of_the_images_answers_and_writes_nothing_outside_run_and_tmp(image, tmp_path):
    ports = {name: str(closed_port()) for name in ("porte", "rasa", "actions")}
    shared = {
        "JALON_CLE_INTERNE": secrets.token_hex(16),
        "JALON_RASA_PORT": ports["rasa"],
        "JALON_ACTIONS_PORT": ports["actions"],
        "JALON_RASA_URL": f"http://127.0.0.1:{ports['rasa']}",
        "JALON_ACTIONS_URL": f"http://127.0.0.1:{ports['actions']}",
        "TMPDIR": str(tmp_path),
        "HOME": "/nonexistent",  # --no-create-home
        **stages()["produit"].environment,
    }
    door = [
        {"0.0.0.0": "127.0.0.1", "8000": ports["porte"]}.get(word, word)
        for word in stages()["produit"].command
    ]
    commands = {"porte": door, "rasa": stages()["dialogue"].command, "actions": compose_command("actions-1")}
    before = listing(image)
    with ExitStack() as stack:
        for name, command in commands.items():
            log = (tmp_path / f"{name}.log").open("w")
            process = subprocess.Popen(command, cwd=image, env={**clean(), **shared}, stdout=log, stderr=log)
            stack.callback(process.wait)
            stack.callback(process.terminate)
        url = f"http://127.0.0.1:{ports['porte']}"
        until_ready(url, lambda: (tmp_path / "porte.log").read_text() + (tmp_path / "rasa.log").read_text())
        body = {
            "session": secrets.token_hex(16),
            "texte": "je cherche une douche gare du nord",
            "canal": "web",
        }
        answer = httpx.post(f"{url}/api/v1/messages", json=body, timeout=30).json()
        assert "douche" in answer["etat"]["besoins"]
        assert httpx.get(f"{url}/", timeout=30).status_code == 200
    written = {name for name in listing(image) - before if not name.startswith("run/")}
    assert not written, "the disk of a container is read-only"


def compose_command(service: str) -> list[str]:
    import yaml

    return yaml.safe_load((DEPLOY / "compose.yml").read_text("utf-8"))["services"][service]["command"]


def listing(image: Path) -> set[str]:
    """Files with their size and time: what is written into one shows too."""
    walked: Iterator[Path] = (path for path in image.rglob("*") if path.is_file())
    return {
        f"{path.relative_to(image)} {path.stat().st_size} {path.stat().st_mtime_ns}"
        for path in walked
        if path.relative_to(image).parts[0] not in ENVIRONMENTS
    }


def until_ready(url: str, told) -> None:
    limit = time.monotonic() + READY_S
    while time.monotonic() < limit:
        with suppress(httpx.HTTPError, ValueError):
            if httpx.get(f"{url}/sante", timeout=5).json()["statut"] == "ok":
                return
        time.sleep(0.2)
    raise AssertionError(f"la cellule ne répond pas :\n{told()}")
