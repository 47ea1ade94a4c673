"""The figures of `make evaluer`: what counts as right, false and missed."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.understanding.places import score_places
from bench.understanding.reliability import bins, calibration_error
from bench.understanding.scoring import Tally, score
from bench.understanding.served import Located
from data.gazetteer import Gazetteer

EXAMPLES = Path(os.environ.get("JALON_SHARED", Path(__file__).parents[2] / "shared")) / "exemples"


class Places:
    """What a base holds of places, without building one."""

    gazetteer = Gazetteer.from_yaml(Path(__file__).parents[1])


PLACES = Places()
MESSAGE = {
    "id": "a", "canal": "sms", "style": "oral", "texte": "…", "acte": None, "difficulte": 1,
    "besoins": ["repas"], "alertes": [], "faits": {"age": 40, "ressources_mensuelles": 1000},
    "tolere": {"besoins": ["argent"], "faits": {"genre": "*", "age": [41]}, "alertes": [], "actes": []},
    "alternatives": {"repas": ["courses"]},
}  # fmt: skip


def tally(prediction: dict, family: str) -> Tally:
    return score([MESSAGE], {"a": prediction}).family(family)


@pytest.mark.parametrize(
    ("needs", "expected"),
    [
        (["repas"], Tally(1, 0, 0)),
        (["repas", "argent"], Tally(1, 0, 0)),
        (["courses"], Tally(1, 1, 0)),
        (["douche"], Tally(0, 1, 1)),
        ([], Tally(0, 0, 1)),
    ],
)
def test_needs_tolerated_are_not_false_and_alternatives_are_right(needs, expected):
    assert tally({"besoins": needs}, "besoin") == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"age": 40, "ressources_mensuelles": 1019}, Tally(2, 0, 0)),
        ({"age": 41, "ressources_mensuelles": 1021}, Tally(1, 1, 1)),
        ({"age": 42, "genre": "femme"}, Tally(0, 1, 2)),
        ({"age": 40, "animal": "oui"}, Tally(1, 1, 1)),
    ],
)
def test_facts_are_compared_with_what_the_label_accepts(facts, expected):
    assert tally({"faits": facts}, "fait") == expected


def test_a_message_without_prediction_is_missed_and_listed():
    report = score([MESSAGE], {})
    assert [mistake.missed for mistake in report.mistakes] == [
        ["besoin:repas", "fait:age", "fait:ressources_mensuelles"]
    ]
    assert report.calm == [0, 1]


def test_an_act_heard_where_none_was_done_is_false_for_its_label_only():
    report = score([MESSAGE], {"a": {"besoins": ["repas"], "faits": MESSAGE["faits"], "acte": "salut"}})
    assert report.labels["acte", "salut"] == Tally(0, 1, 0)
    assert report.acts == [0, 0] and not report.mistakes


@pytest.mark.parametrize(
    ("facts", "right", "named"),
    [
        ({"lieu": "Gare du Nord"}, 1, 1),
        ({"arrondissement": 10}, 1, 0),
        ({"lieu": "Gare de Lyon"}, 0, 0),
        ({}, 0, 0),
    ],
)
def test_a_phrase_is_placed_when_its_arrondissement_is_accepted(facts, right, named):
    phrase = {"id": "p", "texte": "…", "lieu": "Gare du Nord", "arrondissements_acceptes": [9, 10]}
    report = score_places(PLACES, [phrase], lambda text: Located(facts))
    assert (report.arrondissement, report.name) == (right, named)


def test_outside_paris_the_name_is_what_counts():
    phrase = {"id": "p", "texte": "…", "lieu": "Montreuil", "arrondissements_acceptes": []}
    for facts, right in (({"lieu": "Montreuil (commune, Montreuil)"}, 1), ({"arrondissement": 20}, 0)):
        assert score_places(PLACES, [phrase], lambda text, f=facts: Located(f)).arrondissement == right


def test_the_same_figures_as_the_scorer_of_the_examples(tmp_path):
    if not EXAMPLES.exists():
        pytest.skip("shared examples absent: set JALON_SHARED to their folder")
    labels = EXAMPLES / "messages.jsonl"
    messages = [json.loads(line) for line in labels.read_text("utf-8").splitlines()]
    draw = random.Random(5)
    predictions = []
    for message in messages:  # right answers, with some taken from another message
        other = draw.choice(messages)
        mixed = {key: dict(message[key]) if key == "faits" else message[key] for key in message}
        if draw.random() < 0.5:
            mixed["besoins"], mixed["alertes"] = other["besoins"], other["alertes"]
            mixed["faits"] |= other["faits"]
        predictions.append({key: mixed[key] for key in ("id", "besoins", "faits", "alertes", "acte")})
    path = tmp_path / "predictions.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in predictions), "utf-8")
    command = [sys.executable, str(EXAMPLES / "score.py"), str(labels), str(path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    report = score(messages, {one["id"]: one for one in predictions})
    for family in ("besoin", "fait", "alerte"):
        wanted = float(re.search(rf"== {family} .* F1 ([\d.]+)", said)[1])
        assert report.family(family).f1 == pytest.approx(wanted, abs=5e-4)
    whole = int(re.search(r"messages entièrement justes (\d+)", said)[1])
    assert report.messages - len(report.mistakes) == whole


def test_a_score_that_says_what_it_is_has_no_gap():
    points = bins([(0.75, True), (0.75, True), (0.75, True), (0.75, False), (0.2, False)])
    assert points == [(0.2, 0.0, 1), (0.75, 0.75, 4)]
    assert calibration_error(points) == pytest.approx(0.04)
