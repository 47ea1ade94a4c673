"""Conversations kept in memory only, for a short time, without what identifies a person.

Rasa's own in-memory store never forgets and keeps every word; none of its stores masks anything.
"""

from __future__ import annotations

import json
import time
from typing import Any

from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from assistant.masking import mask_all

# What the NLU adds to each message and that no rule reads afterwards.
_DROPPED_FROM_PARSE = ("intent_ranking", "text_tokens", "response_selector")
SWEEP_EVERY_S = 60


class ForgetfulTrackerStore(InMemoryTrackerStore):
    """Keep each conversation until it has been idle for its channel's delay, then drop it."""

    def __init__(
        self,
        domain: Domain | None,
        event_broker: Any = None,
        idle_minutes: dict[str, float] | None = None,
        default_idle_minutes: float = 30,
        clock=time.monotonic,
        **kwargs: Any,
    ) -> None:
        """`idle_minutes`: channel -> minutes; `clock` gives seconds (tests replace it)."""
        super().__init__(domain, event_broker)
        self._idle_minutes = idle_minutes or {}
        self._default_idle_minutes = default_idle_minutes
        self._clock = clock
        self._expiry: dict[str, float] = {}
        self._next_sweep = clock() + SWEEP_EVERY_S

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the conversation, masked, and start its delay again."""
        await self.stream_events(tracker)
        minutes = self._idle_minutes.get(tracker.get_latest_input_channel(), self._default_idle_minutes)
        self.store[tracker.sender_id] = serialise(tracker)
        self._expiry[tracker.sender_id] = self._clock() + 60 * minutes
        if self._clock() >= self._next_sweep:
            self.sweep()

    async def _retrieve(self, sender_id: str, fetch_all_sessions: bool) -> DialogueStateTracker | None:
        if self._expiry.get(sender_id, 0) <= self._clock():
            self.forget(sender_id)
            return None
        return await super()._retrieve(sender_id, fetch_all_sessions)

    def forget(self, sender_id: str) -> bool:
        """Erase one conversation at once; tell whether there was one."""
        self._expiry.pop(sender_id, None)
        return self.store.pop(sender_id, None) is not None

    def sweep(self) -> None:
        """Erase every conversation whose delay is over."""
        now = self._clock()
        self._next_sweep = now + SWEEP_EVERY_S
        for sender_id in [sender for sender, expiry in self._expiry.items() if expiry <= now]:
            self.forget(sender_id)


def serialise(tracker: DialogueStateTracker) -> str:
    """The conversation as JSON text: masked, without rankings nor the orientation already sent."""
    dialogue = tracker.as_dialogue().as_dict()
    dialogue["events"] = [_lightened(event) for event in dialogue["events"]]
    return json.dumps(dialogue)


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
