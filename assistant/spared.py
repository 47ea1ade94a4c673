"""Work that Rasa does at each turn and that changes nothing of the answer, done once or not at all.

Part of `assistant.patches`, which installs it. Each function below gives what Rasa's own gives (tests/dialogue_server
compares them).
"""

from __future__ import annotations

import copy
import json
from abc import ABCMeta
from collections import deque
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import rasa.core.actions.forms
import rasa.core.policies.rule_policy
import rasa.core.processor
from rasa.core.actions.forms import FormAction
from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.core.processor import MessageProcessor
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.constants import ACTION_LISTEN_NAME, PREVIOUS_ACTION, REQUESTED_SLOT, USER
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SlotSet
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT, TEXT
from rasa.shared.utils.common import all_subclasses

PATCHES = {
    "rasa.engine.runner.dask.DaskGraphRunner.run": "nodes called one after the other; Dask plans the same graph anew at each step",
    "rasa.engine.graph.GraphSchema.minimal_graph_schema": "what is to be run for a target, asked once",
    "rasa.core.processor.copy.deepcopy": "copies made for debug lines that nobody reads",
    "rasa.core.processor.MessageProcessor._log_slots": "the same",
    "rasa.core.policies.rule_policy.copy.deepcopy": "the same",
    "rasa.core.actions.forms.copy.deepcopy": "the same",
    "rasa.core.policies.rule_policy.RulePolicy._find_action_from_rules": "rules are looked for by words only if one holds words",
    "rasa.shared.core.trackers.DialogueStateTracker.copy": "the state copied; Rasa plays the whole conversation again",
    "rasa.core.actions.forms.FormAction._temporary_tracker": "the same",
    "rasa.shared.core.trackers.DialogueStateTracker.applied_events": "worked out again only when an event has come",
    "rasa.shared.core.events.Event": "the kind of an event told by its class alone, not by the registers of abc",
    "rasa.shared.core.slots.Slot.reset": "a slot copied by its attributes, not by pickling",
    "rasa.shared.core.domain.Domain.is_empty": "asked once, not at each message",
}
QUIET_MODULES = (rasa.core.processor, rasa.core.policies.rule_policy, rasa.core.actions.forms)


def apply() -> None:
    """Install them. Harmless when called twice."""
    DaskGraphRunner.run = _run
    DialogueStateTracker.copy = _copy
    DialogueStateTracker.applied_events = _applied_events
    for kind in (Event, *all_subclasses(Event)):
        if type(kind) is ABCMeta:
            kind.__class__ = _PlainKind
    FormAction._temporary_tracker = _temporary_tracker
    Slot.__copy__ = _copy_slot
    Domain.is_empty = _is_empty
    RulePolicy._find_action_from_rules = _find_action_from_rules
    MessageProcessor._log_slots = staticmethod(lambda tracker: None)
    for module in QUIET_MODULES:
        module.copy = SimpleNamespace(deepcopy=lambda value: value)


# --- The graph of components --------------------------------------------------------------------------------

original_run = DaskGraphRunner.run


def _run(
    self: DaskGraphRunner, inputs: dict | None = None, targets: list[str] | None = None
) -> dict[str, Any]:
    """The outputs of the nodes `targets`, each node run after those that it needs."""
    wanted = tuple(targets or self._graph_schema.target_names)
    orders = vars(self).setdefault("kept_orders", {})
    if wanted not in orders:
        orders[wanted] = _in_order(self._graph_schema.minimal_graph_schema(list(wanted)))
    done = {name: (name, value) for name, value in (inputs or {}).items()}
    try:
        for name, needs in orders[wanted]:
            # What is neither a node nor an input goes as a name, which the node tells of in the log.
            done[name] = self._instantiated_nodes[name](*(done.get(need, need) for need in needs))
    except RuntimeError as error:
        raise GraphRunError("Error running runner.") from error
    return {target: done[target][1] for target in wanted}


def _in_order(schema: GraphSchema) -> list[tuple[str, tuple[str, ...]]]:
    """(node, what it needs), each after what it needs."""
    ordered: dict[str, tuple[str, ...]] = {}

    def add(name: str) -> None:
        if name in schema.nodes and name not in ordered:
            needs = tuple(schema.nodes[name].needs.values())
            for need in needs:
                add(need)
            ordered[name] = needs

    for name in schema.nodes:
        add(name)
    return list(ordered.items())


# --- The rules ----------------------------------------------------------------------------------------------

_original_find = RulePolicy._find_action_from_rules


def _find_action_from_rules(
    self: RulePolicy, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
) -> tuple[str | None, str | None, bool]:
    """Rasa first looks for a rule by the words of the person, over the whole conversation, then by the intent."""
    if use_text_for_last_user_input:
        known = vars(self)
        if "kept_reads_words" not in known:
            known["kept_reads_words"] = may_match_words(self.lookup)
        if not known["kept_reads_words"]:
            return None, None, False
    return _original_find(self, tracker, domain, use_text_for_last_user_input)


def may_match_words(lookup: Mapping[str, Any]) -> bool:
    """Whether a rule could match a message by its words: it holds words, or needs no intent right after a message."""
    keys = (*lookup.get(RULES, ()), *lookup.get(RULES_FOR_LOOP_UNHAPPY_PATH, ()))
    for states in map(json.loads, keys):
        last = states[-1] if states else {}
        listens = last.get(PREVIOUS_ACTION, {}).get(ACTION_NAME) in (None, ACTION_LISTEN_NAME)
        if listens and INTENT not in last.get(USER, {}):
            return True
        if any(TEXT in state.get(USER, {}) for state in states):
            return True
    return False


# --- Conversations ------------------------------------------------------------------------------------------


def _copy(self: DialogueStateTracker) -> DialogueStateTracker:
    """Another tracker in the same state. Like Rasa's, it marks no model on its events."""
    twin = object.__new__(type(self))
    vars(twin).update(vars(self))
    twin.events = deque(self.events, self.events.maxlen)
    twin.slots = {name: copy.copy(slot) for name, slot in self.slots.items()}
    twin.active_loop = copy.copy(self.active_loop)
    twin.model_id = twin.assistant_id = twin.sender_source = None
    return twin


class _PlainKind(ABCMeta):
    """Of classes that nothing is registered under: an instance is what its class says."""

    __instancecheck__ = type.__instancecheck__


_original_applied_events = DialogueStateTracker.applied_events


def _applied_events(self: DialogueStateTracker) -> list[Event]:
    """Events are only ever added to a conversation: the same last one at the same rank, and none has come."""
    mark = len(self.events), self.events[-1] if self.events else None
    known = vars(self).get("kept_applied")
    if known is None or known[0][0] != mark[0] or known[0][1] is not mark[1]:
        known = vars(self)["kept_applied"] = mark, _original_applied_events(self)
    return list(known[1])


_original_temporary_tracker = FormAction._temporary_tracker


def _temporary_tracker(
    self: FormAction, current_tracker: DialogueStateTracker, additional_events: list[Event], domain: Domain
) -> DialogueStateTracker:
    if current_tracker.idx_after_latest_restart():
        return _original_temporary_tracker(self, current_tracker, additional_events, domain)
    twin = current_tracker.copy()
    requested = SlotSet(REQUESTED_SLOT, self.get_slot_to_fill(current_tracker))
    for event in (requested, ActionExecuted(self.name()), *additional_events):
        twin.update(event)
    return twin


def _copy_slot(self: Slot) -> Slot:
    twin = object.__new__(type(self))
    vars(twin).update(vars(self))
    return twin


# --- The domain ---------------------------------------------------------------------------------------------

_original_is_empty = Domain.is_empty


def _is_empty(self: Domain) -> bool:
    known = vars(self)
    if "kept_is_empty" not in known:
        known["kept_is_empty"] = _original_is_empty(self)
    return known["kept_is_empty"]
