"""The engine made ready at start, beside the first requests: the first person waits no longer than the next ones."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from actions.orientation import PARIS
from data.database import Database


@asynccontextmanager
async def warmed(db: Database) -> AsyncIterator[asyncio.Task]:
    """Until the end of the block at most, evaluate every dispositif for someone who told nothing (about 0.4 s).

    Gives the work under way, to wait for its end.
    """
    stop = threading.Event()
    work = asyncio.create_task(asyncio.to_thread(_evaluate_all, db, stop))
    try:
        yield work
    finally:
        stop.set()
        await work


def _evaluate_all(db: Database, stop: threading.Event) -> None:
    completed, day = db.evaluator.complete({}), datetime.now(PARIS).date()
    for name in db.base.dispositifs:
        if stop.is_set():
            return
        db.evaluator.evaluate_all(completed, day, [name])
