"""The sheet to print: from an address, for anybody; from the counter's form, with its notes. Nothing is kept.

The counter's addresses are under /guichet, where its cookie goes. They alone may have a back, notes, and places
that the public pages never locate, when the agent asks for them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.templating import Jinja2Templates
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from actions.orientation import orient
from channels.fiche.fit import fitted
from channels.fiche.pdf import Files, PdfBusy, PdfUnavailable, make_pdf, with_halos
from channels.fiche.view import MOST_ANSWERS, NOTES_LIMIT, Sheet, cited, sheet
from channels.guichet import guard
from channels.guichet.pages import only_here
from channels.guichet.view import valid_facts
from channels.guichet.words import fact_name
from channels.texts import texts
from channels.web.plans import card_plan, drawing
from channels.web.rendering import error_page
from channels.web.wording import FILTERS
from data.database import Database
from rules import Base, check_facts

FOLDER = Path(__file__).parent
STYLE = "/static/fiche/fiche.css"
_MOST_FIELDS = 20
_ON_PAPER = ("115", "112")
routes = APIRouter(include_in_schema=False)

_templates = Jinja2Templates(directory=FOLDER / "templates")
_templates.env.trim_blocks = _templates.env.lstrip_blocks = True
_templates.env.filters.update(FILTERS, citee=cited)


@dataclass(frozen=True)
class Order:
    """What a sheet is asked for. `hidden`: the agent wants the address of protected places; `sent`: the form."""

    needs: list[str]
    facts: dict[str, object]
    chosen: list[str] = field(default_factory=list)
    notes: str = ""
    back: bool = False
    hidden: bool = False
    sent: Mapping[str, str] | None = None


@routes.get("/fiche")
def public_sheet(request: Request) -> Response:
    """The page to print, with what the screen adds."""
    order = _read_query(request.app.state.db.base, request.query_params)
    if not (order.needs or order.facts):
        return RedirectResponse("/recherche", 303)
    return _show(request, order)


@routes.get("/fiche.pdf")
def public_pdf(request: Request) -> Response:
    """The same page as PDF."""
    order = _read_query(request.app.state.db.base, request.query_params)
    if not (order.needs or order.facts):
        return RedirectResponse("/recherche", 303)
    return _download(request, order)


async def counter_order(request: Request, session: guard.Agent) -> Order:
    """The order of the counter's form, once it is proved to come from its page."""
    guard.check_origin(request)
    sent = _fields(await request.body())
    guard.check_token(session, sent.get("jeton", ""))
    return _read_form(request.app.state.db.base, sent)


CounterOrder = Annotated[Order, Depends(counter_order)]


@routes.post("/guichet/fiche")
def counter_sheet(request: Request, order: CounterOrder) -> Response:
    """The page to print for somebody at the counter."""
    return _too_long(request) if len(order.notes) > NOTES_LIMIT else _show(request, order)


@routes.post("/guichet/fiche.pdf")
def counter_pdf(request: Request, order: CounterOrder) -> Response:
    """The same page, with its back, as PDF."""
    return _too_long(request) if len(order.notes) > NOTES_LIMIT else _download(request, order)


# --- what is asked ----------------------------------------------------------------------------------


def _read_query(base: Base, query: QueryParams) -> Order:
    """« ?besoin=douche&logement_actuel=rue&age=54 ». Raises HTTPException (422) on a fact that is not right."""
    needs = [need for need in dict.fromkeys(query.getlist("besoin")) if need in base.needs]
    facts = {name: _value(base, name, query.getlist(name)) for name in query if name in base.facts}
    if check_facts(base, facts):
        raise HTTPException(422)
    return Order(needs, facts)


def _value(base: Base, name: str, texts_sent: list[str]) -> object:
    kind = base.facts[name].type
    if kind == "choix_multiple":
        return texts_sent
    if kind not in ("bool", "entier"):
        return texts_sent[-1]
    try:
        return json.loads(texts_sent[-1][:20])
    except ValueError:
        return None


def _fields(body: bytes) -> dict[str, str]:
    try:
        sent = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise HTTPException(400) from None
    return {name: values[-1] for name, values in sent.items()}


def _read_form(base: Base, sent: Mapping[str, str]) -> Order:
    """The fields of the counter. Like its screen, the sheet does without a fact that cannot be read."""
    try:
        told = json.loads(sent.get("faits") or "{}")
    except ValueError:
        raise HTTPException(400) from None
    if not isinstance(told, dict):
        raise HTTPException(400)
    if place := sent.get("position", "").strip():
        told.setdefault("lieu", place)
    facts, _ = valid_facts(base, told)
    return Order(
        needs=[need for need in dict.fromkeys(sent.get("besoins", "").split(",")) if need in base.needs],
        facts=facts,
        chosen=[
            one for one in dict.fromkeys(sent.get("dispositifs", "").split(",")) if one in base.dispositifs
        ],
        notes=sent.get("notes", "").replace("\r\n", "\n"),
        back="verso" in sent,
        hidden="proteges" in sent,
        sent=sent,
    )


# --- what is answered -------------------------------------------------------------------------------


def _show(request: Request, order: Order) -> Response:
    db = request.app.state.db
    orientation = _orientation(db, order)
    if order.sent is not None:  # the chat and the search have counted what leads to the public one
        request.app.state.statistics.orientation("guichet", order.needs, orientation)
    whole = _sheet(db, order, orientation)
    context = _context(db, order, orientation, fitted(whole), screen=True)
    context["trop"] = len(order.chosen) > MOST_ANSWERS
    context["par_sms"] = request.app.state.sms is not None
    context["pdf"] = f"/fiche.pdf?{request.url.query}"
    response = _templates.TemplateResponse(request, "fiche.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response if order.sent is None else only_here(response)


def _download(request: Request, order: Order) -> Response:
    db = request.app.state.db
    orientation = _orientation(db, order)
    whole = _sheet(db, order, orientation)

    def page(room: float) -> tuple[str, Files]:
        context = _context(db, order, orientation, fitted(whole, room), screen=False)
        return _templates.get_template("fiche.html").render(context), _files(db, context["plan"])

    try:
        content = make_pdf(page, pages=2 if whole.back else 1)
    except PdfUnavailable:
        return error_page(request, 503, texts()["fiche"]["sans_pdf"])
    except PdfBusy:
        return error_page(request, 503, texts()["fiche"]["occupe"])
    headers = {"content-disposition": 'inline; filename="fiche-jalon.pdf"', "X-Robots-Tag": "noindex"}
    return Response(content, media_type="application/pdf", headers=headers)


def _too_long(request: Request) -> Response:
    return error_page(request, 413, texts()["fiche"]["notes"].format(limite=NOTES_LIMIT))


def _orientation(db: Database, order: Order) -> dict:
    return orient(
        db,
        besoins=order.needs,
        faits=order.facts,
        limite=1,
        dispositifs=order.chosen or None,
        public_channel=not order.hidden,
    )


def _sheet(db: Database, order: Order, orientation: dict) -> Sheet:
    base = db.base
    return sheet(
        orientation,
        needs={need: base.needs[need].label for need in order.needs},
        fact_names={name: fact_name(fact) for name, fact in base.facts.items()},
        chosen=bool(order.chosen),
        notes=order.notes,
        back=order.back,
    )


def _context(db: Database, order: Order, orientation: dict, one: Sheet, screen: bool) -> dict:
    known = {number.number: number for number in db.base.numbers}
    return {
        "fiche": one,
        "plan": _plan(db, orientation, one),
        "numeros": [known[number] for number in _ON_PAPER],
        "style": STYLE,
        "ecran": screen,
        "envoi": order.sent,
        "limite": NOTES_LIMIT,
    }


def _plan(db: Database, orientation: dict, one: Sheet) -> dict | None:
    """The plan of the places of the sheet. Protected places, even told to an agent, are on no plan."""
    services = {service["id"]: service for d in orientation["dispositifs"] for service in d["services"]}
    shown = [services[place.id] for place in one.places if not db.service(place.id)["sensible"]]
    return card_plan(db, shown, orientation["position"])


def _files(db: Database, plan: dict | None) -> Files:
    """The only files that the PDF may use: its styles and its plan."""
    files = {STYLE: (_style(), "text/css")}
    if plan:
        query = parse_qs(urlsplit(plan["adresse"]).query)
        person = (float(query["lat"][0]), float(query["lon"][0])) if "lat" in query else None
        files[plan["adresse"]] = (with_halos(drawing(db, query["lieu"], person)), "image/svg+xml")
    return files


@cache
def _style() -> str:
    return (FOLDER / "static" / "fiche.css").read_text(encoding="utf-8")
