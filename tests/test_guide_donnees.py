"""docs/guide-donnees.md, followed to the letter in a copy of the repository: what it shows is what happens.

Each recipe (« ## ») starts from a fresh copy. Under « ### Si vous vous trompez », each change is undone after its
commands.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.built_base import ROOT

GUIDE = (ROOT / "docs" / "guide-donnees.md").read_text(encoding="utf-8")
FOLDERS = ("actions", "assistant", "channels", "cli", "data", "falc", "rules")
RECIPES = {
    title: text
    for title, text in re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    if "```" in text
}
SLIPS = "### Si vous vous trompez"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
# Runs commands one after the other in one process: Python is loaded once a recipe.
RUNNER = """
import contextlib, io, json, sys
from cli.main import main
for line in sys.stdin:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            main(json.loads(line))
        except SystemExit:
            pass
    print(json.dumps(said.getvalue()), flush=True)
"""


def copy_of_the_repository(target: Path) -> Path:
    ignored = shutil.ignore_patterns("models", "*.db*", "propositions")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, target / folder, ignore=ignored)
    return target


def changed(copy: Path, language: str, text: str) -> Path:
    """Do what a block says to write; returns the file, whose former content is kept beside it."""
    head, _, body = text.partition("\n")
    name, _, where = head.removeprefix("# ").removeprefix("@@ ").partition(", ")
    path = copy / name
    before = path.read_text(encoding="utf-8") if path.exists() else None
    if language == "yaml":
        assert (before is None) == (where == "nouveau"), f"« {head} » : {path}"
        after = (before or "") + body
    else:
        after = edited(before, body, where)
    path.with_name(f"{path.name}.avant").write_text(before or "", encoding="utf-8")
    path.write_text(after, encoding="utf-8")
    return path


def edited(before: str, body: str, where: str) -> str:
    """The lines « - » replaced by the lines « + », from the line `where` names; « … » stands for the rest of a line."""
    taken = [line[2:] for line in body.splitlines() if line.startswith("-")]
    given = "".join(f"{line[2:]}\n" for line in body.splitlines() if line.startswith("+"))
    start = 0
    if named := re.fullmatch(r"après « (.+) »", where):
        start = re.search(rf"^{re.escape(named.group(1))}", before, re.MULTILINE).start()
    pattern = "".join(rf"^{re.escape(line).replace('…', '.*')}\n" for line in taken)
    if not re.search(
        pattern, before[start:], re.MULTILINE
    ):  # the dash of a list is not always in the guide's line
        pattern = pattern.replace("^\\ \\ ", "^- ", 1)
        given = "- " + given[2:]
    found = re.search(pattern, before[start:], re.MULTILINE)
    assert found, f"The guide takes away what is not there: {taken}"
    return before[:start] + before[start:][: found.start()] + given + before[start:][found.end() :]


def commands(text: str) -> Iterator[tuple[list[str], str]]:
    """Each command of a console block, with what the guide shows after it."""
    for part in re.split(r"^\$ jalon ", text, flags=re.MULTILINE)[1:]:
        line, _, shown = part.partition("\n")
        yield shlex.split(line), shown


def says(said: str, shown: str) -> bool:
    """Whether a command said what the guide shows: « … » is anything, lines may be cut elsewhere."""
    pattern = re.escape(" ".join(shown.split())).replace("…\\ ", "(?:.*? )?").replace("…", ".*?")
    return bool(re.fullmatch(pattern.strip() or ".*", " ".join(said.split())))


def follow(title: str, copy: Path) -> list[str]:
    """Follow one recipe; returns the commands that did not answer as shown, with what they said."""
    environment = os.environ | {"COLUMNS": "200", "PYTHONPATH": str(copy), "PYTHONUTF8": "1"}
    environment.pop("JALON_BASE", None)
    wrong: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-c", RUNNER],
        cwd=copy_of_the_repository(copy),
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        slips_from = RECIPES[title].find(SLIPS)
        undo: Path | None = None
        for block in BLOCK.finditer(RECIPES[title]):
            language, text = block.groups()
            if language != "console":
                written = changed(copy, language, text)
                undo = written if -1 < slips_from < block.start() else None
                continue
            for words, shown in commands(text):
                process.stdin.write(json.dumps(words) + "\n")
                process.stdin.flush()
                said = json.loads(process.stdout.readline())
                if "scripts/bootstrap.sh dev" in said:
                    continue  # without spaCy, « jalon falc » says what to install: nothing to compare
                if not says(said, shown):
                    wrong.append(f"jalon {shlex.join(words)}\n{said}")
            if undo:
                shutil.copy(undo.with_name(f"{undo.name}.avant"), undo)
                undo = None
        process.stdin.close()
    return wrong


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    folders = {title: tmp_path_factory.mktemp("recette") for title in RECIPES}
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(folders, pool.map(follow, folders, folders.values()), strict=True))


@pytest.mark.parametrize("title", RECIPES)
def test_the_recipe_gives_what_it_shows(title, followed):
    assert followed[title] == []


def test_there_is_a_recipe_for_each_change_an_editor_makes():
    assert list(RECIPES) == [
        "Ajouter un lieu",
        "Fermer un lieu pour travaux",
        "Changer un montant à partir d'une date",
        "Ajouter ou changer une phrase",
        "Ajouter un dispositif",
    ]
    assert all(SLIPS in text for text in RECIPES.values())
