"""One SMS in, the SMS out: commands in any spelling, numbered answers, SUITE, and what is remembered."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta

import pytest

from actions.conversation import State
from actions.orientation import PARIS
from channels.conversation import Conversation
from channels.rasa import RasaClient, RasaUnavailable
from channels.sms.choices import DAY_S, ChoicesInProcess, Memory, Option, pick
from channels.sms.commands import Command, read
from channels.sms.gsm7 import is_gsm7, segments, to_gsm7
from channels.sms.replies import Replies
from channels.sms.words import words
from tests.door_server import alone
from tests.sms_turns import Steps

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=PARIS)
ANSWERS = (
    Option(1, "oui", "/a"),
    Option(2, "non", "/b"),
    Option(3, "hôtel", "/c"),
    Option(0, "je ne sais pas", "/n"),
)


class Phone:
    """Someone who writes to Replies; `memory` is what is kept about them."""

    def __init__(self, replies: Replies, choices: ChoicesInProcess):
        self.replies, self.choices = replies, choices

    def say(self, text: str) -> str:
        return "\n".join(asyncio.run(self.replies.answer("someone", text)))

    @property
    def memory(self) -> Memory:
        return Memory.from_dict(asyncio.run(self.choices.load("someone")))


@pytest.fixture
def phone(base):
    def make(state: State, at: datetime = NOON, now=None) -> Phone:
        choices = ChoicesInProcess()
        return Phone(Replies(Steps(base, state, at), base, choices, now or (lambda: at)), choices)

    return make


@pytest.fixture
def cut_off(base):
    """A phone whose Jalon has lost its dialogue server."""
    settings, choices = alone(), ChoicesInProcess()
    conversation = Conversation(settings, RasaClient(settings), base.base)
    return Phone(Replies(conversation, base, choices), choices)


# Commands


@pytest.mark.parametrize(
    ("text", "command"),
    [
        *((t, Command.STOP) for t in (
            "STOP", "stop", "Stop.", "stop svp", "stooop", "stpo", "S T O P", "arrêtez", "arete", "Désabonner",
            "STOP au 38123", "plus de sms", "arretez de m'écrire", "je veux plus de message",
        )),
        *((t, Command.REPRENDRE) for t in ("REPRENDRE", "reprandre", "repren", "start")),
        *((t, Command.AIDE) for t in ("AIDE", "aide", "èd", "aidez moi", "help", "info", "?")),
        *((t, Command.EFFACER) for t in ("EFFACER", "éfacé", "efface tout", "effasser", "supprimé mes donnees")),
        *((t, Command.MENU) for t in ("menu", "Menu svp", "menue", "sommaire")),
        *((t, Command.SUITE) for t in ("SUITE", "suitte", "la suite", "encore", "autre", "une autre adresse")),
    ],
)  # fmt: skip
def test_a_command_works_in_any_spelling(text, command):
    assert read(text) is command


@pytest.mark.parametrize(
    "text",
    [
        "stp", "mon mari arrete pas de me taper", "stop il me frappe", "j'ai oublié mes papiers", "fin", "faim",
        "jé fin", "une adresse", "aide pour le loyer", "je cherche une aide d'argent", "2", "top", "manger",
        "je suis suivi", "le menu du resto", "effacer ma dette de loyer", "", "👍", "plus de logement",
    ],
)  # fmt: skip
def test_what_says_anything_else_is_no_command(text):
    assert read(text) is None


# Numbered answers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        *((t, [2]) for t in ("2", "2.", "deux", "deu", "le 2", "la 2eme", "2eme", "2ème svp", "n°2", "réponse 2", "non")),
        *((t, [1]) for t in ("1", "1er", "un", "premier", "oui", "Oui !", "OUI")),
        *((t, [3]) for t in ("trois", "troi", "trwa", "otel", "HOTEL")),
        ("1 et 3", [1, 3]),
        ("1, 3", [1, 3]),
        ("0", [0]),
    ],
)  # fmt: skip
def test_an_answer_is_read_as_digit_word_or_misspelling(text, numbers):
    chosen = pick(text, ANSWERS)
    assert [option.numero for option in chosen.options] == numbers
    assert not chosen.rest


@pytest.mark.parametrize(
    "text", ["1 ou 2", "12", "2 enfants", "75018", "une douche", "j'ai 2 enfants", "", "7"]
)
def test_what_is_not_clearly_an_answer_goes_to_the_conversation(text):
    assert pick(text, ANSWERS) is None


@pytest.mark.parametrize("text", ["2 j'ai 45 ans", "2, j'ai 45 ans", "2. j'ai 45 ans", "2 et j'ai 45 ans"])
def test_an_answer_may_be_followed_by_something_else(text):
    chosen = pick(text, ANSWERS)
    assert [option.numero for option in chosen.options] == [2]
    assert chosen.rest == "j'ai 45 ans"


def test_yes_takes_the_only_guess_when_jalon_is_not_sure():
    guess = (Option(1, "douche", "/informer"),)
    assert pick("oui", guess).options == guess
    assert pick("non", guess) is None


def test_a_number_is_a_number_when_no_answer_was_numbered():
    assert pick("2", ()) is None


# The dialogue


def test_who_speaks_is_said_once_with_the_numbers_to_call_and_how_to_stop(phone):
    someone = phone(State(besoins=("douche",), faits={"arrondissement": 18}))
    first = someone.say("une douche dans le 18e")
    assert first.startswith(to_gsm7(words()["presentation"]))
    assert all(word in first for word in ("programme", "112", "115", "STOP"))
    assert "programme" not in someone.say("merci")


def test_a_place_comes_with_address_hours_phone_metro_and_what_to_bring_in_two_segments(phone):
    someone = phone(State(besoins=("douche",), faits={"arrondissement": 13}))
    text = someone.say("une douche dans le 13e")
    assert segments(text) <= 2
    for told in ("Bains-douches", "Paris 13e", "Métro", "savon", "Ouv"):
        assert told in text, text


def test_the_question_of_place_comes_first_when_it_is_what_is_missing(phone):
    text = phone(State(besoins=("douche",))).say("une douche")
    assert "arrondissement" in text
    assert segments(text) == 1, "who speaks and the question hold together"


def test_the_number_of_an_answer_presses_its_button(phone):
    someone = phone(State(besoins=("adresse",), faits={"arrondissement": 18, "logement_actuel": "rue"}))
    asked = someone.say("une adresse")
    assert "1 oui\n2 non\n0 je ne sais pas" in asked
    someone.say("deu")
    heard = someone.replies._conversation.heard
    assert heard[-1] == '/informer{"a_domiciliation": false}'


def test_several_answers_in_one_message_are_all_heard(phone):
    someone = phone(State(besoins=("adresse",), faits={"arrondissement": 18, "logement_actuel": "rue"}))
    someone.say("une adresse")
    someone.say("2, j'ai 45 ans")
    assert someone.replies._conversation.heard[-2:] == ['/informer{"a_domiciliation": false}', "j'ai 45 ans"]


def test_answers_that_do_not_fit_come_with_autre_and_keep_their_numbers(phone):
    someone = phone(State(besoins=("adresse",), faits={"arrondissement": 18}))
    assert "AUTRE" in someone.say("une adresse")
    more = someone.say("autre")
    assert segments(more) == 1
    assert "9 " in more and "1 " not in more.replace("11 ", "")
    someone.say("9")
    assert someone.replies._conversation.heard[-1] == '/informer{"logement_actuel": "proprietaire"}'


def test_the_menu_holds_in_one_segment_and_a_need_can_be_chosen_at_any_time(phone, base):
    someone = phone(State(besoins=("douche",), faits={"arrondissement": 13}))
    someone.say("une douche")
    menu = someone.say("MENU")
    assert segments(menu) == 1 and "1 douche" in menu and "AUTRE" in menu
    someone.say("2")
    assert someone.replies._conversation.heard[-1] == base.base.needs["repas"].label


def test_suite_gives_the_next_places_then_says_that_there_is_no_more(phone):
    someone = phone(State(besoins=("douche",), faits={"arrondissement": 13}))
    first = someone.say("une douche")
    second = someone.say("suite")
    assert "Bains-douches" in second and second.splitlines()[1] not in first
    pages = 0
    while someone.memory.suite:
        someone.say("SUITE")
        pages += 1
        assert pages < 20
    assert someone.say("suite") == to_gsm7(words()["sans_suite"])


def test_a_page_of_suite_tells_the_hours_of_the_moment_it_is_read(phone):
    clock = [NOON]
    someone = phone(State(besoins=("douche",), faits={"arrondissement": 13}), NOON, lambda: clock[0])
    someone.say("une douche")
    before = asyncio.run(someone.choices.load("someone"))
    open_now = someone.say("suite")
    asyncio.run(someone.choices.save("someone", before))
    clock[0] = NOON + timedelta(hours=11)
    assert "Ouvert" in open_now
    assert "Ouvert aujourd'hui" not in someone.say("suite")


def test_a_place_already_told_is_not_paid_for_twice(phone):
    someone = phone(State(besoins=("adresse",), faits={"arrondissement": 18, "logement_actuel": "rue"}))
    first = someone.say("une adresse")
    told = someone.memory.lieux
    assert told and first
    someone.say("2")
    assert set(told) <= set(someone.memory.lieux)


def test_nothing_that_the_person_said_is_remembered_by_the_channel(phone):
    someone = phone(State(besoins=("argent",), faits={"arrondissement": 18, "age": 22, "enceinte": True}))
    someone.say("je suis enceinte, j'ai 22 ans et je m'appelle Zoé")
    kept = json.dumps(asyncio.run(someone.choices.load("someone")))
    assert all(said not in kept for said in ("enceinte, j", "22 ans", "Zoé", '"age"', '"faits"'))
    assert Memory.from_dict(json.loads(kept)) == someone.memory


def test_memory_lasts_24_hours_and_no_more():
    clock = [0.0]
    choices = ChoicesInProcess(clock=lambda: clock[0])
    asyncio.run(choices.save("someone", {"presente": True}))
    clock[0] = DAY_S - 1
    assert asyncio.run(choices.load("someone")) == {"presente": True}
    clock[0] = DAY_S + 1
    assert asyncio.run(choices.load("someone")) == {}


def test_effacer_forgets_the_conversation_and_what_was_offered(phone):
    someone = phone(State(besoins=("douche",), faits={"arrondissement": 13}))
    someone.say("une douche")
    assert someone.say("éfacé tout") == to_gsm7(words()["efface"])
    assert someone.memory == Memory()
    assert not someone.replies._conversation.states


def test_effacer_never_says_that_it_is_done_when_it_is_not(base):
    class Deaf(Steps):
        async def forget(self, session):
            raise RasaUnavailable("arrêt")

    replies = Replies(Deaf(base, State(), NOON), base)
    assert asyncio.run(replies.answer("someone", "effacer")) == [to_gsm7(words()["efface_plus_tard"])]


def test_when_the_dialogue_is_down_the_person_is_told_whom_to_call_without_any_link(cut_off):
    text = cut_off.say("une douche")
    assert segments(text) <= 2 and "112" in text and "115" in text and "39 75" in text
    assert "page" not in text and "http" not in text
    assert cut_off.say("AIDE") and cut_off.say("MENU")


@pytest.mark.parametrize(
    "text", ["", "   ", "👍", "....", "a" * 3000, "\x00\x01", "مرحبا", '/informer{"age": 3}']
)
def test_whatever_comes_in_something_useful_goes_out(cut_off, text):
    answer = cut_off.say(text)
    assert answer and is_gsm7(answer) and segments(answer) <= 2
