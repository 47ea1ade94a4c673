"""What Jalon adds to Rasa 3.6: patches, forgetful store, loopback channel, checked model."""

from __future__ import annotations

import ast
import asyncio
import importlib
import json
import tempfile
import time
import unittest
from abc import ABCMeta
from pathlib import Path
from unittest import mock

import aiohttp
import numpy
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.actions.forms import FormAction
from rasa.core.agent import Agent
from rasa.engine.graph import GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.constants import REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    BotUttered,
    Event,
    Restarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.common import all_subclasses

from assistant import channel, masking, patches, quick_json, server, spared
from assistant.relay import RelayShelf
from assistant.shelves import MemoryShelf
from assistant.tracker_store import ForgetfulTrackerStore
from data.city import KEY_VARIABLE

MINUTE = 60
original_validate = RemoteAction._validate_action_result


def resolve(name: str) -> object:
    """The object of a dotted name: the longest importable module, then attributes."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[cut:]:
            found = getattr(found, attribute)
        return found
    raise ModuleNotFoundError(name)


class Patches(unittest.TestCase):
    def test_every_patched_name_still_exists_in_rasa(self):
        for name in patches.PATCHES:
            with self.subTest(name):
                resolve(name)

    def test_the_cached_validator_judges_as_rasa_does(self):
        answers = [
            {"events": [], "responses": []},
            {"events": [{"event": "slot", "name": "faits", "value": {}}], "responses": [{"text": "a"}]},
            {"events": [{"event": "slot", "value": 1}], "responses": []},
            {"events": [{"event": "inconnu"}], "responses": []},
            {"events": [{"event": "user", "parse_data": {"intent": 3}}], "responses": []},
            {"events": [{"event": "bot", "timestamp": "hier"}], "responses": []},
            {"events": [{}], "responses": []},
            {"events": ["slot"], "responses": []},
            {"events": [{"event": "reset_slots"}, {"event": "active_loop", "name": None}], "responses": []},
            {"events": "x"},
            {"responses": ["texte"]},
        ]
        action = RemoteAction("action_x", None)
        verdicts = []
        for answer in answers:
            with self.subTest(answer):
                verdict = self._accepts(original_validate, action, answer)
                self.assertEqual(self._accepts(patches._validate_action_result, action, answer), verdict)
                verdicts.append(verdict)
        self.assertIn(True, verdicts)
        self.assertIn(False, verdicts)

    @staticmethod
    def _accepts(validate, action, answer) -> bool:
        try:
            return bool(validate(action, answer))
        except ValidationError:
            return False

    def test_events_are_recognised_as_rasa_does(self):
        for name in ("user", "bot", "slot", "action", "active_loop", "session_started"):
            with self.subTest(name):
                self.assertIs(patches._resolve_by_type(name), patches._original_resolve(name))
        with self.assertRaises(ValueError):
            patches._resolve_by_type("inconnu")

    def test_the_domain_is_sent_once_and_again_when_the_action_server_forgot_it(self):
        sent = []

        class ActionServer:
            """Answers 449, as rasa-sdk does, to a digest it does not know."""

            url, kwargs, known = "http://nowhere", {"enable_selective_domain": True}, set()

            async def request(self, json, **_):
                sent.append("domain" in json)
                if "domain" in json:
                    self.known.add(json["domain_digest"])
                elif json["domain_digest"] not in self.known:
                    raise patches.action.ClientResponseError(449, "Unknown", "{}")
                return {"events": [], "responses": []}

        patches.apply()
        endpoint = ActionServer()
        action = RemoteAction("action_x", endpoint)

        def call():
            tracker = DialogueStateTracker("a", [])
            return asyncio.run(action.run(None, None, tracker, Domain.empty()))

        call(), call()
        endpoint.known.clear()  # restarted
        call(), call()
        self.assertEqual(sent, [True, False, False, True, False])

    def test_an_action_receives_this_turn_what_was_said_before_and_no_orientation(self):
        tracker = DialogueStateTracker("a", [AnySlot("faits", mappings=[{}], influence_conversation=False)])
        tracker.update(UserUttered("premier", {"name": "x"}))
        tracker.update(BotUttered("ancien"))
        tracker.update(UserUttered("second", {"name": "x"}, input_channel="sms"))
        tracker.update(SlotSet("faits", {"age": 47}))
        tracker.update(BotUttered("voici", {"buttons": [{"title": "A"}], "custom": {"orientation": "{}"}}))
        sent = patches._action_call_format(RemoteAction("action_x", None), tracker, Domain.empty())["tracker"]
        self.assertEqual([event["event"] for event in sent["events"]], ["user", "bot", "user", "slot", "bot"])
        self.assertEqual(sent["events"][:2], [{"event": "user"}, {"event": "bot", "text": "ancien"}])
        self.assertEqual(sent["events"][4]["data"]["buttons"], [{"title": "A"}])
        self.assertIsNone(sent["events"][4]["data"]["custom"])
        self.assertEqual(sent["slots"]["faits"], {"age": 47})
        self.assertEqual(sent["latest_message"]["text"], "second")
        self.assertEqual(sent["latest_input_channel"], "sms")
        self.assertEqual(tracker.events[-1].data["custom"], {"orientation": "{}"})

    def test_words_of_the_person_are_not_told_again_and_bubbles_have_an_end(self):
        tracker = DialogueStateTracker("a", [])
        for number in range(patches.MOST_BUBBLES + 5):
            tracker.update(UserUttered(f"secret {number}", {"name": "x"}))
            tracker.update(BotUttered(f"bulle {number}"))
        tracker.update(UserUttered("dernier", {"name": "x"}))
        told = patches.words_before(tracker)
        self.assertNotIn("secret", json.dumps(told))
        self.assertEqual(sum(event["event"] == "bot" for event in told), patches.MOST_BUBBLES)
        self.assertEqual(told[-2:], [{"event": "user"}, {"event": "bot", "text": told[-1]["text"]}])

    def test_other_errors_of_an_action_are_not_retried(self):
        calls = []

        class Broken:
            url, kwargs = "http://nowhere", {}

            async def request(self, **_):
                calls.append(1)
                raise patches.action.ClientResponseError(500, "Error", "{}")

        patches.apply()
        action = RemoteAction("action_x", Broken())
        with self.assertRaises(patches.ActionFailed):
            asyncio.run(action.run(None, None, DialogueStateTracker("a", []), Domain.empty()))
        self.assertEqual(calls, [1])


class Spared(unittest.TestCase):
    """What is no longer done changes nothing: each function gives what Rasa's own gives."""

    @staticmethod
    def _conversation() -> DialogueStateTracker:
        slots = [
            AnySlot(name, mappings=[{}], influence_conversation=False) for name in ("faits", REQUESTED_SLOT)
        ]
        tracker = DialogueStateTracker("a", slots)
        tracker.model_id = "modele"
        for event in (
            ActionExecuted("action_listen"),
            UserUttered("je dors dehors", {"name": "informer"}, [{"entity": "lieu", "value": "x"}]),
            ActiveLoop("situation_form"),
            ActionExecuted("situation_form"),
            SlotSet("faits", {"age": 47}),
            BotUttered("Où êtes-vous ?"),
            SlotSet(REQUESTED_SLOT, "fait"),
            ActionExecuted("action_listen"),
            UserUttered("merci", {"name": "merci"}),
            ActionExecutionRejected("situation_form"),
        ):
            tracker.update(event)
        return tracker

    @staticmethod
    def _state(tracker: DialogueStateTracker) -> dict:
        told = {**vars(tracker), "slots": tracker.current_slot_values(), "events": list(tracker.events)}
        return {**told, "active_loop": tracker.active_loop and vars(tracker.active_loop)}

    def test_a_copied_conversation_is_the_one_that_rasa_plays_again(self):
        tracker = self._conversation()
        copied, replayed = spared._copy(tracker), tracker.travel_back_in_time(float("inf"))
        self.assertEqual(self._state(copied), self._state(replayed))
        copied.update(SlotSet("faits", {}))
        copied.update(ActionExecuted("situation_form"))
        self.assertEqual(self._state(tracker), self._state(self._conversation_of(tracker)))
        self.assertEqual(tracker.get_slot("faits"), {"age": 47})
        self.assertTrue(tracker.active_loop.rejected)

    @staticmethod
    def _conversation_of(tracker: DialogueStateTracker) -> DialogueStateTracker:
        again = tracker.travel_back_in_time(float("inf"))
        again.model_id = tracker.model_id
        return again

    def test_the_events_that_count_are_those_that_rasa_finds_whatever_comes(self):
        tracker = self._conversation()
        for event in (
            ActionExecuted("situation_form"),
            ActionExecuted("action_listen"),
            UserUttered("encore"),
            ActionExecuted("situation_form"),
            UserUtteranceReverted(),
            Restarted(),
            UserUttered("bonjour"),
        ):
            wanted = spared._original_applied_events(tracker)
            self.assertEqual(spared._applied_events(tracker), wanted)
            spared._applied_events(tracker).clear()  # whoever asks may change what was given
            self.assertEqual(spared._applied_events(tracker), wanted)
            twin = spared._copy(tracker)
            twin.update(ActionExecuted("autre"))
            self.assertEqual(spared._applied_events(twin), spared._original_applied_events(twin))
            tracker.update(event)
        self.assertEqual([event.text for event in spared._applied_events(tracker)], ["bonjour"])

    def test_events_are_of_the_kinds_that_abc_says(self):
        patches.apply()
        kinds = [Event, *all_subclasses(Event)]
        for event in self._conversation().events:
            for kind in kinds:
                self.assertEqual(isinstance(event, kind), kind in type(event).__mro__)
            self.assertNotIsInstance("", type(event))
        self.assertNotIn(ABCMeta, map(type, kinds))
        with self.assertRaises(TypeError):
            Event()  # still abstract

    def test_the_tracker_of_a_form_is_the_one_that_rasa_makes(self):
        domain = Domain.from_dict({"slots": {"faits": {"type": "any", "mappings": [{"type": "custom"}]}}})
        tracker = DialogueStateTracker.from_events("a", self._conversation().events, domain.slots)
        form, added = FormAction("situation_form", None), [SlotSet("faits", {"age": 3}), BotUttered("bien")]
        ours = spared._temporary_tracker(form, tracker, added, domain)
        theirs = spared._original_temporary_tracker(form, tracker, added, domain)
        ours_told, theirs_told = self._state(ours), self._state(theirs)
        for told in (ours_told, theirs_told):  # made a moment apart
            told["events"] = [event.as_dict() | {"timestamp": 0} for event in told["events"]]
        self.assertEqual(ours_told, theirs_told)
        self.assertEqual(ours.get_slot("faits"), {"age": 3})

    def test_nodes_are_run_in_order_with_what_they_need(self):
        class Node:
            def __init__(self, name, function):
                self.name, self.function = name, function

            def __call__(self, *inputs):
                return self.name, self.function(*(value for _, value in inputs))

        def node(**needs):
            return SchemaNode(needs, GraphComponent, "create", "run", {})

        runner = object.__new__(DaskGraphRunner)
        runner._execution_context = None
        runner._graph_schema = GraphSchema(
            {
                "d": node(x="c", y="a"),
                "c": node(x="b"),
                "a": node(),
                "b": node(x="__message__"),
                "apart": node(),
            }
        )
        functions = {"a": lambda: 2, "b": lambda x: x + 1, "c": lambda x: 10 * x, "d": lambda x, y: x - y}
        functions["apart"] = lambda: self.fail("nobody needs it")
        runner._instantiated_nodes = {name: Node(name, function) for name, function in functions.items()}
        for asked in (["d"], ["a", "c"], ["d"]):
            given = {"__message__": 4}
            theirs = spared.original_run(runner, dict(given), list(asked))
            self.assertEqual(spared._run(runner, given, asked), theirs)
        self.assertEqual(theirs, {"d": 48})

    def test_copies_are_made_for_debug_lines_alone(self):
        for module in spared.QUIET_MODULES:
            tree = ast.parse(Path(module.__file__).read_text("utf-8"))
            debug = [node for node in ast.walk(tree) if ast.unparse(node).startswith("structlogger.debug(")]
            quiet = {id(inside) for node in debug for inside in ast.walk(node)}
            uses = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "copy"]
            with self.subTest(module.__name__):
                self.assertTrue(uses)
                self.assertEqual([node.lineno for node in uses if id(node) not in quiet], [])

    def test_rules_are_looked_for_by_words_when_one_could_match(self):
        def lookup(*states):
            return {"rules": {json.dumps(list(states)): "action_x"}}

        listens = {"prev_action": {"action_name": "action_listen"}}
        by_intent = {**listens, "user": {"intent": "salut"}}
        self.assertFalse(spared.may_match_words(lookup(by_intent)))
        self.assertFalse(
            spared.may_match_words(lookup(by_intent, {"prev_action": {"action_name": "action_x"}}))
        )
        self.assertTrue(spared.may_match_words(lookup({**listens, "user": {"text": "bonjour"}})))
        self.assertTrue(spared.may_match_words(lookup(listens)))
        self.assertTrue(spared.may_match_words(lookup({"user": {"text": "a"}}, by_intent)))

    def test_quick_json_reads_as_the_standard_one(self):
        for value in ({"é": "a/b\n«»👍", "n": [1, 0.1 + 0.2, None, True]}, 10**40, {"x": numpy.float32(0.5)}):
            wanted = json.loads(json.dumps(value, default=float))
            self.assertEqual(json.loads(quick_json.dumps(value)), wanted)
            for text in (quick_json.dumps(value), json.dumps(value, default=float)):
                self.assertEqual(quick_json.loads(text), wanted)
        with self.assertRaises(ValueError):
            quick_json.loads('{"a": ')


class Masking(unittest.TestCase):
    def test_what_identifies_is_hidden_and_offsets_do_not_move(self):
        for text, hidden in [
            ("appelez moi au 06 12 34 56 78 merci", "06 12 34 56 78"),
            ("mon tel 0612345678", "0612345678"),
            ("06.12.34.56.78", "06.12.34.56.78"),
            ("06-12-34-56-78 svp", "06-12-34-56-78"),
            ("+33 6 12 34 56 78", "+33 6 12 34 56 78"),
            ("+33612345678.", "+33612345678"),
            ("00 33 6 12 34 56 78", "00 33 6 12 34 56 78"),
            ("secu 2 85 05 78 006 084 36 ok", "2 85 05 78 006 084 36"),
            ("285057800608436", "285057800608436"),
            ("1 85 05 2A 006 084 36", "1 85 05 2A 006 084 36"),
            ("jean.dupont+aide@exemple.fr est mon mail", "jean.dupont+aide@exemple.fr"),
        ]:
            with self.subTest(text):
                masked = masking.mask(text)
                self.assertEqual(masked, text.replace(hidden, masking.MASK * len(hidden)))

    def test_what_the_rules_need_is_kept(self):
        for text in (
            "j'ai 47 ans",
            "1 200 euros de dette",
            "75018",
            "depuis 3 mois, 2 enfants",
            "le 115 ou le 3919",
        ):
            with self.subTest(text):
                self.assertEqual(masking.mask(text), text)


class Store(unittest.TestCase):
    def setUp(self):
        self.now = 0.0
        self.domain = Domain.empty()
        self.shelf = MemoryShelf(clock=lambda: self.now)
        self.store = ForgetfulTrackerStore(
            self.domain, idle_minutes={"sms": 24 * 60}, default_idle_minutes=30, shelf=self.shelf
        )

    def tracker(self, sender="a", text="bonjour", channel="web"):
        tracker = DialogueStateTracker(
            sender, [AnySlot("faits", mappings=[{}], influence_conversation=False)]
        )
        entities = [{"entity": "lieu", "value": text, "start": 0, "end": len(text)}]
        parse = {"intent_ranking": [{"name": "salut", "confidence": 1.0}], "text": text, "entities": entities}
        tracker.update(UserUttered(text, {"name": "salut"}, entities, parse, input_channel=channel))
        tracker.update(SlotSet("faits", {"lieu": text}))
        tracker.update(
            BotUttered("Voici.", {"buttons": [{"title": "Oui", "payload": "/oui"}], "custom": {"o": 1}})
        )
        return tracker

    def save(self, *args, **kwargs):
        asyncio.run(self.store.save(self.tracker(*args, **kwargs)))

    def retrieve(self, sender="a"):
        return asyncio.run(self.store.retrieve(sender))

    def test_a_web_conversation_lives_30_minutes_and_an_sms_one_24_hours(self):
        self.save("web", channel="web")
        self.save("sms", channel="sms")
        self.now = 29 * MINUTE
        self.assertIsNotNone(self.retrieve("web"))
        self.now = 31 * MINUTE
        self.assertIsNone(self.retrieve("web"))
        self.now = 23 * 60 * MINUTE
        self.assertIsNotNone(self.retrieve("sms"))
        self.now = 25 * 60 * MINUTE
        self.assertIsNone(self.retrieve("sms"))

    def test_each_message_starts_the_delay_again(self):
        self.save()
        self.now = 20 * MINUTE
        self.save()
        self.now = 45 * MINUTE
        self.assertIsNotNone(self.retrieve())

    def test_what_was_read_again_and_saved_starts_its_delay_again(self):
        self.save()
        self.now = 29 * MINUTE
        asyncio.run(self.store.save(self.retrieve()))
        self.now = 58 * MINUTE
        self.assertIsNotNone(self.retrieve())

    def test_conversations_that_nobody_comes_back_to_are_erased_from_memory(self):
        for number in range(50):
            self.save(f"p{number}")
        self.now = 40 * MINUTE
        self.save("late")
        asyncio.run(self.store.sweep())
        self.assertEqual(list(self.shelf.kept), ["late"])

    def test_a_server_that_nobody_writes_to_erases_too(self):
        async def a_moment() -> None:
            sweeping = asyncio.create_task(server._sweep_regularly(self.shelf))
            await asyncio.sleep(0.01)
            sweeping.cancel()

        self.save()
        self.now = 40 * MINUTE
        asyncio.run(a_moment())
        self.assertEqual(self.shelf.kept, {})

    def test_nothing_that_identifies_is_kept(self):
        self.save(text="je suis au 06 12 34 56 78 a@b.fr")
        _, kept = self.shelf.kept["a"]
        self.assertNotIn("06 12", kept)
        self.assertNotIn("a@b.fr", kept)
        self.assertTrue(self.retrieve().latest_message.text.startswith("je suis au •"))

    def test_rankings_and_orientations_are_not_kept_but_buttons_are(self):
        self.save()
        kept = json.loads(self.shelf.kept["a"][1])
        user = next(event for event in kept["events"] if event["event"] == "user")
        self.assertNotIn("intent_ranking", user["parse_data"])
        bot = next(event for event in kept["events"] if event["event"] == "bot")
        self.assertIsNone(bot["data"]["custom"])
        self.assertEqual(channel.offered_buttons(self.retrieve()), {"/oui"})

    def test_the_turn_under_way_still_sees_the_words_that_were_said(self):
        tracker = self.tracker(text="06 12 34 56 78")
        asyncio.run(self.store.save(tracker))
        self.assertEqual(tracker.latest_message.text, "06 12 34 56 78")

    def test_a_conversation_can_be_erased(self):
        self.save()
        self.assertTrue(asyncio.run(self.store.forget("a")))
        self.assertFalse(asyncio.run(self.store.forget("a")))
        self.assertIsNone(self.retrieve())

    def test_a_store_that_fails_is_neither_silent_nor_replaced_by_one_that_keeps_words_in_clear(self):
        class Broken(MemoryShelf):
            async def get(self, key):
                raise ConnectionError

            put = get

        patches.apply()
        agent = Agent(domain=self.domain, tracker_store=ForgetfulTrackerStore(self.domain, shelf=Broken()))
        for call in (agent.tracker_store.retrieve("a"), agent.tracker_store.get_or_create_tracker("a")):
            with self.assertRaises(ConnectionError):
                asyncio.run(call)


class Relay(unittest.TestCase):
    """A server that replaces another, reduced to two shelves."""

    def setUp(self):
        self.former, asked = MemoryShelf(), []
        self.asked = asked
        former = self.former

        class Direct(RelayShelf):
            async def _ask(self, method, path):
                asked.append(path)
                await asyncio.sleep(0.01)
                if method == "GET":
                    return {"conversations": former.names()}
                text, seconds = former.give(path[1:]) or (None, 0)
                return {"texte": text, "secondes": seconds}

        self.new = Direct("http://127.0.0.1:9", {})

    def test_a_conversation_is_taken_once_whoever_asks_at_the_same_time(self):
        async def two() -> list:
            await self.former.put("a", "dialogue", 60)
            return await asyncio.gather(self.new.get("a"), self.new.get("a"), self.new.get("b"))

        self.assertEqual(asyncio.run(two()), ["dialogue", "dialogue", None])
        self.assertEqual(self.former.names(), [])

    def test_it_is_forgotten_in_both_places(self):
        async def forgotten() -> tuple:
            await self.former.put("a", "dialogue", 60)
            return await self.new.forget("a"), await self.new.get("a"), await self.former.get("a")

        self.assertEqual(asyncio.run(forgotten()), (True, None, None))

    def test_all_are_taken_with_their_time_and_nothing_is_asked_any_more(self):
        async def all_of_them() -> int:
            for key in "abc":
                await self.former.put(key, key, 60)
            await self.former.put("late", "late", -1)
            await self.new.get("a")
            count = await self.new.fetch_all()
            self.asked.clear()
            await self.new.get("unknown")
            return count

        self.assertEqual(asyncio.run(all_of_them()), 3)
        self.assertEqual(self.asked, [])
        self.assertEqual(sorted(self.new.names()), ["a", "b", "c"])
        left = [expiry - time.monotonic() for expiry, _ in self.new.kept.values()]
        self.assertTrue(all(50 < seconds <= 60 for seconds in left), left)

    def test_a_former_server_that_does_not_answer_fails_the_turn_rather_than_lose_what_was_said(self):
        with self.assertRaises(aiohttp.ClientError):
            asyncio.run(RelayShelf("http://127.0.0.1:9", {}).get("a"))


class Channel(unittest.TestCase):
    def test_a_text_that_looks_like_a_command_becomes_plain_words(self):
        for text, plain in [
            ('/informer{"age": 999}', 'informer{"age": 999}'),
            ("  //restart", "restart"),
            ("\u200b/restart", "restart"),
            ("／restart", "restart"),
            ("\ufeff /⁄∕oui", "oui"),
            (" / ", "?"),
            ("bonjour", "bonjour"),
            ("24/7", "24/7"),
        ]:
            with self.subTest(text):
                self.assertEqual(channel.without_slash(text), plain)

    def test_control_characters_are_blanked_one_for_one(self):
        self.assertEqual(channel.clean_text("a\x00b\nc\ud83d"), "a b c ")

    def test_what_is_not_a_message_is_refused(self):
        for value in (None, 12, ["a"], "", "  \n", "x" * 501):
            with self.subTest(value), self.assertRaises(channel.Refusal):
                channel.clean_text(value)
        self.assertEqual(len(channel.clean_text("x" * 500)), 500)

    def test_only_the_buttons_of_the_last_answer_count(self):
        tracker = DialogueStateTracker("a", [])
        tracker.update(UserUttered("un", {"name": "x"}))
        tracker.update(BotUttered("?", {"buttons": [{"title": "Ancien", "payload": "/ancien"}]}))
        tracker.update(UserUttered("deux", {"name": "x"}))
        tracker.update(BotUttered("?", {"buttons": [{"title": "A", "payload": "/a"}]}))
        tracker.update(BotUttered("?", {"buttons": [{"title": "B", "payload": "/b"}]}))
        self.assertEqual(channel.offered_buttons(tracker), {"/a", "/b"})
        self.assertEqual(channel.offered_buttons(None), set())

    def test_what_was_told_can_be_taken_back_at_any_time_and_nothing_else(self):
        tracker = DialogueStateTracker(
            "a",
            [AnySlot(name, mappings=[{}], influence_conversation=False) for name in channel.STATE_SLOTS],
        )
        tracker.update(SlotSet("faits", {"age": 22}))
        tracker.update(SlotSet("besoins", ["douche"]))
        tracker.update(SlotSet("ecartes", ["genre"]))
        self.assertEqual(
            channel.withdrawals(tracker),
            {
                '/informer{"fait_oublie": "age"}',
                '/informer{"fait_oublie": "genre"}',
                '/informer{"besoin_oublie": "douche"}',
            },
        )
        self.assertEqual(channel.withdrawals(None), set())

    def test_the_channel_does_not_open_without_a_secret(self):
        for key in ("", "court"):
            with (
                self.subTest(key),
                mock.patch.dict("os.environ", {KEY_VARIABLE: key}),
                self.assertRaises(SystemExit),
            ):
                channel.JalonChannel.from_credentials({})


class Model(unittest.TestCase):
    def test_only_the_model_trained_here_is_loaded(self):
        with tempfile.TemporaryDirectory() as folder:
            manifest, model = Path(folder, "modele.json"), Path(folder, "modele-1.tar.gz")
            with self.assertRaises(server.ModelError):
                server.read_model(manifest)
            model.write_bytes(b"appris ici")
            manifest.write_text(json.dumps({"fichier": model.name, "sha256": server.sha256(model)}))
            self.assertEqual(server.read_model(manifest), model)
            model.write_bytes(b"venu d'ailleurs")
            with self.assertRaises(server.ModelError):
                server.read_model(manifest)


if __name__ == "__main__":
    unittest.main()
