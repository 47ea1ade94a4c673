"""What a browser gets: the chat, the search form, their pieces, the error page and the API page.

The cards of a result are written once, in templates/_orientation.html, from the orientation object: the chat
(whole page or fragment) and the search page all show the same.
"""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, RedirectResponse
from starlette.responses import Response

from actions.texts import texts
from channels.metrics.counting import count_orientation
from channels.rasa import RasaUnavailable
from channels.texts import error_text
from channels.texts import texts as door_texts
from channels.web import assets
from channels.web.forms import DemandeTour, new_id, sent_form
from channels.web.recap import recap
from channels.web.rendering import MAY_COME_BACK, render
from channels.web.search import MORE_PLACES, PLACES, look_up
from data.upkeep.rereadings import count, rereadings

_WIDGET = assets.FOLDER / "jalon.js"
_ONE_HOUR = "public, max-age=3600"
routes = APIRouter(include_in_schema=False)


@routes.get("/")
def chat(request: Request) -> Response:
    """The conversation at its start, above a search form."""
    return _chat_page(request, new_id())


@routes.post("/conversation")
async def conversation(request: Request) -> Response:
    """One turn for a browser without JavaScript: the whole page again, with the answer and what was told."""
    sent = await sent_form(request)
    settings = request.app.state.settings
    answer = await request.app.state.conversation.turn_once(
        sent.session, sent.text, "web", sent.label, sent.sending
    )
    page = _chat_page(
        request,
        sent.session,
        dit=sent.label or sent.text,
        oublie=door_texts()["conversation"]["oubliee"] if sent.is_older_than(settings.web_idle) else None,
        saisi=sent.text if "ecartes" not in answer and not sent.label else "",
        **_turn_context(request, answer),
    )
    page.headers["cache-control"] = MAY_COME_BACK
    return page


@routes.get("/conversation")
def no_conversation() -> Response:
    """An address typed or kept: the conversation has no address of its own."""
    return RedirectResponse("/", 303)


@routes.post("/effacer")
async def erase(request: Request) -> Response:
    """Forget the conversation, then show a new one."""
    settings = request.app.state.settings
    sent = await sent_form(request)
    try:
        await request.app.state.conversation.forget(sent.session)
    except RasaUnavailable:
        said = error_text("oubli", minutes=settings.web_idle // 60)
        return _chat_page(request, new_id(), alerte=said)
    return _chat_page(request, new_id(), etat=door_texts()["conversation"]["effacee"])


@routes.get("/vos-donnees")
def privacy(request: Request) -> Response:
    """What Jalon keeps, how long, and how to see it or have it erased."""
    return _privacy_page(request, conversation=None)


@routes.post("/vos-donnees")
async def kept(request: Request) -> Response:
    """The same page, with all that is kept of this conversation."""
    sent = await sent_form(request)
    try:
        held = await request.app.state.conversation.kept(sent.session)
    except RasaUnavailable:
        return _privacy_page(request, conversation=None, alerte=error_text("rasa"))
    told = held["etat"]
    lines = recap(request.app.state.db.base, told["faits"], told["besoins"], told["ecartes"])
    return _privacy_page(request, conversation=held["messages"], rappel=lines, session=sent.session)


def _privacy_page(request: Request, **values: object) -> Response:
    sms = request.app.state.settings.sms
    return render(request, "donnees.html", heures_sms=sms.retention if sms else 0, **values)


@routes.post("/tour")
async def turn(request: Request, body: DemandeTour) -> Response:
    """One turn of the conversation, as the HTML that the page's script puts in its places."""
    answer = await request.app.state.conversation.turn_once(
        body.session, body.texte, body.canal, body.libelle, body.envoi
    )
    page = render(request, "_tour.html", en_conversation=True, **_turn_context(request, answer))
    if answer.get("repris"):
        page.headers["X-Jalon-Texte"] = "garde"
    return page


@routes.get("/jalon.js")
def widget() -> Response:
    """The script that opens Jalon in a dialog on another site."""
    return FileResponse(_WIDGET, media_type="text/javascript", headers={"cache-control": _ONE_HOUR})


@routes.get("/recherche")
def search(
    request: Request,
    besoin: Annotated[list[str], Query()] = [],  # noqa: B006 - FastAPI copies it
    lieu: str = "",
    lieux: Annotated[int, Query(ge=PLACES, le=MORE_PLACES)] = PLACES,
) -> Response:
    """The search form and its results: the same orientation object as the chat, without the chat."""
    found = look_up(request.app.state.db, besoin, lieu, lieux)
    if found["orientation"]:
        count_orientation(found["choisis"], found["orientation"])
        if lieux == PLACES:  # « plus de lieux » shows the same answer again
            request.app.state.statistics.orientation("formulaire", found["choisis"], found["orientation"])
    return render(request, "recherche.html", **found)


@routes.get("/accessibilite")
def accessibility(request: Request) -> Response:
    """The accessibility statement that the law asks for, linked at the foot of every page."""
    contact, reread = request.app.state.settings.contact, count(rereadings())
    return render(request, "accessibilite.html", contact=contact, relus=reread)


@routes.get("/api/v1/docs")
def apirender(request: Request) -> Response:
    """The interactive page of the API, from files of this machine only."""
    return render(request, "docs.html")


def _turn_context(request: Request, answer: dict) -> dict:
    """What a turn shows. Without an answer of the dialogue, « rappel » is None: what is shown stays true."""
    shown = {
        "messages": _with_cards(answer["messages"]),
        "choix": _choices(answer["messages"]),
        "rappel": None,
    }
    if "ecartes" not in answer:
        return shown
    told = answer["etat"]
    lines = recap(request.app.state.db.base, told["faits"], told["besoins"], answer["ecartes"])
    return {**shown, "rappel": lines, "dits": told}


def _with_cards(messages: list[dict]) -> list[dict]:
    """Each message, with the dispositif it tells as « carte »: the page shows the card, not the text."""
    orientations = [message["orientation"] for message in messages if message["orientation"]]
    found = {
        dispositif["id"]: {"carte": dispositif, "position": orientation.get("position")}
        for orientation in orientations
        for dispositif in orientation["dispositifs"]
    }
    return [{**message, **found.get(message["dispositif"], {})} for message in messages]


def _choices(messages: list[dict]) -> list[dict]:
    """The answers offered, but for those that the page always shows in the same place."""
    always = {button["texte"] for button in _always()}
    return [button for message in messages for button in message["boutons"] if button["texte"] not in always]


def _always() -> list[dict]:
    """The buttons that stay in the same place. No longer offered, each means what is written on it."""
    kinds = ("ne_sait_pas", "pourquoi", "humain", "recommencer")
    return [{"texte": texts()[f"bouton_{kind}"], "valeur": f"/{kind}"} for kind in kinds]


def _chat_page(request: Request, session: str, **values: object) -> Response:
    needs = request.app.state.db.base.needs
    first = [
        {"texte": needs[need].label, "valeur": needs[need].label, "besoin": need}
        for need in texts()["besoins_proposes"]
    ]
    shown = {
        "en_conversation": True,
        "session": session,
        "envoi": new_id(),
        "quand": int(time.time()),
        "toujours": _always(),
        "choix": first,
        **values,
    }
    return render(request, "accueil.html", **shown)
