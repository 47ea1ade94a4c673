"""The few changes made to Rasa 3.6.21 while it runs. The version is frozen: nothing is patched elsewhere than here and,
for what only spares work, in `assistant.spared`.

PATCHES names what is replaced or relied upon; a test fails when one of these names disappears.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import uuid
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiohttp
import jsonschema
import rasa
from rasa.core.actions import action
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.agent import Agent
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, UserUttered
from rasa.shared.core.trackers import EventVerbosity
from rasa.shared.exceptions import RasaException
from rasa.shared.utils.schemas.events import EVENT_SCHEMA
from rasa.utils.endpoints import EndpointConfig

from assistant import journal, quick_json, spared

MOST_BUBBLES = 60  # said before this turn: beyond, a hard word may be explained again
ACTION_TIMEOUT_S = 5  # below the time the door waits for an answer

PATCHES = {
    "rasa.core.actions.action.RemoteAction._validate_action_result": "answer schema compiled once, not at each call",
    "rasa.shared.utils.schemas.events.EVENT_SCHEMA": "the schema that is compiled",
    "rasa.core.actions.action.RemoteAction._action_call_format": "this turn, words said before and a digest; not all events and the domain",
    "rasa.core.actions.action.RemoteAction.run": "the domain sent when asked for; an action that fails is told",
    "rasa.core.actions.action.DEFAULT_REQUEST_TIMEOUT": "an action that hangs is given up after 5 s, not 300 s",
    "rasa.utils.endpoints.EndpointConfig.session": "one connection kept open, not a new one at each action; JSON read faster",
    "rasa.core.agent.Agent._create_tracker_store": "a store that fails is told, not replaced by one that keeps words in clear",
    "rasa.shared.core.events.Event.resolve_by_type": "class of an event looked up once per name, not per event",
    **spared.PATCHES,
}


def apply(domain_digest: str | None = None) -> None:
    """Install the patches. Harmless when called twice.

    `domain_digest`: what names the domain to the action server, the same for all servers of one model.
    """
    global _domain_digest
    _domain_digest = domain_digest or _domain_digest
    Agent._create_tracker_store = staticmethod(_create_tracker_store)
    RemoteAction._validate_action_result = _validate_action_result
    RemoteAction._action_call_format = _action_call_format
    RemoteAction.run = _run
    EndpointConfig.session = _session
    Event.resolve_by_type = staticmethod(_resolve_by_type)
    action.DEFAULT_REQUEST_TIMEOUT = ACTION_TIMEOUT_S
    spared.apply()


# --- The answer of the action server ------------------------------------------------------------------------


@functools.cache
def _validators() -> tuple[Any, dict[str, Any]]:
    """Validators of what all events share, and of each kind of event by its name."""
    schema = RemoteAction.action_response_format_spec()
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    shared = {key: value for key, value in EVENT_SCHEMA.items() if key != "oneOf"}
    schema = {**schema, "properties": {**schema["properties"], "events": {"type": "array", "items": shared}}}
    by_name = {one["properties"]["event"]["const"]: kind(one) for one in EVENT_SCHEMA["oneOf"]}
    return kind(schema), by_name


def _validate_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:
    """Same verdict as Rasa's, which compiles the constant schema and tries all kinds of events each time."""
    answer, by_name = _validators()
    answer.validate(result)
    for event in result.get("events", []):
        if event["event"] not in by_name:
            raise jsonschema.ValidationError(f"unknown event {event['event']}")
        by_name[event["event"]].validate(event)
    return True


_original_resolve = Event.resolve_by_type


@functools.cache
def _resolve_by_type(type_name: str, default: type | None = None) -> type | None:
    """Same answer as Rasa's, which walks through every subclass of Event for each event of a conversation."""
    return _original_resolve(type_name, default)


# --- The call to the action server --------------------------------------------------------------------------

# rasa-sdk 3.21 wants Rasa's domain, or the digest of one it already holds; Rasa 3.6 knows no digest and
# would send the whole domain at every action. The domain never changes while this process runs. The action server
# holds one digest: servers that share it must name the same domain alike.
_domain_digest = uuid.uuid4().hex
_ASKS_FOR_DOMAIN = 449
_original_run = RemoteAction.run
_domain_is_known = False


def _action_call_format(self: RemoteAction, tracker: Any, domain: Any) -> dict[str, Any]:
    """What an action needs: slots, last message, events of this turn, what was said before it. Rasa sends all events."""
    state = tracker.current_state(EventVerbosity.NONE)
    state["events"] = [*words_before(tracker), *events_of_turn(tracker)]
    call = {
        "next_action": self.name(),
        "sender_id": tracker.sender_id,
        "tracker": state,
        "version": rasa.__version__,
        "domain_digest": _domain_digest,
        "demande": journal.request(),
    }
    if not _domain_is_known:
        call["domain"] = domain.as_dict()
    return call


class _QuickResponse(aiohttp.ClientResponse):
    """An answer whose JSON is read faster."""

    async def json(self, **options: Any) -> Any:
        return await super().json(**{"loads": quick_json.loads, **options})


def _session(self: EndpointConfig) -> AbstractAsyncContextManager[Any]:
    """The session of this endpoint, open as long as the process."""
    loop = asyncio.get_running_loop()
    kept = vars(self).get("kept_session")
    if kept is None or kept[0] is not loop:
        kept = self.kept_session = (
            loop,
            aiohttp.ClientSession(response_class=_QuickResponse, json_serialize=quick_json.dumps),
        )
    return contextlib.nullcontext(kept[1])


def events_of_turn(tracker: Any) -> list[dict[str, Any]]:
    """The events since the last message of the person, it included, without the orientations already sent."""
    events: list[dict[str, Any]] = []
    for event in reversed(tracker.events):
        told = event.as_dict()
        if isinstance(event, BotUttered):
            told = {**told, "data": {**told["data"], "custom": None}}
        events.append(told)
        if isinstance(event, UserUttered):
            break
    return events[::-1]


def words_before(tracker: Any) -> list[dict[str, Any]]:
    """The last bubbles said before this turn, and where each message of the person stood, without its words."""
    told: list[dict[str, Any]] = []
    turns = bubbles = 0
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            turns += 1
            if turns > 1:
                told.append({"event": UserUttered.type_name})
        elif turns and isinstance(event, BotUttered) and event.text:
            told.append({"event": BotUttered.type_name, "text": event.text})
            bubbles += 1
            if bubbles == MOST_BUBBLES:
                break
    return told[::-1]


class ActionFailed(BaseException):
    """The action server is down, too slow or wrong: the turn is given up, and nothing of it is saved.

    Rasa catches every Exception of an action and goes on without what it should have said and kept: the person would
    be told « dites-le avec d'autres mots » and what was understood would be lost. Hence a BaseException.
    """


async def _run(self: RemoteAction, output_channel: Any, nlg: Any, tracker: Any, domain: Any) -> list[Any]:
    try:
        return await _run_with_domain(self, output_channel, nlg, tracker, domain)
    except ActionExecutionRejection:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the turn cannot be told
        raise ActionFailed(type(error).__name__) from None


async def _run_with_domain(
    self: RemoteAction, output_channel: Any, nlg: Any, tracker: Any, domain: Any
) -> list[Any]:
    global _domain_is_known
    try:
        events = await _original_run(self, output_channel, nlg, tracker, domain)
    except RasaException as error:
        if getattr(error.__cause__, "status", None) != _ASKS_FOR_DOMAIN:
            raise
        _domain_is_known = False  # the action server was restarted
        events = await _original_run(self, output_channel, nlg, tracker, domain)
    _domain_is_known = True
    return events


# --- The store of conversations -----------------------------------------------------------------------------


def _create_tracker_store(store: TrackerStore | None, domain: Domain) -> TrackerStore:
    """The store itself. Rasa wraps it in one that, when it fails, takes the person for a new one without a word and
    keeps everything said, unmasked and for ever, in memory. Here the turn fails, and the door says so."""
    if store is None:
        raise ValueError("a tracker store is named in endpoints.yml")
    store.domain = domain
    return store
