"""Faults around one real door: the person is answered or told, nothing accepted is lost. All of them: `make pannes`."""

import shutil

import pytest

from bench.faults import of_door


@pytest.mark.parametrize("fault", of_door.FAULTS, ids=lambda fault: fault.__name__)
def test_each_fault_is_told_or_not_noticed_and_loses_nothing(fault, tmp_path):
    needed = {of_door.no_files: "prlimit", of_door.bad_certificate: "openssl"}.get(fault)
    if needed and not shutil.which(needed):
        pytest.skip(f"{needed} est absent de cette machine")
    rows = list(fault(tmp_path))
    assert rows and not [row for row in rows if not row.held]
