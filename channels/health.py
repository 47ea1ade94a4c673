"""Which parts of Jalon answer: the base, the dialogue server, the action server."""

from __future__ import annotations

import asyncio
import sqlite3

import httpx
from starlette.datastructures import State

from channels.settings import Settings
from data.database import Database


async def parts(state: State) -> dict[str, bool]:
    """Each part of the door whose `app.state` this is, and whether it answers in time."""
    rasa, actions = await asyncio.gather(state.rasa.healthy(), _actions(state.settings))
    return {"base": _base(state.db), "rasa": rasa, "actions": actions}


def _base(db: Database) -> bool:
    try:
        db.services(ids=("-",))
    except sqlite3.Error:
        return False
    return True


async def _actions(settings: Settings) -> bool:
    try:
        async with httpx.AsyncClient(timeout=settings.health_delay, trust_env=False) as http:
            return (await http.get(f"{settings.actions_url}/health")).status_code == 200
    except httpx.HTTPError:
        return False
