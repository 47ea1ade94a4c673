"""Whether the built base is that of the present files. Apart from what builds it, which a start seldom needs."""

from __future__ import annotations

from cli.project import ROOT, fingerprint
from data.base_file import DEFAULT_PATH, DatabaseError, connect
from data.exchange.store import revision

# What the base is built from, and where the fingerprint of these files is noted.
_SOURCES = ("rules/**/*.yml", "rules/**/*.py", "data/**/*.yml", "data/**/*.py")
NOTE = DEFAULT_PATH.with_name(f"{DEFAULT_PATH.name}.sources")


def is_up_to_date() -> bool:
    """Whether the present base was made from the present files."""
    return NOTE.is_file() and NOTE.read_text() == base_sources() and _opens()


def base_sources() -> str:
    """Fingerprint of what the base is made from: the files, and the imported places."""
    return f"{fingerprint(_SOURCES)} {revision(ROOT)}"


def _opens() -> bool:
    try:
        connection, _ = connect(DEFAULT_PATH)
    except DatabaseError:
        return False
    connection.close()
    return True
