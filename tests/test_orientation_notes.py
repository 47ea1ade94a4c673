"""What is worth knowing beside each answer: a better door for this person, and whom to call."""

from __future__ import annotations

import pytest

from actions.orientation import orient
from tests.built_base import database

REFERRED = [
    ("argent", "fajp", {"age": 30}, "allocation exceptionnelle"),
    ("adresse", "domiciliation", {"logement_actuel": "rue", "a_domiciliation": True}, "permanence sociale"),
]


def notes(need: str, dispositif: str, facts: dict) -> list[str]:
    answer = orient(database(), besoins=[need], faits=facts, limite=0)
    return next(item["a_savoir"] for item in answer["dispositifs"] if item["id"] == dispositif)


@pytest.mark.parametrize(("need", "dispositif", "facts", "words"), REFERRED)
def test_the_right_neighbour_is_named_first_once_it_is_sure(need, dispositif, facts, words):
    assert words in notes(need, dispositif, facts)[0]
    assert not any(words in note for note in notes(need, dispositif, {})[:1])


@pytest.mark.parametrize("dispositif", [d for d in database().base.dispositifs.values() if d.phone])
def test_whom_to_call_is_always_said(dispositif):
    said = notes(dispositif.needs[0], dispositif.id, {})
    assert any(dispositif.phone in note or note == dispositif.phone_text for note in said)
