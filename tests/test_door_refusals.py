"""What the door refuses, it refuses in French, at the right place, with the nearest right thing: never a 500."""

import httpx
import pytest

from tests.door_server import alone, serve

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def door():
    with serve(alone()) as url, httpx.Client(base_url=url) as client:
        yield client


def refusals(response) -> dict[str, dict]:
    assert set(response.json()) == {"erreurs"}, response.text
    found = response.json()["erreurs"]
    assert found and all(set(one) == {"chemin", "message", "suggestion"} for one in found)
    assert all(one["message"][0].isupper() or one["message"][0] in "«l" for one in found), found
    return {one["chemin"]: one for one in found}


@pytest.mark.parametrize(
    ("body", "path", "suggestion"),
    [
        pytest.param({"besoin": ["douche"]}, "besoin", "besoins", id="unknown key"),
        pytest.param({"besoins": ["douch"]}, "besoins.0", "douche", id="unknown need"),
        pytest.param({"besoins": "douche"}, "besoins", None, id="a need that is not a list"),
        pytest.param({"besoins": [3]}, "besoins.0", None, id="a need that is a number"),
        pytest.param({"faits": {"enfant": 2}}, "faits.enfant", "enfants", id="unknown fact"),
        pytest.param({"faits": {"age": 999}}, "faits.age", None, id="absurd age"),
        pytest.param({"faits": {"age": -1}}, "faits.age", None, id="negative age"),
        pytest.param({"faits": {"age": "47"}}, "faits.age", None, id="age as text"),
        pytest.param({"faits": {"age": 10**30}}, "faits.age", None, id="huge age"),
        pytest.param({"faits": {"age": None}}, "faits.age", None, id="null fact"),
        pytest.param(
            {"faits": {"logement_actuel": "ru"}}, "faits.logement_actuel", "rue", id="unknown value"
        ),
        pytest.param({"faits": {"animal": "oui"}}, "faits.animal", None, id="text for a boolean"),
        pytest.param({"faits": {"lien_paris": "travail"}}, "faits.lien_paris", None, id="text for a list"),
        pytest.param({"faits": []}, "faits", None, id="facts as a list"),
        pytest.param({"position": {"lieux": "x"}}, "position.lieux", "lieu", id="unknown key inside"),
        pytest.param({"position": {"lieu": "Zzyzx Blorp"}}, "position.lieu", None, id="unknown place"),
        pytest.param({"position": {"lieu": ""}}, "position.lieu", None, id="empty place"),
        pytest.param({"position": {"lat": 48.8}}, "position", None, id="half of a point"),
        pytest.param(
            {"position": {"lat": 48.8, "lon": 2.3, "lieu": "Nation"}}, "position", None, id="two ways"
        ),
        pytest.param({"position": {"lat": 481, "lon": 2}}, "position.lat", None, id="impossible latitude"),
        pytest.param({"position": {"arrondissement": 21}}, "position.arrondissement", None, id="21e"),
        pytest.param({"date": "hier"}, "date", None, id="a date in words"),
        pytest.param({"date": "2026-13-45"}, "date", None, id="an impossible date"),
        pytest.param({"date": "0001-01-01T00:00:00+14:00"}, "date", None, id="year 1"),
        pytest.param({"date": 20261121}, "date", None, id="a date as a number"),
        pytest.param({"canal": "pigeon"}, "canal", None, id="unknown channel"),
        pytest.param({"limite": 0}, "limite", None, id="no place"),
        pytest.param({"limite": True}, "limite", None, id="a boolean limit"),
        pytest.param([], "", None, id="a list"),
        pytest.param("douche", "", None, id="a text"),
    ],
)
def test_a_wrong_orientation_request_is_told_what_is_wrong(door, body, path, suggestion):
    response = door.post("/api/v1/orientation", json=body)
    assert response.status_code == 422
    found = refusals(response)
    assert list(found) == [path]
    assert found[path]["suggestion"] == suggestion


def test_all_the_wrong_facts_are_told_at_once(door):
    response = door.post("/api/v1/orientation", json={"besoins": ["x"], "faits": {"age": 999, "enfant": 1}})
    assert set(refusals(response)) == {"besoins.0", "faits.age", "faits.enfant"}


def test_an_ambiguous_place_is_answered_with_its_meanings(door):
    found = refusals(door.post("/api/v1/orientation", json={"position": {"lieu": "saint denis"}}))
    assert "Strasbourg - Saint-Denis" in found["position.lieu"]["suggestion"]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        pytest.param(b'{"besoins": [', 422, id="cut JSON"),
        pytest.param(b"\xff\xfe\x00", 400, id="not UTF-8"),
        pytest.param(b"[" * 30_000, 400, id="endless nesting"),
        pytest.param(b'{"faits": {"age": NaN}}', 422, id="NaN"),
        pytest.param(b'{"faits": {"age": ' + b"9" * 5000 + b"}}", 400, id="a number without end"),
        pytest.param(b'{"faits": {"\\ud800": "\\udfff"}}', 422, id="halves of characters"),
        pytest.param(b'{"position": {"lieu": "\\ud800"}}', 422, id="half of a character as a place"),
        pytest.param(b"", 422, id="nothing"),
        pytest.param(b" " * 70_000, 413, id="too large"),
    ],
)
def test_an_unreadable_body_is_refused_in_french(door, content, status):
    response = door.post("/api/v1/orientation", content=content, headers=JSON)
    assert response.status_code == status, response.text
    refusals(response)


def test_a_body_sent_in_pieces_cannot_pass_the_limit(door):
    response = door.post("/api/v1/orientation", content=(b" " * 10_000 for _ in range(10)), headers=JSON)
    assert response.status_code == 413
    refusals(response)


@pytest.mark.parametrize(
    ("query", "path", "suggestion"),
    [
        ("limit=3", "limit", "limite"),
        ("limite=51", "limite", None),
        ("limite=trois", "limite", None),
        ("categorie=bains_douche", "categorie.0", "bains_douches"),
        ("service=douch", "service.0", "douche"),
        ("lat=48.8", "", None),
        ("lieu=Nation&arrondissement=12", "", None),
        ("lat=nan&lon=2", "lat", None),
        ("lieu=Zzyzx+Blorp", "lieu", None),
        ("quand=demain", "quand", None),
        ("ouvert=peut-etre", "ouvert", None),
        ("apres=nulle-part", "apres", None),
    ],
)
def test_a_wrong_query_of_places_is_told_what_is_wrong(door, query, path, suggestion):
    response = door.get(f"/api/v1/services?{query}")
    assert response.status_code == 422
    assert refusals(response)[path]["suggestion"] == suggestion


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"texte": "bonjour"}, "session"),
        ({"session": "", "texte": "bonjour"}, "session"),
        ({"session": "x" * 65, "texte": "bonjour"}, "session"),
        ({"session": "a b\n", "texte": "bonjour"}, "session"),
        ({"session": "s", "texte": 3}, "texte"),
        ({"session": "s", "texte": "bonjour", "canal": "api"}, "canal"),
        ({"session": "s", "text": "bonjour", "texte": "x"}, "text"),
    ],
)
def test_a_wrong_message_request_is_told_what_is_wrong(door, body, path):
    response = door.post("/api/v1/messages", json=body)
    assert response.status_code == 422
    assert path in refusals(response)


def test_a_sentence_to_understand_must_be_there_and_short_enough(door):
    for text in ("", "  \n", "\x1b", "\u200b", "a" * 501):
        response = door.post("/api/v1/comprendre", json={"texte": text})
        assert response.status_code == 422
        assert list(refusals(response)) == ["texte"]


def test_a_program_gets_json_for_an_unknown_address_and_a_person_gets_a_page(door):
    assert refusals(door.get("/api/v1/rien")) and door.get("/api/v1/rien").status_code == 404
    assert refusals(door.put("/api/v1/orientation")) and door.put("/api/v1/orientation").status_code == 405
    page = door.get("/rien", headers={"accept": "text/html"})
    assert page.status_code == 404
    assert '<html lang="fr">' in page.text and "tel:115" in page.text and 'action="/recherche"' in page.text
