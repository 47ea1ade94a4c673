"""What one answer adds to the statistics: identifiers, never two things of one person in one cell."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.statistiques.events import CHANNELS, SPLITS, STATUSES, UNSAID, Cell, cells, of_turn, vocabulary
from channels.statistiques.service import Statistics
from channels.statistiques.settings import StatisticsSettings
from channels.statistiques.weeks import today, week_of
from tests.built_base import database

WEEK = "2026-W40"
KNOWN = vocabulary(database())


def message(**told) -> dict:
    return {"texte": "…", "boutons": [], "orientation": None, "alerte": None, **told}


def orientation(*dispositifs: dict, arrondissement: int | None = None) -> dict:
    position = arrondissement and {
        "lat": 48.9, "lon": 2.3, "nom": "12 rue de Charonne", "arrondissement": arrondissement,
    }  # fmt: skip
    return {"dispositifs": list(dispositifs), "position": position}


def shower(status: str = "oui", **told) -> dict:
    services = [{"id": place} for place in ("bd-haies", "bd-oberkampf")]
    return {
        "id": "bains_douches", "statut": status, "besoins": ["douche"], "services": services, "nouveau": True, **told,
    }  # fmt: skip


def answer(*messages: dict, new: tuple = (), incompris: bool = False, needs: tuple = ("douche",)) -> dict:
    return {
        "messages": list(messages), "ecartes": [],
        "entendu": {"besoins": list(needs), "nouveaux": list(new), "incompris": incompris},
        "etat": {"faits": {"age": 47, "sejour": "irregulier"}, "besoins": list(needs)},
    }  # fmt: skip


def counted(told: dict, channel: str = "web") -> set[tuple]:
    found = cells(of_turn(channel, told), WEEK, KNOWN)
    assert len(found) == len(set(found)) and all(cell.week == WEEK for cell in found)
    return {tuple(cell[1:]) for cell in found}


def test_an_answer_that_shows_places():
    places = sorted(database().public_places)[:2]
    services = [{"id": place} for place in places]
    told = answer(
        message(orientation=orientation(shower(services=services), arrondissement=10)), new=("douche",)
    )
    assert counted(told) == {
        ("echange", "compris", "canal", "web"),
        ("besoin", "douche", "canal", "web"),
        ("reponse", "douche", "statut", "oui"),
        ("reponse", "douche", "arrondissement", "10"),
        ("dispositif", "bains_douches", "statut", "oui"),
        ("dispositif", "bains_douches", "arrondissement", "10"),
        *(("lieu", place, "arrondissement", "10") for place in places),
    }


def test_what_was_shown_before_is_not_counted_again():
    told = answer(message(orientation=orientation(shower(nouveau=False), arrondissement=10)))
    assert counted(told, "sms") == {("echange", "compris", "canal", "sms")}


def test_a_need_has_the_best_of_the_statuses_shown():
    others = [shower(status, id=name) for status, name in (("non", "ame"), ("a_verifier", "asll"))]
    told = answer(message(orientation=orientation(*others)))
    found = counted(told)
    assert ("reponse", "douche", "statut", "a_verifier") in found
    assert ("reponse", "douche", "statut", "non") not in found
    assert ("reponse", "douche", "arrondissement", UNSAID) in found


def test_a_danger_and_a_message_not_understood_are_counted_by_channel_only():
    told = answer(message(alerte="violences"), message(alerte="violences"), incompris=True)
    assert counted(told) == {
        ("echange", "incompris", "canal", "web"),
        ("alerte", "violences", "canal", "web"),
    }


def test_a_text_that_was_not_taken_counts_its_dangers_alone():
    told = {"messages": [message(alerte="suicide")], "etat": {"faits": {}, "besoins": []}, "repris": True}
    assert counted(told) == {("alerte", "suicide", "canal", "web")}


@pytest.mark.parametrize("place", [None, 0, 21, 93, "18 rue X", True])
def test_a_place_that_is_not_an_arrondissement_is_unknown(place):
    told = answer(message(orientation=orientation(shower()) | {"position": {"arrondissement": place}}))
    parts = {part for _, _, split, part in counted(told) if split == "arrondissement"}
    assert parts == {UNSAID}


def test_a_danger_told_again_in_one_conversation_counts_once():
    messages = [{"alerte": "violences", "orientation": None}]
    heard = {"besoins": [], "nouveaux": [], "alertes_dites": [], "incompris": False}
    answer = {"messages": messages, "etat": {"besoins": []}, "entendu": heard}
    assert of_turn("web", answer).alerts == ("violences",)
    assert of_turn("web", {**answer, "entendu": {**heard, "alertes_dites": ["suicide"]}}).alerts == (
        "violences",
    )
    assert of_turn("web", {**answer, "entendu": {**heard, "alertes_dites": ["violences"]}}).alerts == ()
    without_dialogue = {"messages": messages, "etat": {"besoins": []}}
    assert of_turn("sms", without_dialogue).alerts == ("violences",)


def test_protected_places_are_not_counted():
    rows = database().connection.execute("SELECT id FROM services WHERE sensible").fetchall()
    assert rows and not {name for (name,) in rows} & KNOWN["lieu"]


# Right or nearly right: what is right in part must not carry the rest with it.
words = st.sampled_from(["douche", "bains_douches", "violences", "oui", "peut-être", "web", "0612345678", ""])
junk = words | st.sampled_from([None, True, 3, -1, 2.5, [], {}, ["douche"], [["x"]], {"id": "douche"}])
dispositifs = st.fixed_dictionaries(
    {"id": words, "statut": words, "besoins": st.lists(words, max_size=2) | junk, "services": junk}
)
orientations = st.fixed_dictionaries(
    {
        "position": st.fixed_dictionaries({"arrondissement": junk}) | junk,
        "dispositifs": st.lists(dispositifs, max_size=2) | junk,
    }
)
messages = st.fixed_dictionaries({"alerte": junk, "orientation": orientations | junk})
strange = st.fixed_dictionaries(
    {"messages": st.lists(messages, max_size=2) | junk},
    optional={
        "entendu": st.fixed_dictionaries(
            {"nouveaux": st.lists(words, max_size=2) | junk, "incompris": junk},
            optional={"alertes_dites": st.lists(words, max_size=2) | junk},
        )
        | junk,
        "etat": st.fixed_dictionaries({"besoins": st.lists(words) | junk}) | junk,
    },
)


@pytest.fixture(scope="module")
def statistics(tmp_path_factory):
    file = tmp_path_factory.mktemp("statistiques") / "statistiques.db"
    return Statistics(StatisticsSettings(file), database())


@settings(max_examples=150)
@given(told=strange, channel=st.sampled_from((*CHANNELS, "0612345678")))
def test_whatever_the_answer_is_nothing_but_the_vocabulary_is_counted_and_nothing_fails(
    statistics, told, channel
):
    statistics.turn(channel, told)
    for cell in statistics._counting._counts:
        _check(cell)


def _check(cell: Cell) -> None:
    parts = {"canal": CHANNELS, "statut": STATUSES, "arrondissement": (*map(str, range(1, 21)), UNSAID)}
    assert cell.week == week_of(today())
    assert cell.value in KNOWN[cell.measure]
    assert cell.split in SPLITS[cell.measure] and cell.part in parts[cell.split]
