"""The whole loop with the real dialogue server: not understood, agreed, kept, labelled."""

import secrets

import httpx
import pytest

from channels.relecture.kept import kept_sentences, today
from channels.settings import Settings
from cli import labelling
from cli.main import main
from tests.door_server import serve

NONSENSE = "la grande table de Karim passe doucement derrière le bout du mot"


@pytest.fixture
def kept(tmp_path):
    return kept_sentences(tmp_path / "relecture.db")


@pytest.fixture
def url(pile, kept):
    """A door that may keep sentences, on the dialogue server of the running Jalon."""
    rasa = pile.rasa_url.removesuffix("/webhooks/jalon")
    settings = Settings(
        base=pile.base, rasa_url=rasa, internal_key=pile.key, review_days=30, review_file=kept.path
    )
    with serve(settings) as address:
        yield address


@pytest.fixture
def say(url):
    session = secrets.token_hex(16)
    with httpx.Client(base_url=url, timeout=30) as client:

        def turn(text: str, channel: str = "web") -> list[dict]:
            body = {"session": session, "texte": text, "canal": channel}
            return client.post("/api/v1/messages", json=body).json()["messages"]

        yield turn


def offer(messages) -> str | None:
    buttons = [button for message in messages for button in message["boutons"]]
    return next((button["valeur"] for button in buttons if button["valeur"].startswith("/garder")), None)


def test_a_sentence_not_understood_is_kept_then_labelled(say, url, kept, monkeypatch, tmp_path, capsys):
    answer = say(NONSENSE)
    assert "pas bien compris" in answer[0]["texte"]
    thanks = say(offer(answer))
    [sentence] = kept.sentences(today())
    assert "table de [nom] passe" in sentence.texte
    assert sentence.texte in answer[-1]["texte"] and sentence.texte in thanks[0]["texte"]
    assert thanks[0]["boutons"]
    assert "pas bien compris" not in say(thanks[0]["boutons"][0]["valeur"])[0]["texte"]

    monkeypatch.setenv("JALON_RELECTURE_FICHIER", str(kept.path))
    monkeypatch.setattr(labelling, "REVIEWED", tmp_path / "relus.yml")
    monkeypatch.setattr("builtins.input", lambda _: "hors_sujet")
    with pytest.raises(SystemExit) as ending:
        main(["relire", "--adresse", url])
    assert ending.value.code == 0
    assert "Jalon comprend aujourd'hui :" in capsys.readouterr().out
    assert "hors_sujet" in labelling.REVIEWED.read_text() and not kept.sentences(today())


def test_the_second_time_a_person_is_proposed_not_a_question(say):
    assert offer(say(NONSENSE))
    assert not offer(say(NONSENSE))


def test_nothing_is_asked_after_a_danger_until_the_conversation_begins_again(say):
    say("mon mari me frappe")
    assert not offer(say(NONSENSE))
    say("on recommence")
    assert offer(say(NONSENSE))


@pytest.mark.parametrize(
    "text", ["je voudrais prendre une douche ce soir", "mon mari me frappe", "merci beaucoup"]
)
def test_what_is_understood_is_never_asked_for(say, text):
    assert not offer(say(text))


def test_nothing_is_asked_by_sms(say):
    assert not offer(say(NONSENSE, "sms"))


def test_by_default_a_running_jalon_asks_and_writes_nothing(pile):
    file = Settings().review_file
    before = file.read_bytes() if file.exists() else None
    body = {"session": secrets.token_hex(16), "texte": NONSENSE, "canal": "web"}
    answer = httpx.post(f"{pile.url}/api/v1/messages", json=body, timeout=30).json()
    assert "pas bien compris" in answer["messages"][0]["texte"]
    assert not offer(answer["messages"])
    assert (file.read_bytes() if file.exists() else None) == before
