"""A turn as the page shows it: its messages, the cards they tell, the answers offered, what was told so far."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from actions.texts import texts
from channels.web.recap import recap
from channels.web.rendering import render

BUSY_S = 60  # when to come back after a refusal


def turn_page(request: Request, answer: dict) -> Response:
    """The HTML that the page's script puts in its places. X-Jalon-Texte: the text was not taken."""
    status = 503 if answer.get("plein") else 200
    page = render(request, "_tour.html", status, en_conversation=True, **turn_context(request, answer))
    if answer.get("repris"):
        page.headers["X-Jalon-Texte"] = "garde"
    if status == 503:
        page.headers["retry-after"] = str(BUSY_S)
    return page


def refused_turn(request: Request, status: int) -> Response:
    """The same, for a message that was not looked at."""
    page = turn_page(request, request.app.state.conversation.refused(status))
    page.status_code = status
    return page


def turn_context(request: Request, answer: dict) -> dict:
    """What a turn shows. Without an answer of the dialogue, « rappel » is None: what is shown stays true."""
    shown = {
        "messages": _with_cards(answer["messages"]),
        "choix": _choices(answer["messages"]),
        "rappel": None,
    }
    if "ecartes" not in answer:
        return shown
    told = answer["etat"]
    lines = recap(request.app.state.db.base, told["faits"], told["besoins"], answer["ecartes"])
    return {**shown, "rappel": lines, "dits": told}


def _with_cards(messages: list[dict]) -> list[dict]:
    """Each message, with the dispositif it tells as « carte »: the page shows the card, not the text."""
    orientations = [message["orientation"] for message in messages if message["orientation"]]
    found = {
        dispositif["id"]: {"carte": dispositif, "position": orientation.get("position")}
        for orientation in orientations
        for dispositif in orientation["dispositifs"]
    }
    return [{**message, **found.get(message["dispositif"], {})} for message in messages]


def _choices(messages: list[dict]) -> list[dict]:
    """The answers offered, but for those that the page always shows in the same place."""
    known = {button["texte"] for button in always()}
    return [button for message in messages for button in message["boutons"] if button["texte"] not in known]


def always() -> list[dict]:
    """The buttons that stay in the same place. No longer offered, each means what is written on it."""
    kinds = ("ne_sait_pas", "pourquoi", "humain", "recommencer")
    return [{"texte": texts()[f"bouton_{kind}"], "valeur": f"/{kind}"} for kind in kinds]
