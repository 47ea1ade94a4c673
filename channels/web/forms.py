"""What the chat page sends: as JSON by its script, as a plain form without it."""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qs

from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import Request

from channels.api.schemas import DemandeMessage

_SESSION = re.compile(r"[\x21-\x7e]{1,64}")
_MOST_FIELDS = 20
BETWEEN = "|"  # what is read on a button, then what it sends


class DemandeTour(DemandeMessage):
    """One turn asked by the page's script.

    `libelle`: what is written on the button whose value is `texte`. `envoi`: drawn for each message, the same
    when it is sent again.
    """

    libelle: Annotated[str, Field(max_length=500)] = ""
    envoi: Annotated[str, Field(max_length=64)] = ""


@dataclass(frozen=True)
class Sent:
    """One turn asked by the form. `text` is what the person wrote, or the value of the button pressed.

    `dispositif`: the id of the one whose places are asked for, "" for all answers.
    """

    session: str
    text: str
    label: str
    sending: str
    shown_at: float
    dispositif: str = ""

    def is_older_than(self, seconds: float) -> bool:
        """Whether the form had been on the screen for so long that the conversation was forgotten."""
        return bool(self.shown_at) and time.time() - self.shown_at > seconds


def read_form(body: bytes) -> Sent:
    """The fields of an URL-encoded form; what is missing or wrong is empty, and a session is drawn.

    A button wins over the text field. Raises ValueError when the form is not one of ours.
    """
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)

    def field(name: str) -> str:
        return fields.get(name, [""])[-1]

    label, _, value = field("choix").partition(BETWEEN)
    shown_at = field("quand")
    return Sent(
        session=field("session") if _SESSION.fullmatch(field("session")) else new_id(),
        text=value or field("texte"),
        label=label if value else "",
        sending=field("envoi")[:64],
        dispositif=field("dispositif"),
        shown_at=float(shown_at) if shown_at.isdecimal() and len(shown_at) < 12 else 0.0,
    )


async def sent_form(request: Request) -> Sent:
    """The form of a request. Raises HTTPException (400) when it is not one of ours."""
    try:
        return read_form(await request.body())
    except ValueError:
        raise HTTPException(400) from None


def new_id() -> str:
    """An identifier that nobody can guess."""
    return secrets.token_hex(16)
