"""What must hold for any hours of the base, and for any minute: no error, no contradiction, nothing stale."""

import re
from datetime import datetime, timedelta, timezone
from itertools import islice, pairwise

import pytest
from built_base import database
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.hours.pairs import FAMILIES
from bench.hours.speed import LIMIT_MS, expressions, measure
from data.hours import opening_state
from data.hours.calendar import PARIS
from data.hours.state import forget
from data.hours.timeline import CLOSED, OPEN, UNKNOWN, around

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
TWO_YEARS = 2 * 365 * 24 * 60
SLACK = 5  # a loaded machine must not fail the tests: the figures themselves are those of the bench
ETATS = {OPEN: {"ouvert", "ferme"}, CLOSED: {"ferme"}, UNKNOWN: {"inconnu"}}
CLOCK_CHANGES = [
    datetime(2026, 3, 28, 23, tzinfo=timezone.utc),
    datetime(2026, 10, 24, 23, tzinfo=timezone.utc),
    datetime(2027, 3, 27, 23, tzinfo=timezone.utc),
    datetime(2027, 10, 30, 23, tzinfo=timezone.utc),
]
minutes = st.one_of(
    st.integers(0, TWO_YEARS).map(lambda count: START + timedelta(minutes=count)),
    st.tuples(st.sampled_from(CLOCK_CHANGES), st.integers(0, 300)).map(
        lambda pair: pair[0] + timedelta(minutes=pair[1])
    ),
)


def hours_of_the_base() -> list[str]:
    places = database().services()
    return sorted(
        {place["horaires"]["osm"] for place in places if place["horaires"] and place["horaires"]["osm"]}
    )


any_hours = st.deferred(
    lambda: st.sampled_from(
        [*hours_of_the_base(), *(osm for family in FAMILIES for osm in family.expressions)]
    )
)
questions = st.tuples(
    any_hours,
    st.sampled_from([None, "haute", "moyenne", "basse"]),
    st.sampled_from([None, 0, 30]),
    st.booleans(),
)


@given(any_hours, minutes)
@settings(max_examples=400, deadline=None)
def test_spans_follow_each_other_without_gap_and_cover_the_moment(osm, at):
    spans = list(islice(around(osm, at), 12))
    assert spans[0].start <= at
    assert spans[0].end is None or at < spans[0].end
    for before, after in pairwise(spans):
        assert before.end == after.start
        assert (before.state, before.reason) != (after.state, after.reason)


@given(any_hours, minutes)
@settings(max_examples=400, deadline=None)
def test_the_state_holds_until_the_next_change_and_not_after(osm, at):
    now, later = [*islice(around(osm, at), 2), None][:2]
    if now.end:
        assert next(around(osm, now.end - timedelta(minutes=1)))[1:] == now[1:]
        after = next(around(osm, now.end))
        # At the turn of the year the horizon moves: a last span without end may then have one.
        assert after.start == now.end and (after.state, after.reason) == (later.state, later.reason)


@given(questions, minutes)
@settings(max_examples=500, deadline=None)
def test_texts_never_contradict_the_state(question, at):
    osm, confidence, last_entry, can_call = question
    found = opening_state(osm, at, confidence, last_entry, can_call)
    text = found["texte"]
    assert found["etat"] in ETATS[next(around(osm, at)).state]
    assert bool(re.match("Ouvert ", text)) == (found["etat"] == "ouvert")
    assert bool(re.match("Fermé |Trop tard ", text)) == (found["etat"] == "ferme")
    if found["etat"] == "inconnu":
        assert text.endswith("Appelez avant." if can_call else ("d'y aller."))
    assert (found["jusqua"] is None) or found["etat"] == "ouvert"
    assert (found["prochaine"] is None) or found["etat"] == "ferme"
    for key in ("jusqua", "prochaine"):
        if found[key]:
            assert datetime.fromisoformat(found[key]) > at
    assert ("Appelez" in text) <= can_call
    assert not re.search(r"[:;()/–]|\d[hH]\b|None|  ", text)
    assert all(len(sentence.split()) <= 15 for sentence in re.split(r"(?<=\.) ", text))


@given(questions, st.lists(minutes, min_size=2, max_size=6))
@settings(max_examples=200, deadline=None)
def test_what_was_answered_before_changes_no_answer(question, moments):
    def ask(at):
        osm, confidence, last_entry, can_call = question
        return opening_state(osm, at, confidence, last_entry, can_call)

    forget()
    in_a_row = [ask(at) for at in moments]
    assert in_a_row == [(forget(), ask(at))[1] for at in moments]


def test_an_answer_is_right_at_each_minute_of_the_days_when_it_changes():
    questions = [("Tu-Sa 08:00-13:00,21:00-02:30; PH off", 30), ("Mo-Fr 09:00-17:00", None)]
    for osm, last_entry in questions:
        for start in (*CLOCK_CHANGES, datetime(2026, 11, 10, 22, tzinfo=timezone.utc)):
            moments = [start + timedelta(minutes=minute) for minute in range(-180, 24 * 60, 1)]
            remembered = [opening_state(osm, at, "haute", last_entry) for at in moments]
            for at, answer in list(zip(moments, remembered, strict=True))[::17]:
                forget()
                assert opening_state(osm, at, "haute", last_entry) == answer


def test_no_hours_of_the_base_fail_at_any_minute_of_two_years():
    """Nothing happens between two changes: each is tried, with the minute before, and the nights of the clocks."""
    for osm in hours_of_the_base():
        moments = {
            start + timedelta(minutes=minute) for start in CLOCK_CHANGES for minute in range(0, 300, 5)
        }
        for span in around(osm, START):
            if span.start > START + timedelta(days=730):
                break
            moments |= {span.start + timedelta(minutes=shift) for shift in (-1, 0)}
        for at in moments:
            assert opening_state(osm, at, "haute", 30)["etat"] in ("ouvert", "ferme", "inconnu")


def test_an_answer_given_cannot_be_changed_by_who_reads_it():
    at = datetime(2026, 11, 20, 10, tzinfo=PARIS)
    opening_state("Mo-Fr 09:00-17:00", at, "haute")["texte"] = "?"
    assert opening_state("Mo-Fr 09:00-17:00", at, "haute")["texte"] != "?"


@pytest.mark.parametrize("kind", ["warm"])
def test_a_thousand_places_are_told_open_or_not_in_time(kind):
    assert len(set(expressions())) == 1000
    assert measure()[kind] <= LIMIT_MS * SLACK
