"""The queue of the SMS channel: what came in, what goes out, what became of it.

Numbers are keyed hashes (`session`) everywhere but in `numbers`, which holds a number only while an answer is due
to it or on its way. Texts go as soon as they are of no use: a received one once answered, a sent one once its fate
is known. Both are sealed while they stay. SQLite or PostgreSQL: one text of each query (data/sql/engine.py).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

from channels.sms.gsm7 import segments
from channels.sms.numbers import Hasher, international
from channels.sms.providers import Fate, Incoming, Outgoing, Report
from channels.sms.schedule import DOUBT_S, day_of
from channels.sms.schema import IN_STATE, NEXT_OUTGOING, NEXT_RECEIVED
from channels.sms.seal import BadSeal, Seal
from channels.sms.writer import Writer
from data.sql.engine import Engine

HOUR_S, DAY_S = 3600.0, 86400.0
# A message id older than that could be played again: change the provider's secret every year.
_SEEN_DAYS = 400
_REPORTS_DAYS = 30


class QueueFull(Exception):
    """Too many messages wait for an answer: the provider must come back later."""


class TurnLost(Exception):
    """Another door works on the queue now, or may."""


class Arrival(StrEnum):
    """What a message that comes in is."""

    NEW = "nouveau"
    AGAIN = "redite"  # a provider that did not hear our answer
    REPLAYED = "rejoue"  # too late to be that
    NOBODY = "personne"  # not from a phone that could be answered


@dataclass(frozen=True)
class Received:
    """A message that waits for its answer."""

    id: str
    session: str
    text: str = field(repr=False)
    tries: int = 0


@dataclass(frozen=True)
class Leaving:
    """A message to give to the provider; `doubtful`: it may have it already."""

    sms: Outgoing
    session: str
    segments: int
    tries: int
    doubtful: bool
    asked: bool


@dataclass(frozen=True)
class Situation:
    """Of a number: whether it asked for silence, its messages of the last hour, the reasons (`trop`, `plafond`)
    already told. Of the day: euros spent, with those of what waits to leave."""

    silenced: bool
    count: int
    told: frozenset[str]
    spent: float


class Store:
    """All methods are on disk when they return; they raise StoreError. Times: seconds since 1970.

    Several processes may have one: all receive, and the one that has the turn works.
    """

    def __init__(self, engine: Engine, hasher: Hasher, seal: Seal, queue: int = 20_000, settle: float = 0.0):
        self._engine, self._writer, self._hasher, self._seal = engine, Writer(engine), hasher, seal
        self._queue, self._settle = queue, settle

    def close(self) -> None:
        """Finish what is under way and leave nothing beside the file."""
        self._writer.close()

    async def take_turn(self) -> bool:
        """Whether this process is the one that works; to be asked again every two seconds."""
        return await self._writer.do(lambda db: db.take_turn())

    def has_turn(self) -> bool:
        """Whether what begins now (a sending) is still ours to do."""
        return self._engine.has_turn()

    # What comes in

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
        _count(db, now, received=1)
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
                self._queue_one(db, _reference(), message.session, text, now, asked=True, due=now)
            _forget_number(db, message.session)

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
            return Situation(_is_silenced(db, message.session), count, reasons, _spent(db, now, price))

        return await self._writer.do(step)

    # What goes out

    async def announce(self, number: str, text: str, now: float, due: float, *, asked: bool = False) -> bool:
        """Queue a message that answers none; False when this number asked for silence, or is none.

        `asked`: on a page, so that it may leave at any hour.
        """

        reference = _reference()

        def step(db: Engine) -> bool:
            known = international(number)
            if known is None or _is_silenced(db, session := self._hasher.session(known)):
                return False
            self._know(db, session, known)
            self._queue_one(db, reference, session, text, now, asked=asked, due=due)
            return True

        return await self._writer.do(step)

    async def spent(self, now: float, price: float) -> float:
        """Euros of the day, with those of what waits to leave."""
        return await self._writer.do(lambda db: _spent(db, now, price))

    async def recover(self, now: float) -> int:
        """After a stop in the middle of a sending: doubt it. How many there were."""
        return await self._writer.do(lambda db: _doubt(db, "state = 'part'", now))

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
                _count(db, now, sent=1, segments=count, euros=count * price)
            db.execute(
                "UPDATE outgoing SET state = 'envoye', provider_id = :given, due = :now WHERE reference = :it",
                {"given": provider_id, "now": now, "it": reference},
            )
            if not reports:
                _finish(db, reference, Fate.ACCEPTED, "", now)

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
                    _count(db, now, sent=1, segments=row["segments"], euros=row["segments"] * price)
                    db.execute("UPDATE outgoing SET state = 'envoye' WHERE reference = :it", it)
                if one.fate is not Fate.ACCEPTED:
                    _finish(db, one.reference, one.fate, one.reason, now)

        await self._writer.do(step)

    # Costs and upkeep

    async def alarm(self, level: int, now: float) -> bool:
        """Whether the alarm of this `level` rings for the first time today."""

        def step(db: Engine) -> bool:
            _count(db, now)
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
            _doubt(db, "state = 'part' AND due < :before", now, before=now - HOUR_S)
            for row in db.execute(
                "SELECT reference, state FROM outgoing WHERE created < :old", old
            ).fetchall():
                fate = "inconnu" if row["state"] == "envoye" else "mort"
                _finish(db, row["reference"], fate, "delai", now)
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
                _forget_number(db, row["session"])
            ended = db.execute(
                "DELETE FROM memories WHERE used < :since RETURNING session", {"since": now - DAY_S}
            ).fetchall()
            return [row["session"] for row in ended]

        return await self._writer.do(step)

    def _only_ours(self) -> None:
        if not self._engine.has_turn():
            raise TurnLost

    def _know(self, db: Engine, session: str, number: str) -> None:
        db.execute(
            "INSERT INTO numbers VALUES (:session, :number) ON CONFLICT (session) DO NOTHING",
            {"session": session, "number": self._seal.close(number)},
        )

    def _queue_one(
        self, db: Engine, reference: str, session: str, text: str, now: float, *, asked: bool, due: float
    ) -> None:
        db.execute(
            "INSERT INTO outgoing (reference, session, text, segments, asked, created, state, due)"
            " VALUES (:reference, :session, :text, :segments, :asked, :now, 'attend', :due)"
            " ON CONFLICT (reference) DO NOTHING",
            {
                "reference": reference,
                "session": session,
                "text": self._seal.close(text),
                "segments": segments(text),
                "asked": int(asked),
                "now": now,
                "due": due,
            },
        )

    def _opened(self, db: Engine, row: Mapping) -> str | None:
        """The text of a received message; None when the key has changed: nobody will ever read it."""
        try:
            return self._seal.open(row["text"])
        except BadSeal:
            query = "UPDATE received SET state = 'mort', text = NULL, reason = 'cle' WHERE id = :id"
            db.execute(query, {"id": row["id"]})
            return None

    def _outgoing(self, db: Engine, row: Mapping) -> Outgoing | None:
        """The message to send; None, and a dead letter, when the key has changed."""
        try:
            number, text = self._seal.open(row["number"]), self._seal.open(row["text"])
        except BadSeal:
            query = "UPDATE outgoing SET state = 'mort', reason = 'cle' WHERE reference = :it"
            db.execute(query, {"it": row["reference"]})
            return None
        return Outgoing(row["reference"], number, text, row["created"], row["provider_id"])


def _reference() -> str:
    return secrets.token_hex(12)


def _finish(db: Engine, reference: str, fate: str, reason: str, now: float) -> None:
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
    _forget_number(db, row["session"])


def _forget_number(db: Engine, session: str) -> None:
    """Erase the number when nothing is due to it any more."""
    db.execute(
        "DELETE FROM numbers WHERE session = :session"
        " AND NOT EXISTS (SELECT 1 FROM received WHERE session = :session AND state = 'attend')"
        " AND NOT EXISTS (SELECT 1 FROM outgoing WHERE session = :session)",
        {"session": session},
    )


def _doubt(db: Engine, which: str, now: float, **values: float) -> int:
    """The provider will be asked whether it has them, after the time of a first delivery report."""
    query = f"UPDATE outgoing SET state = 'doute', due = :due WHERE {which}"
    return db.execute(query, {"due": now + DOUBT_S, **values}).rowcount


def _spent(db: Engine, now: float, price: float) -> float:
    row = db.execute("SELECT euros FROM costs WHERE day = :day", {"day": day_of(now)}).fetchone()
    waiting = db.execute(
        "SELECT coalesce(sum(segments), 0) AS them FROM outgoing WHERE state IN ('attend', 'doute', 'part')"
    ).fetchone()
    return (row["euros"] if row else 0.0) + waiting["them"] * price


def _is_silenced(db: Engine, session: str) -> bool:
    query = "SELECT 1 FROM silenced WHERE session = :session"
    return db.execute(query, {"session": session}).fetchone() is not None


def _count(db: Engine, now: float, **added: float) -> None:
    day = {"day": day_of(now)}
    db.execute("INSERT INTO costs (day) VALUES (:day) ON CONFLICT (day) DO NOTHING", day)
    for column, amount in added.items():
        db.execute(
            f"UPDATE costs SET {column} = {column} + :amount WHERE day = :day", day | {"amount": amount}
        )
