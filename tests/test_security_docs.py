"""What docs/securite.md and docs/registre.md say is shown by tests that exist, and every store is in the register."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from channels.sms.schema import SCHEMA

ROOT = Path(__file__).resolve().parents[1]
TESTS = {file.stem: file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("*.py")}
CODE = "\n".join(TESTS.values())


@pytest.mark.parametrize("page", ["securite.md", "registre.md"])
def test_each_test_that_is_named_exists(page):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", text))
    missing = [name for name in named if name not in TESTS and f"def {name}(" not in CODE]
    files = set(re.findall(r"`(tests/[\w/]+\.?\w*)`", text))
    assert named | files and not missing
    assert not [file for file in files if not (ROOT / file).exists()]


def test_each_table_of_the_sms_queue_is_in_the_register():
    register = (ROOT / "docs" / "registre.md").read_text(encoding="utf-8")
    told = {"received": "messages reçus", "outgoing": "messages à envoyer"}
    tables = re.findall(r"CREATE TABLE IF NOT EXISTS (\w+)", SCHEMA)
    assert tables and not [table for table in tables if told.get(table, f"`{table}`") not in register]
