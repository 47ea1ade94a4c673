"""The description for Datasette speaks of tables that exist, and its lists run and hide sensitive places."""

from __future__ import annotations

import pytest

from data.yaml_reader import read_yaml
from tests.built_base import ROOT, database

DESCRIBED = read_yaml(ROOT / "data" / "datasette.yml")["databases"]["jalon"]


def test_every_described_table_exists():
    tables = {name for (name,) in database().connection.execute("SELECT name FROM sqlite_master")}
    assert set(DESCRIBED["tables"]) <= tables


@pytest.mark.parametrize("name", DESCRIBED["queries"])
def test_every_list_runs_and_hides_sensitive_places(name):
    rows = database().connection.execute(DESCRIBED["queries"][name]["sql"]).fetchall()
    listed = {row[0] for row in rows}
    assert listed
    assert not [key for key in listed if database().service(key)["sensible"]]
