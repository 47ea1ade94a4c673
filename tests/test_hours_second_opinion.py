"""Opening hours agree with the reference implementation, whose answers are kept in tests/data_horaires/.

The pairs and the answers come from `make bench-horaires ARGS=--figer`; bench/resultats/horaires.md says on which
other pairs the two differ, and why.
"""

import csv
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from bench.hours.compare import ours
from bench.hours.pairs import FAMILIES
from data.hours import opening_state

with (Path(__file__).parent / "data_horaires" / "paires.csv").open() as file:
    PAIRS = list(csv.DictReader(file))
ETATS = {"open": "ouvert", "closed": "ferme", "unknown": "inconnu"}


def test_the_pairs_are_many_and_of_every_kind():
    assert len(PAIRS) >= 500
    assert len({(pair["osm"], pair["moment"]) for pair in PAIRS}) == len(PAIRS)
    found = Counter(pair["famille"] for pair in PAIRS)
    assert set(found) == {family.name for family in FAMILIES}
    assert min(found.values()) >= 20
    assert set(ETATS) == {pair["etat"] for pair in PAIRS}


@pytest.mark.parametrize("family", [family.name for family in FAMILIES])
def test_state_and_next_change_are_those_of_the_second_opinion(family):
    wrong = []
    for pair in PAIRS:
        if pair["famille"] == family:
            answer = ours(pair["osm"], datetime.fromisoformat(pair["moment"]))
            if (answer.state, answer.change or "") != (pair["etat"], pair["change"]):
                wrong.append((pair, answer))
    assert not wrong


def test_people_are_told_the_same_state():
    for pair in PAIRS:
        at = datetime.fromisoformat(pair["moment"])
        found = opening_state(pair["osm"], at, "haute")
        assert found["etat"] == ETATS[pair["etat"]], pair
        if found["etat"] == "ouvert" and pair["change"]:
            assert datetime.fromisoformat(found["jusqua"]) == datetime.fromisoformat(pair["change"])
        if found["prochaine"]:
            assert datetime.fromisoformat(found["prochaine"]) >= datetime.fromisoformat(pair["change"])
