"""JSON read and written by pydantic's own engine, that FastAPI brings: orientations weigh tens of kilobytes.

What is written is what starlette's JSONResponse writes, but for the form of numbers that take an exponent.
"""

from __future__ import annotations

from typing import Any

from pydantic_core import from_json, to_json
from starlette.responses import Response


def loads(content: bytes | str) -> Any:
    """What json.loads reads. Raises ValueError. Of the strings, only the names of keys stay in memory."""
    return from_json(content, cache_strings="keys")


class JsonResponse(Response):
    """The answer to a program."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return to_json(content)
