"""The plan must be true, readable without colours, and never show what is to be kept hidden."""

import re
from functools import lru_cache
from xml.etree import ElementTree

import pytest
from built_base import database
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.web.plans import card_plan
from data.distance import distance_m
from data.plan import MOST_SPOTS, Spot, describe, direction, draw
from data.plan.contours import arrondissements, limits
from data.plan.geometry import Box, Frame, clipped, holds, middle
from data.plan.labels import SIZE, in_lines

GARE_DU_NORD = (48.8809, 2.3553)
MEAUX = Spot("Bains-douches Meaux", 48.87916, 2.37104, "18 rue de Meaux")
HAIES = Spot("Bains-douches des Haies", 48.85387, 2.39794, "27 rue des Haies")
SVG = "{http://www.w3.org/2000/svg}"

spots = st.builds(
    Spot,
    st.sampled_from(["ESI Bonneau", "Bains-douches de la Butte-aux-Cailles", "<b>&\"'"]),
    st.floats(48.82, 48.90),
    st.floats(2.26, 2.41),
    st.none() | st.just("5 place Paul-Verlaine"),
)
people = st.none() | st.tuples(st.floats(48.75, 48.95), st.floats(2.2, 2.5))


@lru_cache(maxsize=1)
def stations():
    return [Spot(one.nom, one.lat, one.lon) for one in database().gazetteer.places if one.type == "station"]


def texts(svg):
    """Every text drawn, its lines joined."""
    return [" ".join(one.itertext()) for one in ElementTree.fromstring(svg).iter(f"{SVG}text")]


# What it says


def test_the_words_say_where_the_place_is():
    said = describe([MEAUX], stations(), GARE_DU_NORD)
    assert said == (
        "Bains-douches Meaux, 18 rue de Meaux. À 150 mètres au nord de la station Colonel Fabien. "
        "À 1,2 kilomètre à l'est de vous, environ 19 minutes à pied."
    )


def test_several_places_are_told_by_their_numbers():
    said = describe([MEAUX, HAIES], stations(), None)
    assert said.startswith("Numéro 1 : Bains-douches Meaux,")
    assert "Numéro 2 : Bains-douches des Haies," in said
    assert "vous" not in said


@pytest.mark.parametrize(
    ("north", "east", "said"),
    [
        (1, 0, "au nord"),
        (1, 1, "au nord-est"),
        (0, 1, "à l'est"),
        (-1, 0, "au sud"),
        (-1, -1, "au sud-ouest"),
        (0, -1, "à l'ouest"),
        (1, -1, "au nord-ouest"),
    ],
)
def test_directions_are_those_of_the_compass(north, east, said):
    # A degree of longitude is shorter than one of latitude: 0.0066 against 0.01.
    assert direction(GARE_DU_NORD, (48.8809 + north * 0.0066, 2.3553 + east * 0.01)) == said


def test_a_drawing_says_what_it_is_to_those_who_do_not_see_it():
    root = ElementTree.fromstring(draw([MEAUX], stations(), GARE_DU_NORD))
    assert root.get("role") == "img" and root.get("lang") == "fr"
    assert root.find(f"{SVG}title").text == "Plan : Bains-douches Meaux"
    assert root.find(f"{SVG}desc").text == describe([MEAUX], stations(), GARE_DU_NORD)


# What it shows


def test_the_person_the_numbers_the_stations_the_scale_and_the_north_are_there():
    shown = texts(draw([MEAUX, HAIES], stations(), GARE_DU_NORD))
    assert {"1", "2", "Vous", "N", "Colonel Fabien"} <= set(shown)
    assert {"Gare du Nord", "Magenta"} & set(shown)  # two names of one interchange
    assert any(re.fullmatch(r"\d+ (minutes|heures?) à pied", text) for text in shown)
    assert any(re.fullmatch(r"\d+er?", text) for text in shown)


def test_without_a_position_nobody_is_shown():
    assert "Vous" not in texts(draw([MEAUX], stations()))


def test_one_to_three_places():
    for wrong in ([], [MEAUX] * (MOST_SPOTS + 1)):
        with pytest.raises(ValueError, match="1 to 3"):
            draw(wrong, stations())


def test_texts_are_large_enough_at_8_centimetres():
    root = ElementTree.fromstring(draw([MEAUX], stations(), GARE_DU_NORD))
    units = float(root.get("viewBox").split()[2])
    assert root.get("width") == "8cm"
    points = SIZE * 8 / 2.54 * 72 / units
    assert points >= 9
    assert all(one.get("font-size") is None for one in root.iter() if one is not root)


def test_it_is_in_black_grey_and_white_and_asks_nothing_of_anybody():
    svg = draw([MEAUX, HAIES], stations(), GARE_DU_NORD)
    colours = set(re.findall(r"#[0-9a-fA-F]+", svg))
    assert all(
        len({*colour[1:]}) == 1 or len({colour[1:3], colour[3:5], colour[5:]}) == 1 for colour in colours
    )
    root = ElementTree.fromstring(svg)
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
        "svg", "title", "desc", "rect", "circle", "path", "text", "tspan",
    }  # fmt: skip
    assert not re.search(r"href|url\(| style=|<script", svg)


@given(st.lists(spots, min_size=1, max_size=3), people)
@settings(max_examples=60, deadline=None)
def test_any_places_make_a_plan_that_is_light_and_complete(places, person):
    svg = draw(places, stations(), person)
    shown = texts(svg)
    assert len(svg) < 25_000
    assert svg == draw(places, stations(), person)
    if len(places) > 1:
        assert {str(number) for number in range(1, len(places) + 1)} <= set(shown)


@given(st.lists(spots, min_size=1, max_size=3), people)
@settings(max_examples=60, deadline=None)
def test_the_frame_holds_every_point(places, person):
    points = [spot.point for spot in places] + ([person] if person else [])
    frame = Frame.around(points, 900, 0.14, 302)
    assert all(frame.box.holds(Box.around(*frame.place(point), 0, 0)) for point in points)


# The shapes


def test_every_arrondissement_holds_its_own_centre_and_no_other():
    for place in database().gazetteer.places:
        if place.type == "arrondissement":
            inside = [n for n, outline in arrondissements().items() if holds(outline, (place.lat, place.lon))]
            assert inside == [place.arrondissement]


def test_the_seine_passes_by_the_stations_of_its_banks_and_not_elsewhere():
    river = [point for edge in limits()[1] for point in edge]

    def metres(name):
        (station,) = (one for one in stations() if one.name == name)
        return min(distance_m(*station.point, *point) for point in river)

    for near in ("Pont Neuf", "Pont Marie", "Bir-Hakeim", "Musée d'Orsay", "Javel"):
        assert metres(near) < 500, near
    for far in ("Gare du Nord", "Nation", "Denfert-Rochereau"):
        assert metres(far) > 1_500, far


def test_what_is_cut_by_the_frame_stays_in_it():
    box = Box(0, 0, 10, 10)
    cut = clipped([(-5, -5), (5, -5), (5, 5), (-5, 5)], box)
    assert sorted(set(cut)) == [(0, 0), (0, 5), (5, 0), (5, 5)]
    assert middle(cut) == (2.5, 2.5)
    assert clipped([(20, 20), (30, 20), (30, 30)], box) == []


def test_long_names_are_cut_between_words():
    assert in_lines("Barbès - Rochechouart") == ("Barbès", "Rochechouart")
    assert in_lines("Gare du Nord") == ("Gare du Nord",)


# On the cards


def service(key, **changes):
    where = database().service(key)["position"] or {}
    return {"id": key, "nom": key, "lat": where.get("lat"), "lon": where.get("lon"), **changes}


def test_a_card_numbers_its_places_as_the_plan_does():
    services = [service("bd-meaux"), service("bag-20", lat=None, lon=None), service("bd-haies")]
    plan = card_plan(database(), services, {"lat": 48.88091, "lon": 2.35531, "approximative": False})
    assert plan["adresse"] == "/plan.svg?lieu=bd-meaux&lieu=bd-haies&lat=48.8809&lon=2.3553"
    assert [(one["id"], one["numero"]) for one in plan["lieux"]] == [("bd-meaux", 1), ("bd-haies", 2)]
    assert plan["lieux"][0]["repere"].endswith("de la station Colonel Fabien.")


def test_the_middle_of_an_area_is_not_where_the_person_is():
    plan = card_plan(database(), [service("bd-meaux")], {"lat": 48.89, "lon": 2.34, "approximative": True})
    assert "lat=" not in plan["adresse"]
    assert plan["lieux"][0]["numero"] is None


def test_places_without_position_have_no_plan():
    assert card_plan(database(), [service("bag-20", lat=None, lon=None)], None) is None
