"""The templates of the counter, and how a page of it is sent."""

from __future__ import annotations

from pathlib import Path

from fastapi import Request
from fastapi.templating import Jinja2Templates
from starlette.responses import Response

from channels.guichet.words import words
from channels.web.wording import FILTERS

# Sites that may show the public pages in a frame may not show the counter.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_templates = Jinja2Templates(directory=Path(__file__).parent / "templates")
_templates.env.trim_blocks = _templates.env.lstrip_blocks = True
_templates.env.filters.update(FILTERS)
_templates.env.globals["mots"] = words


def show(request: Request, template: str, status: int = 200, **values: object) -> Response:
    """A page of the counter."""
    return only_here(_templates.TemplateResponse(request, template, values, status_code=status))


def only_here(response: Response) -> Response:
    """The answer, never in a frame. Its address goes to this site only: without it, browsers would not say where a
    form comes from."""
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def piece(template: str, **values: object) -> str:
    """A fragment of page."""
    return _templates.get_template(template).render(values)
