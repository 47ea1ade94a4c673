"""What all tests share: the running Jalon, the base, and the rule that CI skips nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.project import DIALOGUE_PYTHON
from cli.stack import Stack
from data.database import Database
from tests.built_base import database
from tests.city_services import postgres_url
from tests.sms_queue import empty

# CI sets it: a test that lacks a browser, a server, a model or the shared folder then fails.
EVERYTHING_REQUIRED = os.environ.get("JALON_EXIGE") == "tout"


@pytest.fixture(scope="session")
def pile() -> Iterator[Stack]:
    """The whole of Jalon, as `jalon servir` starts it: `pile.url` is the door, `pile.base` the base."""
    if not DIALOGUE_PYTHON.exists():
        pytest.skip("the environment of the dialogue server (.venv-rasa) is absent: use « make test »")
    with Stack() as stack:
        yield stack


@pytest.fixture(scope="session")
def base() -> Database:
    """The base of this repository, open."""
    return database()


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """A database for the tests of one file."""
    with postgres_url() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request, tmp_path) -> Path | str:
    """Where a queue may be: a folder, or the address of a PostgreSQL without one."""
    if request.param == "sqlite":
        return tmp_path
    address = request.getfixturevalue("postgres")
    empty(address)
    return address


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    return _refused(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    return _refused(report)


def _refused(report):
    """A skip counts as a failure where everything is required."""
    if EVERYTHING_REQUIRED and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome, report.longrepr = "failed", f"JALON_EXIGE=tout : {reason}"
    return report
