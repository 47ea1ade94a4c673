"""What is counted is true, bounded, cheap, and told only to who runs Jalon."""

import asyncio
import os
import re
import subprocess
import sys
import time
from datetime import date
from types import SimpleNamespace

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from channels.metrics import counting
from channels.metrics.snapshot import Snapshot, old_data
from channels.settings import read_settings
from channels.sms.settings import SmsSettings
from cli.project import ROOT
from data.database import open_database
from rules.checking.verification import expired
from tests.conversations import Player
from tests.door_server import alone, base_path, serve
from tests.sms_queue import NOON, message, queue

TOKEN = "un-jeton-de-trente-deux-caracteres-ou-plus"
SECRET = "Mme Zarathoustra, 06 12 34 56 78"


def read(url: str, **options) -> dict[tuple, float]:
    """Every sample of a door: (name, sorted labels) -> value."""
    answer = httpx.get(f"{url}/metriques", **options)
    assert answer.status_code == 200, answer.text
    families = text_string_to_metric_families(answer.text)
    return {(s.name, *sorted(s.labels.values())): s.value for family in families for s in family.samples}


def grew(before: dict, after: dict, *key: str) -> float:
    return after.get(key, 0) - before.get(key, 0)


@pytest.fixture(scope="module")
def door():
    with serve(alone()) as url:
        yield url


def test_a_breakdown_of_the_dialogue_is_counted_and_nobody_s_words_are_told(door):
    before = read(door)
    body = {"session": "une-session-de-test", "texte": SECRET, "canal": "sms"}
    assert httpx.post(f"{door}/api/v1/messages", json=body).status_code == 200
    after = read(door)
    assert grew(before, after, "jalon_tours_total", "panne", "sms") == 1
    assert grew(before, after, "jalon_rasa_indisponible_total", "tour") == 1
    assert grew(before, after, "jalon_tour_secondes_count", "sms") == 1
    assert after["jalon_composant_pret", "rasa"] == 0 and after["jalon_composant_pret", "base"] == 1
    assert "arathoustra" not in httpx.get(f"{door}/metriques").text


def test_a_form_and_the_api_count_needs_and_places(door):
    before = read(door)
    httpx.get(f"{door}/recherche", params={"besoin": ["douche", SECRET], "lieu": "gare du nord"})
    httpx.post(f"{door}/api/v1/orientation", json={"besoins": ["douche"], "faits": {}})
    after = read(door)
    assert grew(before, after, "jalon_besoins_total", "douche") == 2
    assert grew(before, after, "jalon_lieux_proposes_total", "bains_douches") > 3
    assert after["jalon_requetes_total", "/recherche", "200"] >= 1


def test_addresses_typed_by_anybody_make_no_new_series(door):
    seen = []
    for rank in range(20):
        httpx.get(f"{door}/{SECRET}{rank}")
        httpx.get(f"{door}/api/v1/sessions/session-{rank:08d}")
        seen.append(set(read(door)))
    assert len(seen[-1] - seen[1]) == 0
    counting.count_turn(SECRET, {"messages": [], "panne": True}, 0.1)
    assert "arathoustra" not in httpx.get(f"{door}/metriques").text


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"Host": "jalon.example.org"},
        {"Via": "1.1 proxy"},
    ],
)
def test_without_a_token_only_this_machine_reads_and_not_through_a_proxy(door, headers):
    assert httpx.get(f"{door}/metriques", headers=headers).status_code == 404


@pytest.mark.parametrize("shown", ["x", TOKEN[:-1], f"{TOKEN}x", "é" * 32])
def test_with_a_token_only_who_shows_it_reads_even_from_this_machine(shown):
    with serve(alone(metrics_token=TOKEN)) as url:
        refused = {"Authorization": f"Bearer {shown}".encode()}
        assert httpx.get(f"{url}/metriques", headers=refused).status_code == 404
        assert read(url, headers={"Authorization": f"Bearer {TOKEN}", "X-Forwarded-For": "8.8.8.8"})


def test_a_short_token_is_refused_without_being_told():
    with pytest.raises(ValueError, match="JALON_METRIQUES_JETON") as refused:
        read_settings({"JALON_METRIQUES_JETON": "secret"})
    assert "secret" not in str(refused.value)
    assert TOKEN not in repr(read_settings({"JALON_METRIQUES_JETON": TOKEN}))


def test_a_turn_with_the_real_dialogue_is_counted_by_what_it_was(pile):
    person = Player(pile.url)
    before = read(pile.url)
    person.say("je dors dehors gare du nord et je veux me laver")
    person.say("flurb zogotounga")
    person.say("mon mari me frappe")
    after = read(pile.url)
    assert grew(before, after, "jalon_tours_total", "incompris", "web") == 1
    assert grew(before, after, "jalon_tours_total", "repondu", "web") == 2
    assert grew(before, after, "jalon_besoins_total", "douche") == 1
    assert grew(before, after, "jalon_partie_secondes_count", "tour") == 3
    alerts = sum(
        value - before.get(key, 0) for key, value in after.items() if key[0] == "jalon_alertes_total"
    )
    assert alerts == 1
    assert after["jalon_composant_pret", "rasa"] == after["jalon_composant_pret", "actions"] == 1
    [version] = [key for key in after if key[0] == "jalon_version"]
    assert any(re.fullmatch(r"modele-[0-9a-f]{12}\.tar\.gz", label) for label in version)


def test_old_data_are_counted_and_a_year_later_more(base):
    places, facts, _ = old_data(base, date(2026, 11, 21))
    assert places > 100 and facts["horaires"] > 0
    later = old_data(base, date(2036, 11, 21))
    assert later[1].total() > facts.total()


def test_rules_are_counted_once_their_period_is_over(base):
    today = date(2026, 11, 21)
    assert not expired(base.base, today), "« jalon verifier » would refuse this base"
    later = expired(base.base, date(2040, 1, 1))
    assert later and old_data(base, date(2040, 1, 1))[2] == len(later)
    for dispositif, _ in later:
        assert dispositif in base.base.dispositifs


async def _one_answered_one_waiting(folder):
    with queue(folder) as one:
        await one.receive(message(1))
        await one.worker.work()
        await one.receive(message(2))
        snapshot = Snapshot(SimpleNamespace(), {}, "", one.settings, NOON)
        return {
            (s.name, *s.labels.values()): s.value for m in snapshot._queue(one.settings) for s in m.samples
        }


def test_the_sms_queue_is_told_by_numbers(tmp_path):
    told = asyncio.run(_one_answered_one_waiting(tmp_path))
    assert told["jalon_sms_messages", "recu", "attend"] == 1
    assert told["jalon_sms_segments_jour",] == 1 and told["jalon_sms_recus_jour",] == 2
    assert told["jalon_sms_lisible",] == 1


def test_a_queue_that_cannot_be_read_is_told_as_such(tmp_path, base):
    settings = SmsSettings(provider="essai", file=tmp_path / "absent.db")
    samples = [one for metric in Snapshot(base, {}, "", settings).collect() for one in metric.samples]
    assert [one.value for one in samples if one.name == "jalon_sms_lisible"] == [0]


def test_two_doors_of_one_machine_tell_one_sum(tmp_path):
    code = (
        "from channels.metrics import counting, routes;"
        "counting.count_request('/', 200, 0.01);"
        "from prometheus_client import CollectorRegistry;"
        "print(routes._as_text(CollectorRegistry()).decode())"
    )
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for expected in (1.0, 2.0):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert f'jalon_requetes_total{{chemin="/",code="200"}} {expected}' in done.stdout


def test_counting_a_turn_costs_next_to_nothing():
    answer = {
        "messages": [
            {"alerte": None, "orientation": {"dispositifs": [{"services": [{"categorie": "essai"}] * 9}]}}
        ],
        "entendu": {"besoins": ["douche"], "incompris": False},
    }

    def cost() -> float:
        start = time.process_time()
        for _ in range(200):
            counting.count_turn("web", answer, 0.05)
        return (time.process_time() - start) / 200

    assert min(cost() for _ in range(5)) < 0.0002


def test_the_base_of_the_tests_is_the_one_that_is_measured(door):
    [version] = [key for key in read(door) if key[0] == "jalon_version"]
    assert open_database(base_path()).version in version
