"""Conversations kept for a short time, without what identifies a person.

Rasa's own stores never forget and keep every word.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.constants import ACTION_SESSION_START_NAME
from rasa.shared.core.conversation import Dialogue
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event
from rasa.shared.core.trackers import DialogueStateTracker, get_trackers_for_conversation_sessions

from assistant import quick_json
from assistant.masking import mask_all
from assistant.shelves import MemoryShelf, Shelf

SENT = "envoi"  # in the metadata of a message: what tells its sending from others
# What the NLU adds to each message and that no rule reads afterwards.
_DROPPED_FROM_PARSE = ("intent_ranking", "text_tokens", "response_selector")

_saved: ContextVar[DialogueStateTracker | None] = ContextVar("jalon_saved", default=None)


def take_saved() -> DialogueStateTracker | None:
    """The conversation that this task saved last, not masked, so that it is not read again; a second call has None."""
    tracker = _saved.get()
    _saved.set(None)
    return tracker


class ForgetfulTrackerStore(TrackerStore, SerializedTrackerAsText):
    """Keep each conversation on a shelf until it has been idle for its channel's delay."""

    def __init__(
        self,
        domain: Domain | None,
        event_broker: Any = None,
        idle_minutes: dict[str, float] | None = None,
        default_idle_minutes: float = 30,
        shelf: Shelf | None = None,
        **kwargs: Any,
    ) -> None:
        """`idle_minutes`: channel -> minutes; `shelf`: the memory of this process unless given."""
        super().__init__(domain, event_broker)
        self._idle_minutes = idle_minutes or {}
        self._default_idle_minutes = default_idle_minutes
        self.shelf = shelf or MemoryShelf()

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the conversation, masked, and start its delay again."""
        await self.stream_events(tracker)
        channel = tracker.get_latest_input_channel()
        await self.shelf.put(tracker.sender_id, serialise(tracker), self._seconds(channel))
        _saved.set(tracker)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation since its last restart; None when it is unknown or forgotten."""
        tracker = await self.retrieve_full_tracker(sender_id)
        if tracker is None or not any(map(_starts_session, list(tracker.events)[1:])):
            return tracker
        return get_trackers_for_conversation_sessions(tracker)[-1]

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """The whole conversation; None when it is unknown or forgotten."""
        kept = await self.shelf.get(conversation_id)
        if not kept:
            return None
        tracker = self.init_tracker(conversation_id)
        tracker.recreate_from_dialogue(Dialogue.from_parameters(quick_json.loads(kept)))
        return tracker

    async def take_back(self, sender_id: str, sent: str) -> bool:
        """Undo the last message when it is the very sending `sent`, whose answer was lost; whether it was."""
        kept = await self.shelf.get(sender_id)
        if not kept or sent not in kept:
            return False
        dialogue = quick_json.loads(kept)
        events = dialogue["events"]
        last = max((rank for rank, event in enumerate(events) if event["event"] == "user"), default=None)
        if last is None or events[last]["metadata"].get(SENT) != sent:
            return False
        dialogue["events"] = events[:last]
        await self.shelf.put(
            sender_id, quick_json.dumps(dialogue), self._seconds(events[last]["input_channel"])
        )
        return True

    def _seconds(self, channel: str | None) -> float:
        return 60 * self._idle_minutes.get(channel, self._default_idle_minutes)

    async def forget(self, sender_id: str) -> bool:
        """Erase one conversation at once; tell whether there was one."""
        return await self.shelf.forget(sender_id)

    async def sweep(self) -> None:
        """Erase the conversations that nobody came back to."""
        await self.shelf.sweep()


def _starts_session(event: Event) -> bool:
    return isinstance(event, ActionExecuted) and event.action_name == ACTION_SESSION_START_NAME


def serialise(tracker: DialogueStateTracker) -> str:
    """The conversation as JSON text: masked, without rankings nor the orientation already sent."""
    dialogue = tracker.as_dialogue().as_dict()
    dialogue["events"] = [_lightened(event) for event in dialogue["events"]]
    return quick_json.dumps(dialogue)


def _lightened(event: dict[str, Any]) -> dict[str, Any]:
    if event["event"] == "user":
        parse = {k: v for k, v in event["parse_data"].items() if k not in _DROPPED_FROM_PARSE}
        return {**event, "text": mask_all(event["text"]), "parse_data": mask_all(parse)}
    if event["event"] == "slot":
        return {**event, "value": mask_all(event["value"])}
    if event["event"] == "bot":
        # An orientation weighs tens of kilobytes and is computed again when needed.
        return {**event, "data": {**event["data"], "custom": None}}
    return event
