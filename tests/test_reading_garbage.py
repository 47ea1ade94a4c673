"""What is no message (noise, other scripts, injections, floods) breaks nothing, says nothing and costs little."""

import random
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.reading.lexicon import load_lexicon
from assistant.reading.reader import MessageReader
from assistant.reading.text import read
from data.gazetteer import Gazetteer

TODAY = date(2026, 11, 21)
LEXICON = load_lexicon()
READER = MessageReader(LEXICON, Gazetteer.from_yaml(Path(__file__).resolve().parents[1]))
LONGEST = 5000
SLOWEST_SECONDS = 0.2
CHANCE = random.Random(20261121)


def facts(text, asked=None):
    return READER.facts(read(text, LEXICON), TODAY, asked)


MEANINGLESS = {
    "binary": bytes(CHANCE.randrange(256) for _ in range(LONGEST)).decode("latin-1"),
    "control characters": "".join(map(chr, range(32))) * 100,
    "arabic": "أنا بحاجة إلى مكان للنوم " * 200,
    "chinese": "我需要一个睡觉的地方" * 500,
    "cyrillic": "мне негде спать " * 300,
    "georgian": "მჭირდება დახმარება " * 250,
    "emoji": "🏠😢👨‍👩‍👧‍👦" * 400,
    "combining marks": "e" + "\u0301" * (LONGEST - 1),
    "zero width": "\u200b\u200d\ufeff" * 1600,
    "right to left marks": "\u202e\u202b" * 2500,
    "script": "<script>alert('x')</script>" * 150,
    "sql": "'; DROP TABLE faits; --" * 200,
    "template": "{{7*7}} ${jndi:ldap://x} %s %n {0}" * 100,
    "marks": "?!.,;:()/|&+€" * 380,
    "one letter": "a" * LONGEST,
    "one consonant": "zzzz " * 1000,
    "keyboard": "azertyuiop qsdfghjklm wxcvbn " * 170,
    "base64": "U29tZSBiaW5hcnkgZGF0YQ==" * 200,
    "path": "../../../../etc/passwd\x00" * 200,
}
FLOODS = {
    "digits": "9" * LONGEST,
    "numbers": "18 " * 1600,
    "number words": "quatre vingt dix neuf " * 220,
    "depuis": "depuis " * 700,
    "dormir": "je dors dans " * 380,
    "possessives": "mon ma mes " * 450,
    "ages": "et 12 ans " * 500,
    "enfants": "2 enfants de 3 ans et " * 220,
    "loyer": "3 mois de loyer à 550 et " * 190,
    "places": "porte de la chapelle " * 230,
    "refusals": "je ne suis pas plus jamais " * 180,
    "corrections": "12 ans non pardon " * 270,
    "dates": "né le 12/03/1980 " * 290,
    "impossible dates": "né le 99/99/9999 né le 31/02/2026 né en 3000 ",
    "beyond the limit": "bonjour " * 5000,
}


@pytest.mark.parametrize("text", MEANINGLESS.values(), ids=MEANINGLESS)
def test_noise_says_nothing(text):
    assert [fact for fact in facts(text) if fact.fait != "nombre"] == []


@pytest.mark.parametrize("text", [*MEANINGLESS.values(), *FLOODS.values()], ids=[*MEANINGLESS, *FLOODS])
def test_noise_costs_little(text):
    facts(text)
    best = min(_seconds(text) for _ in range(3))
    assert best < SLOWEST_SECONDS


def _seconds(text):
    start = time.process_time()
    facts(text)
    return time.process_time() - start


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300), st.sampled_from([None, "enfants", "ressources_mensuelles", "animal", "age"]))
def test_no_text_breaks_the_reader_and_every_fact_points_inside_it(text, asked):
    for fact in facts(text, asked):
        assert 0 <= fact.start < fact.end <= len(text)


PIECES = [
    "je",
    "suis",
    "18",
    "ans",
    "non",
    "pardon",
    "enfants",
    "depuis",
    "2",
    "euros",
    "loyer",
    ",",
    ".",
    "18e",
    "né",
    "le",
]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join), st.sampled_from([None, "enfants", "loyer"])
)
def test_words_in_any_order_break_nothing(text, asked):
    for fact in facts(text, asked):
        assert 0 <= fact.start < fact.end <= len(text)
