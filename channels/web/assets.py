"""The files that the pages use, under an address that changes with their content.

A browser keeps them for a year and asks nothing; a new version has a new address, that of its imports too.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"
_ONE_YEAR = "public, max-age=31536000, immutable"


def version(folder: Path = FOLDER) -> str:
    """Twelve hexadecimal digits that tell the content of every file of the folder."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


VERSION = version()


def address(name: str) -> str:
    """Where the pages find the file `name` of static/."""
    return f"/static/{VERSION}/{name}"


class Immutable(StaticFiles):
    """Files that never change at their address."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = _ONE_YEAR
        return response
