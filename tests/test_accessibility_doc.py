"""docs/accessibilite.md says of 49 criteria how each is met: what it names must exist."""

import ast
import re
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "accessibilite.md").read_text("utf-8")
NOT_DONE = "revue à la main, non faite"
# The criteria of RGAA 4.1 that concern a conversation, by theme.
CRITERIA = {
    1: (1, 2, 3), 2: (1, 2), 3: (1, 2, 3), 4: (10,), 6: (1,), 7: (1, 3, 4, 5), 8: (3, 5, 6, 7), 9: (1, 2, 3),
    10: (4, 5, 7, 8, 9, 11, 12, 13), 11: (1, 2, 5, 9, 10, 11, 13), 12: (7, 8, 9, 10, 11),
    13: (1, 2, 7, 8, 9, 10, 11, 12),
}  # fmt: skip


def rows() -> list[list[str]]:
    """The cells of each row of the table of the RGAA: number, what it asks, how, test."""
    table = PAGE.partition("## Les 49 critères")[2].partition("\n## ")[0]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in re.findall(r"(?m)^\| \d.+$", table)]


@lru_cache
def names_in(path: Path) -> set[str]:
    return {one.name for one in ast.parse(path.read_text("utf-8")).body if isinstance(one, ast.FunctionDef)}


def test_the_49_criteria_are_there_once_and_in_order():
    expected = [f"{theme}.{number}" for theme, numbers in CRITERIA.items() for number in numbers]
    assert len(expected) == 49
    assert [row[0] for row in rows()] == expected


def test_each_criterion_says_how_it_is_met_and_shows_it_or_admits_that_nobody_looked():
    for number, asked, how, shown in rows():
        assert asked and how, number
        assert "::test_" in shown or NOT_DONE in shown, number


def test_every_test_named_exists():
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    assert len(named) == PAGE.count("::")
    assert not [(path, name) for path, name in named if name not in names_in(ROOT / path)]


def test_every_file_named_exists():
    named = re.findall(r"`(channels/[\w/.]+)`", PAGE)
    assert named and not [path for path in named if not (ROOT / path).is_file()]


def test_the_links_of_the_pages_say_the_state_that_the_statement_says():
    pages = ("web/templates/base.html", "guichet/templates/_pied.html", "fiche/templates/fiche.html")
    for path in (f"channels/{page}" for page in pages):
        assert "Accessibilité : non conforme" in (ROOT / path).read_text("utf-8")
    statement = (ROOT / "channels/web/templates/accessibilite.html").read_text("utf-8")
    assert "Jalon est non conforme." in statement and "**non conforme**" in PAGE
