"""The one way into the dialogue server: a loopback channel for Jalon's door, never for people directly.

Every request carries the secret that the supervisor made at start (`X-Jalon-Cle`). A text that starts with
"/" would write slots directly: it is accepted only when it is a button offered in the last answer, or when
it takes back something that the person told.
"""

from __future__ import annotations

import functools
import hmac
import itertools
import logging
import os
import re
import unicodedata
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint, response
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from assistant import journal
from assistant.masking import mask_all
from assistant.patches import ActionFailed
from assistant.quick_json import dumps
from assistant.relay import RelayShelf
from assistant.shelves import MemoryShelf
from assistant.tracker_store import SENT, take_saved
from assistant.turns import Order, TooMany, Turns
from data.city import KEY_HEADER, internal_key, read_city

CHANNELS = ("web", "sms", "guichet", "api")
MAX_TEXT = 500
MAX_SENDER = 128
MAX_BODY_BYTES = 16_384
NOT_UNDERSTOOD = "action_pas_compris"
STATE_SLOTS = {"faits": dict, "besoins": list, "ecartes": list}
# Slashes, their look-alikes, and what a reader does not see before them.
_LEADING_SLASH = re.compile(r"[\s/\u2044\u2215\u29f8\uff0f\u200b-\u200f\u2060-\u2064\ufeff]+")

logger = logging.getLogger("jalon.channel")


class Refusal(Exception):
    """A request that is answered with an HTTP status and one French sentence, in the contract's form."""

    def __init__(self, status: int, path: str, message: str):
        super().__init__(message)
        self.status, self.path, self.message = status, path, message

    def as_response(self) -> HTTPResponse:
        body = {"erreurs": [{"chemin": self.path, "message": self.message, "suggestion": None}]}
        return response.json(body, status=self.status, dumps=dumps)


class Answers(OutputChannel):
    """Collects the messages of one turn, one item per message, in the door's form."""

    def __init__(self, channel: str):
        self._channel = channel
        self.messages: list[dict[str, Any]] = []

    def name(self) -> str:  # type: ignore[override]  # Rasa picks `channel: sms` responses by this name
        return self._channel

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        buttons = [
            {"texte": button["title"], "valeur": button.get("payload", button["title"])}
            for button in message.get("buttons") or []
        ]
        answer = {"texte": (message.get("text") or "").strip(), "boutons": buttons}
        answer.update(message.get("custom") or {})
        self.messages.append(answer)


class JalonChannel(InputChannel):
    """Routes under /webhooks/jalon: tour, comprendre, sessions (show, go on with or erase one), sante, relais."""

    def __init__(self, key: bytes, turns: Turns):
        self._key, self._turns = key, turns

    @classmethod
    def name(cls) -> str:
        return "jalon"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> JalonChannel:
        try:
            return cls(internal_key(), Turns(_order_between_servers()))
        except ValueError as error:
            raise SystemExit(str(error)) from None

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        routes = Blueprint("jalon_channel")

        @routes.get("/sante")
        @self._guarded
        async def sante(request: Request) -> HTTPResponse:
            agent = request.app.ctx.agent
            ready = agent.is_ready()
            body = {
                "pret": ready,
                "modele": os.path.basename(agent.processor.model_filename) if ready else None,
            }
            return response.json(body, status=200 if ready else 503)

        @routes.post("/tour")
        @self._guarded
        async def tour(request: Request) -> HTTPResponse:
            body = _body(request)
            sender, channel = _sender(body.get("sender")), _channel(body)
            text = clean_text(body.get("texte")).strip()
            sent = _sent(body)
            async with self._turns.of(sender):
                store = request.app.ctx.agent.tracker_store
                if sent:
                    await store.take_back(sender, sent)
                if _LEADING_SLASH.match(text) and not _may_press(await store.retrieve(sender), text):
                    text = without_slash(_words(body) or text)
                answers = Answers(channel)
                await on_new_message(
                    UserMessage(
                        text, answers, sender, input_channel=channel, metadata={"canal": channel, SENT: sent}
                    )
                )
                tracker = take_saved() or await store.retrieve(sender)
            told = {
                "messages": answers.messages,
                "etat": mask_all(_state(tracker)),
                "entendu": _heard(tracker),
            }
            return response.json(told, dumps=dumps)

        @routes.post("/comprendre")
        @self._guarded
        async def comprendre(request: Request) -> HTTPResponse:
            text = clean_text(_body(request).get("texte"))
            plain = without_slash(text)
            parse = dict(await request.app.ctx.agent.parse_message(plain))
            # Rasa reads the text without what precedes it: offsets are given back in the text that was sent.
            shift = len(text) - len(plain) if plain != "?" else 0
            parse["text"] = text
            parse["entities"] = [
                {**entity, "start": entity["start"] + shift, "end": entity["end"] + shift}
                for entity in parse.get("entities", [])
            ]
            return response.json(parse, dumps=dumps)

        @routes.post("/sessions/<sender:str>")
        @self._guarded
        async def prolonger(request: Request, sender: str) -> HTTPResponse:
            sender = _sender(sender)
            async with self._turns.of(sender):
                store = request.app.ctx.agent.tracker_store
                tracker = await store.retrieve(sender)
                if tracker:
                    await store.save(tracker)  # its delay starts again
            return response.json({"etat": _state(tracker) if tracker else None}, dumps=dumps)

        @routes.get("/sessions/<sender:str>")
        @self._guarded
        async def session(request: Request, sender: str) -> HTTPResponse:
            tracker = await request.app.ctx.agent.tracker_store.retrieve(_sender(sender))
            return response.json({"messages": _said(tracker), "etat": _state(tracker)}, dumps=dumps)

        @routes.delete("/sessions/<sender:str>")
        @self._guarded
        async def sessions(request: Request, sender: str) -> HTTPResponse:
            sender = _sender(sender)
            async with self._turns.of(sender):
                known = await request.app.ctx.agent.tracker_store.forget(sender)
            return response.json({"oubliee": known})

        self._add_relay(routes)
        return routes

    def _add_relay(self, routes: Blueprint) -> None:
        """What one dialogue server asks of the one that it replaces (assistant/relay.py), and the order to end it."""

        @routes.get("/relais")
        @self._guarded
        async def relais(request: Request) -> HTTPResponse:
            return response.json({"conversations": _memory(request).names()}, dumps=dumps)

        @routes.post("/relais/<sender:str>")
        @self._guarded
        async def ceder(request: Request, sender: str) -> HTTPResponse:
            sender = _sender(sender)
            async with self._turns.of(sender):
                text, seconds = _memory(request).give(sender) or (None, 0)
            return response.json({"texte": text, "secondes": seconds}, dumps=dumps)

        @routes.post("/relais")
        @self._guarded
        async def reprendre(request: Request) -> HTTPResponse:
            shelf = _memory(request)
            count = await shelf.fetch_all() if isinstance(shelf, RelayShelf) else 0
            return response.json({"reprises": count}, dumps=dumps)

    def _guarded(self, handler):
        """Check the key, then turn every failure into clean JSON: no stack and no text of the person."""

        @functools.wraps(handler)
        async def checked(request: Request, *args: Any, **kwargs: Any) -> HTTPResponse:
            journal.take_request(request.headers.get(journal.REQUEST_HEADER))
            start = perf_counter()
            answer = await answered(request, *args, **kwargs)
            journal.note(logger, handler.__name__, answer.status, perf_counter() - start)
            return answer

        async def answered(request: Request, *args: Any, **kwargs: Any) -> HTTPResponse:
            try:
                if not hmac.compare_digest(request.headers.get(KEY_HEADER, "").encode(), self._key):
                    raise Refusal(401, KEY_HEADER, "Clé absente ou fausse.")
                return await handler(request, *args, **kwargs)
            except Refusal as refusal:
                return refusal.as_response()
            except TooMany:
                return Refusal(
                    429, "sender", "Trop de messages à la fois. Attendez la réponse."
                ).as_response()
            except ActionFailed as error:
                logger.error("%s given up: action server, %s", handler.__name__, error)
                return Refusal(503, "", "Le serveur d'actions ne répond pas.").as_response()
            except SanicException as error:
                return Refusal(error.status_code or 400, "", "Requête illisible.").as_response()
            except Exception as error:
                logger.error("%s failed: %s", handler.__name__, type(error).__name__, exc_info=error)
                return Refusal(500, "", "Le serveur de dialogue a rencontré une erreur.").as_response()

        return checked


def _memory(request: Request) -> MemoryShelf:
    """The conversations in the memory of this process. Raises Refusal when they are elsewhere."""
    shelf = request.app.ctx.agent.tracker_store.shelf
    if not isinstance(shelf, MemoryShelf):
        raise Refusal(404, "", "Les conversations ne sont pas dans ce serveur.")
    return shelf


def _order_between_servers() -> Order | None:
    address = read_city().redis
    if not address:
        return None
    from assistant.leases import Leases, connect  # one server alone does without the client of Redis

    return Leases(connect(address))


def clean_text(value: object) -> str:
    """The message with control characters and broken surrogates blanked, one for one: offsets hold.

    Raises Refusal when it is not a text, is blank or exceeds MAX_TEXT characters.
    """
    if not isinstance(value, str):
        raise Refusal(422, "texte", "« texte » doit être un texte.")
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in value)
    if not text.strip():
        raise Refusal(422, "texte", "Le message est vide.")
    if len(text.strip()) > MAX_TEXT:
        raise Refusal(422, "texte", f"Le message dépasse {MAX_TEXT} caractères.")
    return text


def without_slash(text: str) -> str:
    """The text as plain words: what Rasa would take for a command loses its slash ("?" if nothing is left)."""
    found = _LEADING_SLASH.match(text)
    return (text[found.end() :] or "?") if found else text


def offered_buttons(tracker: Any | None) -> set[str]:
    """The values of the buttons in the bot's answer to the last message of the person."""
    values: set[str] = set()
    for event in reversed(tracker.events if tracker else ()):
        if event.type_name == "user":
            break
        if event.type_name == "bot":
            values.update(button.get("payload", "") for button in event.data.get("buttons") or [])
    return values


def withdrawals(tracker: Any | None) -> set[str]:
    """The values of the buttons that take back what the person told: they act at any time, and only forget."""
    state = _state(tracker)
    facts, needs = (*state["faits"], *state["ecartes"]), state["besoins"]
    return {
        *(f'/informer{{"fait_oublie": "{fact}"}}' for fact in facts),
        *(f'/informer{{"besoin_oublie": "{need}"}}' for need in needs),
    }


def _may_press(tracker: Any | None, value: str) -> bool:
    return value in offered_buttons(tracker) or value in withdrawals(tracker)


def _state(tracker: Any | None) -> dict[str, Any]:
    slots = tracker.current_slot_values() if tracker else {}
    return {name: slots.get(name) or empty() for name, empty in STATE_SLOTS.items()}


def _heard(tracker: Any | None) -> dict[str, Any]:
    """What the door counts of the last message: its needs, those new in the conversation, the dangers told before it,
    whether it was understood."""
    played: set[str | None] = set()
    for event in reversed(tracker.events if tracker else ()):
        if event.type_name == "user":
            needs = {entity["value"] for entity in event.entities if entity["entity"] == "besoin"}
            return {
                "besoins": sorted(needs),
                "nouveaux": _new_needs(tracker),
                "alertes_dites": _dangers_before(tracker),
                "incompris": NOT_UNDERSTOOD in played,
            }
        played.add(getattr(event, "action_name", None))
    return {"besoins": [], "nouveaux": [], "alertes_dites": [], "incompris": False}


def _dangers_before(tracker: Any) -> list[str]:
    """The dangers that the conversation told before the last message of the person."""
    said = [event for event in tracker.events if event.type_name == "user"]
    return sorted(
        {entity["value"] for event in said[:-1] for entity in event.entities if entity["entity"] == "alerte"}
    )


def _new_needs(tracker: Any) -> list[str]:
    """The needs that the conversation keeps since the last message of the person, and did not before."""
    before: list[str] = []
    past = itertools.dropwhile(lambda event: event.type_name != "user", reversed(tracker.events))
    for event in past:
        if event.type_name == "reset_slots":
            break
        if event.type_name == "slot" and event.key == "besoins":
            before = event.value or []
            break
    return [need for need in _state(tracker)["besoins"] if need not in before]


def _said(tracker: Any | None) -> list[dict[str, str]]:
    """The messages that are kept, in order, masked as they are kept: {"de": "personne" or "jalon", "texte"}."""
    whose = {"user": "personne", "bot": "jalon"}
    return [
        {"de": whose[event.type_name], "texte": event.text}
        for event in (tracker.events if tracker else ())
        if event.type_name in whose and event.text
    ]


def _body(request: Request) -> dict[str, Any]:
    if len(request.body) > MAX_BODY_BYTES:
        raise Refusal(413, "", "La requête est trop longue.")
    body = request.json
    if not isinstance(body, dict):
        raise Refusal(400, "", "La requête doit être un objet JSON.")
    return body


def _words(body: dict[str, Any]) -> str:
    """What is written on the button pressed: what it means once it is no longer offered."""
    return clean_text(body["libelle"]).strip() if body.get("libelle") else ""


def _sender(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_SENDER:
        raise Refusal(422, "sender", f"« sender » est un texte de 1 à {MAX_SENDER} caractères.")
    return value


def _sent(body: dict[str, Any]) -> str:
    """The mark of a sending: the same when a message comes again because its answer was lost."""
    value = body.get("envoi") or ""
    if not isinstance(value, str) or len(value) > MAX_SENDER:
        raise Refusal(422, "envoi", f"« envoi » est un texte de {MAX_SENDER} caractères au plus.")
    return value


def _channel(body: dict[str, Any]) -> str:
    channel = body.get("canal", "web")
    if channel not in CHANNELS:
        raise Refusal(422, "canal", f"« canal » est l'un de : {', '.join(CHANNELS)}.")
    return channel
