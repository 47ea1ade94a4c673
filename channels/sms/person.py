"""One person who asks what is kept of them, or that it be erased."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

from channels.sms.seal import BadSeal
from channels.sms.sides import Side
from data.sql.engine import Engine


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


class Person(Side):
    """Methods of the store; see there."""

    async def held(self, session: str) -> Held:
        """What is kept of a number."""

        def step(db: Engine) -> Held:
            def column(query: str) -> tuple:
                rows = db.execute(query, {"session": session}).fetchall()
                return tuple(row["found"] for row in rows if row["found"])

            return Held(
                number=bool(column("SELECT number AS found FROM numbers WHERE session = :session")),
                received=self._unsealed(
                    column("SELECT text AS found FROM received WHERE session = :session ORDER BY rank")
                ),
                leaving=self._unsealed(
                    column("SELECT text AS found FROM outgoing WHERE session = :session ORDER BY rank")
                ),
                choices=bool(column("SELECT kept AS found FROM memories WHERE session = :session")),
                silenced_since="".join(column("SELECT day AS found FROM silenced WHERE session = :session")),
            )

        return await self._writer.do(step)

    async def forget_person(self, session: str) -> None:
        """Erase all that is kept of a number, what waits included, but for its wish of silence."""

        def step(db: Engine) -> None:
            who = {"session": session}
            db.execute(
                "UPDATE received SET state = 'muet', text = NULL, sent_at = NULL"
                " WHERE session = :session AND state = 'attend'",
                who,
            )
            db.execute("UPDATE received SET session = NULL WHERE session = :session", who)
            for table in ("outgoing", "memories", "numbers"):
                db.execute(f"DELETE FROM {table} WHERE session = :session", who)

        await self._writer.do(step)

    def _unsealed(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        opened = []
        for text in texts:
            with suppress(BadSeal):
                opened.append(self._seal.open(text))
        return tuple(opened)
