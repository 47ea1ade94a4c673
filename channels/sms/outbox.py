"""What goes out: an SMS is marked before it leaves, doubted when nobody knows, paid for once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from channels.sms import steps
from channels.sms.messages import Leaving
from channels.sms.numbers import international
from channels.sms.providers import Fate, Outgoing, Report
from channels.sms.schema import IN_STATE, NEXT_OUTGOING
from channels.sms.seal import BadSeal
from channels.sms.sides import Side, new_reference
from channels.sms.steps import doubt, finish, is_silenced, tally
from data.sql.engine import Engine


class Outbox(Side):
    """Methods of the store; see there."""

    async def announce(self, number: str, text: str, now: float, due: float, *, asked: bool = False) -> bool:
        """Queue a message that answers none; False when this number asked for silence, or is none.

        `asked`: on a page, so that it may leave at any hour.
        """

        reference = new_reference()

        def step(db: Engine) -> bool:
            known = international(number)
            if known is None or is_silenced(db, session := self._hasher.session(known)):
                return False
            self._know(db, session, known)
            self._queue_one(db, reference, session, text, now, asked=asked, due=due)
            return True

        return await self._writer.do(step)

    async def spent(self, now: float, price: float) -> float:
        """Euros of the day, with those of what waits to leave."""
        return await self._writer.do(lambda db: steps.spent(db, now, price))

    async def recover(self, now: float) -> int:
        """After a stop in the middle of a sending: doubt it. How many there were."""
        return await self._writer.do(lambda db: doubt(db, "state = 'part'", now))

    async def next_outgoing(self, now: float, limit: int) -> list[Leaving]:
        """The next message of each number that is due, marked as leaving."""

        def step(db: Engine) -> list[Leaving]:
            self._only_ours()
            rows = db.execute(NEXT_OUTGOING, {"now": now, "limit": limit}).fetchall()
            found = [(row, sms) for row in rows if (sms := self._outgoing(db, row))]
            for row, _ in found:
                db.execute(
                    "UPDATE outgoing SET state = 'part', due = :now WHERE reference = :reference",
                    {"now": now, "reference": row["reference"]},
                )
            return [
                Leaving(
                    sms,
                    row["session"],
                    row["segments"],
                    row["tries"],
                    doubtful=row["state"] == "doute",
                    asked=bool(row["asked"]),
                )
                for row, sms in found
            ]

        return await self._writer.do(step)

    async def sent(self, leaving: Leaving, provider_id: str, now: float, price: float, reports: bool) -> None:
        """The provider has it: it is paid for. Without `reports`, that is all that will ever be known."""

        def step(db: Engine) -> None:
            reference, count = leaving.sms.reference, leaving.segments
            known = db.execute(
                "SELECT state FROM outgoing WHERE reference = :it"
                " UNION ALL SELECT state FROM deliveries WHERE reference = :it",
                {"it": reference},
            ).fetchone()
            # A report may come before the answer to our call: it has then been counted.
            if known is None or known["state"] in ("part", "doute"):
                tally(db, now, sent=1, segments=count, euros=count * price)
            db.execute(
                "UPDATE outgoing SET state = 'envoye', provider_id = :given, due = :now WHERE reference = :it",
                {"given": provider_id, "now": now, "it": reference},
            )
            if not reports:
                finish(db, reference, Fate.ACCEPTED, "", now)

        await self._writer.do(step)

    async def send_later(self, leaving: Leaving, due: float, reason: str, doubt: bool) -> None:
        """It did not leave, or nobody knows (`doubt`)."""
        await self._writer.do(
            lambda db: db.execute(
                "UPDATE outgoing SET state = :state, tries = tries + 1, due = :due, reason = :reason"
                " WHERE reference = :it AND state = 'part'",
                {
                    "state": "doute" if doubt else "attend",
                    "due": due,
                    "reason": reason,
                    "it": leaving.sms.reference,
                },
            )
        )

    async def bury(self, leaving: Leaving, reason: str, now: float) -> None:
        """It will not leave by itself any more: a dead letter."""
        await self._writer.do(
            lambda db: db.execute(
                "UPDATE outgoing SET state = 'mort', due = :now, reason = :reason"
                " WHERE reference = :it AND state = 'part'",
                {"now": now, "reason": reason, "it": leaving.sms.reference},
            )
        )

    async def awaiting(self, limit: int) -> list[Outgoing]:
        """Messages given to the provider whose fate is not known, oldest first."""

        def step(db: Engine) -> list[Outgoing]:
            rows = db.execute(IN_STATE, {"state": "envoye", "limit": limit}).fetchall()
            return [sms for row in rows if (sms := self._outgoing(db, row))]

        return await self._writer.do(step)

    async def report(self, reports: Sequence[Report], now: float, price: float) -> None:
        """What providers say; said twice, in disorder or about something unknown, it changes nothing more."""

        def step(db: Engine) -> None:
            for one in reports:
                it = {"it": one.reference}
                row = db.execute("SELECT state, segments FROM outgoing WHERE reference = :it", it).fetchone()
                if row is None:
                    continue
                if row["state"] in ("doute", "part", "attend"):
                    # The report came before the answer to our call, or instead of it.
                    tally(db, now, sent=1, segments=row["segments"], euros=row["segments"] * price)
                    db.execute("UPDATE outgoing SET state = 'envoye' WHERE reference = :it", it)
                if one.fate is not Fate.ACCEPTED:
                    finish(db, one.reference, one.fate, one.reason, now)

        await self._writer.do(step)

    def _outgoing(self, db: Engine, row: Mapping) -> Outgoing | None:
        """The message to send; None, and a dead letter, when the key has changed."""
        try:
            number, text = self._seal.open(row["number"]), self._seal.open(row["text"])
        except BadSeal:
            query = "UPDATE outgoing SET state = 'mort', reason = 'cle' WHERE reference = :it"
            db.execute(query, {"it": row["reference"]})
            return None
        return Outgoing(row["reference"], number, text, row["created"], row["provider_id"])
