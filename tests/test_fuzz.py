"""Messages drawn at random, from plain noise to what people nearly write, break neither what reads nor what answers.

Here and in CI, one slice from a fixed seed. `make fuzz` takes slice after slice from a new seed, which it prints,
until JALON_FUZZ_MINUTES is over; JALON_GRAINE plays a seed again.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import httpx
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from actions.orientation import PARIS
from assistant.reading.lexicon import load_lexicon
from assistant.reading.reader import MessageReader
from assistant.reading.text import read
from channels.conversation import Conversation
from channels.rasa import RasaClient
from channels.sms import composer
from channels.sms.gsm7 import is_gsm7, segments
from channels.sms.replies import Replies
from channels.sms.service import Patient
from channels.texts import texts
from data.gazetteer import Gazetteer
from tests.sms_turns import random_states, whole_turn

ROOT = Path(__file__).resolve().parents[1]
MINUTES = float(os.environ.get("JALON_FUZZ_MINUTES") or 0)
SEED = int(os.environ.get("JALON_GRAINE") or (secrets.randbits(32) if MINUTES else 20261121))
SUBJECTS = 3
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=PARIS)
_DOWN = texts()["conversation"]["panne"][0]
LONGEST_ANSWER = 3  # SMS segments
_ODD = [
    "/restart",
    "/informer{",
    "{}",
    "\u202e",
    "\x00",
    "👍🏽",
    "1" * 40,
    "é" * 40,
    "STOP",
    "suite",
    "2",
    "l'",
    "??",
]


def in_slices(strategy: st.SearchStrategy, check: Callable, examples: int) -> None:
    """Draw and check: one slice of `examples`, or as many as this subject's share of the minutes allows."""
    end, drawn, rank = time.monotonic() + 60 * MINUTES / SUBJECTS, 0, 0
    while not rank or time.monotonic() < end:

        @seed(SEED + rank)
        @settings(
            max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        )
        @given(strategy)
        def one_slice(example):
            nonlocal drawn
            drawn += 1
            check(example)

        one_slice()
        rank += 1
    print(f"\n{check.__name__} : {drawn} tirages, {rank} tranches, graine {SEED}")


def _sentences() -> list[str]:
    """What people write, from the training data, without its annotations."""
    found = []
    for file in sorted((ROOT / "assistant" / "nlu").rglob("*.yml")):
        lines = re.findall(r"^ +- (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
        found += [re.sub(r"\[([^]]*)\](\{[^}]*\}|\([^)]*\))?", r"\1", line) for line in lines]
    return found


def messages(longest: int = 600) -> st.SearchStrategy[str]:
    """Noise, sentences, and sentences cut, glued together, shouted, stripped of their spaces or salted with noise."""
    said = st.sampled_from(_sentences())
    cut = st.builds(
        lambda text, a, b: text[min(a, b) : max(a, b)], said, st.integers(0, 60), st.integers(0, 60)
    )
    changed = st.builds(
        lambda text, how: how(text),
        said,
        st.sampled_from([str.upper, str.title, lambda text: text.replace(" ", ""), lambda text: text[::-1]]),
    )
    pieces = st.one_of(said, cut, changed, st.text(max_size=20), st.sampled_from(_ODD))
    glued = st.lists(pieces, min_size=1, max_size=6).map(" ".join)
    return st.one_of(glued, pieces, st.text(max_size=longest)).map(lambda text: text[:longest])


def test_no_message_breaks_the_reader():
    lexicon = load_lexicon()
    reader = MessageReader(lexicon, Gazetteer.from_yaml(ROOT))
    asked = [None, "enfants", "ressources_mensuelles", "animal", "age", "lieu"]

    def check_reader(example):
        text, question = example
        for fact in reader.facts(read(text, lexicon), date(2026, 11, 21), question):
            assert 0 <= fact.start < fact.end <= len(text)

    in_slices(st.tuples(messages(), st.sampled_from(asked)), check_reader, 400)


def test_no_situation_breaks_the_composer():
    def check_composer(example):
        state, hours, presented = example
        turn = whole_turn(state, NOW + timedelta(hours=hours))
        for text in composer.compose([turn], presented).texts:
            assert text and is_gsm7(text) and segments(text) <= LONGEST_ANSWER

    in_slices(st.tuples(random_states(), st.integers(0, 24 * 60), st.booleans()), check_composer, 40)


def test_no_conversation_breaks_the_dialogue_nor_its_renderings(pile, base):
    """The real dialogue server: on the page, in the parse, and by SMS. « panne » would mean that it failed."""
    door_settings = pile.door_settings()

    async def by_sms(said: list[str]) -> list[str]:
        rasa = RasaClient(door_settings)
        replies = Replies(Patient(Conversation(door_settings, rasa, base.base)), base)
        session = secrets.token_hex(16)
        try:
            return [text for one in said for text in await replies.answer(session, one)]
        finally:
            await rasa.close()

    with closing(httpx.Client(base_url=pile.url, timeout=30)) as door:

        def check_conversation(example):
            said, channel = example
            session = secrets.token_hex(16)
            for text in said:
                body = {"session": session, "texte": text, "canal": channel}
                turn = door.post("/api/v1/messages", json=body)
                assert turn.status_code == 200 and turn.json()["messages"]
                assert _DOWN not in turn.text
                understood = door.post("/api/v1/comprendre", json={"texte": text})
                assert understood.status_code in (200, 422)
                for found in understood.json().get("reperes", ()):
                    assert 0 <= found["debut"] <= found["fin"] <= len(text)
            for answer in asyncio.run(by_sms(said)):
                assert answer and is_gsm7(answer) and segments(answer) <= LONGEST_ANSWER

        conversations = st.tuples(
            st.lists(messages(), min_size=1, max_size=4), st.sampled_from(["web", "guichet"])
        )
        in_slices(conversations, check_conversation, 25)
