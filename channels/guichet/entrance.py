"""Coming in and going out: the one-time token of the desk machine, or the city's identity provider."""

from __future__ import annotations

import logging
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from channels.guichet import guard
from channels.guichet.access import EntryRefused, use_token
from channels.guichet.guard import OpenCounter
from channels.guichet.pages import show
from channels.guichet.settings import RETURN_PATH
from channels.guichet.words import words
from channels.rates import address_of

journal = logging.getLogger("jalon.guichet")
routes = APIRouter(prefix=guard.PATH, include_in_schema=False)
_STATE_COOKIE = "jalon_guichet_depart"
_TOKEN_LIMIT = 200


@routes.get("/entree")
def entrance(request: Request, counter: OpenCounter, jeton: str = "") -> Response:
    """A button that uses the token: a browser that only looks ahead at an address does not use it."""
    return _entrance(request, counter, jeton=jeton[:_TOKEN_LIMIT])


@routes.post("/entree")
async def enter(request: Request, counter: OpenCounter) -> Response:
    """Exchange a one-time token for a session."""
    guard.check_origin(request)
    if counter.provider:
        raise HTTPException(404)
    said = words()["messages"]
    rates, here = request.app.state.rates, address_of(request)
    if wait := await rates.wait("jeton", here):
        page = _entrance(request, counter, 429, message=said["trop_vite"].format(secondes=wait))
        page.headers["Retry-After"] = str(wait)
        return page
    sent = parse_qs((await request.body()).decode("utf-8", "replace"))
    token = sent.get("jeton", [""])[0]
    if not use_token(counter.settings.tokens, token, counter.settings.token_life):
        await rates.hit("jeton", here)
        journal.warning("guichet : accès refusé, jeton inconnu, déjà utilisé ou trop ancien")
        return _entrance(request, counter, 403, message=said["jeton_faux"])
    response = RedirectResponse(guard.PATH, 303)
    await guard.let_in(counter, counter.settings.service, response)
    return response


@routes.get("/connexion")
async def leave_for_provider(request: Request, counter: OpenCounter) -> Response:
    """Go to the identity provider."""
    if not counter.provider:
        raise HTTPException(404)
    try:
        address, state = await counter.provider.leave()
    except EntryRefused as error:
        return _refused(request, counter, error)
    response = RedirectResponse(address, 303)
    # Lax: the way back starts on the provider's site.
    response.set_cookie(
        _STATE_COOKIE, state, max_age=600, path=RETURN_PATH, httponly=True, samesite="lax",
        secure=counter.settings.oidc.door.startswith("https://"),
    )  # fmt: skip
    return response


@routes.get("/retour")
async def come_back(request: Request, counter: OpenCounter) -> Response:
    """Back from the identity provider. The page then opens the counter itself: a strict cookie needs it."""
    if not counter.provider:
        raise HTTPException(404)
    try:
        agent = await counter.provider.come_back(request.query_params, request.cookies.get(_STATE_COOKIE))
    except EntryRefused as error:
        return _refused(request, counter, error)
    response = show(request, "passage.html")
    await guard.let_in(counter, agent, response)
    response.delete_cookie(_STATE_COOKIE, path=RETURN_PATH)
    return response


@routes.post("/sortie")
async def leave(request: Request, counter: OpenCounter, session: guard.Agent) -> Response:
    """Close the session; the page that follows empties the memory of the tab."""
    guard.check_origin(request)
    sent = parse_qs((await request.body()).decode("utf-8", "replace"))
    guard.check_token(session, sent.get("jeton", [""])[0])
    await counter.sessions.end(request.cookies.get(guard.COOKIE))
    response = show(request, "sortie.html")
    response.delete_cookie(guard.COOKIE, path=guard.PATH)
    return response


def _entrance(request: Request, counter: guard.Counter, status: int = 200, **values: object) -> Response:
    return show(request, "entree.html", status, oidc=counter.provider is not None, **values)


def _refused(request: Request, counter: guard.Counter, error: EntryRefused) -> Response:
    journal.warning("guichet : entrée refusée (%s)", error)
    return _entrance(request, counter, 403, message=words()["messages"]["oidc"])
