"""What has grown old about the places: every doubt is listed, nothing fresh is, and a wrong delay is refused."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from cli.upkeep import counts_by_category, fraicheur, places_to_check
from data.checks import read_places
from data.upkeep.freshness import Delays, read_delays, stale
from data.yaml_reader import parse_yaml
from tests.built_base import ROOT

TODAY = date(2026, 11, 21)
DELAYS = Delays(
    {"horaires": 6, "telephone": 12, "publics": 12, "adresse": 24}, {"bagagerie": {"horaires": 1}}
)
SOURCES = {"page": {"date": "2026-09-01"}, "guide": {"date": "2014"}, "feuille": {"date": None}}
PLACE = """
- id: un-lieu
  nom: Un lieu
  categorie: esi
  statut: ouvert
  adresse: 1 rue de Paris
  confiance_adresse: haute
  horaires: {osm: "Mo-Fr 09:00-12:00", confiance: haute, source: page}
  telephone: {numero: "39 75", confiance: haute, source: page}
  publics: {texte: Pour tous., tous: true, confiance: haute}
  derniere_source_le: "2026-09-01"
"""


def found(old: str = "", new: str = "") -> list[str]:
    """What is stale in the place above with `old` replaced by `new`."""
    assert old in PLACE
    return [str(one) for one in stale(parse_yaml(PLACE.replace(old, new, 1))[0], SOURCES, DELAYS, TODAY)]


def test_a_fresh_place_has_nothing_to_check():
    assert found() == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('{osm: "Mo-Fr 09:00-12:00", confiance: haute, source: page}', "null", "horaires à trouver"),
        ("confiance: haute, source: page}\n  tel", "confiance: basse, source: guide}\n  tel", "horaires à confirmer (2014)"),
        ("haute, source: page}\n  tel", "haute, source: guide}\n  tel", "horaires à revoir tous les 6 mois (2014)"),
        ("haute, source: page}\n  tel", "haute, source: feuille}\n  tel", "horaires à dater"),
        ('{numero: "39 75", confiance: haute, source: page}', "null", "téléphone à trouver"),
        ("  publics: {texte: Pour tous., tous: true, confiance: haute}\n", "", "public accueilli à trouver"),
        ("confiance_adresse: haute", "confiance_adresse: basse", "adresse à confirmer (2026-09-01)"),
        ("statut: ouvert", "statut: a_verifier", "ouverture à confirmer (2026-09-01)"),
        ("categorie: esi", "categorie: bagagerie", "horaires à revoir tous les 1 mois (2026-09-01)"),
    ],
)  # fmt: skip
def test_each_doubt_is_listed_alone(old, new, expected):
    assert found(old, new) == [expected]


def test_a_place_closed_for_good_has_nothing_left_to_check():
    assert found("statut: ouvert", "statut: ferme_definitif") == []


def test_what_a_person_checked_counts_from_that_day():
    checked = "confiance: haute, source: guide, verifie_le: 2026-11-01}\n  tel"
    assert found("confiance: haute, source: page}\n  tel", checked) == []


def test_a_fact_grows_old_on_the_day_its_delay_ends():
    place = parse_yaml(PLACE)[0]
    last_fresh = date(2027, 2, 28)
    assert not [one for one in stale(place, SOURCES, DELAYS, last_fresh) if one.fact == "horaires"]
    assert [
        one for one in stale(place, SOURCES, DELAYS, last_fresh + timedelta(days=1)) if one.fact == "horaires"
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("horaires: 6", "horaires: 0", 5, "1 à 120"),
        ("telephone: 12", "telefone: 12", 6, "Vouliez-vous dire « telephone »"),
        ("halte_de_nuit:", "halte_nuit:", 14, "« halte_nuit » n'existe pas"),
        ("bus_solidarite: {horaires: 3}", "bus_solidarite: {heures: 3}", 15, "« heures » n'est pas connue"),
    ],
)
def test_a_wrong_delay_is_refused_with_its_line(tmp_path, old, new, line, words):
    text = (ROOT / "data" / "fraicheur.yml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "fraicheur.yml").write_text(text.replace(old, new, 1), encoding="utf-8")
    _, faults = read_delays(tmp_path, read_places(ROOT)[0].categories)
    assert any(fault.line == line and words in str(fault) for fault in faults), faults


def test_the_list_of_a_category_names_every_place_to_check_with_its_line_and_a_phone_to_call():
    wanted = [entry for entry, _ in places_to_check(ROOT, TODAY) if entry["categorie"] == "psa"]
    result = CliRunner().invoke(fraicheur, ["--categorie", "psa", "--jour", str(TODAY)])
    assert result.exit_code == 0 and wanted
    for entry in wanted:
        line = next(line for line in result.output.splitlines() if f" {entry['id']} " in line)
        assert f"ligne {entry.line}" in line
        assert str((entry.get("telephone") or {}).get("numero", "Pas de téléphone connu")) in line


def test_the_json_and_the_counts_hold_the_same_places():
    rows = json.loads(CliRunner().invoke(fraicheur, ["--json", "--jour", str(TODAY)]).output)
    assert [row["id"] for row in rows] == [entry["id"] for entry, _ in places_to_check(ROOT, TODAY)]
    by_category = {row["categorie"] for row in rows}
    listed = counts_by_category(ROOT, TODAY)
    assert {item.subject for item in listed} == by_category
    assert all(f"jalon fraicheur --categorie {item.subject}" in item.what for item in listed)


def test_an_unknown_category_is_refused():
    result = CliRunner().invoke(fraicheur, ["--categorie", "pas"])
    assert result.exit_code != 0 and "« pas » n'existe pas" in result.output
