"""Corrections of places: nothing changes before a person accepts, and then only the lines concerned."""

from __future__ import annotations

import shutil
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.checks import read_places
from data.upkeep import proposals
from data.upkeep.boxes import Folder, Table
from data.upkeep.editing import EditError, set_value, written
from data.upkeep.proposals import ProposalError
from data.yaml_reader import parse_yaml, read_yaml
from tests.built_base import ROOT

DAY = date(2026, 11, 21)
HOURS = "Mo-Fr 12:00-19:00; PH off"


in_both = pytest.mark.parametrize("city", ["folder", "table"], indirect=True)


@pytest.fixture
def city(request, tmp_path):
    """A copy of the places that a test may change, and the box where proposals wait."""
    (tmp_path / "data").mkdir()
    for name in ("services.yml", "sources.yml", "categories.yml"):
        shutil.copy(ROOT / "data" / name, tmp_path / "data" / name)
    if getattr(request, "param", "folder") == "folder":
        return tmp_path, Folder(tmp_path / "propositions")
    box = Table(request.getfixturevalue("postgres"))
    for proposal_id in box.texts():
        box.remove(proposal_id)
    return tmp_path, box


def propose(city, field="horaires.osm", value=HOURS, place="bd-audubon", proof="appel", who="ESI", note=None):
    return proposals.propose(*city, place, field, value, proof, who, DAY, note)


def services(city) -> str:
    return (city[0] / "data" / "services.yml").read_text(encoding="utf-8")


def place(city, key="bd-audubon") -> dict:
    return next(entry for entry in read_yaml(city[0] / "data" / "services.yml") if entry["id"] == key)


@in_both
def test_a_proposal_alone_changes_nothing_and_waits_with_who_and_how(city):
    before = services(city)
    kept = propose(city, note="L'accueil ferme plus tard.")
    assert services(city) == before
    assert proposals.pending(city[1]) == [kept]
    assert (kept.par, kept.preuve, kept.le) == ("ESI", "appel", "2026-11-21")
    assert propose(city, note="L'accueil ferme plus tard.") == kept
    assert len(proposals.pending(city[1])) == 1


@in_both
def test_accepting_changes_only_that_place_and_dates_the_fact(city):
    before = services(city).splitlines()
    kept = propose(city)
    proposals.accept(*city, kept.id, "Cellule données", DAY)
    hours = place(city)["horaires"]
    assert (hours["osm"], hours["confiance"], hours["source"]) == (HOURS, "haute", None)
    assert (hours["verifie_le"], hours["verifie_par"]) == ("2026-11-21", "ESI")
    assert place(city)["verifie_le"] == "2026-11-21"
    after = services(city).splitlines()
    assert (
        sum(line not in before for line in after) == 6
    )  # osm, source, and two lines for the fact and the place
    assert not [
        line for line in before if line not in after and "12:00-18:00" not in line and "source" not in line
    ]
    assert read_places(city[0])[1] == []
    assert proposals.pending(city[1]) == []


def test_a_confirmed_fact_keeps_its_value_and_becomes_sure(city):
    number = place(city)["telephone"]["numero"]
    kept = propose(city, "telephone", None)
    proposals.accept(*city, kept.id, "Cellule données", DAY)
    phone = place(city)["telephone"]
    assert (phone["numero"], phone["confiance"], phone["verifie_le"]) == (number, "haute", "2026-11-21")


def test_a_value_that_was_unknown_can_be_given(city):
    assert not place(city, "bd-bidassoa").get("horaires")
    proposals.accept(*city, propose(city, place="bd-bidassoa").id, "Cellule données", DAY)
    assert place(city, "bd-bidassoa")["horaires"]["osm"] == HOURS


@in_both
def test_the_history_keeps_what_was_decided_by_whom_and_why(city):
    first, second = propose(city), propose(city, "telephone.numero", "01 42 76 40 40")
    proposals.accept(*city, first.id, "Cellule données", DAY)
    proposals.refuse(*city, second.id, "Cellule données", "Numéro du standard", DAY)
    kept = proposals.history(city[0], "bd-audubon")
    assert [(one["decision"], one["champ"], one["raison"]) for one in kept] == [
        ("acceptée", "horaires.osm", None),
        ("refusée", "telephone.numero", "Numéro du standard"),
    ]
    assert kept[0]["avant"].startswith("Mo-Fr 12:00-18:00") and kept[0]["apres"] == HOURS
    assert proposals.history(city[0], "bd-blomet") == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": "Lun 12:00"}, "Lun"),
        ({"field": "telephone.numero", "value": "0142764040"}, "téléphone"),
        ({"field": "statut", "value": "ferme"}, "n'est pas permis"),
        ({"field": "horaire.osm"}, "Vouliez-vous dire « horaires.osm »"),
        ({"field": "sensible", "value": True}, "ne se corrige pas"),
        ({"place": "bd-audubom"}, "Vouliez-vous dire « bd-audubon »"),
        ({"proof": "rumeur"}, "n'est pas une preuve"),
        ({"who": " "}, "qui propose"),
        ({"field": "adresse", "value": "11 rue Audubon"}, "C'est déjà ce qui est écrit"),
        ({"field": "conditions", "value": "x " * 400}, "peu de mots"),
    ],
)
def test_what_could_not_be_accepted_is_refused_at_once_with_the_reason(city, change, words):
    before = services(city)
    with pytest.raises(ProposalError, match=words):
        propose(city, **change)
    assert services(city) == before and proposals.pending(city[1]) == []


def test_a_place_that_changed_since_is_not_overwritten(city):
    kept = propose(city)
    path = city[0] / "data" / "services.yml"
    path.write_text(set_value(services(city), "bd-audubon", ["horaires", "osm"], "Mo-Fr 12:00-17:00; PH off"))
    with pytest.raises(ProposalError, match="Le lieu a changé depuis"):
        proposals.accept(*city, kept.id, "Cellule données", DAY)
    assert proposals.pending(city[1]) == [kept]


def test_a_cut_between_the_place_and_its_history_is_mended_by_accepting_again(city, monkeypatch):
    kept = propose(city)
    with monkeypatch.context() as cut:
        cut.setattr(proposals, "_note", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            proposals.accept(*city, kept.id, "Cellule données", DAY)
    once = services(city)
    proposals.accept(*city, kept.id, "Cellule données", DAY)
    assert services(city) == once
    assert len(proposals.history(city[0])) == 1


@in_both
@pytest.mark.parametrize("name", ["../secret", "pas-la", ""])
def test_a_name_that_is_no_proposal_is_refused(city, name):
    with pytest.raises(ProposalError, match="Pas de proposition"):
        proposals.accept(*city, name, "Cellule données", DAY)


# --- Editing in place ---

VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-9999, 9999),
    st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\u2028\u2029\ufeff"), max_size=40),
    st.lists(st.sampled_from(["Simplon", "Gare de l'Est", "Porte de Vanves, sud"]), max_size=3),
)  # fmt: skip


@given(VALUES)
def test_what_is_written_is_read_back_the_same(value):
    assert parse_yaml(f"- {{a: {written(value)}, b: 1}}\n")[0] == {"a": value, "b": 1}


@given(st.sampled_from(["nom", "horaires", "metro", "neuf"]), VALUES)
def test_editing_one_key_leaves_every_other_one(key, value):
    text = "# un\n- id: a\n  nom: A  # le nom\n  metro: [X]\n  horaires:\n    osm: '24/7'\n\n# deux\n- id: b\n  nom: B\n"
    before, after = parse_yaml(text), parse_yaml(set_value(text, "a", [key], value))
    assert after[0] == before[0] | {key: value}
    assert after[1] == before[1]
    assert "# un" in set_value(text, "a", [key], value) and "# deux" in set_value(text, "a", [key], value)


def test_every_place_can_be_edited_without_touching_another(city):
    text = services(city)
    places = parse_yaml(text)
    for entry in places[::20]:
        changed = parse_yaml(set_value(text, entry["id"], ["horaires", "texte"], "Sur place."))
        assert [one["id"] for one in changed if one not in places] == [entry["id"]]


def test_a_missing_place_or_key_is_said():
    with pytest.raises(EditError, match="n'existe pas"):
        set_value("- id: a\n", "b", ["nom"], "B")
    with pytest.raises(EditError, match="ne contient pas de clés"):
        set_value("- id: a\n  nom: A\n", "a", ["nom", "court"], "B")
