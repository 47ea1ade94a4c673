"""What comes in: each message kept once, in order for each number, and ended together with its answer."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress

from channels.sms.messages import Arrival, QueueFull, Received, Situation
from channels.sms.numbers import international
from channels.sms.providers import Incoming
from channels.sms.schedule import DAY_S, HOUR_S, day_of
from channels.sms.schema import NEXT_RECEIVED
from channels.sms.seal import BadSeal
from channels.sms.sides import Side, new_reference
from channels.sms.steps import forget_number, is_silenced, spent, tally
from data.sql.engine import Engine


class Inbox(Side):
    """Methods of the store; see there."""

    async def receive(
        self, provider: str, messages: Sequence[Incoming], now: float, urgent: Collection[str] = ()
    ) -> list[Arrival]:
        """Keep messages, each once; those whose id is in `urgent` pass before all others.

        Raises QueueFull, nothing being kept.
        """
        return await self._writer.do(
            lambda db: [self._keep(db, provider, one, now, one.id in urgent) for one in messages]
        )

    def _keep(self, db: Engine, provider: str, message: Incoming, now: float, urgent: bool) -> Arrival:
        known = self._hasher.message(provider, message.id)
        if row := db.execute("SELECT arrived FROM received WHERE id = :id", {"id": known}).fetchone():
            return Arrival.AGAIN if now - row["arrived"] < DAY_S else Arrival.REPLAYED
        waiting = db.execute("SELECT count(*) AS them FROM received WHERE state = 'attend'").fetchone()
        if waiting["them"] >= self._queue:
            raise QueueFull
        number = international(message.number)
        if number is None:
            db.execute(
                "INSERT INTO received (id, arrived, state, due) VALUES (:id, :now, 'personne', :now)",
                {"id": known, "now": now},
            )
            return Arrival.NOBODY
        session = self._hasher.session(number)
        sent_at, due = (0.0, 0.0) if urgent else (message.sent_at or now, now + self._settle)
        db.execute(
            "INSERT INTO received (id, session, text, sent_at, arrived, state, due)"
            " VALUES (:id, :session, :text, :sent_at, :now, 'attend', :due)",
            {
                "id": known,
                "session": session,
                "text": self._seal.close(message.text),
                "sent_at": sent_at,
                "now": now,
                "due": due,
            },
        )
        self._know(db, session, number)
        tally(db, now, received=1)
        return Arrival.NEW

    async def next_received(self, now: float, limit: int, busy: Collection[str] = ()) -> list[Received]:
        """The oldest message of each number that is due, for numbers that are not `busy`."""

        def step(db: Engine) -> list[Received]:
            self._only_ours()
            rows = db.execute(NEXT_RECEIVED, {"now": now, "limit": limit + len(busy)}).fetchall()
            free = [row for row in rows if row["session"] not in busy][:limit]
            found = [(row, self._opened(db, row)) for row in free]
            return [
                Received(row["id"], row["session"], text, row["tries"])
                for row, text in found
                if text is not None
            ]

        return await self._writer.do(step)

    async def answer_later(self, message: Received, due: float, reason: str) -> None:
        """It could not be answered now."""
        await self._writer.do(
            lambda db: db.execute(
                "UPDATE received SET tries = tries + 1, due = :due, reason = :reason WHERE id = :id",
                {"due": due, "reason": reason, "id": message.id},
            )
        )

    async def answered(
        self,
        message: Received,
        texts: Sequence[str],
        now: float,
        *,
        reason: str = "",
        memory: dict | None = None,
        silence: bool = False,
        resume: bool = False,
        erase: bool = False,
    ) -> None:
        """The one answer to a message, and all that changes with it, at once.

        `texts`: SMS to send, none to stay silent. `silence`: nothing more goes to this number, what waited
        included. `erase`: nothing remains of this number but what is to be said now, and its wish of silence.
        """

        values = {
            "id": message.id,
            "session": message.session,
            "state": "repondu" if texts else "muet",
            "reason": reason,
            "now": now,
            "day": day_of(now),
            "all": erase,
        }

        def step(db: Engine) -> None:
            changed = db.execute(
                "UPDATE received SET state = :state, text = NULL, sent_at = NULL, reason = :reason"
                " WHERE id = :id AND state = 'attend'",
                values,
            )
            if not changed.rowcount:
                return  # answered meanwhile, by a door that took this one for dead
            if silence:
                db.execute(
                    "INSERT INTO silenced VALUES (:session, :day) ON CONFLICT (session) DO NOTHING", values
                )
            if resume:
                db.execute("DELETE FROM silenced WHERE session = :session", values)
            if silence or erase:
                db.execute(
                    "DELETE FROM outgoing WHERE session = :session"
                    " AND (:all OR state IN ('attend', 'doute', 'mort'))",
                    values,
                )
            if memory is not None:
                db.execute("DELETE FROM memories WHERE session = :session", values)
            if memory:
                kept = self._seal.close(json.dumps(memory, ensure_ascii=False))
                db.execute("INSERT INTO memories VALUES (:session, :kept, :now)", values | {"kept": kept})
            if erase:
                db.execute(
                    "UPDATE received SET session = NULL, text = NULL WHERE session = :session AND state != 'attend'",
                    values,
                )
            for text in texts:
                self._queue_one(db, new_reference(), message.session, text, now, asked=True, due=now)
            forget_number(db, message.session)

        await self._writer.do(step)

    async def memory(self, session: str, now: float) -> dict:
        """What the channel remembers between two messages of this number, or {}."""

        def step(db: Engine) -> dict:
            row = db.execute(
                "SELECT kept FROM memories WHERE session = :session AND used > :since",
                {"session": session, "since": now - DAY_S},
            ).fetchone()
            with suppress(BadSeal):
                return json.loads(self._seal.open(row["kept"])) if row else {}
            return {}

        return await self._writer.do(step)

    async def situation(self, message: Received, now: float, price: float) -> Situation:
        """What decides whether a message is answered. Those that came after it do not count."""

        def step(db: Engine) -> Situation:
            since = {"session": message.session, "id": message.id, "hour": now - HOUR_S, "day": now - DAY_S}
            count = db.execute(
                "SELECT count(*) AS them FROM received WHERE session = :session AND arrived > :hour"
                " AND rank <= (SELECT rank FROM received WHERE id = :id)",
                since,
            ).fetchone()["them"]
            told = db.execute(
                "SELECT DISTINCT reason FROM received WHERE session = :session AND state = 'repondu'"
                " AND arrived > CASE WHEN reason = 'plafond' THEN :day ELSE :hour END",
                since,
            )
            reasons = frozenset(row["reason"] for row in told)
            return Situation(is_silenced(db, message.session), count, reasons, spent(db, now, price))

        return await self._writer.do(step)

    def _opened(self, db: Engine, row: Mapping) -> str | None:
        """The text of a received message; None when the key has changed: nobody will ever read it."""
        try:
            return self._seal.open(row["text"])
        except BadSeal:
            query = "UPDATE received SET state = 'mort', text = NULL, reason = 'cle' WHERE id = :id"
            db.execute(query, {"id": row["id"]})
            return None
