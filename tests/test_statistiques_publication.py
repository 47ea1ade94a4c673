"""What a week may tell: no small number, and none that somebody could compute from the others."""

from collections import defaultdict
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.statistiques.events import Cell
from channels.statistiques.publication import Row, published

WEEK = "2026-W40"
STATUSES = ("oui", "a_verifier", "non")
DISTRICTS = tuple(map(str, range(1, 21))) + ("inconnu",)


def row(threshold: int, **splits: dict[str, int]) -> Row | None:
    """What is published of one value, counted by these splits."""
    counts = {
        Cell(WEEK, "dispositif", "bains_douches", split, part): count
        for split, parts in splits.items()
        for part, count in parts.items()
        if count
    }
    rows = published(counts, threshold)
    return rows[0] if rows else None


def by_district(threshold: int, values: tuple[int, ...]) -> Row | None:
    return row(threshold, arrondissement=dict(zip(DISTRICTS, values, strict=False)))


def hidden(values: tuple[int, ...], told: Row) -> list[int]:
    """The ranks of the cells that somebody is in and that are not told."""
    shown = told.splits["arrondissement"].parts
    return [rank for rank, value in enumerate(values) if value and DISTRICTS[rank] not in shown]


def all_weeks(cells: int, total: int):
    """Every way to share `total` between `cells`."""
    for bars in combinations(range(total + cells - 1), cells - 1):
        edges = (-1, *bars, total + cells - 1)
        yield tuple(after - before - 1 for before, after in pairwise(edges))


@pytest.mark.parametrize(("cells", "highest", "threshold"), [(2, 30, 4), (3, 24, 3), (4, 16, 3), (5, 12, 3)])
def test_no_hidden_number_can_be_computed_by_who_knows_the_method(cells, highest, threshold):
    """All weeks that there can be, grouped by what is published of them: in each group, every hidden cell has
    at least two values."""
    for total in range(1, highest + 1):
        alike = defaultdict(list)
        for values in all_weeks(cells, total):
            told = by_district(threshold, values)
            if told:
                split = told.splits["arrondissement"]
                alike[tuple(sorted(split.parts.items())), split.others].append((values, told))
        for group in alike.values():
            for values, told in group:
                for rank in hidden(values, told):
                    assert len({other[rank] for other, _ in group}) > 1, (values, told)


numbers = st.one_of(st.integers(0, 12), st.integers(0, 300))


@given(st.lists(numbers, min_size=1, max_size=21).map(tuple), st.integers(5, 20))
def test_every_published_number_is_at_least_the_threshold(values, threshold):
    told = by_district(threshold, values)
    if told is None:
        return
    split = told.splits["arrondissement"]
    assert told.total == sum(values) >= threshold
    assert all(count >= threshold for count in split.parts.values())
    assert split.others == 0 or split.others >= threshold
    assert sum(split.parts.values()) + split.others == told.total


@given(st.lists(numbers, min_size=1, max_size=21).map(tuple), st.integers(5, 20))
def test_two_different_hidden_numbers_could_be_exchanged(values, threshold):
    told = by_district(threshold, values)
    if told is None:
        return
    ranks = hidden(values, told)
    for rank in ranks:
        other = next(one for one in ranks if values[one] != values[rank])
        exchanged = list(values)
        exchanged[rank], exchanged[other] = values[other], values[rank]
        assert by_district(threshold, tuple(exchanged)) == told


@given(st.lists(st.integers(1, 40), min_size=3, max_size=3), st.integers(5, 12), st.data())
def test_two_splits_of_one_total_do_not_betray_each_other(statuses, threshold, data):
    """The same requests by status and by arrondissement: each split keeps its own secrets."""
    total = sum(statuses)
    bars = sorted(data.draw(st.lists(st.integers(0, total), min_size=3, max_size=3)))
    districts = [b - a for a, b in zip([0, *bars], [*bars, total], strict=True)]
    both = row(
        threshold, statut=dict(zip(STATUSES, statuses, strict=True)),
        arrondissement=dict(zip(DISTRICTS, districts, strict=False)),
    )  # fmt: skip
    alone = by_district(threshold, tuple(districts))
    if both:
        assert both.splits["arrondissement"] == alone.splits["arrondissement"]


def test_a_small_number_takes_a_neighbour_with_it():
    split = by_district(10, (80, 30, 4)).splits["arrondissement"]
    assert dict(split.parts) == {"1": 80} and split.others == 34


def test_small_numbers_that_hide_each_other_cost_no_other():
    split = by_district(10, (80, 30, 4, 7)).splits["arrondissement"]
    assert dict(split.parts) == {"1": 80, "2": 30} and split.others == 11


def test_equal_small_numbers_do_not_hide_each_other():
    """Six cells of 2 add up to 12: their sum alone would tell each of them to who knows that there are six."""
    split = by_district(10, (80, 30, 2, 2, 2, 2, 2, 2)).splits["arrondissement"]
    assert dict(split.parts) == {"1": 80} and split.others == 42


def test_nothing_is_said_of_what_is_rare():
    assert by_district(10, (9,)) is None
    assert by_district(10, (5, 5)) is None


def test_a_week_without_secret_is_told_whole():
    split = by_district(10, (10, 20, 0)).splits["arrondissement"]
    assert dict(split.parts) == {"1": 10, "2": 20} and split.others == 0


def test_the_most_counted_comes_first_in_its_measure():
    counts = {Cell(WEEK, "besoin", need, "canal", "web"): n for need, n in (("repas", 20), ("douche", 50))}
    counts[Cell(WEEK, "echange", "compris", "canal", "web")] = 12
    assert [one.value for one in published(counts, 10)] == ["compris", "douche", "repas"]
