"""The door answers as the contract says, from the real base, even when the dialogue server is stopped."""

import httpx
import pytest

from channels.api import schemas
from data.yaml_reader import read_yaml
from tests.door_server import ROOT, alone, serve

SATURDAY_10AM = "2026-11-21T10:00:00+01:00"
SHOWER = {"besoins": ["douche"], "position": {"lieu": "gare du nord"}, "date": SATURDAY_10AM}


@pytest.fixture(scope="module")
def door():
    with serve(alone()) as url, httpx.Client(base_url=url) as client:
        yield client


def orientation(door, **body) -> dict:
    response = door.post("/api/v1/orientation", json=body)
    assert response.status_code == 200, response.text
    return schemas.Orientation.model_validate(response.json(), strict=True).model_dump()


def test_a_shower_near_gare_du_nord_is_a_named_open_place_at_walking_distance(door):
    first = orientation(door, **SHOWER)["dispositifs"][0]
    assert (first["id"], first["statut"]) == ("bains_douches", "oui")
    place = first["services"][0]
    assert place["ouverture"]["etat"] == "ouvert"
    assert place["adresse"] and 0 < place["distance_m"] < 3000 and place["a_pied_min"] < 60


def test_the_same_question_gets_the_same_answer_to_the_byte(door):
    bodies = {door.post("/api/v1/orientation", json=SHOWER).content for _ in range(3)}
    assert len(bodies) == 1


def test_every_dispositif_answers_in_the_shape_of_the_contract(door):
    everything = orientation(
        door, besoins=[], faits={"age": 22, "logement_actuel": "rue"}, date=SATURDAY_10AM
    )
    assert len(everything["dispositifs"]) > 1
    order = [dispositif["statut"] for dispositif in everything["dispositifs"]]
    assert order == sorted(order, key=["oui", "a_verifier", "non"].index)


def test_every_reason_names_its_source(door):
    for need in ("energie", "loyer", "adresse"):
        for dispositif in orientation(door, besoins=[need], faits={"age": 40})["dispositifs"]:
            for reason in dispositif["raisons"]:
                assert reason["source"]["titre"], reason


def test_three_ways_of_saying_the_same_place_give_the_same_nearest_shower(door):
    nord = door.get("/api/v1/lieux", params={"q": "gare du nord"}).json()["lieux"][0]
    by_point = {"lat": nord["lat"], "lon": nord["lon"]}
    answers = [
        orientation(door, **{**SHOWER, "position": position})["dispositifs"][0]["services"][0]["id"]
        for position in ({"lieu": "gare du nord"}, {"lieu": "Gare du Nord"}, by_point)
    ]
    assert len(set(answers)) == 1


def test_an_arrondissement_is_enough_to_get_a_distance(door):
    answer = orientation(door, **{**SHOWER, "position": {"arrondissement": 18}})
    assert answer["dispositifs"][0]["services"][0]["distance_m"] is not None


def test_without_a_place_the_next_question_asks_where_and_says_why(door):
    answer = orientation(door, besoins=["douche"], date=SATURDAY_10AM)
    assert answer["question"]["fait"] == "arrondissement"
    assert answer["question"]["pourquoi"] and not answer["terminee"]


def test_a_limit_of_places_is_kept(door):
    answer = orientation(door, **SHOWER, limite=1)
    assert {len(dispositif["services"]) for dispositif in answer["dispositifs"]} == {1}


def test_a_date_without_offset_is_paris_time(door):
    local = orientation(door, **{**SHOWER, "date": "2026-11-21T10:00:00"})
    assert local == orientation(door, **SHOWER)


def test_a_misspelt_station_is_found(door):
    found = door.get("/api/v1/lieux", params={"q": "porte de la chapel"}).json()
    schemas.Lieux.model_validate(found, strict=True)
    assert found["lieux"][0]["nom"] == "Porte de la Chapelle"
    assert found["lieux"][0]["arrondissement"] == 18


def test_places_follow_one_another_without_loss_nor_repeat(door):
    seen, cursor = [], None
    while True:
        query = {"arrondissement": 10, "limite": 7, "quand": SATURDAY_10AM} | (
            {"apres": cursor} if cursor else {}
        )
        page = door.get("/api/v1/services", params=query).json()
        schemas.Services.model_validate(page, strict=True)
        seen += [service["id"] for service in page["services"]]
        cursor = page["suivant"]
        if cursor is None:
            break
    whole = door.get("/api/v1/services", params={"limite": 50}).json()["services"]
    assert len(seen) == len(set(seen)) > len(whole)


def test_only_open_places_of_one_kind_can_be_asked(door):
    query = {"categorie": "bains_douches", "ouvert": "true", "limite": 50, "quand": SATURDAY_10AM}
    found = door.get("/api/v1/services", params=query).json()["services"]
    assert found
    assert {(one["categorie"], one["ouverture"]["etat"]) for one in found} == {("bains_douches", "ouvert")}


def test_an_offset_whose_plus_was_not_escaped_is_understood(door):
    found = door.get(f"/api/v1/services?limite=3&quand={SATURDAY_10AM}")
    escaped = door.get("/api/v1/services", params={"limite": 3, "quand": SATURDAY_10AM})
    assert found.status_code == 200
    assert found.json() == escaped.json()


HIDDEN = [place for place in read_yaml(ROOT / "data" / "services.yml") if place.get("sensible")]


def all_places(door) -> dict[str, dict]:
    found, cursor = {}, None
    while True:
        query = {"limite": 50} | ({"apres": cursor} if cursor else {})
        page = door.get("/api/v1/services", params=query).json()
        found |= {service["id"]: service for service in page["services"]}
        if (cursor := page["suivant"]) is None:
            return found


def test_a_shelter_that_must_stay_hidden_is_never_located(door):
    assert HIDDEN, "no hidden place left: this test would prove nothing"
    shown = all_places(door)
    for place in HIDDEN:
        told = shown.get(place["id"], {})
        assert not any(told.get(key) for key in ("adresse", "code_postal", "lat", "lon", "metro"))


@pytest.mark.parametrize("canal", ["web", "sms", "guichet", "api"])
def test_no_channel_that_anybody_may_name_locates_a_hidden_shelter(door, canal):
    addresses = [place["adresse"] for place in HIDDEN if place.get("adresse")]
    for facts in ({"genre": "femme"}, {"genre": "femme", "enfants": 1, "logement_actuel": "rue"}):
        answer = door.post("/api/v1/orientation", json={"faits": facts, "canal": canal, "limite": 20})
        assert not [address for address in addresses if address in answer.text]


def test_health_says_what_is_down_and_stays_200(door):
    answer = door.get("/sante")
    assert answer.status_code == 200
    assert answer.json() == {
        "statut": "degrade",
        "composants": {"base": "ok", "rasa": "indisponible", "actions": "indisponible"},
    }


def test_the_api_page_works_without_any_outside_address(door):
    page = door.get("/api/v1/docs").text
    assert "http" not in page.replace("http-equiv", "")
    for file in ("/static/api/swagger-ui-bundle.js", "/static/api/swagger-ui.css", "/static/docs.js"):
        assert file in page and door.get(file).status_code == 200
    paths = door.get("/api/v1/openapi.json").json()["paths"]
    assert {"/api/v1/orientation", "/api/v1/messages", "/api/v1/comprendre", "/sante"} <= set(paths)
    assert "/tour" not in paths


def test_the_search_page_shows_the_same_place_as_the_api(door):
    here = {"lieu": "gare du nord"}
    place = orientation(door, besoins=["bagages"], position=here, canal="web")["dispositifs"][0]["services"][
        0
    ]
    page = door.get("/recherche", params={"besoin": "bagages", **here}).text
    assert place["nom"] in page and place["adresse"] in page


def test_the_search_page_offers_the_meanings_of_an_ambiguous_place(door):
    page = door.get("/recherche", params={"besoin": "douche", "lieu": "saint denis"}).text
    assert "Strasbourg - Saint-Denis" in page and 'role="alert"' in page


def test_the_search_page_survives_anything_in_its_address(door):
    for query in ("besoin=rien", "besoin=douche&lieu=%00%ff", "lieu=" + "x" * 3000, "besoin=<script>"):
        page = door.get(f"/recherche?{query}")
        assert page.status_code == 200
        assert "<script>" not in page.text
