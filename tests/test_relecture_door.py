"""The question « may I keep your sentence? » at the door: who is asked, what is shown, what is kept."""

import re
from contextlib import contextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from channels.api import schemas
from channels.relecture.kept import kept_sentences, today
from channels.settings import read_settings
from tests.door_server import alone, serve, serve_app

SENTENCE = "je m'appelle Karim et je cherche un truc pour ce soir"
REDACTED = "je m'appelle [nom] et je cherche un truc pour ce soir"
GUESS = {"texte": "Prendre une douche", "valeur": '/informer{"besoin": "douche"}'}


@pytest.fixture
def heard():
    """What the dialogue server receives; "incompris" decides what it answers."""
    return {"textes": [], "incompris": True}


@pytest.fixture
def open_door(heard, tmp_path):
    """Opens a door on a dialogue server that never understands: the client and the kept sentences."""

    async def turn(request):
        heard["textes"].append((await request.json())["texte"])
        messages = [
            {"texte": "Je n'ai pas bien compris.", "boutons": [], "incompris": heard["incompris"]},
            {"texte": "Est-ce que vous voulez dire :", "boutons": [GUESS]},
        ]
        return JSONResponse({"messages": messages, "etat": {"faits": {}, "besoins": []}})

    @contextmanager
    def opened(**changes):
        with serve_app(Starlette(routes=[Route("/webhooks/jalon/tour", turn, methods=["POST"])])) as rasa:
            settings = alone(
                **{"rasa_url": rasa, "review_days": 30, "review_file": tmp_path / "run" / "r.db", **changes}
            )
            with serve(settings) as url, httpx.Client(base_url=url, timeout=30) as client:
                yield client, kept_sentences(settings.review_file)

    return opened


def say(client, text, channel="web") -> list[dict]:
    body = {"session": "s1", "texte": text, "canal": channel}
    response = client.post("/api/v1/messages", json=body)
    assert response.status_code == 200, response.text
    schemas.Tour.model_validate(response.json(), strict=True)
    return response.json()["messages"]


def offers(messages) -> list[dict]:
    buttons = [button for message in messages for button in message["boutons"]]
    return [button for button in buttons if button["valeur"].startswith("/garder")]


def texts(kept) -> list[str]:
    return [sentence.texte for sentence in kept.sentences(today())]


@pytest.mark.parametrize("channel", ["web", "guichet"])
def test_the_person_sees_what_would_be_kept_before_saying_yes(open_door, channel):
    with open_door() as (client, kept):
        messages = say(client, SENTENCE, channel)
        assert messages[-1]["boutons"] == offers(messages)
        for part in (REDACTED, "30 jours", "caché les noms", "pas la retrouver pour l'effacer"):
            assert part in messages[-1]["texte"]
        assert "Karim" not in str(messages)
        assert not kept.path.exists()


def test_pressing_the_button_keeps_the_redacted_sentence_and_says_so(open_door, heard):
    with open_door() as (client, kept):
        [button] = offers(say(client, SENTENCE))
        [answer] = say(client, button["valeur"])
        assert REDACTED in answer["texte"] and "30 jours" in answer["texte"]
        assert answer["boutons"] == [GUESS]  # the answer can still be chosen
        assert texts(kept) == [REDACTED]
        assert heard["textes"] == [SENTENCE]  # the dialogue never hears of it
        say(client, button["valeur"])
        assert texts(kept) == [REDACTED]
        assert b"Karim" not in kept.path.read_bytes() and b"s1" not in kept.path.read_bytes()


def test_by_default_nothing_is_asked_and_nothing_is_ever_written(open_door, heard):
    with open_door() as (client, _):
        [button] = offers(say(client, SENTENCE))
    with open_door(review_days=0) as (client, kept):
        assert not offers(say(client, SENTENCE))
        say(client, button["valeur"][:400])
        assert not kept.path.exists() and not kept.path.parent.exists()
    assert read_settings({}).review_days == 0


@pytest.mark.parametrize(
    ("text", "channel", "understood"),
    [
        (SENTENCE, "sms", False),
        (SENTENCE, "web", True),
        ("je suis malade et je cherche un truc pour ce soir", "web", False),
        ("oui oui", "web", False),
    ],
)
def test_nobody_is_asked_by_sms_or_about_what_is_understood_private_or_too_short(
    open_door, heard, text, channel, understood
):
    heard["incompris"] = not understood
    with open_door() as (client, kept):
        assert not offers(say(client, text, channel))
        assert not kept.path.exists()


@pytest.mark.parametrize("forge", [
    lambda value: value[:-8] + "AAAAAAA=",
    lambda value: re.sub(":[0-9a-f]{64}:", f":{'0' * 64}:", value),
    lambda value: "/garder:",
    lambda value: "/garder:é:é",
])  # fmt: skip
def test_nobody_can_have_another_text_kept(open_door, forge):
    with open_door() as (client, kept):
        [button] = offers(say(client, SENTENCE))
        [answer] = say(client, forge(button["valeur"]))
        assert "rien gardé" in answer["texte"]
        assert not kept.path.exists()


def test_a_button_of_another_start_of_the_door_keeps_nothing(open_door):
    with open_door() as (client, _):
        [button] = offers(say(client, SENTENCE))
    with open_door() as (client, kept):
        assert "rien gardé" in say(client, button["valeur"])[0]["texte"]
        assert not kept.path.exists()


def test_a_file_that_cannot_be_written_never_leaves_a_person_without_an_answer(open_door, tmp_path):
    (tmp_path / "plein").mkdir()
    with open_door(review_file=tmp_path / "plein") as (client, _):
        messages = say(client, SENTENCE)
        assert "pas bien compris" in messages[0]["texte"] and not offers(messages)


def test_expired_sentences_go_when_the_door_opens_even_when_nothing_more_is_kept(open_door, tmp_path):
    kept = kept_sentences(tmp_path / "run" / "r.db")
    kept.keep("vieille phrase", today(), 0)
    assert b"vieille" in kept.path.read_bytes()
    with open_door(review_days=0) as (client, _):
        say(client, "bonjour")
    assert b"vieille" not in kept.path.read_bytes()


def test_the_page_shows_the_offer_with_its_button(open_door):
    with open_door() as (client, _):
        page = client.post("/tour", json={"session": "s1", "texte": SENTENCE}).text
        assert 'value="Garder ma phrase, sans mon nom|/garder:' in page
        assert "[nom]" in page


@pytest.mark.parametrize("days", ["-1", "91", "trente", "1.5", "²"])
def test_a_wrong_number_of_days_is_refused_by_name(days):
    with pytest.raises(ValueError, match="JALON_RELECTURE_JOURS"):
        read_settings({"JALON_RELECTURE_JOURS": days})


def test_the_settings_are_read(tmp_path):
    found = read_settings({"JALON_RELECTURE_JOURS": "30", "JALON_RELECTURE_FICHIER": str(tmp_path / "x.db")})
    assert (found.review_days, found.review_file) == (30, tmp_path / "x.db")
