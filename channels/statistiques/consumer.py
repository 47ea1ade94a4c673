"""The process that adds up what the doors of a city publish. Stopped, it is waited for by the queue."""

from __future__ import annotations

from channels.statistiques.broker import QUEUE, consume
from channels.statistiques.service import erasing
from channels.statistiques.settings import StatisticsSettings
from channels.statistiques.store import open_counts
from channels.statistiques.weeks import today


async def add_up(settings: StatisticsSettings, queue: str = QUEUE) -> None:
    """Add what comes in the queue to the counts, for ever, and erase what is too old.

    Raises ValueError when no broker is set; StoreError or OSError when the file of counts cannot be opened.
    """
    if not settings.rabbitmq:
        raise ValueError(
            "JALON_RABBITMQ n'est pas donné : les portes comptent elles-mêmes, rien à faire ici."
        )
    counts = open_counts(settings)
    try:
        async with erasing(counts):
            await consume(settings.rabbitmq, lambda batch: counts.add(batch, today()), queue)
    finally:
        counts.close()
