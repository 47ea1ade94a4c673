"""What the tests of the SMS queue share: a clock, a provider in memory that fails on demand, a queue on disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from channels.sms import overview
from channels.sms.numbers import Hasher
from channels.sms.providers import Gateway, Incoming, Outgoing, Report, SendError
from channels.sms.schema import open_queue
from channels.sms.seal import Seal
from channels.sms.settings import SmsSettings
from channels.sms.store import Store
from channels.sms.worker import Worker
from data.sql.engine import Engine

NOON = 1795345200.0  # Sunday 22 November 2026, noon in Paris
KEY = "une-cle-de-trente-deux-caracteres-au-moins"


@dataclass
class Clock:
    """Seconds since 1970, moved by hand."""

    now: float = NOON

    def __call__(self) -> float:
        return self.now


@dataclass
class MemoryGateway(Gateway):
    """A provider in memory: `taken_sms` are the messages that it really has. `fault(sms)` may give an error to raise;
    `lost_answers`: it takes the next messages and its answers are lost on the way."""

    reports: bool = True
    taken_sms: list[Outgoing] = field(default_factory=list)
    fault: Callable[[Outgoing], SendError | None] = lambda sms: None
    after: Callable[[Outgoing], SendError | None] = lambda sms: None

    async def send(self, sms: Outgoing) -> str:
        if error := self.fault(sms):
            raise error
        self.taken_sms.append(sms)
        if error := self.after(sms):
            raise error
        return f"id-{sms.reference}"

    async def find(self, sms: Outgoing) -> str | None:
        if error := self.fault(sms):
            raise error
        return next((f"id-{one.reference}" for one in self.taken_sms if one.reference == sms.reference), None)

    def texts(self, number: str) -> list[str]:
        """What a number got, in order."""
        return [sms.text for sms in self.taken_sms if sms.number == number]


@dataclass
class Queue:
    """A store on disk, a worker, a provider and a clock."""

    store: Store
    worker: Worker
    gateway: MemoryGateway
    clock: Clock
    settings: SmsSettings

    def state(self, now: float | None = None) -> dict:
        """What `jalon sms etat` would say."""
        return overview.state(self.settings, self.clock() if now is None else now)

    def rows(self, query: str) -> list[dict]:
        """What the database holds."""
        return rows(self.settings, query)

    def sealed(self) -> dict[str, str]:
        """What is kept of people now, as it is kept, by what it says."""
        queries = (
            "SELECT text AS one FROM received",
            "SELECT text AS one FROM outgoing",
            "SELECT number AS one FROM numbers",
        )
        found = [row["one"] for query in queries for row in self.rows(query) if row["one"]]
        return {Seal(KEY).open(one): one for one in found}

    def holds(self, *texts: str) -> bool:
        """Whether a text is anywhere in the queue: in its files, or in the tables of PostgreSQL."""
        if self.settings.postgres:
            return any(text in contents(self.settings) for text in texts)
        return bool(holds(self.settings.file.parent, *texts))

    async def receive(self, *messages: Incoming):
        return await self.worker.receive(list(messages))

    async def deliver(self, fate="remis") -> None:
        """The provider reports on all that it has."""
        await self.store.report(
            [Report(sms.reference, fate) for sms in self.gateway.taken_sms], self.clock(), 0.05
        )


@contextmanager
def queue(
    where: Path | str,
    answer=None,
    gateway: MemoryGateway | None = None,
    clock: Clock | None = None,
    **settings,
):
    """A queue in a folder, or at the address of a PostgreSQL. `answer(session, text, last)` is async; by default it says the text back."""

    async def echo(session: str, text: str, last: bool) -> list[str]:
        return [f"vu : {text}"]

    clock, gateway = clock or Clock(), gateway or MemoryGateway()
    chosen = SmsSettings(provider="essai", settle=0.0, **place(where), **settings)
    store = Store(open_queue(chosen), Hasher(KEY), Seal(KEY), chosen.queue)
    try:
        worker = Worker(store, gateway, answer or echo, chosen, clock=clock)
        yield Queue(store, worker, gateway, clock, chosen)
    finally:
        store.close()


def message(
    rank: int, text: str = "douche", number: str = "+33612345678", sent_at: float | None = None
) -> Incoming:
    """A message with a provider's id."""
    return Incoming(f"m{rank}", number, text, sent_at)


def number(rank: int) -> str:
    """A mobile number for each rank."""
    return f"+336{rank:08d}"


def holds(folder: Path, *texts: str) -> list[str]:
    """The names of the files of `folder` that hold one of the texts, in UTF-8 or UTF-16."""
    wanted = [text.encode(code) for text in texts for code in ("utf-8", "utf-16-le")]
    files: Sequence[Path] = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(path.name for path in files if any(one in path.read_bytes() for one in wanted))


def place(where: Path | str) -> dict:
    """The settings of a queue in a folder, or at the address of a PostgreSQL."""
    return {"postgres": where} if isinstance(where, str) else {"file": where / "sms.db"}


def rows(settings: SmsSettings, query: str) -> list[dict]:
    """The rows of a queue, seen from outside."""
    db: Engine = open_queue(settings, create=False)
    try:
        return [dict(row) for row in db.execute(query)]
    finally:
        db.close()


def contents(settings: SmsSettings) -> str:
    """All that the tables of a queue hold."""
    tables = ("received", "outgoing", "numbers", "deliveries", "silenced", "memories", "costs")
    return str([rows(settings, f"SELECT * FROM {table}") for table in tables])


def empty(address: str) -> None:
    """Take away the queue of a PostgreSQL."""
    with psycopg.connect(address, autocommit=True) as db:
        db.execute("DROP SCHEMA IF EXISTS jalon_sms CASCADE")
