"""The learned part of understanding works in the dialogue server's own Python."""

import os
import subprocess

import pytest

from cli.project import DIALOGUE_PYTHON, ROOT


def test_the_learned_part_works_in_its_own_python():
    if not DIALOGUE_PYTHON.exists():
        pytest.skip("the environment of the dialogue server (.venv-rasa) is absent: use « make test »")
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}
    done = subprocess.run(
        [str(DIALOGUE_PYTHON), "-m", "unittest", "tests.nlu.checks"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-6000:]
    assert "OK" in done.stderr.splitlines()[-1]
