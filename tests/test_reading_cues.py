"""An expression passed over because its words are not in a message would not have been found in it."""

from __future__ import annotations

import gc
import re

import pytest

from assistant.reading import patterns
from assistant.reading.cues import beginnings, cues
from assistant.reading.lexicon import load_lexicon
from assistant.reading.reader import MessageReader
from assistant.reading.requests import RequestReader
from assistant.reading.text import Reading, read
from cli.project import ROOT

_MARKED = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")
_EVERY = 6  # one line of the examples in six: each is searched with every expression


@pytest.fixture(scope="module")
def expressions() -> list[patterns.Expression]:
    lexicon = load_lexicon()
    readers = MessageReader(lexicon), RequestReader(lexicon)
    found = [one for one in gc.get_objects() if isinstance(one, patterns.Expression)]
    assert readers and len(found) > 1000
    return found


@pytest.fixture(scope="module")
def examples() -> list[Reading]:
    lines = (
        line.strip().lstrip("- ")
        for path in sorted((ROOT / "assistant" / "nlu").glob("**/*.yml"))
        for line in path.read_text(encoding="utf-8").splitlines()
    )
    kept = sorted({_MARKED.sub(r"\1", line) for line in lines})[::_EVERY]
    return [read(text, load_lexicon()) for text in kept]


def test_what_is_passed_over_is_nowhere_in_the_message(expressions, examples):
    assert len(examples) > 500
    stands = 0
    for reading in examples:
        called = {one.number for one in patterns.likely(reading, expressions)}
        for one in expressions:
            if one.regex.search(f"^ {reading.line}"):
                stands += 1
                assert one.number in called, one.source
    assert stands > 1000


def test_most_expressions_are_passed_over(expressions, examples):
    called = sum(len(list(patterns.likely(reading, expressions))) for reading in examples)
    assert called < len(expressions) * len(examples) / 10


def test_an_expression_made_after_a_reading_is_looked_for():
    reading = read("je cherche une girafe", load_lexicon())
    assert not patterns.stands_in(reading, patterns.compile_expression("elephant", {}))
    assert patterns.stands_in(reading, patterns.compile_expression("(girafe|elephant)", {}))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("je cherche", {"cherche"}),
        ("(?:je|tu) (?:dors|mange) ici", {"dors", "mange"}),
        ("logee?", {"loge"}),
        ("(?:tres )?seule?(?: ici)?", {"seul", "tres "}),
        ("(?:de|[^ ]+) chiens?", {"chien"}),
        ("re(?:fait|pris)", {"refait", "repris"}),
        ("(?:oui)*", None),
        ("[^ ]+ans", None),
    ],
)
def test_cues(pattern, expected):
    found = cues(pattern)
    assert (
        found is None
        if expected is None
        else found and all(any(cue.startswith(word) for word in expected) for cue in found)
    )


def test_beginnings():
    assert beginnings(["ici"]) == {"i", "ic", "ici", "ici "}
