"""The AORIF calculation: worked examples, who counts in a household, what counts in a budget."""

import json
from datetime import date

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.api import calculators
from cli.main import main
from data.build import read_documents
from data.yaml_reader import parse_yaml
from rules import BaseError
from rules.calculators.reste_pour_vivre import left_to_live_on, load_reste_pour_vivre
from tests.built_base import ROOT
from tests.door_server import alone, base_path, serve

DOCUMENTS, _ = read_documents(ROOT)
CALCULATOR = load_reste_pour_vivre(DOCUMENTS)
THEN = date(2019, 9, 1)
FILE = ROOT / "rules" / "base" / "reste_pour_vivre.yml"
HOLDER = {"age": 35, "role": "titulaire"}
PARTNER = {"age": 33, "role": "concubin"}


def child(age: int | None, **more) -> dict:
    return {"age": age, "role": "enfant", **more}


def answer(
    people: list[dict], incomes: dict | None = None, costs: dict | None = None, at: date = THEN
) -> dict:
    return left_to_live_on(
        CALCULATOR,
        {"personnes": people, "ressources": incomes or {"salaires": 1000}, "depenses": costs or {"loyer": 0}},
        at,
    )


@pytest.mark.parametrize(
    ("people", "income", "costs", "uc", "rpv"),
    [
        pytest.param([HOLDER], 1200, (450, 60, 250), 1, 31.33, id="single"),
        pytest.param([HOLDER, PARTNER, child(10)], 1800, (620, 90, 300), 1.8, 25.74, id="couple, child of 10"),
        pytest.param([HOLDER, child(15), child(3)], 1050, (500, 80, 350), 1.8, 15.19, id="mother, 15 and 3"),
        pytest.param(
            [HOLDER, PARTNER, child(20, rattache_fiscal=True), child(3), child(8), child(13)],
            2400, (1000, 0, 200), 2.9, 18.39, id="E15",
        ),
    ],
)  # fmt: skip
def test_a_worked_example_gives_its_result(people, income, costs, uc, rpv):
    found = answer(people, {"salaires": income}, dict(zip(("loyer", "charges", "apl"), costs, strict=True)))
    assert (found["uc"], found["rpv"], found["au_moins_11"], found["lectures"]) == (uc, rpv, True, [])


@pytest.mark.parametrize(
    ("person", "uc"),
    [
        pytest.param(child(13), 1.3, id="13"),
        pytest.param(child(14), 1.5, id="14"),
        pytest.param({"age": 60, "role": "cotitulaire"}, 1.5, id="co-holder"),
        pytest.param({"age": 60, "role": "heberge"}, 1, id="hosted"),
        pytest.param({"role": "a_naitre"}, 1, id="unborn"),
        pytest.param(child(8, garde="alternee_jaf"), 1.3, id="shared custody, judge"),
        pytest.param(child(8, garde="alternee_sans_decision"), 1, id="shared custody, no decision"),
        pytest.param(
            child(8, garde="alternee_sans_decision", residence_principale=True), 1.3, id="main home"
        ),
        pytest.param(child(8, garde="visite"), 1, id="visiting rights"),
        pytest.param(child(20), 1.5, id="20, not said"),
        pytest.param(
            child(20, rattache_fiscal=False, etudiant_sans_declaration=False), 1, id="20, own return"
        ),
        pytest.param(child(24, etudiant_sans_declaration=True), 1.5, id="student"),
        pytest.param(child(25), 1, id="25"),
        pytest.param({"age": 30, "role": "a_charge"}, 1.5, id="disabled dependant"),
        pytest.param({"age": 22, "role": "rattache"}, 1.5, id="on the tax notice"),
    ],
)
def test_who_counts_in_a_household(person, uc):
    found = answer([HOLDER, person])
    assert found["uc"] == uc
    assert found["detail"][1]["compte"] == (uc > 1) and found["detail"][1]["texte"]


def test_the_order_of_people_is_irrelevant():
    family = [child(3), {"age": 70, "role": "heberge"}, HOLDER, child(15), PARTNER]
    assert answer(family)["uc"] == answer(family[::-1])["uc"] == 2.3


def test_when_who_counts_is_not_certain_the_other_result_is_given():
    found = answer([HOLDER, child(20)], {"salaires": 400})
    assert found["rpv"] == 8.89 and found["lectures"] == [{"uc": 1.0, "rpv": 13.33}]
    assert found["au_moins_11"] is None and not found["detail"][1]["certain"]


@pytest.mark.parametrize(
    "people", [[], [child(8)], [{}], [HOLDER, child(None)]], ids=["nobody", "no adult", "unknown", "no age"]
)
def test_an_unknown_household_has_no_result(people):
    found = answer(people)
    assert found["rpv"] is None and found["uc"] is None


def test_what_does_not_count_is_said_and_changes_nothing():
    plain = answer([HOLDER], {"salaires": 1200}, {"loyer": 450})
    more = answer(
        [HOLDER], {"salaires": 1200, "ars": 400, "prestations_irregulieres": 90},
        {"loyer": 450, "parking": 60, "credits": 200, "plan_apurement": 30},
    )  # fmt: skip
    assert more["rpv"] == plain["rpv"] == 25.0
    told = {one["poste"]: one for one in more["detail"] if "poste" in one}
    assert all(told[key]["effet"] == "ignore" and told[key]["texte"] for key in ("ars", "parking", "credits"))


def test_what_is_paid_to_others_is_taken_off():
    incomes = {"retraite": 1500, "pensions_versees": 200, "deficits_fonciers": 50, "ehpad_conjoint": 350}
    assert answer([HOLDER], incomes)["rpv"] == 30.0


def test_what_is_not_said_is_listed_and_the_rent_and_an_income_are_needed():
    found = answer([HOLDER], {"salaires": 1200}, {"loyer": 450})
    assert "depenses.apl" in found["non_dits"] and "depenses.parking" not in found["non_dits"]
    assert answer([HOLDER], {"salaires": 1}, {"apl": 3})["manque"] == ["depenses.loyer"]
    none = answer([HOLDER], {"ars": 300}, {"loyer": 3})
    assert none["manque"] == ["ressources"] and none["rpv"] is None and none["au_moins_11"] is None


def test_eleven_euros_is_at_least_eleven_and_a_rounded_one_is_not():
    assert answer([HOLDER], {"salaires": 330})["au_moins_11"] is True
    found = answer([HOLDER], {"salaires": 329.9})
    assert (found["rpv"], found["au_moins_11"]) == (11.0, False)


def test_it_is_not_the_reste_a_vivre_of_the_score():
    family = [HOLDER, PARTNER, child(20, rattache_fiscal=True), child(3), child(8), child(13)]
    assert answer(family, {"salaires": 2400}, {"loyer": 1000, "apl": 200})["rpv"] != 11.85


def test_every_answer_is_dated_and_a_late_one_says_it_first():
    for day, first in ((THEN, "Ce calcul vient"), (date(2024, 1, 10), "La Ville de Paris a changé")):
        told = answer([HOLDER], at=day)
        assert told["avertissement"].startswith(first) and next(iter(told)) == "avertissement"
        assert "10 janvier 2024" in told["avertissement"]
        assert told["source"]["titre"] and "AORIF" in told["source"]["passage"]


AMOUNT = st.integers(0, 3000) | st.floats(0, 3000).map(lambda x: round(x, 2))
PEOPLE = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "age": st.integers(0, 100),
            "role": st.sampled_from(list(CALCULATOR.node["roles"])),
            "garde": st.sampled_from(["aucune", "alternee_jaf", "alternee_sans_decision", "visite"]),
            "residence_principale": st.booleans(),
            "rattache_fiscal": st.booleans(),
            "etudiant_sans_declaration": st.booleans(),
        },
    ),
    max_size=20,
)
INCOMES = st.fixed_dictionaries({}, optional={key: AMOUNT for key in CALCULATOR.node["ressources"]})
COSTS = st.fixed_dictionaries({}, optional={key: AMOUNT for key in CALCULATOR.node["depenses"]})


@given(PEOPLE, INCOMES, COSTS)
def test_a_valid_request_always_gets_an_answer_of_the_described_shape(people, incomes, costs):
    body = {"personnes": people, "ressources": incomes, "depenses": costs}
    calculators.DemandeRestePourVivre.model_validate(body)
    found = left_to_live_on(CALCULATOR, body, THEN)
    calculators.RestePourVivre.model_validate(json.loads(json.dumps(found)), strict=True)
    assert (found["rpv"] is None) or (found["uc"] >= 1 and not found["manque"])


@given(PEOPLE, INCOMES, COSTS, st.sampled_from(sorted(CALCULATOR.node["ressources"])))
def test_one_more_euro_of_income_never_lowers_the_result(people, incomes, costs, key):
    sign = CALCULATOR.node["ressources"][key]["sens"]
    before, after = (
        left_to_live_on(CALCULATOR, {"personnes": people, "ressources": {**incomes, key: amount}, "depenses": costs}, THEN)["rpv"]
        for amount in (100, 900)
    )  # fmt: skip
    if before is not None and after is not None:
        assert after >= before if sign == "plus" else after <= before


@given(PEOPLE)
def test_saying_more_never_adds_a_possible_result(people):
    """What is said about a child narrows the results; it never opens new ones."""
    vague = answer(people)
    exact = [{"rattache_fiscal": True, "etudiant_sans_declaration": False, "residence_principale": True, **one} for one in people]  # fmt: skip
    possible = {one["uc"] for one in vague["lectures"]} | {vague["uc"]}
    assert {one["uc"] for one in answer(exact)["lectures"]} <= possible


# The file


def test_the_keys_of_the_door_are_those_of_the_file():
    for part, schema in (("ressources", calculators.Ressources), ("depenses", calculators.Depenses)):
        assert set(schema.model_fields) == set(CALCULATOR.node[part])
    roles = calculators.Personne.model_fields["role"].annotation.__args__[0].__args__
    assert set(roles) == set(CALCULATOR.node["roles"])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("seuil: 11", "seuil: onze", "nombre"),
        ("{role: a_naitre}", "{role: a_naitr}", "a_naitre"),
        ("{sens: ignore, libelle: \"Parking\"", "{sens: ignor, libelle: \"Parking\"", "ignore"),
        ("(ressources - depenses) / uc", "(ressource - depenses) / uc", "ressource"),
        ("age: {moins_de: 18}", "age: {moin_de: 18}", "moins_de"),
        ("    compte: non\n    texte: \"Le droit", "    comte: non\n    texte: \"Le droit", "comte"),
    ],
)  # fmt: skip
def test_a_slip_of_an_editor_is_named(old, new, says):
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(BaseError) as raised:
        load_reste_pour_vivre({**DOCUMENTS, FILE.name: parse_yaml(text.replace(old, new, 1), FILE.name)})
    assert says in str(raised.value) and all(fault.line for fault in raised.value.faults)


# The door and the command


@pytest.fixture(scope="module")
def door():
    with serve(alone()) as url, httpx.Client(base_url=url) as client:
        yield client


CONTRACT = {
    "personnes": [HOLDER],
    "ressources": {"salaires": 1200},
    "depenses": {"loyer": 450, "charges": 60, "apl": 250},
}


def test_the_door_answers_as_the_contract_says(door):
    found = door.post("/api/v1/reste-pour-vivre", json=CONTRACT).json()
    calculators.RestePourVivre.model_validate(found, strict=True)
    shown = {key: found[key] for key in ("uc", "rpv", "unite", "seuil", "au_moins_11")}
    assert shown == {"uc": 1.0, "rpv": 31.33, "unite": "EUR/jour/UC", "seuil": 11, "au_moins_11": True}


@pytest.mark.parametrize(
    ("body", "path", "suggestion"),
    [
        ({"personne": []}, "personne", "personnes"),
        ({"personnes": [{"age": 3, "role": "enfants"}]}, "personnes.0.role", "enfant"),
        ({"personnes": [{"agee": 3}]}, "personnes.0.agee", "age"),
        ({"ressources": {"salaire": 3}}, "ressources.salaire", "salaires"),
        ({"depenses": {"loyer": -3}}, "depenses.loyer", None),
        ({"personnes": [{"age": 200}]}, "personnes.0.age", None),
    ],
)
def test_the_door_says_what_is_wrong_and_what_is_near(door, body, path, suggestion):
    response = door.post("/api/v1/reste-pour-vivre", json=body)
    assert response.status_code == 422, response.text
    (fault,) = response.json()["erreurs"]
    assert (fault["chemin"], fault["suggestion"]) == (path, suggestion)


def test_the_command_gives_the_same_as_a_table_or_json(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("JALON_BASE", str(base_path()))
    options = ["--personne", "35:titulaire", "--fait", "salaires=1200", "--fait", "loyer=450"]
    options += ["--fait", "charges=60", "--fait", "apl=250", "--date", "2019-09-01"]
    file = tmp_path / "foyer.json"
    file.write_text(json.dumps({**CONTRACT, "date": "2019-09-01"}))
    answers = []
    for arguments in ([*options, "--json"], [str(file), "--json"], options):
        with pytest.raises(SystemExit) as ending:
            main(["reste-pour-vivre", *arguments])
        assert ending.value.code == 0
        answers.append(capsys.readouterr().out)
    assert answers[0] == answers[1] and json.loads(answers[0])["rpv"] == 31.33
    assert "31,33 €" in answers[2] and "au moins 11 €" in answers[2]
