"""What the page asks of a conversation beside its turns: to be kept longer, to show all its answers.

The situation stays with the dialogue: the form sends the session, and no address holds what the person told.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from actions.orientation import orient
from channels.rasa import RasaUnavailable
from channels.texts import error_text, texts
from channels.web.forms import Sent, sent_form
from channels.web.rendering import MAY_COME_BACK, error_page, render
from channels.web.search import MORE_PLACES, PLACES
from data.database import Database

routes = APIRouter(include_in_schema=False)


@routes.post("/continuer")
async def go_on(request: Request) -> Response:
    """Keep a conversation for its whole delay again: 204, 410 when it was already forgotten."""
    sent = await sent_form(request)
    try:
        known = await request.app.state.conversation.go_on(sent.session)
    except RasaUnavailable:
        return error_page(request, 503, error_text("rasa"))
    return Response(status_code=410 if known is None else 204)


@routes.post("/reponses")
async def all_answers(request: Request) -> Response:
    """Every answer for the situation told so far, or all the places of one answer, on a page of their own."""
    sent = await sent_form(request)
    try:
        known = await request.app.state.conversation.go_on(sent.session)
    except RasaUnavailable:
        return error_page(request, 503, error_text("rasa"))
    return await run_in_threadpool(_answers_page, request, sent, known or {})


def _answers_page(request: Request, sent: Sent, known: dict) -> Response:
    db: Database = request.app.state.db
    one = sent.dispositif if sent.dispositif in db.base.dispositifs else None
    needs = known.get("besoins") or []
    orientation = orient(
        db, besoins=needs, faits=known["faits"], limite=MORE_PLACES if one else PLACES
    ) if needs else None  # fmt: skip
    if one and orientation:
        orientation["dispositifs"] = [d for d in orientation["dispositifs"] if d["id"] == one]
    page = render(
        request,
        "reponses.html",
        session=sent.session,
        orientation=orientation,
        lieux_ouverts=bool(one),
        reprendre=texts()["conversation"]["reprendre"],
    )
    page.headers["cache-control"] = MAY_COME_BACK
    return page
