"""The public door of Jalon. Run it with: uvicorn channels.app:create_app --factory"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import fastapi_offline
from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from channels import handlers
from channels.api import calculators, routes
from channels.conversation import Conversation
from channels.errors import ComeBackLater, RequestError
from channels.fiche import routes as fiche
from channels.guichet import entrance
from channels.guichet import routes as guichet
from channels.guichet.guard import Counter, Outside
from channels.metrics import routes as metrics
from channels.protection import Protection
from channels.rasa import RasaClient
from channels.rates import Rates, by_address
from channels.relecture.review import forget_expired, load_review
from channels.settings import Settings, read_settings
from channels.shared import SharedUnavailable, open_doors
from channels.sms import webhooks
from channels.sms.service import serving, try_to_open
from channels.statistiques.service import Statistics
from channels.warming import warmed
from channels.web import answers, assets, pages, plans
from channels.web import sms as web_sms
from data.database import open_database

_COUNTER_FILES = Path(__file__).parent / "guichet" / "static"
# Only its files serve: the interactive API page must not fetch anything from elsewhere.
_API_PAGE_FILES = Path(fastapi_offline.__file__).parent / "static"

_GZIP_LEVEL = 5  # a long answer: 4 % more bytes than at 9, half the time


def create_app(settings: Settings | None = None, former: FastAPI | None = None) -> FastAPI:
    """The ASGI application, with its base open and its line to Rasa.

    `former`: the application that this one will replace in this process (channels/replacing.py); what it knows of
    people goes on here: the order of their turns, last answers, sessions of the counter, brakes.

    Rasa may be down: the pages, the places and the orientation still work. A base that cannot be read
    stops the start, with the error of data.database.
    """
    settings = settings or read_settings()
    db = open_database(settings.base)
    rasa = former.state.rasa if former else RasaClient(settings)
    doors = former.state.doors if former else open_doors(settings.city.redis, settings.internal_key)
    rates = (
        former.state.rates if former else Rates(settings.internal_key, settings.rates, settings.city.redis)
    )
    statistics = Statistics(settings.statistics, db)
    open_sms = partial(try_to_open, settings, settings.sms, db, statistics.turn)
    sms = open_sms() if settings.sms else None

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        forgetting = asyncio.create_task(forget_expired(settings))
        async with warmed(db), statistics.running(), serving(app.state, open_sms):
            yield
        forgetting.cancel()
        if not app.state.replaced:
            await rasa.close()
            await doors.close()

    app = FastAPI(
        title="Jalon",
        version="1",
        description="Orienter vers les droits et les services de Paris. Un fait absent est inconnu.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.settings, app.state.db, app.state.rasa, app.state.doors = settings, db, rasa, doors
    app.state.replaced = False
    app.state.conversation = Conversation(
        settings, rasa, db.base, load_review(settings, db), doors, statistics.turn
    )
    app.state.sms, app.state.statistics, app.state.rates = sms, statistics, rates
    for asked in (routes, calculators, pages, answers, plans, web_sms, entrance, guichet, fiche):
        app.include_router(asked.routes, dependencies=[Depends(by_address)])
    app.include_router(routes.health)
    app.state.counter = former.state.counter if former else Counter(settings.counter, doors)
    if closed := settings.counter.closed_because:
        logging.getLogger("jalon.guichet").warning(closed)
    app.mount("/static/fiche", StaticFiles(directory=fiche.FOLDER / "static"))
    app.mount("/static/guichet", StaticFiles(directory=_COUNTER_FILES))
    app.include_router(webhooks.routes)
    app.include_router(metrics.routes)
    app.mount("/static/api", StaticFiles(directory=_API_PAGE_FILES))
    app.mount(f"/static/{assets.VERSION}", assets.Immutable(directory=assets.FOLDER))
    app.mount("/static", StaticFiles(directory=assets.FOLDER))
    app.add_exception_handler(RequestError, handlers.answer_request_error)
    app.add_exception_handler(Outside, guichet.answer_outside)
    app.add_exception_handler(ComeBackLater, handlers.answer_come_back_later)
    app.add_exception_handler(SharedUnavailable, handlers.answer_unavailable)
    app.add_exception_handler(RequestValidationError, handlers.answer_invalid_request)
    app.add_exception_handler(HTTPException, handlers.answer_http_error)
    app.add_middleware(GZipMiddleware, compresslevel=_GZIP_LEVEL)
    app.add_middleware(Protection, body_limit=settings.body_limit, host_sites=settings.host_sites)
    # uvicorn's own access log holds addresses and queries; Protection writes a line without them.
    logging.getLogger("uvicorn.access").disabled = True
    return app
