"""The small changes that several steps of the queue share. They run inside a step, on its engine."""

from __future__ import annotations

from channels.sms.schedule import DOUBT_S, day_of
from data.sql.engine import Engine


def finish(db: Engine, reference: str, fate: str, reason: str, now: float) -> None:
    """Keep what became of a message and nothing else of it."""
    row = db.execute(
        "DELETE FROM outgoing WHERE reference = :it RETURNING session, segments", {"it": reference}
    ).fetchone()
    if row is None:
        return
    db.execute(
        "INSERT INTO deliveries VALUES (:it, :fate, :reason, :segments, :now) ON CONFLICT (reference)"
        " DO UPDATE SET state = :fate, reason = :reason, segments = :segments, at = :now",
        {
            "it": reference,
            "fate": str(fate),
            "reason": reason[:40],
            "segments": row["segments"],
            "now": now,
        },
    )
    forget_number(db, row["session"])


def forget_number(db: Engine, session: str) -> None:
    """Erase the number when nothing is due to it any more."""
    db.execute(
        "DELETE FROM numbers WHERE session = :session"
        " AND NOT EXISTS (SELECT 1 FROM received WHERE session = :session AND state = 'attend')"
        " AND NOT EXISTS (SELECT 1 FROM outgoing WHERE session = :session)",
        {"session": session},
    )


def doubt(db: Engine, which: str, now: float, **values: float) -> int:
    """The provider will be asked whether it has them, after the time of a first delivery report."""
    query = f"UPDATE outgoing SET state = 'doute', due = :due WHERE {which}"
    return db.execute(query, {"due": now + DOUBT_S, **values}).rowcount


def spent(db: Engine, now: float, price: float) -> float:
    row = db.execute("SELECT euros FROM costs WHERE day = :day", {"day": day_of(now)}).fetchone()
    waiting = db.execute(
        "SELECT coalesce(sum(segments), 0) AS them FROM outgoing WHERE state IN ('attend', 'doute', 'part')"
    ).fetchone()
    return (row["euros"] if row else 0.0) + waiting["them"] * price


def is_silenced(db: Engine, session: str) -> bool:
    query = "SELECT 1 FROM silenced WHERE session = :session"
    return db.execute(query, {"session": session}).fetchone() is not None


def tally(db: Engine, now: float, **added: float) -> None:
    day = {"day": day_of(now)}
    db.execute("INSERT INTO costs (day) VALUES (:day) ON CONFLICT (day) DO NOTHING", day)
    for column, amount in added.items():
        db.execute(
            f"UPDATE costs SET {column} = {column} + :amount WHERE day = :day", day | {"amount": amount}
        )
