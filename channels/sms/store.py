"""The queue of the SMS channel: what came in, what goes out, what became of it.

Numbers are keyed hashes (`session`) everywhere but in `numbers`, which holds a number only while an answer is due
to it or on its way. Texts go as soon as they are of no use: a received one once answered, a sent one once its fate
is known. Both are sealed while they stay. SQLite or PostgreSQL: one text of each query (data/sql/engine.py).
"""

from __future__ import annotations

from channels.sms.inbox import Inbox
from channels.sms.numbers import Hasher, kept_key
from channels.sms.outbox import Outbox
from channels.sms.person import Person
from channels.sms.schedule import DAY_S, HOUR_S, day_of
from channels.sms.schema import open_queue
from channels.sms.seal import Seal
from channels.sms.settings import SmsSettings
from channels.sms.steps import doubt, finish, forget_number, tally
from data.sql.engine import Engine

# A message id older than that could be played again: change the provider's secret every year.
_SEEN_DAYS = 400
_REPORTS_DAYS = 30


class Store(Inbox, Outbox, Person):
    """All methods are on disk when they return; they raise StoreError. Times: seconds since 1970.

    Several processes may have one: all receive, and the one that has the turn works.
    """

    def close(self) -> None:
        """Finish what is under way and leave nothing beside the file."""
        self._writer.close()

    async def take_turn(self) -> bool:
        """Whether this process is the one that works; to be asked again every two seconds."""
        return await self._writer.do(lambda db: db.take_turn())

    def has_turn(self) -> bool:
        """Whether what begins now (a sending) is still ours to do."""
        return self._engine.has_turn()

    async def alarm(self, level: int, now: float) -> bool:
        """Whether the alarm of this `level` rings for the first time today."""

        def step(db: Engine) -> bool:
            tally(db, now)
            changed = db.execute(
                "UPDATE costs SET alarms = :level WHERE day = :day AND alarms < :level",
                {"level": level, "day": day_of(now)},
            )
            return bool(changed.rowcount)

        return await self._writer.do(step)

    async def tidy(self, now: float, retention: float) -> list[str]:
        """Erase what is older than its time (`retention` in seconds). Sessions whose memory has ended."""

        def step(db: Engine) -> list[str]:
            old = {"old": now - retention}
            doubt(db, "state = 'part' AND due < :before", now, before=now - HOUR_S)
            for row in db.execute(
                "SELECT reference, state FROM outgoing WHERE created < :old", old
            ).fetchall():
                fate = "inconnu" if row["state"] == "envoye" else "mort"
                finish(db, row["reference"], fate, "delai", now)
            db.execute(
                "UPDATE received SET state = 'mort', text = NULL, reason = 'delai'"
                " WHERE state = 'attend' AND arrived < :old",
                old,
            )
            db.execute(
                "UPDATE received SET session = NULL, sent_at = NULL WHERE arrived < :old AND session IS NOT NULL",
                old,
            )
            db.execute("DELETE FROM received WHERE arrived < :seen", {"seen": now - _SEEN_DAYS * DAY_S})
            db.execute("DELETE FROM deliveries WHERE at < :told", {"told": now - _REPORTS_DAYS * DAY_S})
            for row in db.execute("SELECT session FROM numbers").fetchall():
                forget_number(db, row["session"])
            ended = db.execute(
                "DELETE FROM memories WHERE used < :since RETURNING session", {"since": now - DAY_S}
            ).fetchall()
            return [row["session"] for row in ended]

        return await self._writer.do(step)


def open_store(settings: SmsSettings, create: bool = True) -> Store:
    """The queue of these settings. Raises StoreError or OSError when it cannot be opened."""
    key = settings.key or kept_key(settings.file.with_suffix(".cle"))
    return Store(open_queue(settings, create), Hasher(key), Seal(key), settings.queue, settings.settle)
