"""With thousands of places, the answer is still the one that the definition gives, found by trying them all.

The definition is that of docs/donnees.md, « Comment un lieu est choisi », written here a second time without
the R*Tree, the groups read as they are wanted or the shortcut for places that are surely open.
"""

from datetime import datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from tempfile import mkdtemp

import pytest
from built_base import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from test_places import facts_of_people, latitudes, longitudes, moments, positions

from bench.places.synthetic import synthetic_base
from data.build import build
from data.ranking import HORIZON, Person, Position, UnknownCursor, distance_m, find_places, judge, ranked

COUNT = 3_000
SATURDAY_10H = datetime(2026, 11, 21, 10, 0)
CENTRE = Position(48.8566, 2.3522)


@lru_cache(maxsize=1)
def many():
    folder = Path(mkdtemp(prefix="jalon-tests-"))
    return synthetic_base(build(ROOT, folder / "jalon.db").target, folder / "essai.db", COUNT)


@lru_cache(maxsize=1)
def everything():
    return many().services()


choices = st.fixed_dictionaries(
    {},
    optional={
        "categories": st.lists(
            st.sampled_from(["bains_douches", "esi", "halte_de_nuit", "rien"]), max_size=3
        ),
        "services": st.lists(st.sampled_from(["douche", "repas", "accueil_jour", "coiffure"]), max_size=3),
        "ids": st.lists(st.sampled_from([f"essai-{n:07}" for n in range(40)] + ["nulle-part"]), max_size=3),
    },
)


def matches(place, categories=(), services=(), ids=()):
    if place["id"] in ids:
        return True
    if ids and not categories and not services:
        return False
    offers = not services or bool(set(services) & set(place["services"]))
    return offers and (not categories or place["categorie"] in categories)


def on_the_map(place, hidden):
    return (
        bool(place["position"]) and place["statut"] != "ferme_travaux" and (hidden or not place["sensible"])
    )


def metres(place, position):
    where = place["position"]
    return distance_m(position.lat, position.lon, where["lat"], where["lon"])


def by_definition(places, person, group=HORIZON):
    """Candidates in the order that is promised, by sorting everything."""
    hidden, position = not person.public_channel, person.position
    near = [place for place in places if on_the_map(place, hidden)]
    near.sort(key=lambda place: (metres(place, position) if position else 0, place["id"]))

    def unreachable(place):
        return not (
            place["adresse"] or place["position"] or place["telephone"] or place["acces"] == "orientation"
        )

    aside = [place for place in places if not on_the_map(place, hidden)]
    aside.sort(key=lambda place: (place["statut"] == "ferme_travaux", unreachable(place), place["id"]))
    answer = []
    for stream in (near, aside):
        for start in range(0, len(stream), group):
            candidates = [judge(place, person) for place in stream[start : start + group]]
            answer += sorted(
                (one for one in candidates if one),
                key=lambda one: (
                    one.place["statut"] == "ferme_travaux",
                    unreachable(one.place),
                    one.distance_m is None,
                    one.obstacles,
                    one.opening_rank,
                    one.distance_m or 0,
                    one.place["id"],
                ),
            )
    return answer


@given(latitudes, longitudes, choices, st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_nearest_are_those_found_by_measuring_every_place(lat, lon, choice, hidden):
    chosen = [place for place in everything() if matches(place, **choice)]
    near = [place for place in chosen if on_the_map(place, hidden)]
    near.sort(key=lambda place: (metres(place, Position(lat, lon)), place["id"]))
    found = list(many().nearest((lat, lon), **choice, hidden=hidden))
    assert [place["id"] for place in found] == [place["id"] for place in near]
    aside = [place["id"] for place in many().aside(**choice, hidden=hidden)]
    assert sorted(aside + [place["id"] for place in near]) == sorted(place["id"] for place in chosen)


@given(
    st.none() | positions, moments, facts_of_people, choices, st.integers(1, 12), st.booleans(), st.booleans()
)
@settings(max_examples=60, deadline=None)
def test_the_answer_is_the_one_of_the_definition(where, at, facts, choice, limit, public, open_only):
    person = Person.of(where, at, facts, public)
    wanted = by_definition([place for place in everything() if matches(place, **choice)], person)
    wanted = [one for one in wanted if not open_only or one.opening["etat"] == "ouvert"]
    found = find_places(
        many(),
        **choice,
        position=where,
        at=at,
        facts=facts,
        limit=limit,
        public_channel=public,
        open_only=open_only,
    )
    assert [place["id"] for place in found] == [one.place["id"] for one in wanted[:limit]]
    assert [place["distance_m"] for place in found] == [one.distance_m for one in wanted[:limit]]


@given(
    positions,
    moments,
    facts_of_people,
    st.lists(st.integers(0, COUNT - 1), unique=True, max_size=25),
    st.integers(1, 6),
    st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_groups_of_any_size_keep_the_definition(where, at, facts, numbers, group, public):
    person = Person.of(where, at, facts, public)
    places = [everything()[number % len(everything())] for number in numbers]
    near = sorted(
        (place for place in places if on_the_map(place, not public)),
        key=lambda place: (metres(place, where), place["id"]),
    )
    wanted = by_definition(places, person, group)
    aside = [place for place in places if not on_the_map(place, not public)]
    aside.sort(key=lambda place: [one["id"] for one in many().aside(hidden=not public)].index(place["id"]))
    found = list(ranked(near, aside, person, group))
    assert [one.place["id"] for one in found] == [one.place["id"] for one in wanted]


def test_a_group_read_in_vain_is_the_last_resort_not_the_whole_city():
    night = Person.of(CENTRE, datetime(2026, 11, 23, 3, 0), {})
    read = []

    def nearest():
        for place in many().nearest((CENTRE.lat, CENTRE.lon), categories=["bains_douches"]):
            read.append(place["id"])
            yield place

    assert len(list(islice(ranked(nearest(), [], night), 3))) == 3
    assert len(read) == HORIZON


def test_every_place_comes_once_page_after_page_in_a_large_base():
    def page(after=None):
        return find_places(
            many(), categories=["esi"], position=CENTRE, at=SATURDAY_10H, facts={}, limit=50, after=after
        )

    found, last = [], None
    while places := page(last):
        found += [place["id"] for place in places]
        last = places[-1]["id"]
    told = [place for place in everything() if place["categorie"] == "esi"]
    assert len(found) == len(set(found))
    assert set(found) == {place["id"] for place in told if judge(place, Person.of(CENTRE, SATURDAY_10H, {}))}
    with pytest.raises(UnknownCursor):
        page("essai-x")


def test_a_large_base_is_not_held_in_memory():
    held = [value for value in vars(many()).values() if isinstance(value, (dict, list))]
    assert all(len(value) < COUNT / 10 for value in held)
    list(many().nearest((CENTRE.lat, CENTRE.lon)))
    assert many()._record.cache_info().currsize <= many()._record.cache_info().maxsize < COUNT
