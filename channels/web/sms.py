"""« Recevoir par SMS »: a place, sent once to the number that a person types. Only where the SMS channel is open.

The number lives in the queue until its SMS has left, and nowhere else. Answers never tell whether a number is known,
asked for silence or got too many: an answer that differed would tell it to whoever types the number of another.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qs, urlencode

from fastapi import APIRouter, Depends, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from actions.orientation import PARIS
from channels.guichet.guard import check_origin
from channels.rates import address_of
from channels.sms.composer import kept_place
from channels.sms.numbers import french_mobile
from channels.sms.service import Sms
from channels.texts import texts
from channels.web.rendering import render
from data.database import Database
from data.ranking import find_places

_MOST_FIELDS = 10
routes = APIRouter(include_in_schema=False)


def _channel(request: Request) -> Sms:
    """The SMS channel. Raises HTTPException (404) where there is none."""
    if request.app.state.sms is None:
        raise HTTPException(404)
    return request.app.state.sms


Channel = Annotated[Sms, Depends(_channel)]


@routes.get("/sms")
def ask_number(request: Request, channel: Channel, lieu: str = "") -> Response:
    """The form that asks where to send a place."""
    return _page(request, _place(request.app.state.db, lieu))


@routes.post("/sms")
async def send(request: Request, channel: Channel) -> Response:
    """Queue the SMS, then show a page that a reload does not send again."""
    check_origin(request)
    place, number = await _fields(request)
    mobile = french_mobile(number)
    rates = request.app.state.rates
    if mobile is None:
        return _page(request, place, 422, "numero_faux" if number else "numero_vide", number)
    if seconds := await rates.hit("sms_adresse", address_of(request)):
        page = _page(request, place, 429, "trop")
        page.headers["retry-after"] = str(seconds)
        return page
    if not await channel.worker.can_send_more():
        return _page(request, place, 503, "plafond")
    if not await rates.hit("sms_numero", mobile):
        await channel.worker.send_asked(mobile, kept_place(place))
    return RedirectResponse(f"/sms/demande?{urlencode({'lieu': place['id']})}", 303)


@routes.get("/sms/demande")
def asked(request: Request, channel: Channel, lieu: Annotated[str, Query()] = "") -> Response:
    """What happens next: the same for all numbers."""
    return _page(request, _place(request.app.state.db, lieu), sent=True)


def _place(db: Database, key: str) -> dict:
    """The place as the pages tell it. Raises HTTPException (404) when it may not be told or has no address."""
    known = db.service(key)
    if known is None or known["sensible"] or known["statut"] == "ferme_definitif":
        raise HTTPException(404)
    found = find_places(db, ids=[key], position=None, at=datetime.now(PARIS), facts={}, limit=1)
    if not (found and found[0]["adresse"]):
        raise HTTPException(404)
    return found[0]


async def _fields(request: Request) -> tuple[dict, str]:
    try:
        sent = parse_qs((await request.body()).decode(), max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise HTTPException(400) from None
    return _place(request.app.state.db, sent.get("lieu", [""])[-1]), sent.get("numero", [""])[-1].strip()


def _page(
    request: Request, place: dict, status: int = 200, error: str = "", number: str = "", sent: bool = False
) -> Response:
    said = texts()["par_sms"]
    page = render(
        request, "sms.html", status, lieu=place, erreur=said.get(error), au_champ=status == 422,
        saisi=number[:30], demande=sent,
    )  # fmt: skip
    # Without it, some browsers would not say that the form comes from here.
    page.headers["referrer-policy"] = "same-origin"
    return page
