"""The door draws plans, only of places that may be shown, and the search page shows them."""

import re
from html import unescape
from xml.etree import ElementTree

import httpx
import pytest

from tests.door_server import alone, serve


@pytest.fixture(scope="module")
def door():
    with serve(alone()) as url, httpx.Client(base_url=url) as client:
        yield client


def test_a_plan_is_drawn_and_only_the_persons_browser_keeps_where_they_are(door):
    plan = door.get("/plan.svg", params={"lieu": ["bd-meaux", "bd-haies"]})
    assert plan.status_code == 200
    assert plan.headers["content-type"].startswith("image/svg+xml")
    assert plan.headers["cache-control"] == "public, max-age=3600"
    assert ElementTree.fromstring(plan.content).get("role") == "img"
    mine = door.get("/plan.svg", params={"lieu": "bd-meaux", "lat": 48.88, "lon": 2.355})
    assert mine.headers["cache-control"] == "private, max-age=3600"
    assert "Vous" in mine.text


@pytest.mark.parametrize("key", ["adj-javel", "esi-hafb", "psa-chemin-vert", "bag-20", "nulle-part"])
def test_hidden_closed_unplaced_and_unknown_places_have_no_plan(door, key):
    for params in ({"lieu": key}, {"lieu": ["bd-meaux", key]}):
        refused = door.get("/plan.svg", params=params)
        assert refused.status_code == 404
        assert refused.json()["erreurs"][0]["message"] == "Ce lieu n'a pas de plan."


@pytest.mark.parametrize(
    "query",
    [
        "",
        "lieu=",
        "lieu=BD+Meaux",
        "lieu=bd-meaux&lat=48.88",
        "lieu=bd-meaux&lat=10&lon=2.3",
        "lieu=bd-meaux&lat=nan&lon=2.3",
        "lieu=bd-meaux&zoom=3",
        "lieu=bd-meaux&lieu=bd-haies&lieu=bd-blomet&lieu=bd-audubon",
    ],
)
def test_a_wrong_request_is_refused_in_words(door, query):
    refused = door.get(f"/plan.svg?{query}")
    assert refused.status_code == 422
    assert all(fault["message"] for fault in refused.json()["erreurs"])


def test_the_search_page_shows_a_plan_with_a_text_and_a_link_that_tells_nothing(door):
    page = door.get("/recherche", params={"besoin": "douche", "lieu": "gare du nord"}).text
    images = re.findall(r"<img [^>]+>", page)
    assert images and all('alt="Plan : ' in image and 'loading="lazy"' in image for image in images)
    address = unescape(re.search(r'src="(/plan\.svg[^"]+)"', images[0])[1])
    assert "lat=" in address and door.get(address).status_code == 200
    links = re.findall(r'<a href="https://www\.openstreetmap\.org/[^>]+>', page)
    assert links and all('rel="noopener noreferrer"' in link for link in links)
    assert "de la station" in page


def test_an_arrondissement_is_not_a_spot_where_someone_stands(door):
    page = door.get("/recherche", params={"besoin": "douche", "lieu": "18e"}).text
    assert "/plan.svg" in page
    assert not re.search(r'/plan\.svg[^"]*lat=', page)


def test_three_places_then_more_when_asked(door):
    def told(**params):
        return door.get("/recherche", params={"besoin": "douche", "lieu": "gare du nord", **params}).text

    first = told()
    assert "Voir plus de lieux" in first
    more = told(lieux=12)
    assert "Voir plus de lieux" not in more
    assert more.count('class="nom"') > first.count('class="nom"')
