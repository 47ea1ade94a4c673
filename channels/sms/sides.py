"""What the two sides of the queue share: who may work, a number to answer to, a message to send."""

from __future__ import annotations

import secrets

from channels.sms.gsm7 import segments
from channels.sms.messages import TurnLost
from channels.sms.numbers import Hasher
from channels.sms.seal import Seal
from channels.sms.writer import Writer
from data.sql.engine import Engine


class Side:
    """What both sides of the queue need. `settle`: seconds left to a message to be overtaken by an older one."""

    def __init__(self, engine: Engine, hasher: Hasher, seal: Seal, queue: int = 20_000, settle: float = 0.0):
        self._engine, self._writer, self._hasher, self._seal = engine, Writer(engine), hasher, seal
        self._queue, self._settle = queue, settle

    def _only_ours(self) -> None:
        if not self._engine.has_turn():
            raise TurnLost

    def _know(self, db: Engine, session: str, number: str) -> None:
        db.execute(
            "INSERT INTO numbers VALUES (:session, :number) ON CONFLICT (session) DO UPDATE SET number = :number",
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


def new_reference() -> str:
    return secrets.token_hex(12)
