"""With a real browser's letters, nothing written on a plan covers anything else, nor leaves the paper."""

import random
from functools import lru_cache
from itertools import combinations

import pytest
from built_base import database

from data.plan import Spot, draw

# The boxes that the browser gives to each text and each marker, in the units of the drawing.
BOXES = """() => [...document.querySelectorAll('svg > text, svg > rect[width="8"], svg > circle[r="11"]')].map(one => {
  const box = one.getBBox();
  return [one.textContent || one.tagName, box.x, box.y, box.x + box.width, box.y + box.height];
})"""
SLACK = 1.5  # units: letters do not fill the box of their line


@lru_cache(maxsize=1)
def stations():
    return [Spot(one.nom, one.lat, one.lon) for one in database().gazetteer.places if one.type == "station"]


def located():
    return [
        Spot(place["nom"], place["position"]["lat"], place["position"]["lon"], place["adresse"])
        for place in database().services()
        if place["position"] and not place["sensible"]
    ]


@pytest.mark.parametrize("seed", range(12))
def test_nothing_covers_anything(chromium, seed):
    draw_from = random.Random(seed)
    places = draw_from.sample(located(), 1 + seed % 3)
    person = draw_from.choice(stations()).point if seed % 4 else None
    page = chromium.new_page()
    page.set_content(draw(places, stations(), person))
    boxes = page.evaluate(BOXES)
    page.close()
    assert len(boxes) > 4
    for name, left, top, right, bottom in boxes:
        assert -SLACK <= left and right <= 302 + SLACK and -SLACK <= top and bottom <= 342 + SLACK, name
    for (one, *a), (other, *b) in combinations(boxes, 2):
        if {one, other} & {"circle"} and (one.isdigit() or other.isdigit()):
            continue  # a number is inside its disc
        apart = a[2] - SLACK <= b[0] or b[2] - SLACK <= a[0] or a[3] - SLACK <= b[1] or b[3] - SLACK <= a[1]
        assert apart, (seed, one, other)
