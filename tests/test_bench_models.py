"""The comparison of models: what is left out, how thresholds are chosen, how two models are joined."""

import pytest

from bench.models.decisions import decide, thresholds, union
from bench.models.examples import FOLDS, folds, noise, off_topic

LIMITS = {"besoin": 0.5, "alerte": 0.3, "acte": 0.4}


def test_every_example_is_left_out_once_and_folds_have_the_same_size():
    sizes = [folds(1003).count(fold) for fold in range(FOLDS)]
    assert sum(sizes) == 1003
    assert max(sizes) - min(sizes) <= 10


def test_the_threshold_stands_between_right_and_wrong_scores_of_its_kind():
    left_out = [
        (["besoin:douche"], {"besoin:douche": 0.62, "besoin:repas": 0.38, "alerte:suicide": 0.11}),
        (["alerte:suicide"], {"alerte:suicide": 0.22, "besoin:repas": 0.41}),
    ]
    chosen = thresholds(left_out)
    assert 0.41 < chosen["besoin"][0] <= 0.62
    assert 0.11 < chosen["alerte"][0] <= 0.22
    assert chosen["besoin"][1] == chosen["alerte"][1] == 1


def test_the_score_announced_is_that_of_the_best_threshold():
    left_out = [(["besoin:repas"], {"besoin:repas": 0.5}), ([], {"besoin:repas": 0.6})]
    assert thresholds(left_out)["besoin"][1] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("scores", "needs", "alerts", "act"),
    [
        ({"besoin:douche": 0.5, "besoin:repas": 0.49}, ["douche"], [], None),
        ({"alerte:suicide": 0.3, "acte:salut": 0.9}, [], ["suicide"], None),
        ({"acte:salut": 0.5, "acte:merci": 0.6}, [], [], "merci"),
        ({"acte:salut": 0.39}, [], [], None),
    ],
)
def test_an_act_counts_only_when_nothing_is_asked(scores, needs, alerts, act):
    assert decide(scores, LIMITS) == {"besoins": needs, "alertes": alerts, "acte": act}


def test_a_need_of_either_model_silences_the_act_of_the_other():
    act = {"besoins": [], "alertes": [], "acte": "salut"}
    need = {"besoins": ["repas"], "alertes": [], "acte": None}
    assert union(act, need) == union(need, act) == need
    assert union(act, {**act, "acte": "merci"})["acte"] == "salut"


def test_noise_is_always_the_same_and_what_is_off_topic_is_said_once():
    assert noise() == noise()
    assert len(set(off_topic())) == len(off_topic())
