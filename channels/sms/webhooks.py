"""POST (Kannel: GET) /webhooks/sms/{provider}: check who calls, store, answer. The work is done afterwards."""

from __future__ import annotations

import logging
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from channels.sms.messages import Arrival, QueueFull
from channels.sms.providers import Call, Forged, Malformed
from channels.sms.service import Sms
from data.sql.errors import StoreError

journal = logging.getLogger("jalon.sms")

routes = APIRouter(include_in_schema=False)


@routes.api_route("/webhooks/sms/{provider}", methods=["GET", "POST"])
async def receive(provider: str, request: Request) -> Response:
    """403: not the provider; 409: an old message played again; 503: come back later."""
    sms: Sms | None = request.app.state.sms
    settings = request.app.state.settings.sms
    if settings is None or provider != settings.provider:
        raise HTTPException(404)
    if sms is None:  # its queue could not be opened yet
        raise HTTPException(503, headers={"Retry-After": "60"})
    try:
        news = sms.gateway.read(await _call(request))
    except Forged:
        journal.warning("appel refusé : signature")
        raise HTTPException(403) from None
    except Malformed as error:
        journal.warning("appel refusé : il manque %s", error)
        raise HTTPException(400) from None
    try:
        arrivals = await sms.worker.take(news)
    except (QueueFull, StoreError, OSError) as error:
        journal.error("appel remis à plus tard : %s", type(error).__name__)
        raise HTTPException(503, headers={"Retry-After": "60"}) from None
    if not news:
        sms.worker.ring()
    if Arrival.REPLAYED in arrivals:
        journal.warning("appel refusé : message déjà traité")
        raise HTTPException(409)
    body, kind = sms.gateway.acknowledgement
    return Response(body, media_type=kind)


async def _call(request: Request) -> Call:
    form = {}
    if request.method == "POST":
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
    url = request.url
    path = f"{url.path}?{url.query}" if url.query else url.path
    return Call(request.method, path, dict(request.query_params), form, request.headers)
