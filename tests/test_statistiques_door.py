"""A door that counts: what its pages, its API and its conversations leave in the statistics."""

import secrets
import socket
import sqlite3
import time
from contextlib import closing, contextmanager

import httpx
import pytest

from channels.settings import Settings
from channels.statistiques.events import SPLITS, vocabulary
from channels.statistiques.settings import StatisticsSettings
from channels.statistiques.store import open_counts
from channels.statistiques.weeks import today, week_of
from tests.built_base import database
from tests.counter_door import enter, open_counter
from tests.door_server import alone, serve

SENTENCE = "bonjour je dors dehors vers gare du nord et je voudrais me laver"
SHOWER = {"besoins": ["douche"], "position": {"lieu": "gare du nord"}, "faits": {}}


@pytest.fixture
def statistics(tmp_path):
    return StatisticsSettings(tmp_path / "statistiques" / "comptes.db")


def counted(statistics: StatisticsSettings) -> dict[tuple, int]:
    """What was counted, without the week, once the door has stopped."""
    counts = open_counts(statistics, create=False)
    found = counts.week(week_of(today()))
    counts.close()
    return {tuple(cell[1:]): count for cell, count in found.items()}


def test_a_search_and_a_program_are_counted_with_their_channel(statistics):
    with serve(alone(statistics=statistics)) as url, httpx.Client(base_url=url, timeout=30) as client:
        for lieux in ("3", "12"):  # « plus de lieux » shows the same answer again
            client.get("/recherche", params={"besoin": "douche", "lieu": "gare du nord", "lieux": lieux})
        client.get("/recherche", params={"besoin": "douche", "lieu": "zzyzx"})
        client.post("/api/v1/orientation", json=SHOWER)
    found = counted(statistics)
    assert found["besoin", "douche", "canal", "formulaire"] == 1
    assert found["besoin", "douche", "canal", "api"] == 1
    assert found["reponse", "douche", "arrondissement", "10"] == 2
    assert not any(measure == "echange" for measure, *_ in found)


def test_a_sheet_made_at_the_counter_is_counted(statistics, tmp_path):
    with (
        open_counter(tmp_path, door={"statistics": statistics}) as (url, settings),
        httpx.Client() as client,
    ):
        token = enter(client, url, settings)
        sent = {"jeton": token, "besoins": "douche", "position": "gare du nord", "notes": "Madame Quantinez"}
        answer = client.post(f"{url}/guichet/fiche", data=sent, headers={"origin": url})
        assert answer.status_code == 200
        client.get(f"{url}/fiche", params={"besoin": "douche"})
    found = counted(statistics)
    assert found["besoin", "douche", "canal", "guichet"] == 1
    assert not any(part == "web" for *_, part in found)


@contextmanager
def talking(pile, statistics: StatisticsSettings):
    """Say something to a door that counts, with the dialogue server of the running Jalon."""
    rasa = pile.rasa_url.removesuffix("/webhooks/jalon")
    settings = Settings(base=pile.base, rasa_url=rasa, internal_key=pile.key, statistics=statistics)
    session = secrets.token_hex(16)
    with serve(settings) as url, httpx.Client(base_url=url, timeout=30) as client:

        def say(text: str, channel: str = "web") -> None:
            body = {"session": session, "texte": text, "canal": channel}
            assert client.post("/api/v1/messages", json=body).json()["messages"]

        say.client, say.session = client, session
        yield say


def test_a_need_counts_once_in_a_conversation_and_again_in_a_new_one(pile, statistics):
    with talking(pile, statistics) as say:
        say(SENTENCE)
        say("merci")
        say("je voudrais prendre une douche")
        say("on recommence")
        say("je voudrais prendre une douche")
    found = counted(statistics)
    assert found["besoin", "douche", "canal", "web"] == 2
    assert found["reponse", "douche", "arrondissement", "10"] >= 1
    assert found["dispositif", "bains_douches", "statut", "oui"] >= 1
    assert any(measure == "lieu" and part == "10" for measure, _, _, part in found)


def test_dangers_and_messages_not_understood_are_counted(pile, statistics):
    with talking(pile, statistics) as say:
        for _ in range(3):  # one person who repeats it is not three
            say("mon mari me frappe")
        for _ in range(2):
            say("la grande table passe doucement derrière le bout du mot")
    found = counted(statistics)
    assert found["alerte", "violences", "canal", "web"] == 1
    assert found["echange", "incompris", "canal", "web"] == 2
    assert not any(split == "arrondissement" for _, _, split, _ in found)


def test_a_message_sent_twice_is_counted_once(pile, statistics):
    with talking(pile, statistics) as say:
        body = {"session": say.session, "texte": SENTENCE, "envoi": secrets.token_hex(8)}
        for _ in range(2):
            assert say.client.post("/tour", json=body).status_code == 200
    assert counted(statistics)["echange", "compris", "canal", "web"] == 1


def test_nothing_of_a_person_reaches_the_file(pile, statistics):
    planted = ("Zoubida", "Quantinez", "0612345678", "zoubida@exemple.fr", "Charonne", "irregulier")
    with talking(pile, statistics) as say:
        say("je m'appelle Zoubida Quantinez, j'ai 47 ans, je suis sans papiers, mon numéro est le 0612345678")
        say("je dors dehors au 12 rue de Charonne, zoubida@exemple.fr, je voudrais une douche", "sms")
        session = say.session
    known = vocabulary(database())
    for measure, value, split, _ in counted(statistics):
        assert value in known[measure] and split in SPLITS[measure]
    content = b"".join(file.read_bytes() for file in statistics.file.parent.iterdir())
    for word in (*planted, session, "127.0.0.1"):
        assert word.encode() not in content, word


def test_a_running_jalon_counts_without_being_asked_to(pile):
    """Through `jalon servir`, in the file that its environment names."""
    httpx.post(f"{pile.url}/api/v1/orientation", json=SHOWER, timeout=30)
    limit = time.monotonic() + 20
    while not _has(pile.statistics, ("besoin", "douche", "canal", "api")) and time.monotonic() < limit:
        time.sleep(0.2)
    assert _has(pile.statistics, ("besoin", "douche", "canal", "api"))


def _has(file, cell: tuple) -> bool:
    return file.exists() and cell in counted(StatisticsSettings(file))


def test_a_file_that_cannot_be_written_costs_no_answer(tmp_path):
    (tmp_path / "statistiques.db").mkdir()
    with serve(alone(statistics=StatisticsSettings(tmp_path / "statistiques.db"))) as url:
        assert httpx.post(f"{url}/api/v1/orientation", json=SHOWER, timeout=30).status_code == 200


def test_a_broker_that_is_silent_costs_no_answer(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"amqp://x:motdepasse@127.0.0.1:{silent.getsockname()[1]}/"
        away = StatisticsSettings(tmp_path / "statistiques.db", rabbitmq=address)
        with serve(alone(statistics=away)) as url, httpx.Client(base_url=url, timeout=30) as client:
            client.post("/api/v1/orientation", json=SHOWER)  # the first one reads the gazetteer
            end, worst = time.monotonic() + 6, 0.0  # a delivery is tried after 5 s, and given up 5 s later
            while time.monotonic() < end:
                start = time.monotonic()
                assert client.post("/api/v1/orientation", json=SHOWER).status_code == 200
                worst = max(worst, time.monotonic() - start)
                time.sleep(0.05)
    assert worst < 2.5
    assert not list(tmp_path.iterdir())


def test_a_door_erases_what_is_older_than_25_months(statistics):
    with serve(alone(statistics=statistics)):
        pass  # makes the file
    with closing(sqlite3.connect(statistics.file)) as db:
        for week in ("2020-W10", week_of(today())):
            db.execute("INSERT INTO comptes VALUES (?, 'besoin', 'douche', 'canal', 'web', 3)", (week,))
        db.commit()
    with serve(alone(statistics=statistics)):
        time.sleep(0.5)
    with closing(sqlite3.connect(statistics.file)) as db:
        assert db.execute("SELECT semaine FROM comptes").fetchall() == [(week_of(today()),)]
