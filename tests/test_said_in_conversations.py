"""What holds of every conversation, golden or random: through the real dialogue server and the real base."""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import dataclass, field
from random import Random

import pytest

from actions.composing import sentences
from actions.glossary import glossary
from actions.texts import texts, variants
from channels.conversation import Conversation
from channels.rasa import RasaClient
from channels.sms.gsm7 import segments, to_gsm7
from channels.sms.words import words
from channels.texts import texts as door_texts
from cli.sms import Phone
from data.database import Database, open_database
from falc.checks.glossary import unexplained
from falc.lexicon import lexicon
from tests.conversations import MAXIMUM_TURNS, scenarios
from tests.sms_turns import scenarios as sms_scenarios

RANDOM, TURNS, AT_ONCE = 60, 5, 8
ASKS_AGAIN = "répétez"
OPENINGS = (
    "bonjour", "je cherche une douche gare du nord", "jdor dehor ds le 18e jveu manger", "j'ai 22 ans et plus d'argent",
    "j'ai honte mais je n'ai plus de logement", "je dois 800 euros de loyer", "flurb zogotounga",
    "une adresse pour mon courrier, je suis à la rue", "on va m'expulser de mon logement", "edf va couper le courant",
)  # fmt: skip
TURNS_SAID = (
    "merci", "bonjour", "pourquoi ?", "je ne sais pas", "oui", "non", "vous servez à rien", "j'ai honte", "j'en ai marre",
    "quel temps fait-il", "flurb zogotounga", "je veux parler à un humain", "au revoir", "je ne comprends rien", ASKS_AGAIN,
    "en fait je suis à nation", "j'ai 45 ans", "je cherche aussi une bagagerie", "plus tard", "non pardon j'ai 26 ans", "3",
    "je n'en peux plus", "mon mari me frappe", "stop",
)  # fmt: skip
POLITE = [wording for key in ("merci", "plus_tard") for wording in (texts()[key], *variants(key))]
NUMBER = re.compile(r"(?<!\d)(?:1[578]|11[0-9]|31 ?14|39 ?75|39 ?19|0 ?\d[\d ]{8,})(?!\d)")


@dataclass
class Talk:
    """A person who talks with the door's own code: each answer as it was, with what was said before it."""

    conversation: Conversation
    session: str = field(default_factory=lambda: secrets.token_hex(16))
    said: list[str] = field(default_factory=list)
    answers: list[list[dict]] = field(default_factory=list)

    async def say(self, text: str) -> None:
        answer = await self.conversation.turn(self.session, text, "web")
        assert not answer.get("panne"), "the dialogue server did not answer"
        self.said.append(text)
        self.answers.append(answer["messages"])

    @property
    def asked(self) -> str | None:
        orientation = self.answers[-1][-1]["orientation"]
        return orientation["question"]["fait"] if orientation and orientation["question"] else None

    @property
    def buttons(self) -> list[str]:
        return [button["valeur"] for message in self.answers[-1] for button in message["boutons"]]


async def golden(talk: Talk, scenario: dict) -> None:
    await talk.say(scenario["ouverture"])
    while talk.asked and len(talk.answers) <= MAXIMUM_TURNS:
        step = scenario["reponses"].get(talk.asked, "je ne sais pas")
        if isinstance(step, dict):
            offered = {b["texte"]: b["valeur"] for message in talk.answers[-1] for b in message["boutons"]}
            step = offered[step["appuie"]]
        await talk.say(step)


async def at_random(talk: Talk, rng: Random) -> None:
    await talk.say(rng.choice(OPENINGS))
    for _ in range(TURNS - 1):
        pressed = talk.buttons and rng.random() < 0.4
        await talk.say(rng.choice(talk.buttons if pressed else TURNS_SAID))


@pytest.fixture(scope="module")
def talks(pile, base: Database) -> list[Talk]:
    """Every golden conversation and random ones, held a few at a time."""

    async def hold() -> list[Talk]:
        rasa = RasaClient(pile.door_settings())
        door, turn = Conversation(pile.door_settings(), rasa, base.base), asyncio.Semaphore(AT_ONCE)

        async def one(course, argument) -> Talk:
            async with turn:
                talk = Talk(door)
                await course(talk, argument)
                await door.forget(talk.session)
                return talk

        courses = [(golden, scenario) for _, scenario in scenarios()]
        courses += [(at_random, Random(seed)) for seed in range(RANDOM)]
        try:
            return await asyncio.gather(*(one(*course) for course in courses))
        finally:
            await rasa.close()

    return asyncio.run(hold())


def told(message: dict) -> bool:
    """Whether a bubble is neither a danger's numbers nor the facts of a dispositif, which are said as they are."""
    return not message["alerte"] and not message["dispositif"]


def test_no_sentence_is_said_in_two_answers_in_a_row(talks):
    repeated = [
        (talk.said[turn], sorted(again))
        for talk in talks
        for turn in range(1, len(talk.answers))
        if talk.said[turn] != ASKS_AGAIN
        and (
            again := {s for m in talk.answers[turn] if told(m) for s in sentences(m["texte"])}
            & {s for m in talk.answers[turn - 1] for s in sentences(m["texte"])}
        )
    ]
    assert repeated == []


def test_the_dialogue_always_answers(talks):
    silence = door_texts()["conversation"]["sans_reponse"]
    silent = [
        talk.said[: turn + 1]
        for talk in talks
        for turn, answer in enumerate(talk.answers)
        if any(message["texte"] == silence for message in answer)
    ]
    assert silent == []


def test_no_bubble_is_said_twice_in_an_answer(talks):
    for talk in talks:
        for answer in talk.answers:
            bubbles = [message["texte"] for message in answer if message["texte"]]
            assert len(bubbles) == len(set(bubbles)), talk.said


def test_one_question_a_message(talks):
    for talk in talks:
        for said, answer in zip(talk.said, talk.answers, strict=True):
            asking = [message["texte"] for message in answer if told(message) and "?" in message["texte"]]
            assert len(asking) <= 1, (said, asking)


def test_an_answer_that_asks_nothing_leaves_a_way_out(talks):
    stuck = [
        (said, [message["texte"] for message in answer])
        for talk in talks
        for said, answer in zip(talk.said, talk.answers, strict=True)
        if not any(message["boutons"] or NUMBER.search(message["texte"]) for message in answer)
        and not any(message["texte"] in POLITE for message in answer)
        and not any(message["orientation"] and message["orientation"]["question"] for message in answer)
    ]
    assert stuck == []


def test_no_hard_word_is_left_unexplained(talks):
    missing = {
        (term.name, bubbles[place])
        for talk in talks
        for bubbles in [[message["texte"] for answer in talk.answers for message in answer]]
        for place, term in unexplained(bubbles, lexicon())
    }
    assert missing == set()


@pytest.mark.parametrize(("name", "scenario"), [pytest.param(*s, id=s[0]) for s in sms_scenarios()])
def test_by_sms_a_hard_word_is_explained_when_there_is_room(pile, name, scenario):
    base = open_database(pile.base)
    phone = Phone(pile.door_settings(), base, 0)
    asyncio.run(phone.play(iter(scenario["messages"])))
    base.close()
    sent = [text for exchange in phone.exchanges for text in exchange.sent]
    explanations = {term.name: to_gsm7(term.explanation) for term in glossary()}
    for place, term in unexplained(sent, lexicon()):
        asks = "?" in sent[place].split("\n")[0]  # one segment for a question and its answers
        budget = words()["budget"]["question" if asks else "reponse"]
        longer = f"{sent[place]} {explanations[term.name]}"
        assert segments(longer) > budget, (name, term.name, sent[place])
