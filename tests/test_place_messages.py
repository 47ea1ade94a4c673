"""Where people say they are: in a message, and as the answer to « où êtes-vous ? »."""

from datetime import date

import pytest

from actions.conversation import Question, State, hear
from actions.location import position_of
from actions.understanding import from_parse
from assistant.reading.lexicon import load_lexicon
from assistant.reading.reader import MessageReader
from assistant.reading.text import read
from bench.understanding.scoring import same_place
from data.yaml_reader import read_yaml
from tests.built_base import ROOT, database

GROUPS = read_yaml(ROOT / "tests" / "lieux" / "messages.yml")
PHRASES = [phrase for phrases in GROUPS.values() for phrase in phrases]
LOCATED = [phrase for phrase in PHRASES if "lieu" in phrase]
NO_PLACE = [phrase["dit"] for phrase in GROUPS["rien"]]
# What is missed today, and what is offered as a choice instead: no more than that may be lost.
MISSED, MISSED_AS_ANSWER = 13, 6
LEXICON = load_lexicon()


@pytest.fixture(scope="module")
def db():
    return database()


@pytest.fixture(scope="module")
def reader(db):
    return MessageReader(LEXICON, db.gazetteer)


def _parse(reader, text: str, asked: str | None = None) -> dict:
    facts = reader.facts(read(text, LEXICON), date(2026, 11, 21), asked)
    entities = [{"entity": f.fait, "value": f.value, "start": f.start, "end": f.end} for f in facts]
    return {"text": text, "intent": {"name": "informer" if facts else "nlu_fallback"}, "entities": entities}


def _said(db, reader, text: str) -> dict:
    return from_parse(_parse(reader, text), db.base)["faits"]


def _answered(db, reader, text: str) -> tuple[dict, tuple[str, ...]]:
    """Facts kept, and meanings the person is asked to choose from."""
    state = State(besoins=("hygiene",), question=Question("arrondissement"))
    turn = hear(db, state, _parse(reader, text, "arrondissement"))
    if turn is None:
        return {}, ()
    return turn.state.faits, turn.state.question.choix if turn.state.question else ()


def _is_right(db, phrase: dict, facts: dict) -> bool:
    position = position_of(db, facts)
    where = position.arrondissement if position else None
    if isinstance(phrase["ou"], list) and isinstance(phrase["ou"][0], int):
        return where in phrase["ou"]
    return where is None and same_place(str(facts.get("lieu", "")).partition(" (")[0], phrase["lieu"])


def test_there_are_many_phrases_and_none_twice():
    said = [phrase["dit"] for phrase in PHRASES]
    assert len(set(said)) == len(said) >= 400


def test_a_message_says_where_the_person_is(db, reader):
    unasked = [phrase for phrase in LOCATED if not phrase.get("reponse")]
    lost = [p["dit"] for p in unasked if not _is_right(db, p, _said(db, reader, p["dit"]))]
    assert len(lost) <= MISSED, lost


def test_an_answer_says_where_the_person_is(db, reader):
    lost = [p["dit"] for p in LOCATED if not _is_right(db, p, _answered(db, reader, p["dit"])[0])]
    assert len(lost) <= MISSED_AS_ANSWER, lost


@pytest.mark.parametrize("phrase", GROUPS["ambigus"], ids=lambda phrase: phrase["dit"])
def test_a_name_with_several_meanings_is_asked_back(db, reader, phrase):
    facts, choices = _answered(db, reader, phrase["dit"])
    assert "lieu" not in facts
    assert set(phrase["ambigu"]) <= {choice.partition(" (")[0] for choice in choices}


@pytest.mark.parametrize("text", NO_PLACE)
def test_what_names_no_place_keeps_none(db, reader, text):
    for facts in (_said(db, reader, text), _answered(db, reader, text)[0]):
        assert not {"lieu", "arrondissement"} & set(facts)
