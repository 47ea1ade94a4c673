"""The SMS queue as a person in charge sees it, from outside the process that works on it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from channels.sms.schedule import day_of


def state(path: Path, now: float) -> dict:
    """For a person in charge: counts of the queue, dead letters by reason, costs of today. No number, no text.

    Raises sqlite3.Error when there is no such file or it is not a queue.
    """
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    try:
        return {
            "recus": _by(db, "SELECT state, count(*) FROM received GROUP BY 1"),
            "a_envoyer": _by(db, "SELECT state, count(*) FROM outgoing GROUP BY 1"),
            "lettres_mortes": _by(
                db, "SELECT reason, count(*) FROM outgoing WHERE state = 'mort' GROUP BY 1"
            ),
            "remises": _by(db, "SELECT state, count(*) FROM deliveries GROUP BY 1"),
            "silences": db.execute("SELECT count(*) FROM silenced").fetchone()[0],
            "attente": now
            - (db.execute("SELECT min(arrived) FROM received WHERE state = 'attend'").fetchone()[0] or now),
            "jour": dict(db.execute("SELECT * FROM costs WHERE day = ?", (day_of(now),)).fetchone() or {}),
        }
    finally:
        db.close()


def revive(path: Path, now: float) -> int:
    """Give every dead letter that is left another chance; how many. Raises sqlite3.Error."""
    db = sqlite3.connect(f"file:{path}?mode=rw", uri=True)
    try:
        with db:
            query = "UPDATE outgoing SET state = 'attend', tries = 0, due = ? WHERE state = 'mort'"
            return db.execute(query, (now,)).rowcount
    finally:
        db.close()


def _by(db: sqlite3.Connection, query: str) -> dict[str, int]:
    return dict(tuple(row) for row in db.execute(query))
