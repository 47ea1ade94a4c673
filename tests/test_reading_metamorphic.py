"""The writing of a message (capitals, accents, marks, spaces, emoji) does not change what is understood."""

import re
import unicodedata
from datetime import date
from pathlib import Path

import pytest

from assistant.reading.lexicon import load_lexicon
from assistant.reading.reader import MessageReader
from assistant.reading.text import read
from data.gazetteer import Gazetteer
from data.yaml_reader import read_yaml

ROOT = Path(__file__).resolve().parents[1]
TODAY = date(2026, 11, 21)
LEXICON = load_lexicon()
READER = MessageReader(LEXICON, Gazetteer.from_yaml(ROOT))
MESSAGES = [item for group in read_yaml(ROOT / "tests/nlu/faits.yml").values() for item in group]


def facts(text):
    return {fact.fait: fact.value for fact in READER.facts(read(text, LEXICON), TODAY)}


UNDERSTOOD = {item["dit"]: facts(item["dit"]) for item in MESSAGES}


def without_accents(text):
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def without_marks(text):
    return re.sub(r"[.,;:!?]+(?=\s|$)", "", text)


CHANGES = {
    "capitales": str.upper,
    "accents": without_accents,
    "accents décomposés": lambda text: unicodedata.normalize("NFD", text),
    "apostrophes": lambda text: text.replace("'", "’"),
    "espaces": lambda text: text.replace(" ", "  "),
    "espaces insécables": lambda text: text.replace(" ", "\u00a0"),
    "émojis": lambda text: "🙏 " + text + " 😢🙏🏽",
    "lignes": lambda text: "\n" + text + "\r\n",
    "points": lambda text: text + " ...",
    "ponctuation": without_marks,
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_writing_does_not_change_what_is_understood(name):
    change = CHANGES[name]
    texts = [item["dit"] for item in MESSAGES if name not in item.get("compte", ())]
    assert len(texts) > 500
    assert {text: facts(change(text)) for text in texts} == {text: UNDERSTOOD[text] for text in texts}
