"""GET /metriques, for Prometheus: to this machine, or to who shows the token. To others the page does not exist."""

from __future__ import annotations

import asyncio
import hmac
import os

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.exceptions import HTTPException

from channels import health
from channels.guichet.settings import is_loopback
from channels.metrics.counting import REGISTRY
from channels.metrics.snapshot import Snapshot

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")

routes = APIRouter(include_in_schema=False)


@routes.get("/metriques")
async def metrics(request: Request) -> Response:
    """Everything counted, in Prometheus's text format."""
    state = request.app.state
    if not _may_read(request, state.settings.metrics_token):
        raise HTTPException(404)
    model, found = await asyncio.gather(state.rasa.model(), health.parts(state))
    snapshot = Snapshot(state.db, found, model or "", state.settings.sms, asked=state.rasa.asked())
    return Response(await asyncio.to_thread(_as_text, snapshot), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _may_read(request: Request, token: str) -> bool:
    """With a token, who shows it; without, who calls from this machine and through nobody else's hands."""
    if token:
        shown = request.headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(shown.encode(), token.encode())
    return (
        request.client is not None
        and is_loopback(request.client.host)
        and is_loopback(request.url.hostname or "")
        and not any(name in request.headers for name in _FORWARDED)
    )


def _as_text(snapshot: Snapshot) -> bytes:
    measured = CollectorRegistry()
    measured.register(snapshot)
    counted = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)
    ProcessCollector(registry=measured)
    return generate_latest(counted) + generate_latest(measured)
