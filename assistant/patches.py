"""The few changes made to Rasa 3.6.21 while it runs. The version is frozen: nothing else is patched elsewhere.

Each entry of PATCHES names what it replaces; a test fails when one of these names disappears.
"""

from __future__ import annotations

import functools
import uuid
from typing import Any

import jsonschema
from rasa.core.actions import action
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event
from rasa.shared.exceptions import RasaException

ACTION_TIMEOUT_S = 5  # below the time the door waits for an answer

PATCHES = {
    "rasa.core.actions.action.RemoteAction._validate_action_result": "answer schema compiled once: -15 ms a turn",
    "rasa.core.actions.action.RemoteAction.action_response_format_spec": "the schema that is compiled",
    "rasa.core.actions.action.RemoteAction._action_call_format": "the domain named by a digest, sent once",
    "rasa.core.actions.action.RemoteAction.run": "the domain sent again when the action server asks for it",
    "rasa.shared.core.events.Event.resolve_by_type": "class of an event looked up once per name, not per event",
    "rasa.core.actions.action.DEFAULT_REQUEST_TIMEOUT": "an action that hangs is given up after 5 s, not 300 s",
}


@functools.lru_cache(maxsize=1)
def _validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def _validate_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:
    """Same check as Rasa's, which compiles and checks the constant schema again at every call."""
    _validator().validate(result)
    return True


_original_resolve = Event.resolve_by_type


@functools.cache
def _resolve_by_type(type_name: str, default: type | None = None) -> type | None:
    """Same answer as Rasa's, which walks through every subclass of Event for each event of a conversation."""
    return _original_resolve(type_name, default)


# rasa-sdk 3.21 wants Rasa's domain, or the digest of one it already holds; Rasa 3.6 knows no digest and
# would send the whole domain at every action. The domain never changes while this process runs.
_DOMAIN_DIGEST = uuid.uuid4().hex
_ASKS_FOR_DOMAIN = 449
_original_call_format = RemoteAction._action_call_format
_original_run = RemoteAction.run
_domain_is_known = False


def _action_call_format(self: RemoteAction, tracker: Any, domain: Any) -> dict[str, Any]:
    call = _original_call_format(self, tracker, domain)
    call["domain_digest"] = _DOMAIN_DIGEST
    if not _domain_is_known:
        call["domain"] = domain.as_dict()
    return call


async def _run(self: RemoteAction, output_channel: Any, nlg: Any, tracker: Any, domain: Any) -> list[Any]:
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


def apply() -> None:
    """Install the patches. Harmless when called twice."""
    RemoteAction._validate_action_result = _validate_action_result
    RemoteAction._action_call_format = _action_call_format
    RemoteAction.run = _run
    Event.resolve_by_type = staticmethod(_resolve_by_type)
    action.DEFAULT_REQUEST_TIMEOUT = ACTION_TIMEOUT_S
