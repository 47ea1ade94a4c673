"""The public door of Jalon. Run it with: uvicorn channels.app:create_app --factory"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path

import fastapi_offline
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from channels import handlers
from channels.api import calculators, routes
from channels.conversation import Conversation
from channels.errors import RequestError
from channels.fiche import routes as fiche
from channels.guichet import entrance
from channels.guichet import routes as guichet
from channels.guichet.guard import Counter, Outside
from channels.metrics import routes as metrics
from channels.protection import Protection
from channels.rasa import RasaClient
from channels.relecture.review import forget_expired, load_review
from channels.settings import Settings, read_settings
from channels.shared import SharedUnavailable, open_doors
from channels.sms import webhooks
from channels.sms.service import Sms
from channels.statistiques.service import Statistics
from channels.warming import warmed
from channels.web import answers, assets, pages, plans
from channels.web import sms as web_sms
from data.database import open_database

_COUNTER_FILES = Path(__file__).parent / "guichet" / "static"
# Only its files serve: the interactive API page must not fetch anything from elsewhere.
_API_PAGE_FILES = Path(fastapi_offline.__file__).parent / "static"


def create_app(settings: Settings | None = None) -> FastAPI:
    """The ASGI application, with its base open and its line to Rasa.

    Rasa may be down: the pages, the places and the orientation still work. A base that cannot be read
    stops the start, with the error of data.database.
    """
    settings = settings or read_settings()
    db = open_database(settings.base)
    rasa = RasaClient(settings)
    doors = open_doors(settings.city.redis, settings.internal_key)
    statistics = Statistics(settings.statistics, db)
    sms = Sms(settings, settings.sms, db, statistics.turn) if settings.sms else None

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        forgetting = asyncio.create_task(forget_expired(settings))
        async with warmed(db), statistics.running(), sms.running() if sms else nullcontext():
            yield
        forgetting.cancel()
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
    app.state.settings, app.state.db, app.state.rasa = settings, db, rasa
    app.state.conversation = Conversation(
        settings, rasa, db.base, load_review(settings, db), doors, statistics.turn
    )
    app.state.sms, app.state.statistics = sms, statistics
    app.state.sms_brake = web_sms.Brake(settings.internal_key)
    app.include_router(routes.routes)
    app.include_router(calculators.routes)
    app.include_router(routes.health)
    app.include_router(pages.routes)
    app.include_router(answers.routes)
    app.include_router(plans.routes)
    app.include_router(web_sms.routes)
    app.include_router(entrance.routes)
    app.include_router(guichet.routes)
    app.include_router(fiche.routes)
    app.state.counter = Counter(settings.counter, doors)
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
    app.add_exception_handler(SharedUnavailable, handlers.answer_unavailable)
    app.add_exception_handler(RequestValidationError, handlers.answer_invalid_request)
    app.add_exception_handler(HTTPException, handlers.answer_http_error)
    app.add_middleware(GZipMiddleware)
    app.add_middleware(Protection, body_limit=settings.body_limit, host_sites=settings.host_sites)
    # uvicorn's own access log holds addresses and queries; Protection writes a line without them.
    logging.getLogger("uvicorn.access").disabled = True
    return app
