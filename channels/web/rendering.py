"""How a page of the door is made: its template, and what every page knows."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from fastapi import Request
from fastapi.templating import Jinja2Templates
from starlette.responses import Response

from channels.web import assets, links
from channels.web.forms import BETWEEN
from channels.web.plans import card_plan
from channels.web.search import PLACES
from channels.web.wording import FILTERS

# A page answering a form must come back when the person goes back: only « no-store » would forbid it.
MAY_COME_BACK = "private, no-cache"

_templates = Jinja2Templates(directory=Path(__file__).parent / "templates")
_templates.env.trim_blocks = _templates.env.lstrip_blocks = True
_templates.env.filters.update(FILTERS)
_templates.env.globals.update(
    statique=assets.address,
    itineraire=links.directions,
    fiche=links.sheet,
    besoin_du_bouton=links.need_of,
    entre=BETWEEN,
)


def wants_page(request: Request) -> bool:
    """Whether an error is for a person in front of a browser rather than for a program."""
    path = request.url.path
    return not path.startswith(("/api", "/sante", "/tour", "/static")) and "json" not in request.headers.get(
        "accept", ""
    )


def error_page(request: Request, status: int, message: str) -> Response:
    """An error said in plain French, with the numbers to call and the way back."""
    return render(request, "erreur.html", status, message=message)


def render(request: Request, template: str, status: int = 200, **values: object) -> Response:
    """The page of `template`, with `values` and what every page shows: needs, numbers to call, the delay."""
    base = request.app.state.db.base
    context = {
        "plan_de": partial(card_plan, request.app.state.db),
        "besoins": base.needs.values(),
        "numeros": base.numbers,
        "lieux_par_reponse": PLACES,
        "par_sms": request.app.state.sms is not None,
        "oubli": request.app.state.settings.web_idle,
        "relecture": request.app.state.settings.review_days,
        **values,
    }
    return _templates.TemplateResponse(request, template, context, status_code=status)
