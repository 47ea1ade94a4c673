"""Every refusal of the door, in one form: {"erreurs": [{"chemin", "message", "suggestion"}]}, in French."""

from __future__ import annotations

import json
import logging

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response

from channels.errors import ComeBackLater, RequestError, fault, translate
from channels.shared import SharedUnavailable
from channels.texts import error_text
from channels.web.rendering import error_page, wants_page
from channels.web.turns import refused_turn

journal = logging.getLogger("jalon.porte")


class ErrorResponse(Response):
    """JSON that can always be written, even when a value echoed back holds half a character."""

    media_type = "application/json"

    def render(self, content: list[dict]) -> bytes:
        return json.dumps({"erreurs": content}, ensure_ascii=False).encode("utf-8", "replace")


async def answer_request_error(request: Request, error: RequestError) -> Response:
    """Handler of RequestError."""
    return ErrorResponse(error.faults, error.status)


async def answer_invalid_request(request: Request, error: RequestValidationError) -> Response:
    """Handler of what the schemas refuse: each fault in French, at its path, with the nearest known key."""
    return ErrorResponse([_translate(request, found) for found in error.errors()], 422)


async def answer_http_error(request: Request, error: HTTPException) -> Response:
    """Handler of unknown addresses, wrong methods, unreadable or too large bodies."""
    kinds = {404: "inconnu", 405: "methode", 400: "corps", 408: "trop_lent", 413: "trop_gros"}
    values = {"methode": request.method, "limite": request.app.state.settings.body_limit}
    response = _refuse(
        request, error.status_code, error_text(kinds.get(error.status_code, "autre"), **values)
    )
    response.headers.update(error.headers or {})
    return response


async def answer_unavailable(request: Request, error: SharedUnavailable) -> Response:
    """Handler of what only the memory shared by the doors can tell: come back in a moment."""
    journal.warning("mémoire partagée indisponible : %s", error)
    return _refuse(request, 503, error_text("partage"))


async def answer_come_back_later(request: Request, error: ComeBackLater) -> Response:
    """Handler of what is too much now: a turn of the page's script gets its pieces, others a page or JSON."""
    if request.url.path == "/tour":
        response = refused_turn(request, error.status)
    else:
        said = error_text("trop_vite" if error.status == 429 else "plein")
        response = _refuse(request, error.status, said, _people_to_call(request))
    response.headers["retry-after"] = str(error.seconds)
    return response


async def answer_failure(request: Request) -> Response:
    """The last resort, when the door itself fails: a clear sentence and people to call, never a stack."""
    return _refuse(request, 500, error_text("interne"), _people_to_call(request))


def _people_to_call(request: Request) -> str:
    numbers = [f"{one.number} {one.name}" for one in request.app.state.db.base.numbers]
    return error_text("interne_suite", numeros=", ".join(numbers))


def _refuse(request: Request, status: int, message: str, more: str | None = None) -> Response:
    """A page for people, JSON for programs."""
    if wants_page(request):
        return error_page(request, status, message)
    return ErrorResponse([fault("", message, more)], status)


def _translate(request: Request, found: dict) -> dict:
    if found["type"] == "json_invalid":
        return fault("", error_text("json_invalid", position=found["loc"][-1]))
    dependant = request.scope["route"].dependant
    fields = dependant.body_params if found["loc"][0] == "body" else dependant.query_params
    schema = fields[0].field_info.annotation if fields else BaseModel  # a path alone has no keys
    return translate(found, found["loc"][1:], schema)
