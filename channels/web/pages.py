"""What a browser gets: the chat, the search form, their pieces, the error page and the API page.

The cards of a result are written once, in templates/_orientation.html, from the orientation object: the chat
(as a fragment of HTML) and the search page both show the same.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.templating import Jinja2Templates
from starlette.responses import Response

from actions.texts import texts
from channels.api import schemas
from channels.web.plans import card_plan
from channels.web.search import MORE_PLACES, PLACES, look_up
from channels.web.wording import FILTERS

_FOLDER = Path(__file__).parent
routes = APIRouter(include_in_schema=False)


_templates = Jinja2Templates(directory=_FOLDER / "templates")
_templates.env.trim_blocks = _templates.env.lstrip_blocks = True
_templates.env.filters.update(FILTERS)


def wants_page(request: Request) -> bool:
    """Whether an error is for a person in front of a browser rather than for a program."""
    path = request.url.path
    return not path.startswith(("/api", "/sante", "/tour", "/static")) and "json" not in request.headers.get(
        "accept", ""
    )


def error_page(request: Request, status: int, message: str) -> Response:
    """An error said in plain French, with the numbers to call and the way back."""
    return _page(request, "erreur.html", status, message=message)


@routes.get("/")
def chat(request: Request) -> Response:
    """The conversation, above a search form that works without JavaScript."""
    return _page(request, "accueil.html", proposes=texts()["besoins_proposes"])


@routes.post("/tour")
async def turn(request: Request, body: schemas.DemandeMessage) -> Response:
    """One turn of the conversation, as the HTML that the page adds to its log."""
    answer = await request.app.state.conversation.turn(body.session, body.texte, body.canal)
    page = _page(request, "_tour.html", messages=_with_cards(answer["messages"]))
    if answer.get("repris"):
        page.headers["X-Jalon-Texte"] = "garde"
    return page


@routes.get("/recherche")
def search(
    request: Request,
    besoin: Annotated[list[str], Query()] = [],  # noqa: B006 - FastAPI copies it
    lieu: str = "",
    lieux: Annotated[int, Query(ge=PLACES, le=MORE_PLACES)] = PLACES,
) -> Response:
    """The search form and its results: the same orientation object as the chat, without the chat."""
    found = look_up(request.app.state.db, besoin, lieu, lieux)
    return _page(request, "recherche.html", **found)


@routes.get("/api/v1/docs")
def api_page(request: Request) -> Response:
    """The interactive page of the API, from files of this machine only."""
    return _page(request, "docs.html")


def _with_cards(messages: list[dict]) -> list[dict]:
    """Each message, with the dispositif it tells as « carte »: the page shows the card, not the text."""
    orientations = [message["orientation"] for message in messages if message["orientation"]]
    found = {
        dispositif["id"]: {"carte": dispositif, "position": orientation.get("position")}
        for orientation in orientations
        for dispositif in orientation["dispositifs"]
    }
    return [{**message, **found.get(message["dispositif"], {})} for message in messages]


def _page(request: Request, template: str, status: int = 200, **values: object) -> Response:
    base = request.app.state.db.base
    context = {
        "plan_de": partial(card_plan, request.app.state.db),
        "besoins": base.needs.values(),
        "numeros": base.numbers,
        "oubli": request.app.state.settings.web_idle,
        **values,
    }
    return _templates.TemplateResponse(request, template, context, status_code=status)
