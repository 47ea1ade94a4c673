"""The invariants of the engine on random bases: calculations, notions, tables, periods, several dispositifs."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bench import random_bases
from rules import Base, Evaluator, Result, check_facts, load_base, next_fact
from tests.meaning import Everybody, Meaning
from tests.proof_judge import ProofJudge
from tests.strategies import AT, Oracle, base_of, documents, examples, facts, trees

MOST = 3000  # people tried for a proof, each of whose reasons takes a whole round


@dataclass(frozen=True)
class Drawn:
    """A random base and a few people of whom a part is known. Printed as the seed that draws it again.

    Trees of 9 conditions at most: there the engine never gives up a search. `make bench-force` has larger ones.
    """

    seed: int

    def base(self) -> tuple[dict, Base]:
        files = random_bases.draw(Random(self.seed), depth=2)
        return files, load_base(files)

    def people(self, files: dict, count: int = 6) -> list[dict]:
        rng, domains = Random(self.seed), random_bases.domains(files)
        return [
            {name: rng.choice(values) for name, values in domains.items() if rng.random() < share}
            for share in (rng.random() for _ in range(count))
        ]


DRAWN = st.integers(0, 2**32).map(Drawn)


def tree_of(files: dict, name: str) -> dict:
    return files[f"dispositifs/{name}.yml"]["conditions"]


def everybody(files: dict, name: str) -> Everybody:
    meaning = Meaning(files, AT)
    domains = random_bases.domains(files)
    return Everybody(
        meaning, tree_of(files, name), {f: domains[f] for f in meaning.inputs(tree_of(files, name))}
    )


@examples(150)
@given(trees(calculs=True, depth=2), facts())
def test_a_status_is_decided_only_when_everybody_possible_gets_it(tree, known):
    base = base_of(tree)
    result = Evaluator(base).evaluate(base.dispositifs["d0"], known, AT)
    assert result.status == Oracle(tree).status(known)


@examples(150)
@given(trees(calculs=True, depth=2), facts())
def test_a_decided_status_never_changes_when_more_facts_come(tree, known):
    base = base_of(tree)
    evaluator, seen = Evaluator(base), None
    for count in range(len(known) + 1):
        status = evaluator.evaluate(base.dispositifs["d0"], dict(list(known.items())[:count]), AT).status
        assert seen in (None, "a_verifier", status)
        seen = status


@examples(60)
@given(trees(calculs=True, depth=2), st.data())
def test_the_two_judges_agree(tree, data):
    """One is written by hand for a few calculations; the other reads any calculation from the YAML."""
    oracle, meaning = Oracle(tree), Meaning(documents(tree), AT)
    person = data.draw(
        st.fixed_dictionaries({name: st.sampled_from(v) for name, v in oracle.domains.items()})
    )
    always = {name: True for name in oracle.always}
    assert ("non", "a_verifier", "oui")[meaning.outcome(tree)(person)] == oracle.outcome(person | always)


@examples(80)
@given(DRAWN)
def test_status_and_missing_facts_are_those_of_everybody_possible(drawn):
    files, base = drawn.base()
    evaluator = Evaluator(base)
    for name in base.dispositifs:
        possible = everybody(files, name)
        for known in drawn.people(files):
            result = evaluator.evaluate(base.dispositifs[name], known, AT)
            assert result.status == possible.status(known), (name, known)
            assert set(result.missing) == possible.changing(known), (name, known)


@examples(60)
@given(DRAWN)
def test_the_next_question_can_change_something(drawn):
    files, base = drawn.base()
    possible = [everybody(files, name) for name in base.dispositifs]
    for known in drawn.people(files, 3):
        asked = next_fact(Evaluator(base), base.dispositifs.values(), known, AT)
        useful = set().union(*(one.changing(known) for one in possible))
        assert asked in useful if useful else asked is None, known


@examples(60)
@given(DRAWN)
def test_no_status_decided_changes_when_facts_come_one_by_one(drawn):
    files, base = drawn.base()
    evaluator = Evaluator(base)
    for known in drawn.people(files, 3):
        seen = dict.fromkeys(base.dispositifs, "a_verifier")
        for count in range(len(known) + 1):
            found = evaluator.evaluate_all(dict(list(known.items())[:count]), AT)
            for name, result in found.items():
                assert seen[name] in ("a_verifier", result.status), (name, known)
                seen[name] = result.status


@examples(30)
@given(DRAWN)
def test_neither_who_came_before_nor_the_order_of_the_facts_changes_an_answer(drawn):
    files, base = drawn.base()
    people = drawn.people(files)
    onward, backward = Evaluator(base), Evaluator(base)
    first = [answers(onward, known) for known in people]
    last = [answers(backward, dict(reversed(known.items()))) for known in reversed(people)]
    alone = [answers(Evaluator(base), known) for known in people]
    assert first == last[::-1] == alone


def answers(evaluator: Evaluator, known: dict) -> dict[str, tuple[Result, dict]]:
    """Everything that is answered; `gains` is left out when two results are compared."""
    return {name: (result, dict(result.gains)) for name, result in evaluator.evaluate_all(known, AT).items()}


@examples(60)
@given(DRAWN, st.data())
def test_no_valid_fact_makes_the_evaluation_fail(drawn, data):
    """Lists or tuples of choices, in any order, with repetitions."""
    files, base = drawn.base()
    evaluator = Evaluator(base)
    choices = st.lists(st.sampled_from(list(base.facts["lien"].choices)), min_size=1, max_size=5)
    for known in drawn.people(files, 3):
        known |= {"lien": data.draw(choices | choices.map(tuple))}
        assert check_facts(base, known) == []
        for result in evaluator.evaluate_all(known, AT).values():
            assert result.status in ("oui", "a_verifier", "non")
            assert all(reason.text for reason in result.reasons)


@examples(60)
@given(DRAWN)
def test_the_reasons_are_enough_and_none_can_be_spared(drawn):
    """For conditions that can be met and can fail; `jalon verifier` refuses the others."""
    files, base = drawn.base()
    meaning, domains, evaluator = Meaning(files, AT), random_bases.domains(files), Evaluator(base)
    for name in base.dispositifs:
        tree = tree_of(files, name)
        judge = ProofJudge(meaning, tree, {fact: domains[fact] for fact in meaning.inputs(tree)})
        if len(judge.everybody) <= MOST and judge.ordinary():
            for known in drawn.people(files, 2):
                result = evaluator.evaluate(base.dispositifs[name], known, AT)
                ids = [reason.leaf.id for reason in result.reasons]
                assert judge.wrong(result.status, ids, known) is None, (name, known)


def leaf(identifier: str, fact: str, force: str = "ferme", **test: object) -> dict:
    words = {"vrai": "Vrai.", "faux": "Faux.", "inconnu": "Inconnu."}
    return {
        "id": identifier,
        "fait": fact,
        "force": force,
        "confiance": "haute",
        "source": "s",
        **words,
        **test,
    }


def test_a_set_of_choices_told_whole_is_kept_whole_inside_a_calculation():
    """[famille, aucun] holds a choice that the plain condition does not name, and the notion does."""
    tree = {
        "tous": [
            leaf("lien", "lien", contient="famille"),
            leaf("notion", "lie_ou_petit", egal="oui"),
            leaf("somme", "somme", min=12),
        ]
    }
    base = base_of(tree)
    for said in (["famille", "aucun"], ["aucun", "famille", "aucun"], ("famille", "aucun")):
        result = Evaluator(base).evaluate(base.dispositifs["d0"], {"lien": said}, AT)
        assert (result.status, set(result.missing)) == ("a_verifier", {"age", "dette"})
        decided = Evaluator(base).evaluate(base.dispositifs["d0"], {"lien": said, "age": 2}, AT)
        assert decided.status == "oui"


def test_someone_partly_known_gets_the_same_proof_whoever_came_before():
    tree = {"au_moins_un": [leaf("a", "animal", "souple", egal="oui"), leaf("b", "somme", min=14)]}
    base = base_of(tree)
    known = {"animal": True, "age": 4}
    alone = Evaluator(base).evaluate(base.dispositifs["d0"], known, AT)
    shared = Evaluator(base)
    shared.evaluate(base.dispositifs["d0"], {"animal": True}, AT)
    assert shared.evaluate(base.dispositifs["d0"], known, AT) == alone


def test_a_fact_that_a_calculation_reads_is_not_asked_when_the_other_facts_make_it_useless():
    """Nobody in the street is housed: the notion, which reads « suivi » too, is then always met."""
    tree = {"tous": [leaf("rue", "logement", egal="rue"), leaf("notion", "loge_seul", egal="non")]}
    base = base_of(tree)
    assert Evaluator(base).evaluate(base.dispositifs["d0"], {}, AT).missing == ("logement",)


def test_an_amount_that_one_row_leaves_undefined_stays_undefined_for_those_it_may_concern():
    files = documents({"tous": [leaf("montant", "age", max={"bareme": "troue"})]})
    rows = [{"logement": "rue", "valeur": "dette / age"}, {"age": [None, 4], "valeur": 4}]
    amount = {"du": None, "au": None, "selon": rows, "hors_table": "Il n'y a pas de montant."}
    about = {"libelle": "Un montant", "unite": "EUR", "confiance": "haute", "source": "s"}
    files["baremes.yml"] = files["baremes.yml"] | {"troue": about | {"valeurs": [amount]}}
    base = load_base(files)
    evaluator = Evaluator(base)
    assert evaluator.evaluate(base.dispositifs["d0"], {"age": 0}, AT).status == "a_verifier"
    assert evaluator.evaluate(base.dispositifs["d0"], {"age": 0, "logement": "hotel"}, AT).status == "oui"


def test_a_decimal_that_the_base_names_is_met_exactly():
    files = documents({"tous": [leaf("dixieme", "dixieme", parmi=[0.1, 0.3])]})
    about = {"libelle": "Un dixième", "unite": "EUR", "confiance": "haute", "source": "s"}
    files["calculs.yml"] = files["calculs.yml"] | {"dixieme": about | {"calcul": "age / 10"}}
    base = load_base(files)
    met = [Evaluator(base).evaluate(base.dispositifs["d0"], {"age": age}, AT).status for age in (1, 2, 3)]
    assert met == ["oui", "non", "oui"]
