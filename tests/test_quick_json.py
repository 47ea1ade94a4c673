"""The door's JSON is that of the standard library, and keeps no words of a person."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import JSONResponse

from channels.quick_json import JsonResponse, loads

# Degrees, metres, euros: nothing that the standard library writes with an exponent.
numbers = st.integers() | st.floats(-1e6, 1e6).map(lambda number: round(number, 4))
texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inside: st.lists(inside) | st.dictionaries(texts, inside),
)


@given(values)
def test_what_is_read_and_what_is_written_does_not_change(value):
    content = JSONResponse(value).body
    assert JsonResponse(value).body == content
    assert loads(content) == value == json.loads(content)


@pytest.mark.parametrize("content", [b"{", b"{'a': 1}", b"\xff", b'{"a": 1} suite', b" "])
def test_what_is_not_json_is_refused(content):
    with pytest.raises(ValueError):
        loads(content)


def test_the_words_of_a_person_are_not_kept_after_they_are_read():
    content = b'["un texte dit ici"]'
    assert loads(content)[0] is not loads(content)[0], "the same text twice: it was kept in between"
