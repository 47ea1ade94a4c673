"""The queue of the SMS channel, in SQLite: what came in, what goes out, what became of it.

Numbers are keyed hashes (`session`) everywhere but in `numbers`, which holds a number only while an answer is due
to it or on its way. Texts go as soon as they are of no use: a received one once answered, a sent one once its fate
is known. Erased means erased: secure_delete, and a log of changes emptied every few seconds.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from channels.sms.gsm7 import segments
from channels.sms.numbers import Hasher, international
from channels.sms.providers import Fate, Incoming, Outgoing, Report
from channels.sms.schedule import DOUBT_S, day_of
from channels.sms.schema import IN_STATE, NEXT_OUTGOING, NEXT_RECEIVED, SCHEMA
from channels.sms.writer import Writer

HOUR_S, DAY_S = 3600.0, 86400.0
# A message id older than that could be played again: change the provider's secret every year.
_SEEN_DAYS = 400
_REPORTS_DAYS = 30


class QueueFull(Exception):
    """Too many messages wait for an answer: the provider must come back later."""


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


@dataclass(frozen=True)
class Held:
    """All that the queue holds of one number."""

    number: bool = False
    received: tuple[str, ...] = field(default=(), repr=False)
    leaving: tuple[str, ...] = field(default=(), repr=False)
    choices: bool = False
    silenced_since: str = ""

    def lines(self) -> list[str]:
        """The same in French, a line each."""
        lines = [f"reçu, sans réponse encore : {text}" for text in self.received]
        lines += [f"à envoyer ou en route : {text}" for text in self.leaving]
        lines += ["le numéro, jusqu'à la livraison"] if self.number else []
        lines += ["les dernières réponses proposées et les lieux dits"] if self.choices else []
        return lines + ([f"silence demandé (STOP) le {self.silenced_since}"] if self.silenced_since else [])


class Store:
    """All methods are on disk when they return; they raise sqlite3.Error. Times: seconds since 1970."""

    def __init__(self, path: Path, hasher: Hasher, queue: int = 20_000, settle: float = 0.0):
        self._writer, self._hasher = Writer(path, SCHEMA), hasher
        self._queue, self._settle = queue, settle

    def close(self) -> None:
        """Finish what is under way and leave nothing beside the file."""
        self._writer.close()

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

    def _keep(
        self, db: sqlite3.Connection, provider: str, message: Incoming, now: float, urgent: bool
    ) -> Arrival:
        known = self._hasher.message(provider, message.id)
        if row := db.execute("SELECT arrived FROM received WHERE id = ?", (known,)).fetchone():
            return Arrival.AGAIN if now - row["arrived"] < DAY_S else Arrival.REPLAYED
        waiting = db.execute("SELECT count(*) FROM received WHERE state = 'attend'").fetchone()[0]
        if waiting >= self._queue:
            raise QueueFull
        number = international(message.number)
        if number is None:
            db.execute(
                "INSERT INTO received (id, arrived, state, due) VALUES (?, ?, 'personne', ?)",
                (known, now, now),
            )
            return Arrival.NOBODY
        session = self._hasher.session(number)
        sent_at, due = (0.0, 0.0) if urgent else (message.sent_at or now, now + self._settle)
        db.execute(
            "INSERT INTO received (id, session, text, sent_at, arrived, state, due) VALUES (?, ?, ?, ?, ?, 'attend', ?)",
            (known, session, message.text, sent_at, now, due),
        )
        db.execute("INSERT OR IGNORE INTO numbers VALUES (?, ?)", (session, number))
        _count(db, now, received=1)
        return Arrival.NEW

    async def next_received(self, now: float, limit: int, busy: Collection[str] = ()) -> list[Received]:
        """The oldest message of each number that is due, for numbers that are not `busy`."""

        def step(db: sqlite3.Connection) -> list[Received]:
            rows = db.execute(NEXT_RECEIVED, {"now": now, "limit": limit + len(busy)})
            found = [Received(row["id"], row["session"], row["text"], row["tries"]) for row in rows]
            return [one for one in found if one.session not in busy][:limit]

        return await self._writer.do(step)

    async def answer_later(self, message: Received, due: float, reason: str) -> None:
        """It could not be answered now."""
        await self._writer.do(
            lambda db: db.execute(
                "UPDATE received SET tries = tries + 1, due = ?, reason = ? WHERE id = ?",
                (due, reason, message.id),
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

        def step(db: sqlite3.Connection) -> None:
            state = "repondu" if texts else "muet"
            db.execute(
                "UPDATE received SET state = ?, text = NULL, sent_at = NULL, reason = ? WHERE id = ?",
                (state, reason, message.id),
            )
            if silence:
                db.execute("INSERT OR IGNORE INTO silenced VALUES (?, ?)", (message.session, day_of(now)))
            if resume:
                db.execute("DELETE FROM silenced WHERE session = ?", (message.session,))
            if silence or erase:
                db.execute(
                    "DELETE FROM outgoing WHERE session = ? AND (? OR state IN ('attend', 'doute', 'mort'))",
                    (message.session, erase),
                )
            if memory is not None:
                db.execute("DELETE FROM memories WHERE session = ?", (message.session,))
            if memory:
                db.execute(
                    "INSERT INTO memories VALUES (?, ?, ?)",
                    (message.session, json.dumps(memory, ensure_ascii=False), now),
                )
            if erase:
                db.execute(
                    "UPDATE received SET session = NULL, text = NULL WHERE session = ? AND state != 'attend'",
                    (message.session,),
                )
            for text in texts:
                _queue(db, message.session, text, now, asked=True, due=now)
            _forget_number(db, message.session)

        await self._writer.do(step)

    async def memory(self, session: str, now: float) -> dict:
        """What the channel remembers between two messages of this number, or {}."""

        def step(db: sqlite3.Connection) -> dict:
            row = db.execute(
                "SELECT kept FROM memories WHERE session = ? AND used > ?", (session, now - DAY_S)
            ).fetchone()
            return json.loads(row["kept"]) if row else {}

        return await self._writer.do(step)

    async def situation(self, message: Received, now: float, price: float) -> Situation:
        """What decides whether a message is answered. Those that came after it do not count."""

        def step(db: sqlite3.Connection) -> Situation:
            since = {"session": message.session, "id": message.id, "hour": now - HOUR_S, "day": now - DAY_S}
            count = db.execute(
                "SELECT count(*) FROM received WHERE session = :session AND arrived > :hour"
                " AND rank <= (SELECT rank FROM received WHERE id = :id)",
                since,
            ).fetchone()[0]
            told = db.execute(
                "SELECT DISTINCT reason FROM received WHERE session = :session AND state = 'repondu'"
                " AND arrived > iif(reason = 'plafond', :day, :hour)",
                since,
            )
            reasons = frozenset(row["reason"] for row in told)
            return Situation(_is_silenced(db, message.session), count, reasons, _spent(db, now, price))

        return await self._writer.do(step)

    # What goes out

    async def announce(self, number: str, text: str, now: float, due: float) -> bool:
        """Queue a message that nobody asked for; False when this number asked for silence, or is none."""

        def step(db: sqlite3.Connection) -> bool:
            known = international(number)
            if known is None or _is_silenced(db, session := self._hasher.session(known)):
                return False
            db.execute("INSERT OR IGNORE INTO numbers VALUES (?, ?)", (session, known))
            _queue(db, session, text, now, asked=False, due=due)
            return True

        return await self._writer.do(step)

    async def recover(self, now: float) -> int:
        """After a stop in the middle of a sending: doubt it. How many there were."""
        return await self._writer.do(lambda db: _doubt(db, "state = 'part'", now))

    async def next_outgoing(self, now: float, limit: int) -> list[Leaving]:
        """The next message of each number that is due, marked as leaving."""

        def step(db: sqlite3.Connection) -> list[Leaving]:
            rows = db.execute(NEXT_OUTGOING, {"now": now, "limit": limit}).fetchall()
            marks = [(now, row["reference"]) for row in rows]
            db.executemany("UPDATE outgoing SET state = 'part', due = ? WHERE reference = ?", marks)
            return [
                Leaving(
                    _outgoing(row),
                    row["session"],
                    row["segments"],
                    row["tries"],
                    doubtful=row["state"] == "doute",
                    asked=bool(row["asked"]),
                )
                for row in rows
            ]

        return await self._writer.do(step)

    async def sent(self, leaving: Leaving, provider_id: str, now: float, price: float, reports: bool) -> None:
        """The provider has it: it is paid for. Without `reports`, that is all that will ever be known."""

        def step(db: sqlite3.Connection) -> None:
            reference, count = leaving.sms.reference, leaving.segments
            known = db.execute(
                "SELECT state FROM outgoing WHERE reference = :it"
                " UNION ALL SELECT state FROM deliveries WHERE reference = :it",
                {"it": reference},
            ).fetchone()
            # A report may come before the answer to our call: it has then been counted.
            if known is None or known["state"] == "part":
                _count(db, now, sent=1, segments=count, euros=count * price)
            db.execute(
                "UPDATE outgoing SET state = 'envoye', provider_id = ?, due = ? WHERE reference = ?",
                (provider_id, now, reference),
            )
            if not reports:
                _finish(db, reference, Fate.ACCEPTED, "", now)

        await self._writer.do(step)

    async def send_later(self, leaving: Leaving, due: float, reason: str, doubt: bool) -> None:
        """It did not leave, or nobody knows (`doubt`)."""
        await self._writer.do(
            lambda db: db.execute(
                "UPDATE outgoing SET state = ?, tries = tries + 1, due = ?, reason = ?"
                " WHERE reference = ? AND state = 'part'",
                ("doute" if doubt else "attend", due, reason, leaving.sms.reference),
            )
        )

    async def bury(self, leaving: Leaving, reason: str, now: float) -> None:
        """It will not leave by itself any more: a dead letter."""
        await self._writer.do(
            lambda db: db.execute(
                "UPDATE outgoing SET state = 'mort', due = ?, reason = ? WHERE reference = ? AND state = 'part'",
                (now, reason, leaving.sms.reference),
            )
        )

    async def awaiting(self, limit: int) -> list[Outgoing]:
        """Messages given to the provider whose fate is not known, oldest first."""
        return await self._writer.do(
            lambda db: [_outgoing(row) for row in db.execute(IN_STATE, ("envoye", limit))]
        )

    async def report(self, reports: Sequence[Report], now: float, price: float) -> None:
        """What providers say; said twice, in disorder or about something unknown, it changes nothing more."""

        def step(db: sqlite3.Connection) -> None:
            for one in reports:
                row = db.execute("SELECT * FROM outgoing WHERE reference = ?", (one.reference,)).fetchone()
                if row is None:
                    continue
                if row["state"] in ("doute", "part", "attend"):
                    # The report came before the answer to our call, or instead of it.
                    _count(db, now, sent=1, segments=row["segments"], euros=row["segments"] * price)
                    db.execute("UPDATE outgoing SET state = 'envoye' WHERE reference = ?", (one.reference,))
                if one.fate is not Fate.ACCEPTED:
                    _finish(db, one.reference, one.fate, one.reason, now)

        await self._writer.do(step)

    # One person who asks

    async def held(self, session: str) -> Held:
        """What is kept of a number."""

        def step(db: sqlite3.Connection) -> Held:
            def column(query: str) -> tuple:
                return tuple(row[0] for row in db.execute(query, (session,)) if row[0])

            return Held(
                number=bool(column("SELECT number FROM numbers WHERE session = ?")),
                received=column("SELECT text FROM received WHERE session = ? ORDER BY rank"),
                leaving=column("SELECT text FROM outgoing WHERE session = ? ORDER BY rank"),
                choices=bool(column("SELECT kept FROM memories WHERE session = ?")),
                silenced_since="".join(column("SELECT day FROM silenced WHERE session = ?")),
            )

        return await self._writer.do(step)

    async def forget_person(self, session: str) -> None:
        """Erase all that is kept of a number, what waits included, but for its wish of silence."""

        def step(db: sqlite3.Connection) -> None:
            db.execute(
                "UPDATE received SET state = 'muet', text = NULL, sent_at = NULL WHERE session = ? AND state = 'attend'",
                (session,),
            )
            db.execute("UPDATE received SET session = NULL WHERE session = ?", (session,))
            for table in ("outgoing", "memories", "numbers"):
                db.execute(f"DELETE FROM {table} WHERE session = ?", (session,))

        await self._writer.do(step)

    # Costs and upkeep

    async def alarm(self, level: int, now: float) -> bool:
        """Whether the alarm of this `level` rings for the first time today."""

        def step(db: sqlite3.Connection) -> bool:
            _count(db, now)
            changed = db.execute(
                "UPDATE costs SET alarms = ? WHERE day = ? AND alarms < ?", (level, day_of(now), level)
            )
            return bool(changed.rowcount)

        return await self._writer.do(step)

    async def tidy(self, now: float, retention: float) -> list[str]:
        """Erase what is older than its time (`retention` in seconds). Sessions whose memory has ended."""

        def step(db: sqlite3.Connection) -> list[str]:
            old = now - retention
            _doubt(db, f"state = 'part' AND due < {now - HOUR_S:f}", now)
            for row in db.execute(
                "SELECT reference, state FROM outgoing WHERE created < ?", (old,)
            ).fetchall():
                fate = "inconnu" if row["state"] == "envoye" else "mort"
                _finish(db, row["reference"], fate, "delai", now)
            db.execute(
                "UPDATE received SET state = 'mort', text = NULL, reason = 'delai' WHERE state = 'attend' AND arrived < ?",
                (old,),
            )
            db.execute(
                "UPDATE received SET session = NULL, sent_at = NULL WHERE arrived < ? AND session IS NOT NULL",
                (old,),
            )
            db.execute("DELETE FROM received WHERE arrived < ?", (now - _SEEN_DAYS * DAY_S,))
            db.execute("DELETE FROM deliveries WHERE at < ?", (now - _REPORTS_DAYS * DAY_S,))
            for row in db.execute("SELECT session FROM numbers").fetchall():
                _forget_number(db, row["session"])
            ended = [
                row["session"]
                for row in db.execute("SELECT session FROM memories WHERE used < ?", (now - DAY_S,))
            ]
            db.execute("DELETE FROM memories WHERE used < ?", (now - DAY_S,))
            return ended

        return await self._writer.do(step)


def _outgoing(row: sqlite3.Row) -> Outgoing:
    return Outgoing(row["reference"], row["number"], row["text"], row["created"], row["provider_id"])


def _queue(db: sqlite3.Connection, session: str, text: str, now: float, *, asked: bool, due: float) -> None:
    db.execute(
        "INSERT INTO outgoing (reference, session, text, segments, asked, created, state, due)"
        " VALUES (?, ?, ?, ?, ?, ?, 'attend', ?)",
        (secrets.token_hex(12), session, text, segments(text), asked, now, due),
    )


def _finish(db: sqlite3.Connection, reference: str, fate: str, reason: str, now: float) -> None:
    """Keep what became of a message and nothing else of it."""
    row = db.execute(
        "DELETE FROM outgoing WHERE reference = ? RETURNING session, segments", (reference,)
    ).fetchone()
    if row is None:
        return
    db.execute(
        "INSERT OR REPLACE INTO deliveries VALUES (?, ?, ?, ?, ?)",
        (reference, str(fate), reason[:40], row["segments"], now),
    )
    _forget_number(db, row["session"])


def _forget_number(db: sqlite3.Connection, session: str) -> None:
    """Erase the number when nothing is due to it any more."""
    db.execute(
        "DELETE FROM numbers WHERE session = :session"
        " AND NOT EXISTS (SELECT 1 FROM received WHERE session = :session AND state = 'attend')"
        " AND NOT EXISTS (SELECT 1 FROM outgoing WHERE session = :session)",
        {"session": session},
    )


def _doubt(db: sqlite3.Connection, which: str, now: float) -> int:
    """The provider will be asked whether it has them, after the time of a first delivery report."""
    query = f"UPDATE outgoing SET state = 'doute', due = ? WHERE {which}"
    return db.execute(query, (now + DOUBT_S,)).rowcount


def _spent(db: sqlite3.Connection, now: float, price: float) -> float:
    row = db.execute("SELECT euros FROM costs WHERE day = ?", (day_of(now),)).fetchone()
    waiting = db.execute(
        "SELECT coalesce(sum(segments), 0) FROM outgoing WHERE state IN ('attend', 'doute', 'part')"
    ).fetchone()[0]
    return (row["euros"] if row else 0.0) + waiting * price


def _is_silenced(db: sqlite3.Connection, session: str) -> bool:
    return db.execute("SELECT 1 FROM silenced WHERE session = ?", (session,)).fetchone() is not None


def _count(db: sqlite3.Connection, now: float, **added: float) -> None:
    day = day_of(now)
    db.execute("INSERT OR IGNORE INTO costs (day) VALUES (?)", (day,))
    for column, amount in added.items():
        db.execute(f"UPDATE costs SET {column} = {column} + ? WHERE day = ?", (amount, day))
