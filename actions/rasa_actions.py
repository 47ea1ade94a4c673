"""The custom actions that Rasa calls. Thin: read the slots, take one step, write slots and messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import cache

from pydantic_core import to_json
from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, AllSlotsReset, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation, rendering, replies
from actions.composing import Before, before, compose
from actions.conversation import State, Turn
from actions.orientation import PARIS
from actions.rendering import Message
from actions.understanding import GUESS, feeling, from_parse
from data.database import Database, open_database

FORM = "situation_form"
FORM_SLOT = "fait"
# A slot that no action asks for: the form waits for its answer, and has nothing to say itself.
ASKED_SLOT = "fait_deja_demande"
REQUESTED = "requested_slot"
DANGER_SAID = "danger_dit"


@cache
def base() -> Database:
    """The base on disk, opened once and read-only."""
    return open_database()


def _channel(tracker: Tracker) -> str:
    return (tracker.latest_message.get("metadata") or {}).get("canal", "web")


def _now() -> datetime:
    return datetime.now(PARIS)


def _send(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    messages: Iterable[Message],
    after: Before | None = None,
) -> Before:
    """Send what `compose` makes of `messages`, and tell what was said then. `after`: what was said before them."""
    after = after or before(tracker.events)
    sent = []
    for message in compose(messages, after, _channel(tracker)):
        sent.append(message.texte)
        buttons = [{"title": button.texte, "payload": button.valeur} for button in message.boutons]
        extra = {
            "orientation": _sealed(message.orientation),
            "dispositif": message.dispositif,
            "alerte": message.alerte,
            "bref": message.bref,
            "incompris": message.incompris,
        }
        dispatcher.utter_message(text=message.texte, buttons=buttons, json_message=extra)
    return replace(after, now=(*after.now, *sent), ever=(*after.ever, *sent))


def _sealed(orientation: dict | None) -> str | None:
    """As one text, that the dialogue server carries without reading it and the door opens."""
    return None if orientation is None else to_json(orientation).decode()


def _changes(tracker: Tracker, state: State) -> list[dict]:
    """Slot events for what the step changed."""
    slots = state.as_slots()
    return [SlotSet(key, value) for key, value in slots.items() if tracker.get_slot(key) != value]


def _finish(dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> list[dict]:
    _send(dispatcher, tracker, turn.messages)
    return _changes(tracker, turn.state)


class ValidateSituationForm(Action):
    """Takes in the message, lets the rules engine choose the next question, and asks it.

    Asked here rather than by `AskFact`, which would cost one more call. Returns nothing when the message neither informs
    nor answers (a thank you, « pourquoi ? »): the form then steps aside, the rule for that act plays, and the form asks
    again.
    """

    def name(self) -> str:
        return f"validate_{FORM}"

    def run(self, dispatcher, tracker, domain):
        known, said = State.from_slots(tracker.slots), tracker.latest_message
        turn = conversation.hear(base(), known, said)
        if turn is None:
            return []
        heard = replies.acknowledge(base(), known, turn.state, said, _channel(tracker))
        said_now = _send(dispatcher, tracker, (*heard, *turn.messages))
        at = _now()
        state = conversation.decide(base(), turn.state, at)
        if state.question:
            asked = conversation.ask(base(), state, _channel(tracker), at)
            _send(dispatcher, tracker, asked.messages, said_now)
            state = asked.state
        wanted = ASKED_SLOT if state.question else None
        return [*_changes(tracker, state), SlotSet("incompris", False), SlotSet(REQUESTED, wanted)]


class AskFact(Action):
    """Shows what is already settled, then asks the question under way again, after a digression."""

    def name(self) -> str:
        return f"action_ask_{FORM}_{FORM_SLOT}"

    def run(self, dispatcher, tracker, domain):
        at, canal = _now(), _channel(tracker)
        # After a digression no validation ran: the question may have been asked often enough.
        state = conversation.decide(base(), State.from_slots(tracker.slots), at)
        if state.question is None:
            events = _finish(dispatcher, tracker, conversation.conclude(base(), state, canal, at))
            return [*events, ActiveLoop(None), SlotSet(REQUESTED, None)]
        return _finish(dispatcher, tracker, conversation.ask(base(), state, canal, at))


class Conclude(Action):
    """Shows the results when no question is left."""

    def name(self) -> str:
        return "action_orienter"

    def run(self, dispatcher, tracker, domain):
        state = State.from_slots(tracker.slots)
        return _finish(dispatcher, tracker, conversation.conclude(base(), state, _channel(tracker), _now()))


class Danger(Action):
    """Answers a danger at once with the number to call; keeps what was said beside it."""

    def name(self) -> str:
        return "action_danger"

    def run(self, dispatcher, tracker, domain):
        alerts = from_parse(tracker.latest_message, base().base)["alertes"]
        state = conversation.keep(base(), State.from_slots(tracker.slots), tracker.latest_message)
        under_way = bool(state.question or state.besoins)
        _send(dispatcher, tracker, rendering.danger(base().base, alerts, under_way))
        return [*_changes(tracker, state), SlotSet(DANGER_SAID, True)]


class Welcome(Action):
    """Says hello and what Jalon can do."""

    def name(self) -> str:
        return "action_accueil"

    def run(self, dispatcher, tracker, domain):
        _send(dispatcher, tracker, [rendering.welcome(base().base)])
        return []


class Reply(Action):
    """Answers an act that needs no rule and no place: a thank you, a goodbye, an insult, a feeling."""

    def name(self) -> str:
        return "action_repondre"

    def run(self, dispatcher, tracker, domain):
        state = State.from_slots(tracker.slots)
        act = feeling(tracker.latest_message) or tracker.latest_message["intent"]["name"]
        _send(dispatcher, tracker, [replies.reply(base().base, act, state.besoins, state.faits)])
        return []


class Why(Action):
    """Says why the question under way is asked."""

    def name(self) -> str:
        return "action_pourquoi"

    def run(self, dispatcher, tracker, domain):
        state = State.from_slots(tracker.slots)
        if state.question:
            said = rendering.why(base().base, state.question.fait)
        else:
            said = replies.reply(base().base, "pourquoi", state.besoins, state.faits)
        _send(dispatcher, tracker, [said])
        return []


class Human(Action):
    """Gives the way to a person."""

    def name(self) -> str:
        return "action_humain"

    def run(self, dispatcher, tracker, domain):
        state = State.from_slots(tracker.slots)
        _send(dispatcher, tracker, [rendering.human(base().base, state.besoins, state.faits)])
        return []


class Restart(Action):
    """Forgets everything said in this conversation and starts again."""

    def name(self) -> str:
        return "action_recommencer"

    def run(self, dispatcher, tracker, domain):
        _send(dispatcher, tracker, [rendering.say("recommence"), rendering.welcome(base().base)])
        return [AllSlotsReset(), ActiveLoop(None)]


class NotUnderstood(Action):
    """Says so, offers two guesses; the second time in a row, a person."""

    def name(self) -> str:
        return "action_pas_compris"

    def run(self, dispatcher, tracker, domain):
        again = bool(tracker.get_slot("incompris"))
        state = State.from_slots(tracker.slots)
        if again:
            messages = [
                rendering.say("pas_compris_encore"),
                rendering.human(base().base, state.besoins, state.faits),
            ]
        else:
            # After a danger the conversation stays between the person and who can help.
            reviewable = not tracker.get_slot(DANGER_SAID)
            messages = [replace(rendering.say("pas_compris"), incompris=reviewable)]
            if not tracker.active_loop_name:
                messages.append(rendering.guesses(base().base, _guesses(tracker)))
        _send(dispatcher, tracker, messages)
        return [SlotSet("incompris", not again)]


def _guesses(tracker: Tracker) -> list[str]:
    """The needs that the NLU finds most likely, though not enough to act on them."""
    entities = tracker.latest_message.get("entities", [])
    return [entity["value"] for entity in entities if entity["entity"] == GUESS]


class Repeat(Action):
    """Says the results again; when a question is under way, the form asks it again in full."""

    def name(self) -> str:
        return "action_repeter"

    def run(self, dispatcher, tracker, domain):
        state = State.from_slots(tracker.slots)
        if tracker.active_loop_name:
            return []
        if not state.besoins:
            _send(dispatcher, tracker, [rendering.welcome(base().base)])
            return []
        fresh = State(state.faits, state.besoins, state.ecartes)
        return _finish(dispatcher, tracker, conversation.conclude(base(), fresh, _channel(tracker), _now()))
