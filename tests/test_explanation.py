"""`jalon expliquer` and what it prints: the engine's own answer, unfolded."""

from __future__ import annotations

import json
from datetime import date

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from actions.orientation import human_help
from cli.main import jalon
from rules import Evaluator, explain
from rules.explaining.derivation import Condition, Group, conditions
from tests.strategies import AT, BY_HAND, Oracle, base_of, decided, examples, facts, group_of, trees

COUPLE = {"age": 30, "adultes": 2, "en_couple": True, "enfants": 1, "ressources_mensuelles": 1100}


def explained(tree: dict, known: dict):
    base = base_of(tree)
    evaluator = Evaluator(base)
    result = evaluator.evaluate(base.dispositifs["d0"], known, AT)
    return result, explain(evaluator, base.dispositifs["d0"], known, AT)


@examples(100)
@given(st.one_of(trees(), trees(calculs=True)), facts())
def test_the_status_the_proof_and_its_sentences_are_those_of_the_engine(tree, known):
    result, explanation = explained(tree, known)
    leaves = list(conditions(explanation.tree))
    assert explanation.status == result.status
    assert [fact.id for fact in explanation.missing] == list(result.missing)
    assert {one.id: (one.truth, one.text) for one in leaves if one.decides} == {
        reason.leaf.id: (reason.result, reason.text) for reason in result.reasons
    }


@examples(100)
@given(st.one_of(trees(), trees(calculs=True)), facts())
def test_each_part_has_the_outcome_of_everybody_possible(tree, known):
    _, explanation = explained(tree, known)
    oracle = Oracle(tree)
    for one in conditions(explanation.tree):
        leaf, negated = oracle.leaves[one.id], oracle.negated[one.id]
        outcomes = {oracle.counts(leaf, negated, person) for person in oracle.people(known)}
        assert one.outcome == (decided(outcomes) if len(outcomes) == 1 else "ouvert")
        assert (one.obstacle is None) == (one.outcome in ("oui", "non"))
        if one.outcome in ("oui", "non") and not one.decides:  # a reason keeps the sentence of the engine
            assert one.truth == ("vrai" if (one.outcome == "oui") != negated else "faux")
    whole = {oracle.outcome(person) for person in oracle.people(known)}
    assert explanation.tree.outcome == (decided(whole) if len(whole) == 1 else "ouvert")


@examples(80)
@given(trees(calculs=True), facts())
def test_the_values_of_the_calculations_are_those_worked_out_by_hand(tree, known):
    _, explanation = explained(tree, known)
    for step in (step for one in conditions(explanation.tree) for step in one.steps):
        if step.id not in BY_HAND:
            continue
        read, by_hand = BY_HAND[step.id]
        if set(read) <= known.keys():
            expected = by_hand(known)
            assert step.value == expected
            assert step.state == ("indefini" if expected is None else "connu")


@examples(100)
@given(trees(), facts())
def test_the_groups_say_what_is_wanted_as_the_editor_wrote_it(tree, known):
    """A group whose conditions all stand under « aucun » is never said as « il faut tout cela »."""
    _, explanation = explained(tree, known)
    negated = Oracle(tree).negated

    def check(part: Group | Condition) -> None:
        if isinstance(part, Condition):
            return
        plain = [one for one in part.children if isinstance(one, Condition)]
        only = len(plain) == len(part.children) > 0 and all(negated[one.id] for one in plain)
        assert (part.kind in ("aucun", "pas_tous")) == only
        for child in part.children:
            check(child)

    check(explanation.tree)
    if (
        group_of(tree) == "aucun"
        and tree["aucun"]
        and all(group_of(child) is None for child in tree["aucun"])
    ):
        assert explanation.tree.kind == "aucun"


def leaf(identifier: str, fact: str, **test: object) -> dict:
    words = {"vrai": f"{identifier} oui.", "faux": f"{identifier} non.", "inconnu": f"{identifier} ?"}
    return {"id": identifier, "fait": fact, "force": "ferme", "confiance": "haute", "source": "s", **words, **test}  # fmt: skip


def test_under_aucun_the_mark_is_for_the_person_and_the_sentence_for_the_truth():
    tree = {"aucun": [leaf("a", "animal", egal="oui"), leaf("b", "suivi", egal="oui")]}
    _, explanation = explained(tree, {"animal": False, "suivi": True})
    assert explanation.status == "non"
    assert [(one.outcome, one.text) for one in conditions(explanation.tree)] == [
        ("oui", "a non."),
        ("non", "b oui."),
    ]


OBSTACLES = {
    "fait_inconnu": leaf("x", "age", min=3),
    "sans_valeur": leaf("x", "dette", min={"bareme": "passe"}),
    "confiance_basse": leaf("x", "suivi", egal="oui", confiance="basse"),
    "hors_periode": leaf("x", "suivi", egal="oui", au="2026-11-20"),
    "souple": leaf("x", "suivi", egal="non", force="souple"),
    "indefini": leaf("x", "dette", min={"bareme": "table_trouee"}),
    "personne": {
        "id": "x", "a_verifier": True, "qui": "La mairie", "force": "ferme", "confiance": "haute",
        "source": "s", "inconnu": "La mairie vérifie.",
    },
}  # fmt: skip


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_each_reason_to_check_is_told_apart(obstacle):
    known = {"suivi": True, "dette": 10, "logement": "locataire"}
    _, explanation = explained({"tous": [OBSTACLES[obstacle]]}, known)
    assert [one.obstacle for one in conditions(explanation.tree)] == [obstacle]


def test_an_ended_amount_says_until_when_it_was_known():
    _, explanation = explained({"tous": [OBSTACLES["sans_valeur"]]}, {"dette": 10})
    (step,) = next(conditions(explanation.tree)).steps
    assert (step.state, step.ended) == ("sans_valeur", date(2026, 11, 20))


def test_a_household_without_a_row_is_told_why():
    _, explanation = explained({"tous": [OBSTACLES["indefini"]]}, {"dette": 10, "logement": "locataire"})
    step = next(conditions(explanation.tree)).steps[-1]
    assert step.outside == "Les autres n'ont pas de plafond."


# --- on the real base -------------------------------------------------------------------------------


def on_base(base, name: str, known: dict, at: date = AT):
    explanation = explain(base.evaluator, base.base.dispositifs[name], known, at)
    return explanation, {one.id: one for one in conditions(explanation.tree)}


def test_the_rsa_of_a_couple_with_a_child_shows_the_row_and_the_amount(base):
    _, found = on_base(base, "rsa", COUPLE)
    condition = found["sous_le_montant"]
    (amount,) = [step for step in condition.steps if step.kind == "bareme"]
    assert (condition.outcome, condition.truth) == ("oui", "vrai")
    assert float(amount.value) == pytest.approx(651.69 * 1.8)
    assert amount.row == "le nombre d'adultes : 2, la vie en couple : oui, le nombre d'enfants : 1"
    assert amount.period.start == date(2026, 4, 1)
    assert condition.numbers.replace("\u00a0", " ") == "1 100 € < ≈1 173,04 €"


def test_a_quotient_is_unfolded_from_the_household_to_the_ceiling(base):
    known = {"revenu_fiscal_reference": 12400, "adultes": 2, "enfants": 1}
    _, found = on_base(base, "cheque_energie", known)
    steps = {step.id: step for one in found.values() for step in one.steps}
    assert steps["personnes"].numbers == "2 + 1"
    assert steps["uc_cheque_energie"].said.replace("\u00a0", " ") == "1,8 UC"
    assert steps["rfr_par_uc"].numbers.replace("\u00a0", " ") == "12 400 € / 1,8"
    assert steps["rfr_par_uc"].said.replace("\u00a0", " ") == "≈6 888,89 €/an/UC"


def test_an_unknown_household_leaves_the_amount_unknown_and_never_zero(base):
    _, found = on_base(base, "rsa", {"ressources_mensuelles": 1100})
    condition = found["sous_le_montant"]
    assert (condition.outcome, condition.obstacle) == ("ouvert", "fait_inconnu")
    assert condition.numbers.endswith("?")
    assert {fact.id: fact.said for fact in condition.facts if fact.id != "ressources_mensuelles"} == {
        "adultes": "inconnu", "enfants": "inconnu", "en_couple": "inconnu",
    }  # fmt: skip


def test_what_is_presumed_is_said_to_be(base):
    explanation, found = on_base(base, "domiciliation", {"logement_actuel": "rue", "arrondissement": 18})
    assert [fact.presumed for fact in found["lien_avec_paris"].facts] == [True]
    assert [fact.presumed for fact in found["sans_domicile_stable"].facts] == [False]
    assert explanation.question == base.base.facts["a_domiciliation"].question


def test_every_source_that_a_condition_cites_is_listed(base):
    for name in base.base.dispositifs:
        explanation, found = on_base(base, name, COUPLE)
        listed = {source.id for source in explanation.sources}
        assert {source for one in found.values() for source in one.sources} <= listed
        assert {source for one in found.values() for step in one.steps for source in step.sources} <= listed


# --- the command ------------------------------------------------------------------------------------


@pytest.fixture
def run(base, monkeypatch):
    monkeypatch.setenv("JALON_BASE", base.connection.execute("PRAGMA database_list").fetchone()[2])
    monkeypatch.setenv("COLUMNS", "300")

    def run_command(*arguments: str) -> str:
        done = CliRunner().invoke(jalon, ["expliquer", *arguments, "--date", "2026-11-21"])
        assert done.exit_code == 0, done.output
        return done.output.replace("\u00a0", " ")

    return run_command


def test_the_page_gives_the_tree_the_answer_what_is_missing_and_the_next_step(run, base):
    page = run("domiciliation", "--fait", "logement_actuel=rue")
    dispositif = base.base.dispositifs["domiciliation"]
    assert "✓ Vous n'avez pas de logement stable. [1]" in page
    assert "? Il faut savoir si vous avez déjà une adresse pour votre courrier. [2] ★" in page
    assert "Réponse : à vérifier" in page
    assert f"Question à poser maintenant : {base.base.facts['a_domiciliation'].question}" in page
    assert f"→ {dispositif.steps}" in page
    for source in {name for one in on_base(base, "domiciliation", {})[1].values() for name in one.sources}:
        assert base.base.sources[source].title in page


def test_a_refusal_tells_its_only_cause_and_no_procedure(run, base):
    page = run("domiciliation", "--fait", "logement_actuel=locataire_prive")
    assert "✗ Vous avez un logement stable." in page.split("Pourquoi :")[1]
    assert base.base.dispositifs["domiciliation"].steps not in page
    assert human_help(base.base, ["adresse"], {})["texte"] in page


def test_details_are_for_what_decides_unless_all_are_wanted(run):
    arguments = ["rsa", "--fait", "age=30"]
    assert "Comparaison : 30 ≥ 25 : vrai" not in run(*arguments)
    assert "Comparaison : 30 ≥ 25 : vrai" in run(*arguments, "--tout")


def test_json_says_the_same_as_the_page(run):
    answer = json.loads(run("rsa", "--json", "--fait", "age=30"))
    assert answer["statut"] == "a_verifier"
    assert answer["date"] == "2026-11-21"
    told = {key for node in walk(answer["arbre"]) for key in node}
    assert {"resultat", "phrase", "decide", "critere", "regle", "faits", "calculs", "sources"} <= told
    assert not told & {"outcome", "truth", "facts", "steps", "children"}


def walk(node: dict):
    yield node
    for child in node.get("conditions", []):
        yield from walk(child)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["expliquer", "domicilition"], "Vouliez-vous dire « domiciliation » ?"),
        (["expliquer", "rsa", "--fait", "agge=3"], "Vouliez-vous dire « age »"),
        (["expliquer", "rsa", "--date", "demain"], "2026-11-21"),
    ],
)
def test_a_slip_is_explained(base, monkeypatch, arguments, said):
    monkeypatch.setenv("JALON_BASE", base.connection.execute("PRAGMA database_list").fetchone()[2])
    done = CliRunner().invoke(jalon, arguments)
    assert done.exit_code == 2
    assert said in done.output
