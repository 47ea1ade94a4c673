"""The counts of the weeks, in SQLite and in PostgreSQL: each batch once, old weeks erased, nothing else written."""

import os
import threading
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from channels.statistiques.batch import Batch, decode, encode
from channels.statistiques.events import Cell
from channels.statistiques.settings import StatisticsSettings, read_statistics
from channels.statistiques.store import open_counts
from channels.statistiques.weeks import closing_day, last_closed, monday, oldest_kept, week_of
from data.sql.errors import StoreError
from tests.city_services import postgres_url

TODAY = date(2026, 11, 21)
WEEK = week_of(TODAY)
SHOWER = Cell(WEEK, "besoin", "douche", "canal", "web")


def batch(count: int = 1, *, cell: Cell = SHOWER, name: str | None = None) -> Batch:
    return Batch(name or uuid4().hex, {cell: count})


@pytest.fixture(scope="module")
def city():
    with postgres_url() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request, tmp_path):
    """Where counts are: a new file, or an empty database."""
    if request.param == "sqlite":
        return StatisticsSettings(tmp_path / "statistiques.db")
    return emptied(request.getfixturevalue("city"), tmp_path)


def emptied(city: str, folder: Path) -> StatisticsSettings:
    with psycopg.connect(city) as db:
        db.execute("SET client_min_messages = warning; DROP SCHEMA IF EXISTS statistiques CASCADE")
    return StatisticsSettings(folder / "statistiques.db", postgres=city)


@pytest.fixture
def counts(settings):
    found = open_counts(settings)
    yield found
    found.close()


def test_counts_add_up(counts):
    counts.add(batch(2), TODAY)
    counts.add(batch(3), TODAY)
    assert counts.week(WEEK) == {SHOWER: 5}


def test_a_batch_that_comes_twice_counts_once(counts):
    twice = batch(7)
    counts.add(twice, TODAY)
    counts.add(twice, TODAY)
    assert counts.week(WEEK) == {SHOWER: 7}


def test_writers_at_the_same_time_lose_nothing(settings):
    """Several doors on one file, several consumers on one database, each batch given to two of them."""
    batches = [batch() for _ in range(10)]

    def write(order: int) -> None:
        counts = open_counts(settings)
        for one in batches[::order]:
            counts.add(one, TODAY)
        counts.close()

    threads = [threading.Thread(target=write, args=(order,)) for order in (1, -1, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reader = open_counts(settings)
    assert reader.week(WEEK) == {SHOWER: 10}
    reader.close()


def test_a_week_takes_no_count_once_it_may_be_read(counts):
    """Two readings of one week are the same: nobody learns what happened in between."""
    late = batch()
    counts.add(late, closing_day(WEEK) - timedelta(days=1))
    counts.add(batch(), closing_day(WEEK))
    counts.add(late, closing_day(WEEK))  # its identifier is gone by then
    assert counts.week(WEEK) == {SHOWER: 1}


def test_a_week_far_ahead_is_not_believed(counts):
    counts.add(batch(cell=SHOWER._replace(week=week_of(TODAY + timedelta(days=9)))), TODAY)
    assert counts.week(week_of(TODAY + timedelta(days=9))) == {}


def test_after_25_months_a_week_is_erased(counts):
    counts.add(batch(), TODAY)
    counts.erase_old(date(2028, 12, 15))
    assert counts.week(WEEK) == {SHOWER: 1}
    counts.erase_old(date(2028, 12, 22))
    assert counts.week(WEEK) == {}


def test_the_day_and_the_hour_are_written_nowhere(counts, settings):
    counts.add(batch(), TODAY)
    counts.close()
    if not settings.postgres:
        content = b"".join(file.read_bytes() for file in settings.file.parent.iterdir())
        assert WEEK.encode() in content and b"2026-11" not in content
        assert os.stat(settings.file).st_mode & 0o077 == 0


def test_a_connection_that_the_server_closed_is_opened_again(city, tmp_path):
    counts = open_counts(emptied(city, tmp_path))
    counts.add(batch(), TODAY)
    with psycopg.connect(city, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    counts.add(batch(), TODAY)
    assert counts.week(WEEK) == {SHOWER: 2}
    counts.close()


def test_an_absent_file_is_not_made_by_who_reads(tmp_path):
    with pytest.raises(StoreError):
        open_counts(StatisticsSettings(tmp_path / "absent.db"), create=False)
    assert not list(tmp_path.iterdir())


def test_weeks_begin_on_monday_and_sort_as_time_does():
    days = [date(2020, 12, 20) + timedelta(days=step) for step in range(800)]
    weeks = [week_of(day) for day in days]
    assert weeks == sorted(weeks)
    for day, week in zip(days, weeks, strict=True):
        assert monday(week) <= day <= monday(week) + timedelta(days=6)


def test_only_weeks_ended_for_seven_days_are_read_and_25_months_are_kept():
    for step in range(800):
        day = date(2026, 1, 1) + timedelta(days=step)
        last = last_closed(day)
        assert day - timedelta(days=13 + 6) < monday(last) + timedelta(days=6) <= day - timedelta(days=7)
        assert closing_day(last) <= day < closing_day(week_of(monday(last) + timedelta(days=7)))
        limit = monday(oldest_kept(day))
        assert 749 <= (day - limit).days <= 762  # 25 months are 758 to 762 days


@pytest.mark.parametrize("text", ["2026-W00", "2026-W54", "2025-W53", "26-W10", "2026-11-21", "2026-W1١", ""])
def test_what_is_not_a_week_is_refused(text):
    with pytest.raises(ValueError):
        monday(text)


def test_a_batch_travels_as_it_is():
    sent = batch(3)
    assert decode(encode(sent)) == sent


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xff", b"[]", b"null", b'{"id": "x", "comptes": []}', b"[" * 100_000,
        encode(Batch("z" * 32, {SHOWER: 1})),
        encode(batch(0)),
        encode(batch(-1)),
        encode(batch(True)),
        encode(batch(2**31)),
        encode(batch(cell=SHOWER._replace(week="2026-11-21"))),
        encode(batch(cell=SHOWER._replace(value="je dors dehors"))),
        encode(batch(cell=SHOWER._replace(value="0612345678 "))),
        encode(batch(cell=SHOWER._replace(measure="session"))),
        encode(batch(cell=SHOWER._replace(split="arrondissement", part="18"))),
        encode(batch(cell=SHOWER._replace(value=12))),
    ],
)  # fmt: skip
def test_anything_else_is_not_a_batch(body):
    with pytest.raises(ValueError, match="^ce n'est pas un relevé de comptes$"):
        decode(body)


def test_settings_by_default_count_in_a_file_of_this_machine():
    found = read_statistics({})
    assert (found.file.name, found.rabbitmq, found.postgres, found.threshold) == (
        "statistiques.db", "", "", 10,
    )  # fmt: skip
    assert read_statistics({"JALON_STATISTIQUES": "non"}) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JALON_STATISTIQUES", "yes"),
        ("JALON_STATISTIQUES_SEUIL", "4"),
        ("JALON_STATISTIQUES_SEUIL", "dix"),
        ("JALON_RABBITMQ", "http://user:motdepasse@machine"),
        ("JALON_RABBITMQ", "amqp://"),
        ("JALON_RABBITMQ", "amqp://user:motdepasse@machine:port/"),
        ("JALON_POSTGRES", "mysql://user:motdepasse@machine/base"),
    ],
)
def test_a_wrong_setting_is_named_without_its_secret(name, value):
    with pytest.raises(ValueError, match=name) as error:
        read_statistics({name: value})
    assert "motdepasse" not in str(error.value)


def test_addresses_do_not_show_in_what_is_printed():
    settings = read_statistics(
        {"JALON_RABBITMQ": "amqp://u:secret@m/", "JALON_POSTGRES": "postgresql://u:secret@m/b"}
    )
    assert "secret" not in repr(settings)
