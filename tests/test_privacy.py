"""A person sees all that is kept of their conversation, and has it erased; what Jalon says of it is true."""

from __future__ import annotations

import asyncio
import io
import re
import secrets

import httpx
import pytest

from channels.api import schemas
from channels.settings import read_settings
from channels.sms.providers import Incoming
from channels.sms.store import open_store
from cli.main import main
from tests.door_server import alone, serve
from tests.sms_queue import KEY, NOON

PHONE = "+33698765432"
SAID = "j'ai 47 ans je cherche une douche mon tel 0698765432 mail zoe@courriel-prive.fr"


@pytest.fixture(scope="module")
def door(pile):
    with httpx.Client(base_url=pile.url, timeout=30) as client:
        yield client


def kept(door, session) -> dict:
    answer = door.get(f"/api/v1/sessions/{session}")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    schemas.Conversation.model_validate(answer.json(), strict=True)
    return answer.json()


def test_what_is_kept_is_shown_as_it_is_kept_until_it_is_erased(door):
    session = secrets.token_hex(16)
    nothing = {"messages": [], "etat": {"faits": {}, "besoins": [], "ecartes": []}}
    assert kept(door, session) == nothing
    answer = door.post("/api/v1/messages", json={"session": session, "texte": SAID}).json()
    shown = kept(door, session)
    first, *others = shown["messages"]
    assert first["de"] == "personne" and first["texte"].startswith(
        "j'ai 47 ans je cherche une douche mon tel •••"
    )
    assert "0698765432" not in str(shown) and "courriel-prive" not in str(shown)
    assert {one["texte"] for one in others} >= {one["texte"] for one in answer["messages"] if one["texte"]}
    assert shown["etat"]["faits"] == answer["etat"]["faits"] and "douche" in shown["etat"]["besoins"]
    assert door.delete(f"/api/v1/sessions/{session}").status_code == 204
    assert kept(door, session) == nothing


def test_one_session_says_nothing_of_another(door):
    mine, other = secrets.token_hex(16), secrets.token_hex(16)
    door.post("/api/v1/messages", json={"session": mine, "texte": SAID})
    assert kept(door, other)["messages"] == []


def test_the_page_shows_the_conversation_and_the_button_that_erases_it(door):
    session = secrets.token_hex(16)
    door.post("/conversation", data={"session": session, "texte": SAID})
    page = door.post("/vos-donnees", data={"session": session}).text
    assert "j&#39;ai 47 ans" in page and "0698765432" not in page and "47 ans" in page
    again = re.search(r'name="session" value="([^"]+)"', page)[1]
    assert again == session
    assert "est effacée" in door.post("/effacer", data={"session": again}).text
    assert "ne garde rien de votre conversation" in door.post("/vos-donnees", data={"session": session}).text


def test_without_the_dialogue_it_is_said_and_the_notice_stays():
    with serve(alone()) as url:
        assert httpx.get(f"{url}/api/v1/sessions/abc").status_code == 503
        page = httpx.post(f"{url}/vos-donnees", data={"session": "abc"})
    assert page.status_code == 200 and "Réessayez dans 1 minute" in page.text and "30 minutes" in page.text


def test_the_notice_says_only_what_this_jalon_does():
    with serve(alone()) as url:
        plain = httpx.get(f"{url}/vos-donnees").text
    with serve(alone(web_idle=600, review_days=30)) as url:
        other = httpx.get(f"{url}/vos-donnees").text
        assert 'href="/vos-donnees"' in httpx.get(url).text
    assert "30 minutes" in plain and "Par SMS" not in plain and "Parfois" not in plain
    assert "10 minutes" in other and "seulement si vous dites oui" in other


@pytest.fixture
def queue(tmp_path, monkeypatch):
    """A queue of SMS where a person has written, and the settings with which the command finds it."""
    monkeypatch.setenv("JALON_SMS_FOURNISSEUR", "kannel")
    monkeypatch.setenv("JALON_SMS_FICHIER", str(tmp_path / "sms.db"))
    monkeypatch.setenv("JALON_SMS_CLE", KEY)
    store = open_store(read_settings().sms)

    async def arrive() -> None:
        await store.receive("kannel", [Incoming("m1", PHONE, "je dors dehors gare de l'est")], NOON)
        await store.take_turn()
        (first,) = await store.next_received(NOON + 1, 1)
        await store.answered(
            first, ["Appelez le 115."], NOON + 2, memory={"lieux": ["bd-haies"]}, silence=True
        )
        await store.receive("kannel", [Incoming("m2", PHONE, "j'ai froid")], NOON + 3)

    asyncio.run(arrive())
    store.close()
    return tmp_path / "sms.db"


def ask(monkeypatch, capsys, *options: str) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PHONE}\n"))
    with pytest.raises(SystemExit) as left:
        main(["personne", *options])
    assert left.value.code == 0
    return capsys.readouterr().out


def test_a_person_who_asks_by_phone_is_shown_and_erased(pile, queue, monkeypatch, capsys):
    options = ("--telephone", "--adresse", pile.url)
    shown = ask(monkeypatch, capsys, *options)
    assert "j'ai froid" in shown and "115" in shown and "les lieux dits" in shown and "le numéro" in shown
    assert "C'est effacé" in ask(monkeypatch, capsys, *options, "--effacer")
    left = ask(monkeypatch, capsys, *options)
    assert "froid" not in left and "le numéro" not in left and "silence demandé" in left
    content = b"".join(file.read_bytes() for file in queue.parent.glob("sms.db*"))
    assert b"froid" not in content and PHONE[1:].encode() not in content


def test_a_session_given_by_a_person_is_shown_and_erased(pile, door, monkeypatch, capsys):
    session = secrets.token_hex(16)
    door.post("/api/v1/messages", json={"session": session, "texte": SAID})
    options = ("--session", session, "--adresse", pile.url)
    assert "j'ai 47 ans" in ask(monkeypatch, capsys, *options)
    ask(monkeypatch, capsys, *options, "--effacer")
    assert "Rien n'est gardé" in ask(monkeypatch, capsys, *options)


def test_it_never_says_erased_when_it_could_not_be(monkeypatch, capsys):
    with serve(alone()) as url, pytest.raises(SystemExit) as left:
        main(["personne", "--session", "abc", "--effacer", "--adresse", url])
    assert left.value.code == 1 and "effacé." not in capsys.readouterr().out
