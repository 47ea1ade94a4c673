"""`jalon comparer`: what changes between two days or two versions, for a person or in the base itself."""

from __future__ import annotations

import copy
import json
from datetime import date

import pytest
from click.testing import CliRunner
from hypothesis import given

from cli.main import jalon
from cli.project import ROOT
from rules import Evaluator, compare, load_base
from rules.explaining.changes import Side
from tests.built_base import copy_sources
from tests.strategies import AT, BAREMES, base_of, documents, examples, facts, trees

COUPLE = {"age": 30, "adultes": 2, "en_couple": True, "enfants": 1, "ressources_mensuelles": 1100}
BEFORE = date(2026, 11, 20)


def leaf(identifier: str, fact: str = "suivi", **test: object) -> dict:
    words = {"vrai": f"{identifier} oui.", "faux": f"{identifier} non.", "inconnu": f"{identifier} ?"}
    test = test if set(test) & {"egal", "min", "max", "moins_de"} else {"egal": "oui", **test}
    return {"id": identifier, "fait": fact, "force": "ferme", "confiance": "haute", "source": "s", **words, **test}  # fmt: skip


def between_days(tree: dict, known: dict | None):
    evaluator = Evaluator(base_of(tree))
    return compare(Side(evaluator, BEFORE, known), Side(evaluator, AT, known))


def between_versions(old: dict, new: dict, known: dict | None = None, documents_of=documents):
    sides = [Side(Evaluator(load_base(one)), AT, known) for one in (documents_of(old), documents_of(new))]
    return compare(*sides)


@examples(60)
@given(trees(calculs=True), facts())
def test_a_dispositif_is_told_when_its_status_or_its_reasons_differ(tree, known):
    base = base_of(tree)
    evaluator = Evaluator(base)
    old, new = (evaluator.evaluate(base.dispositifs["d0"], known, day) for day in (BEFORE, AT))
    found = compare(Side(evaluator, BEFORE, known), Side(evaluator, AT, known)).changes
    if (old.status, old.reasons) != (new.status, new.reasons):
        assert [(one.before, one.after) for one in found] == [(old.status, new.status)]
    for one in found:
        assert (one.before, one.after) == (old.status, new.status)
        assert one.before == one.after or one.conditions


@examples(30)
@given(trees(calculs=True), facts())
def test_nothing_differs_from_itself(tree, known):
    evaluator = Evaluator(base_of(tree))
    for said in (known, None):
        assert compare(Side(evaluator, AT, said), Side(evaluator, AT, said)).changes == ()
        assert compare(Side(evaluator, AT, said), Side(evaluator, AT, said)).amounts == ()


def test_a_change_of_amount_explains_a_change_of_status():
    """The barème « courant » goes from 1 to 3 on the second day."""
    (change,) = between_days({"tous": [leaf("x", "age", max={"bareme": "courant"})]}, {"age": 2}).changes
    assert (change.before, change.after) == ("non", "oui")
    (amount,) = change.amounts
    assert [value.lines for value in (amount.before, amount.after)] == [("1\u00a0€",), ("3\u00a0€",)]
    assert (amount.before.period.end, amount.after.period.start) == (BEFORE, AT)
    assert [source.title for source in amount.after.sources] == ["Guide"]
    (condition,) = change.conditions
    assert (condition.kind, condition.before.text, condition.after.text) == ("resultat", "x non.", "x oui.")


def test_conditions_that_start_or_end_are_told_with_their_sources():
    tree = {"tous": [leaf("debut", du="2026-11-21"), leaf("fin", au="2026-11-20"), leaf("toujours")]}
    (change,) = between_days(tree, None).changes
    assert {one.id: one.kind for one in change.conditions} == {"debut": "commence", "fin": "finit"}
    assert all(one.after.sources[0].title == "Guide" for one in change.conditions)


def test_amounts_of_the_base_are_told_once_with_who_uses_them():
    amounts = between_days({"tous": [leaf("x", "age", max={"bareme": "courant"})]}, None).amounts
    assert {one.id: one.users for one in amounts} == {"courant": ("d0",), "passe": ()}
    values = {one.id: (one.before and one.before.lines, one.after and one.after.lines) for one in amounts}
    assert values["passe"] == (("3\u00a0€",), None)


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        ([leaf("x")], [leaf("x"), leaf("y", "animal")], {"y": "ajoutee"}),
        ([leaf("x"), leaf("y", "animal")], [leaf("x")], {"y": "retiree"}),
        ([leaf("x", "age", min=1)], [leaf("x", "age", min=2)], {"x": "modifiee"}),
        ([leaf("x")], [leaf("x", force="souple")], {"x": "modifiee"}),
        ([leaf("x")], [leaf("x", vrai="Autre phrase.")], {"x": "modifiee"}),
        ([leaf("x")], [{"aucun": [leaf("x")]}], {"x": "modifiee"}),
    ],
)
def test_what_an_editor_changes_in_a_condition_is_told(old, new, kinds):
    (change,) = between_versions({"tous": old}, {"tous": new}).changes
    assert {one.id: one.kind for one in change.conditions} == kinds
    assert change.rearranged == any("aucun" in one for one in new)


def test_a_rewritten_condition_tells_its_old_and_its_new_words():
    found = between_versions({"tous": [leaf("x", "age", min=1)]}, {"tous": [leaf("x", "age", min=2, force="souple")]})  # fmt: skip
    (condition,) = found.changes[0].conditions
    assert [(one.part, one.before, one.after) for one in condition.differences] == [
        ("regle", "votre fait ≥ 1", "votre fait ≥ 2"),
        ("force", "ferme", "souple"),
    ]


def test_the_same_conditions_put_together_otherwise_are_told():
    both = [leaf("x"), leaf("y", "animal")]
    (change,) = between_versions({"tous": both}, {"au_moins_un": both}).changes
    assert (change.rearranged, change.conditions) == (True, ())


def test_an_amount_that_an_editor_changes_is_not_a_change_of_the_condition():
    def dear(tree: dict) -> dict:
        files = copy.deepcopy(documents(tree))
        files["baremes.yml"]["courant"]["valeurs"][-1]["valeur"] = 2
        return files

    tree = {"tous": [leaf("x", "age", max={"bareme": "courant"})]}
    old, new = (Evaluator(load_base(one)) for one in (documents(tree), dear(tree)))
    found = compare(Side(old, AT), Side(new, AT))
    assert [(one.id, one.before.lines, one.after.lines) for one in found.amounts] == [
        ("courant", ("3\u00a0€",), ("2\u00a0€",))
    ]
    assert found.changes == ()
    (change,) = compare(Side(old, AT, {"age": 3}), Side(new, AT, {"age": 3})).changes
    assert (change.before, change.after, change.amounts[0].id) == ("oui", "non", "courant")
    assert BAREMES["courant"]["valeurs"][-1]["valeur"] == 3


def test_dispositifs_that_come_and_go_are_told():
    tree = {"tous": [leaf("x")]}
    one, two = (Evaluator(load_base(documents(*[tree] * count))) for count in (1, 2))
    assert [(c.id, c.kind) for c in compare(Side(one, AT), Side(two, AT)).changes] == [("d1", "ajoute")]
    (gone,) = compare(Side(two, AT, {"suivi": True}), Side(one, AT, {"suivi": True})).changes
    assert (gone.id, gone.kind, gone.before, gone.after) == ("d1", "retire", "oui", None)


# --- on the real base -------------------------------------------------------------------------------


def test_the_rsa_of_a_couple_with_a_child_before_and_after_the_amount_is_known(base):
    sides = [Side(base.evaluator, day, COUPLE) for day in (date(2026, 3, 31), date(2026, 4, 1))]
    change = next(one for one in compare(*sides).changes if one.id == "rsa")
    amount = next(one for one in change.amounts if one.id == "rsa_montant")
    assert amount.before.lines == ("pas de valeur connue ce jour",)
    assert amount.after.lines == ("≈1\u00a0173,04\u00a0€/mois",)
    assert amount.after.period.start == date(2026, 4, 1)
    condition = next(one for one in change.conditions if one.id == "sous_le_montant")
    assert (condition.before.outcome, condition.after.outcome) == ("a_verifier", "oui")


def test_a_senior_passes_under_a_ceiling_that_was_raised(base):
    """1,077 EUR until January 2024, 1,129 EUR since: 1,100 EUR a month was too much, and is not any more."""
    known = {"age": 70, "adultes": 1, "ressources_mensuelles": 1100}
    sides = [Side(base.evaluator, day, known) for day in (date(2024, 1, 31), date(2024, 2, 1))]
    change = next(one for one in compare(*sides).changes if one.id == "paris_solidarite")
    assert (change.before, change.after) == ("non", "a_verifier")
    amounts = {one.id: (one.before.lines, one.after.lines) for one in change.amounts}
    assert amounts["plafond_paris_solidarite_senior"] == (
        ("1\u00a0077\u00a0€/mois",), ("1\u00a0129\u00a0€/mois",),
    )  # fmt: skip


# --- the command ------------------------------------------------------------------------------------


@pytest.fixture
def run(base, monkeypatch):
    monkeypatch.setenv("JALON_BASE", base.connection.execute("PRAGMA database_list").fetchone()[2])
    monkeypatch.setenv("COLUMNS", "300")

    def run_command(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(jalon, ["comparer", *arguments])
        assert done.exit_code == code, done.output
        return done.output.replace("\u00a0", " ")

    return run_command


APRIL = ("--du", "2026-03-31", "--au", "2026-04-01")


def test_the_page_gives_values_periods_and_sources(run):
    page = run("rsa", *APRIL)
    assert "Montant ou calcul : Montant du RSA pour le foyer" in page
    assert "le nombre d'adultes : 1, le nombre d'enfants : 0 → 651,69 €/mois" in page
    assert "depuis le 01/04/2026" in page
    assert "OpenFisca" in page
    assert "C2S" not in page  # it changes that day too, but only the RSA is asked about


def test_the_page_of_a_person_gives_both_answers(run):
    facts = ["age=70", "adultes=1", "ressources_mensuelles=1100"]
    asked = [part for fact in facts for part in ("--fait", fact)]
    page = run("paris_solidarite", "--du", "2024-01-31", "--au", "2024-02-01", *asked)
    assert "pas pour vous → à vérifier" in page
    assert "avant : 1 077 €/mois, du 01/09/2022 au 31/01/2024" in page
    assert "après : 1 129 €/mois, depuis le 01/02/2024" in page


def test_a_folder_of_rules_is_another_version(run, tmp_path):
    copy_sources(tmp_path)
    file = tmp_path / "rules" / "base" / "dispositifs" / "rsa.yml"
    text = file.read_text().replace("min: 25\n", "min: 24\n", 1)
    assert text != file.read_text()
    file.write_text(text)
    day = ("--du", "2026-11-21", "--au", "2026-11-21", "--avec", str(tmp_path))
    answer = json.loads(run(*day, "--json"))
    assert [one["id"] for one in answer["changements"]] == ["rsa"]
    assert [(one["id"], one["genre"]) for one in answer["changements"][0]["conditions"]] == [
        ("age_25", "modifiee")
    ]
    assert answer["montants"] == []


def test_a_built_base_is_another_version(run, base):
    same = base.connection.execute("PRAGMA database_list").fetchone()[2]
    assert "Rien ne change." in run("--du", "2026-11-21", "--au", "2026-11-21", "--avec", same)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rsaa", *APRIL], "Vouliez-vous dire « rsa » ?"),
        ([*APRIL, "--avec", "pas_une_version"], "ni un fichier, ni un dossier, ni une révision git"),
        ([*APRIL, "--avec", "docs"], "ne contient pas rules/base"),
        ([*APRIL, "--avec", "README.md"], "n'est pas une base de Jalon"),
        (["--du", "2026-03-31"], "--au"),
    ],
)
def test_a_slip_is_explained(run, arguments, said, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert said in run(*arguments, code=2)
