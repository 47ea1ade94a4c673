"""The SMS queue as a person in charge sees it, from outside the process that works on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from channels.sms.schedule import day_of
from channels.sms.schema import open_queue
from channels.sms.settings import SmsSettings
from data.sql.engine import Engine


def state(settings: SmsSettings, now: float) -> dict:
    """For a person in charge: counts of the queue, dead letters by reason, costs of today. No number, no text.

    Raises StoreError when there is no such queue or it cannot be read.
    """
    with _opened(settings) as db:
        oldest = _one(db, "SELECT min(arrived) AS found FROM received WHERE state = 'attend'")
        today = db.execute("SELECT * FROM costs WHERE day = :day", {"day": day_of(now)}).fetchone()
        return {
            "recus": _by(db, "SELECT state AS kind, count(*) AS them FROM received GROUP BY 1"),
            "a_envoyer": _by(db, "SELECT state AS kind, count(*) AS them FROM outgoing GROUP BY 1"),
            "lettres_mortes": _by(
                db, "SELECT reason AS kind, count(*) AS them FROM outgoing WHERE state = 'mort' GROUP BY 1"
            ),
            "remises": _by(db, "SELECT state AS kind, count(*) AS them FROM deliveries GROUP BY 1"),
            "silences": _one(db, "SELECT count(*) AS found FROM silenced"),
            "attente": now - (oldest or now),
            "jour": dict(today or {}),
        }


def revive(settings: SmsSettings, now: float) -> int:
    """Give every dead letter that is left another chance; how many. Raises StoreError."""
    with _opened(settings) as db:
        query = "UPDATE outgoing SET state = 'attend', tries = 0, due = :now WHERE state = 'mort'"
        return db.execute(query, {"now": now}).rowcount


@contextmanager
def _opened(settings: SmsSettings) -> Iterator[Engine]:
    db = open_queue(settings, create=False)
    try:
        yield db
    finally:
        db.close()


def _one(db: Engine, query: str):
    return db.execute(query).fetchone()["found"]


def _by(db: Engine, query: str) -> dict[str, int]:
    return {row["kind"]: row["them"] for row in db.execute(query)}
