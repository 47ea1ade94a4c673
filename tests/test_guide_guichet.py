"""docs/guide-guichet.md quotes the counter's screen word for word: a social worker must find what it names."""

from __future__ import annotations

import re

from tests.built_base import ROOT

GUIDE = (ROOT / "docs" / "guide-guichet.md").read_text(encoding="utf-8")
COUNTER = ROOT / "channels" / "guichet"
# What people write or say, quoted in the guide but not shown on the screen.
SAID = re.compile(
    r"M\. 54 ans|vous (?:avez droit|pouvez demander|aurez)|c'est sûr|Qu'allez-vous|non$|Inconnu$"
)


def test_every_quoted_label_is_on_the_screen():
    files = [
        *COUNTER.rglob("*.html"),
        *COUNTER.rglob("*.yml"),
        *COUNTER.rglob("*.js"),
        ROOT / "data/hours/state.py",
    ]
    files += [
        *(ROOT / "data" / "hours").glob("*.py"),
        ROOT / "channels" / "textes.yml",
        *(ROOT / "actions").glob("*.yml"),
    ]
    screen = " ".join(" ".join(path.read_text(encoding="utf-8") for path in files).split())
    quoted = [words for words in re.findall(r"« ([^»]+?) »", GUIDE) if not SAID.match(words)]
    assert len(quoted) > 20
    assert {words for words in quoted if words.rstrip(".") not in screen} == set()


def test_its_shortcuts_are_those_of_the_screen():
    table = (COUNTER / "guichet.yml").read_text(encoding="utf-8")
    keys = re.findall(r"\((F\d|Ctrl \+ \w+|Alt \+ \w+)\)", GUIDE)
    assert len(keys) >= 5
    assert {key for key in keys if f'"{key}"' not in table} == set()


def test_its_pictures_and_links_exist():
    for target in re.findall(r"\]\(([^)#:]+)\)", GUIDE):
        assert (ROOT / "docs" / target).is_file(), target


def test_it_gives_the_numbers_of_a_danger():
    danger = GUIDE.partition("## En cas de danger")[2].partition("## ")[0]
    assert {"15", "17", "112", "115", "119", "3919", "3114", "114"} <= set(re.findall(r"\d+", danger))
