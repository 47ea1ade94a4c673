"""The first person at the counter does not pay for the start of the engine."""

import asyncio
import time
from datetime import datetime

from actions.orientation import PARIS
from channels.warming import warmed
from data.database import open_database
from tests.door_server import base_path


def spent(db) -> float:
    """Processor seconds of this thread to know every status when nothing was told."""
    start = time.thread_time()
    db.evaluator.evaluate_all(
        db.evaluator.complete({}), datetime.now(PARIS).date(), list(db.base.dispositifs)
    )
    return time.thread_time() - start


def test_once_started_every_status_is_known_at_once():
    async def play(db) -> float:
        async with warmed(db) as work:
            await work
            return spent(db)

    cold = spent(open_database(base_path()))
    assert asyncio.run(play(open_database(base_path()))) < cold / 5


def test_a_door_that_stops_at_once_does_not_work_to_the_end():
    async def play(db) -> None:
        async with warmed(db):
            pass

    db = open_database(base_path())
    asyncio.run(play(db))
    assert spent(db) > spent(db) * 5
