"""What a person must still check: nothing that the base admits is lost, and each point says with whom."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from cli.base import as_list, find_gaps, verifier
from data.build import read_documents
from data.yaml_reader import parse_yaml
from rules import BaseError, load_base
from rules.checking.gaps import ToCheck, contact_of, gaps
from rules.model import Base, literals
from tests.built_base import ROOT

TODAY = date(2026, 11, 21)
DOCUMENTS, _ = read_documents(ROOT)
BASE = load_base(DOCUMENTS)
FOUND = gaps(BASE, TODAY, DOCUMENTS)


def of_kind(kind: str, found: list[ToCheck] = FOUND) -> list[ToCheck]:
    return [item for item in found if item.kind == kind]


def planted(file: str, text: str) -> list[ToCheck]:
    """The gaps of the real base with the document `file` changed by its YAML text."""
    documents = {**DOCUMENTS, file: parse_yaml(text, file)}
    return gaps(load_base(documents), TODAY, documents)


def source_text(file: str) -> str:
    return (ROOT / "rules" / "base" / file).read_text(encoding="utf-8")


# --- The real base ---


def test_every_admitted_gap_is_listed_once_with_who_knows():
    admitted = [(d.id, gap.text, gap.who) for d in BASE.dispositifs.values() for gap in d.gaps]
    listed = [(item.subject, item.what, item.who) for item in of_kind("lacune")]
    assert len(listed) == len(admitted)
    for subject, text, who in admitted:
        assert any(s == subject and what.startswith(text) and w == who for s, what, w in listed), text


def test_each_point_names_the_line_where_it_is_written():
    for item in FOUND:
        assert item.line, item
        line = source_text(item.file).splitlines()[item.line - 1]
        if item.kind == "lacune":
            assert line.lstrip().startswith("- "), item
        if item.kind in ("bareme", "source"):
            assert line.endswith(":"), item


def test_a_check_that_is_always_made_by_a_person_is_not_a_gap_unless_it_is_unsure():
    listed = {(item.subject, item.line) for item in of_kind("confiance")}
    checked, unsure = 0, 0
    for dispositif in BASE.dispositifs.values():
        for leaf in (literal.leaf for literal in literals(dispositif.conditions)):
            line = next(
                n for n, text in enumerate(source_text(f"dispositifs/{dispositif.id}.yml").splitlines(), 1)
                if text.strip() == f"- id: {leaf.id}" or text.strip() == f"id: {leaf.id}"
            )  # fmt: skip
            assert ((dispositif.id, line) in listed) == (not leaf.trusted), (dispositif.id, leaf.id)
            checked += leaf.test is None and leaf.trusted and not leaf.always
            unsure += not leaf.trusted
    assert checked and unsure


def test_every_source_without_date_or_address_is_listed():
    lacking = {s.title for s in BASE.sources.values() if s.date is None or s.address is None}
    assert len(of_kind("source")) == sum(s.date is None or s.address is None for s in BASE.sources.values())
    for title in lacking:
        assert any(title in item.what for item in of_kind("source"))


def test_every_status_said_impossible_is_listed():
    declared = sum(len(d.unreachable) for d in BASE.dispositifs.values())
    assert declared and len(of_kind("statut")) == declared


def test_who_is_asked_is_reached_by_what_the_base_knows():
    asked = {item.who: item for item in FOUND}
    assert asked["La Ville de Paris, au 39 75"].phone == "39 75"
    assert asked["L'ADIL de Paris"].phone == "01 42 79 50 34"
    assert asked["Le SIAO de Paris"].phone is None
    assert all(address.startswith("http") for item in FOUND for address in item.web)


def test_the_points_of_one_contact_stand_together_and_those_of_a_dispositif_too():
    groups = [item.group for item in FOUND]
    seen = list(dict.fromkeys(groups))
    assert groups == [name for name in seen for _ in range(groups.count(name))]
    blocks = [(item.group, item.subject) for item in FOUND]
    changes = [one for one, before in zip(blocks, [None, *blocks], strict=False) if one != before]
    assert len(changes) == len(set(changes))


def test_words_of_contacts_all_name_someone_of_the_base():
    """A contact that nothing names is a slip, or a contact that nobody needs any more."""
    named = {found.id for item in FOUND if (found := contact_of(BASE, item.who))}
    assert named == set(BASE.contacts)


# --- Planted ---


def test_an_amount_that_ends_within_a_year_is_listed_with_its_day():
    text = source_text("baremes.yml")
    start = text.index("rpv_guide:")
    for end, listed in ((TODAY + timedelta(days=365), True), (TODAY + timedelta(days=366), False)):
        changed = text[:start] + text[start:].replace("au: null", f'au: "{end}"', 1)
        lines = [item for item in of_kind("bareme", planted("baremes.yml", changed)) if str(end) in item.what]
        assert bool(lines) == listed
        if listed:
            assert lines[0].line == text.count("\n", 0, start) + 1


def test_an_amount_without_value_is_asked_to_who_the_gap_names():
    ended = [item for item in of_kind("bareme") if f"n'a pas de valeur le {TODAY}" in item.what]
    named = {gap.bareme: gap.who for d in BASE.dispositifs.values() for gap in d.gaps if gap.bareme}
    assert ended
    for item in ended:
        key = source_text("baremes.yml").splitlines()[item.line - 1].rstrip(":")
        assert item.who == named.get(key, BASE.sources[BASE.baremes[key].sources[0]].publisher)


def test_a_condition_on_an_unsure_amount_says_which():
    text = source_text("baremes.yml")
    start = text.index("plafond_paris_forfait_familles:")
    changed = text[:start] + text[start:].replace("confiance: moyenne", "confiance: basse", 1)
    found = [
        item
        for item in of_kind("confiance", planted("baremes.yml", changed))
        if item.subject == "paris_forfait_familles" and "plafond_paris_forfait_familles" in item.what
    ]
    assert len(found) == 1
    assert found[0].criterion == 5


def test_a_condition_without_source_is_a_fault():
    file = "dispositifs/domiciliation.yml"
    text = source_text(file).replace("      source: [sp_domiciliation_2024, casf_l264]\n", "", 1)
    with pytest.raises(BaseError) as refused:
        load_base({**DOCUMENTS, file: parse_yaml(text, file)})
    fault = refused.value.faults[0]
    assert (fault.file, fault.message) == (file, "Il manque « source ».")
    assert fault.line


def test_a_base_without_contacts_still_says_who():
    bare: Base = replace(BASE, contacts={})
    found = gaps(bare, TODAY, DOCUMENTS)
    assert len(found) == len(FOUND)
    assert all(item.who and item.phone is None for item in found)


# --- The command ---


def run(*arguments: str):
    return CliRunner().invoke(verifier, ["--date", str(TODAY), *arguments])


def test_the_list_counts_its_points_and_gaps_are_not_faults():
    result = run("--strict")
    assert result.exit_code == 0
    count = len(find_gaps(ROOT, BASE, DOCUMENTS, TODAY))
    assert result.output.count("[ ] ") == count
    assert f"{count} points à vérifier" in result.output
    assert "La base est juste" in result.output


def test_the_table_and_the_json_hold_the_same_points(tmp_path):
    result = run("--json", "--csv", str(tmp_path / "points.csv"))
    assert result.exit_code == 0
    rows = json.loads(result.output)
    with (tmp_path / "points.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file, delimiter=";"))
    assert [row["a_verifier"] for row in rows] == [row["a_verifier"] for row in table]
    assert {"verifie_le", "par", "reponse"} <= table[0].keys()
    assert all(row["fichier"] and row["qui"] for row in rows)


def test_an_empty_list_is_said():
    assert as_list([]).startswith("0 point")
