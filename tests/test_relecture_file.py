"""The file of kept sentences: little, not long, and nothing after."""

import sqlite3
import stat
from datetime import date, timedelta

import pytest

from channels.relecture.kept import Kept

TODAY = date(2026, 11, 21)


@pytest.fixture
def kept(tmp_path):
    return Kept(tmp_path / "run" / "relecture.db", most=3)


def texts(kept, day=TODAY):
    return [sentence.texte for sentence in kept.sentences(day)]


def test_reading_an_absent_file_makes_none(kept):
    assert kept.sentences(TODAY) == [] and kept.has_room(TODAY)
    assert not kept.path.parent.exists()


def test_only_the_text_and_the_day_it_goes_are_written(kept):
    kept.keep("je cherche un truc", TODAY, 30)
    with sqlite3.connect(kept.path) as db:
        assert db.execute("SELECT * FROM phrases").fetchall() == [("je cherche un truc", "2026-12-21")]
        assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("phrases",)]
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600


def test_the_order_says_nothing_of_who_came_first(kept):
    for text in ("c", "a", "b"):
        kept.keep(text, TODAY, 30)
    assert texts(kept) == ["a", "b", "c"]


def test_a_sentence_lives_its_days_and_no_more(kept):
    kept.keep("une phrase", TODAY, 30)
    assert texts(kept, TODAY + timedelta(29)) == ["une phrase"]
    assert texts(kept, TODAY + timedelta(30)) == []
    assert texts(kept) == []  # gone for good, whatever the clock says


def test_writing_erases_what_has_expired(kept):
    kept.keep("une vieille", TODAY, 1)
    kept.keep("une neuve", TODAY + timedelta(1), 1)
    with sqlite3.connect(kept.path) as db:
        assert db.execute("SELECT texte FROM phrases").fetchall() == [("une neuve",)]


def test_the_same_sentence_is_kept_once_and_no_longer(kept):
    kept.keep("une phrase", TODAY, 30)
    assert kept.keep("une phrase", TODAY + timedelta(9), 30)
    [sentence] = kept.sentences(TODAY)
    assert sentence.efface_le == TODAY + timedelta(30)


def test_when_full_nothing_more_is_kept(kept):
    assert all(kept.keep(text, TODAY, 30) for text in ("a", "b", "c"))
    assert not kept.has_room(TODAY)
    assert not kept.keep("d", TODAY, 30)
    assert kept.keep("a", TODAY, 30)
    assert texts(kept) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "erase", [lambda kept: kept.remove("zarbifouette"), lambda kept: kept.sentences(date.max)]
)
def test_an_erased_sentence_leaves_no_trace_on_the_disk(kept, erase):
    kept.keep("zarbifouette", TODAY, 30)
    kept.keep("autre", TODAY, 30)
    assert b"zarbifouette" in kept.path.read_bytes()
    erase(kept)
    assert [path.name for path in kept.path.parent.iterdir()] == [kept.path.name]
    assert b"zarbifouette" not in kept.path.read_bytes()


def test_clearing_leaves_no_file(kept):
    kept.clear()
    kept.keep("une phrase", TODAY, 30)
    kept.clear()
    assert not kept.path.exists() and kept.sentences(TODAY) == []
