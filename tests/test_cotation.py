"""The housing score of 2019: printed examples, every contradiction, and what must hold for anybody."""

import json
import re
from datetime import date
from itertools import product

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.api import calculators
from cli.main import main
from data.build import read_documents
from data.yaml_reader import parse_yaml
from rules import BaseError
from rules.calculators.cotation import score
from rules.calculators.cotation_loading import load_cotation
from tests.built_base import ROOT
from tests.door_server import alone, base_path, serve

DOCUMENTS, _ = read_documents(ROOT)
GRID = load_cotation(DOCUMENTS)
THEN = date(2019, 9, 1)
FILE = ROOT / "rules" / "base" / "cotation_2019.yml"


def answer(at: date = THEN, **entries) -> dict:
    return score(GRID, entries, at)


def line(heading: str, **entries) -> dict:
    found = answer(**entries)
    return next(one for one in found["lignes"] + found["pourcentages"] if one["rubrique"] == heading)


def values(shown: dict) -> set[float]:
    """Every value that a line gives, proposed or not."""
    key = "points" if "points" in shown else "pourcentage"
    return {one[key] for one in shown["lectures"]} | ({shown[key]} - {None})


# The worked examples printed in the documents

HALF = {"personnes_logement_actuel": 5, "surface_m2": 33}
E7 = {"adultes": 3, "mineurs": 3, "loyer": 1000, "apl": 200, "ressources_mensuelles": 2400}
JUDGED, LEAVE, FORCE = ({"expulsion_en_cours": step} for step in ("jugement", "commandement_de_quitter", "concours_force_publique_accorde"))  # fmt: skip
OUTSIDE = {"logement_actuel": "sans_abri_ou_abri_de_fortune"}
PROVED = {"expulsion_justifiee": True}


@pytest.mark.parametrize(
    ("heading", "entries", "points"),
    [
        pytest.param("personnes_par_piece", {"personnes_logement_actuel": 6, "pieces": 2}, 4, id="E1"),
        pytest.param("surface_cch", {"personnes_logement_actuel": 5, "surface_m2": 35}, 4, id="E2"),
        pytest.param("surface_cch", HALF, 4, id="E3 CCH"),
        pytest.param("surface_caf", {**HALF, "surface_m2": 21.5}, 4, id="E3 CAF"),
        pytest.param("surface_caf", {"personnes_logement_actuel": 2, "surface_m2": 12}, 1.5, id="E4"),
        pytest.param("sous_occupation", {"logement_actuel": "locataire_hlm", "personnes_logement_actuel": 2, "pieces": 5}, 10, id="E5"),
        pytest.param("reste_a_vivre", E7, 5, id="E7"),
        pytest.param("expulsion_en_cours", {**JUDGED, "expulsion_justifiee": False}, 3, id="E10 declared"),
        pytest.param("expulsion_en_cours", {**JUDGED, **PROVED}, 10, id="E10 justified"),
        pytest.param("expulsion_en_cours", LEAVE, 4, id="E11 declared"),
        pytest.param("expulsion_en_cours", {**LEAVE, **PROVED}, 11, id="E11 justified"),
        pytest.param("expulsion_en_cours", FORCE, 4, id="E12 declared"),
        pytest.param("expulsion_en_cours", {**FORCE, **PROVED}, 15, id="E12 justified"),
        pytest.param("logement_actuel", OUTSIDE, 3, id="E13 nothing"),
        pytest.param("logement_actuel", {**OUTSIDE, "justificatif_sans_abri": "domiciliation"}, 20, id="E13 address"),
        pytest.param("logement_actuel", {**OUTSIDE, "justificatif_sans_abri": "maraude_psa"}, 28, id="E13 outreach"),
        pytest.param("logement_actuel", {"logement_actuel": "rhvs", "certificat_hebergement_mois": 18}, 1, id="E14 at 18 months"),
        pytest.param("logement_actuel", {"logement_actuel": "rhvs", "certificat_hebergement_mois": 19}, 3, id="E14 over 18 months"),
    ],
)  # fmt: skip
def test_a_printed_example_gives_the_printed_points(heading, entries, points):
    assert line(heading, **entries)["points"] == points


def test_e6_gives_both_numbers_of_the_effort_rate():
    found = answer(loyer=950, apl=100, ressources_mensuelles=1300)
    effort = line("taux_effort", loyer=950, apl=100, ressources_mensuelles=1300)
    assert effort["points"] == 8.0
    assert [one["points"] for one in effort["lectures"]] == [7.75]
    assert effort["lectures"][0]["pourquoi"].startswith("C1 :")
    assert effort["entree"]["taux_exact"] == pytest.approx(65.3846, abs=1e-4)
    assert found["total"] is None and found["totaux"] == [7.75, 8.0]


def test_e8_works_in_paris():
    # 28 for life outside, 6 for violence, 20 for the end of a staff dwelling: 54.
    found = answer(
        **OUTSIDE, justificatif_sans_abri="maraude_psa", motif="violences_familiales", motif_justifie=False,
        agent_ville={"fin_logement_fonction": True}, lien_paris="travaille",
    )  # fmt: skip
    assert (found["sous_total"], found["total"], found["totaux"]) == (54.0, 59.4, [59.4])


def test_e9_of_close_criteria_only_the_one_worth_most_counts():
    found = answer(motif="decohabitation", logement_actuel="chez_parents_ou_enfants")
    assert found["total"] == 2.0
    home = line("logement_actuel", motif="decohabitation", logement_actuel="chez_parents_ou_enfants")
    assert home["points"] == 0 and any("proches" in note for note in home["a_savoir"])


# Contradictions


@pytest.mark.parametrize(
    ("name", "heading", "entries", "expected"),
    [
        ("C1", "taux_effort", {"loyer": 340, "apl": 0, "ressources_mensuelles": 1000}, {0.25, 0}),
        ("C2", "reste_a_vivre", E7, {5}),
        ("C3", "logement_actuel", {"logement_actuel": "chez_parents_ou_enfants"}, {1, 2}),
        ("C4", "motif", {"motif": "mise_en_couple_mariage_pacs"}, {4, 0, 3}),
        ("C4b", "motif", {"motif": "rapprochement_travail"}, {0, 2}),
        ("C5", "motif", {"motif": "violences_familiales", "motif_justifie": True}, {12, 16, 18}),
        ("C6", "motif", {"motif": "assistant_maternel_ou_familial", "motif_justifie": True}, {4, 6, 8}),
        ("C8", "logement_insalubre_dangereux_impropre", {"logement_non_decent": True, "logement_insalubre": True}, {0, 1}),
        ("C9", "surface_caf", {"personnes_logement_actuel": 2, "surface_m2": 12}, {1.5, 1}),
        ("C10", "surface_cch", {"personnes_logement_actuel": 1, "surface_m2": 10}, {2, 1}),
        ("C11a", "anciennete_points", {"anciennete_demande_mois": 60}, {1, 0}),
        ("C11a", "anciennete", {"anciennete_demande_mois": 12}, {3, 1}),
        ("C11b", "reste_a_vivre", {"adultes": 1, "mineurs": 0, "loyer": 0, "apl": 0, "ressources_mensuelles": 450}, {5, 3}),
        ("C11c", "personnes_par_piece", {"personnes_logement_actuel": 14, "pieces": 1, "naissances_attendues": 0}, {10}),
        ("C12", "logement_actuel", OUTSIDE, {3}),
        ("C14", "motif", {"motif": "divorce_separation", "motif_justifie": True}, {4, 8}),
        ("C15", "motif", {"motif": "raisons_de_sante", "motif_justifie": True}, {2, 7}),
        ("C16", "logement_actuel", {"logement_actuel": "hotel_social_via_centre_ou_association"}, {1}),
        ("C17", "expulsion_en_cours", FORCE, {4}),
        ("C18", "anciennete", {"anciennete_demande_mois": 65}, {9, 12}),
        ("C19", "precedents_classements", {"classements": [{"rang": 2, "refuse_par_le_demandeur": False}]}, {1}),
    ],
)  # fmt: skip
def test_a_contradiction_is_visible_in_the_answer_that_meets_it(name, heading, entries, expected):
    shown = line(heading, **entries)
    assert values(shown) == expected
    assert name in shown["contradictions"]
    told = {one["id"]: one for one in answer(**entries)["contradictions"]}
    assert told[name]["texte"] and told[name]["source"]["titre"] and len(told[name]["lectures"]) >= 2


def test_c7_both_ways_of_adding_two_percentages():
    found = answer(evenement_grave=True, lien_paris="habite", anciennete_demande_mois=30)
    assert found["sous_total"] == 30 and found["totaux"] == [34.5, 34.65] and found["total"] is None
    assert {"C7", "C13"} <= {one["id"] for one in found["contradictions"]}
    assert [one["lectures"]["C7"] for one in found["totaux_expliques"]] == [
        "meme_sous_total",
        "l_un_apres_l_autre",
    ]


def test_every_contradiction_of_the_documents_is_in_the_grid_with_confidence_and_source():
    numbers = {int(re.match(r"C(\d+)", name)[1]) for name in GRID.contradictions}
    assert numbers == set(range(1, 20))
    assert all(one["confiance"] in ("haute", "moyenne", "basse") for one in GRID.contradictions.values())


def test_a_contradiction_without_proposed_reading_keeps_no_number():
    shown = line("motif", motif="violences_familiales", motif_justifie=True)
    assert shown["points"] is None and shown["etat"] == "indecidable"
    assert answer(motif="violences_familiales", motif_justifie=True)["totaux"] == [12, 16, 18]


def test_one_reading_of_a_contradiction_holds_in_the_whole_grid():
    # 10 m² for one person: 71 % of the CCH norm; 25 m² for 4: 74 % of the CAF one. C10 read once, not twice.
    found = answer(personnes_logement_actuel=4, surface_m2=25)
    assert line("surface_caf", personnes_logement_actuel=4, surface_m2=25)["points"] == 2
    both = answer(personnes_logement_actuel=1, surface_m2=6.5)  # 46 % and 72 %
    assert both["totaux"] == [5.5, 6.5] and len(found["totaux"]) <= 3


# Rules of some headings


@pytest.mark.parametrize(
    ("entries", "points"),
    [
        ({"classements": []}, 0),
        ({"classements": [{"rang": 3}, {"rang": 1, "refuse_par_le_demandeur": True}]}, None),
        ({"classements": [{"rang": 3, "refuse_par_le_demandeur": False}, {"rang": 1, "refuse_par_le_demandeur": True}]}, 0.5),
        ({"classements": [{"rang": 1, "refuse_par_le_demandeur": False}, {"rang": 1}]}, 1.5),
        ({"classements": [{"rang": 7, "refuse_par_le_demandeur": False}]}, 0),
    ],
)  # fmt: skip
def test_the_best_rank_counts_unless_it_was_refused(entries, points):
    assert line("precedents_classements", **entries)["points"] == points


@pytest.mark.parametrize(
    ("entries", "points"),
    [
        ({"evenement_grave": True, "lien_paris": "habite"}, 30),
        ({"evenement_grave": True, "lien_paris": "travaille"}, 0),
        ({"evenement_grave": True, "lien_paris": "habite", "evenement_grave_non_reloge_12_mois": True}, 40),
        ({"evenement_grave": False}, 0),
    ],
)
def test_a_serious_event_is_for_those_who_live_in_paris(entries, points):
    assert line("evenement_grave", **entries)["points"] == points


def test_what_is_supposed_is_said():
    shown = line("evenement_grave", evenement_grave=True)
    assert shown["points"] == 30 and any("habitent Paris" in note for note in shown["a_savoir"])
    rooms = line("personnes_par_piece", personnes_logement_actuel=6, pieces=2)
    assert any("aissances" in note for note in rooms["a_savoir"])
    outside = line("logement_actuel", **OUTSIDE)
    assert sum(note.startswith("Non dit") for note in outside["a_savoir"]) == 2


def test_empty_rooms_only_count_in_social_housing():
    rooms = {"personnes_logement_actuel": 1, "pieces": 6}
    assert line("sous_occupation", **rooms)["etat"] == "non_calculable"
    assert line("sous_occupation", **rooms, logement_actuel="locataire_parc_prive")["points"] == 0
    assert line("sous_occupation", **rooms, logement_actuel="locataire_hlm")["points"] == 14


def test_no_income_is_not_a_rate():
    assert line("taux_effort", loyer=500, apl=0, ressources_mensuelles=0)["points"] is None


@pytest.mark.parametrize(
    ("rent", "expected"), [(330, {0}), (339, {0}), (690, {9.0, 8.75}), (699, {9.0, 8.75}), (700, {9.25}), (900, {9.25})]
)  # fmt: skip
def test_the_steps_of_the_effort_rate(rent, expected):
    assert values(line("taux_effort", loyer=rent, apl=0, ressources_mensuelles=1000)) == expected


# Always historical


def test_every_answer_says_that_the_grid_is_historical():
    told = answer()["avertissement"]
    assert "9 janvier 2024" in told and "points d'aujourd'hui" in told
    assert answer()["grille"]["remplacee_le"] == "2024-01-10"


def test_after_its_last_day_the_warning_comes_first():
    for day, first in (
        (date(2024, 1, 9), "Ce calcul montre"),
        (date(2024, 1, 10), "Cette grille n'est plus"),
    ):
        found = answer(day)
        assert found["avertissement"].startswith(first)
        assert next(iter(found)) == "avertissement"
    assert "10 janvier 2024" in answer(date(2026, 11, 21))["avertissement"]


def test_nothing_said_is_no_total():
    found = answer()
    assert (found["total"], found["sous_total"], found["totaux"]) == (None, None, [])
    assert all(one["points"] is None and one["manque"] for one in found["lignes"])


# What must hold for anybody


def _requests() -> st.SearchStrategy[dict]:
    """Valid bodies, with each key present or not."""
    schema = calculators.DemandeCotation.model_json_schema()

    def of(node: dict) -> st.SearchStrategy:
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
        if "anyOf" in node:
            return of(next(one for one in node["anyOf"] if one.get("type") != "null"))
        if "enum" in node:
            return st.sampled_from(node["enum"])
        if node["type"] == "object":
            needed = node.get("required", [])
            fields = {key: of(one) for key, one in node["properties"].items()}
            return st.fixed_dictionaries(
                {key: one for key, one in fields.items() if key in needed},
                optional={key: one for key, one in fields.items() if key not in needed},
            )
        if node["type"] == "array":
            return st.lists(of(node["items"]), max_size=3)
        if node["type"] == "boolean":
            return st.booleans()
        if node["type"] == "number":
            return st.integers(0, int(min(node["maximum"], 4000))) | st.floats(
                0, min(node["maximum"], 4000)
            ).map(lambda x: round(x, 2))
        return st.integers(node["minimum"], min(node["maximum"], 200))

    fields = {key: of(one) for key, one in schema["properties"].items() if key != "date"}
    return st.fixed_dictionaries({}, optional=fields)


@given(_requests(), st.randoms())
def test_a_valid_request_always_gets_an_honest_answer_whatever_the_order_of_its_keys(entries, random):
    calculators.DemandeCotation.model_validate(entries)
    found = answer(**entries)
    calculators.Cotation.model_validate(json.loads(json.dumps(found)), strict=True)
    for one in found["lignes"]:
        assert (one["points"] is None) == (one["etat"] != "calculee")
        if one["etat"] == "non_calculable":
            assert one["manque"] or one["a_savoir"] or one["entree"]
            assert one["rubrique"] in found["non_calculables"]
    assert found["total"] is None or found["totaux"] == [found["total"]]
    assert found["totaux"] == sorted(set(found["totaux"]))
    keys = list(entries)
    random.shuffle(keys)
    assert answer(**{key: entries[key] for key in keys}) == found


@given(_requests())
def test_an_absent_key_is_never_zero_by_silence(entries):
    """What a heading needs and does not have makes it « non calculable »."""
    flat = set(entries) | {f"agent_ville.{key}" for key in entries.get("agent_ville") or {}}
    found = answer(**entries)
    for heading in (*GRID.headings, *GRID.percentages):
        shown = next(one for one in found["lignes"] + found["pourcentages"] if one["rubrique"] == heading.id)
        only = heading.node.get("seulement_si", {})
        if set(only) <= flat and any(entries[key] != wanted for key, wanted in only.items()):
            continue  # known not to concern the person
        if set(heading.inputs) - flat:
            assert shown["etat"] == "non_calculable", heading.id


BETTER = [
    ("logement_repris_ou_vendu", False, True),
    ("expulsions_passees_justifiees", 0, 2),
    ("plan_apurement_surendettement_ou_fsl", False, True),
    ("justificatif_fiscal_et_ressources", False, True),
    ("rapport_salubrite", False, True),
    ("expulsion_justifiee", False, True),
    ("motif_justifie", False, True),
    ("evenement_grave", False, True),
    ("agent_ville", {"zone": "zone_3"}, {"zone": "zone_4"}),
    ("mineurs", 0, 1),
    ("pieces", 9, 2),
]


@given(_requests(), st.sampled_from(BETTER))
def test_more_points_never_lower_a_total(entries, change):
    key, less, more = change
    if key == "pieces":
        entries["logement_actuel"] = "hotel"  # in social housing, more rooms are points too
    if key == "mineurs":
        entries["mineurs"] = 0
    before, after = (answer(**{**entries, key: value})["totaux"] for value in (less, more))
    if before and after:
        assert min(after) >= min(before) and max(after) >= max(before)


@given(_requests())
def test_totals_are_those_of_every_consistent_set_of_readings(entries):
    """Brute force: each reading of each contradiction fixed in the file, one grid for each combination."""
    found = answer(**entries)
    met = sorted({name for one in found["totaux_expliques"] for name in one["lectures"]})
    computed = [name for name in met if name != "C7"]
    if not found["totaux"] or len(computed) > 4:
        return
    totals = set()
    for chosen in product(*(GRID.contradictions[name]["lectures"] for name in met)):
        fixed = {
            name: {**node, "lectures": {reading: node["lectures"][reading]}}
            if (reading := dict(zip(met, chosen, strict=True)).get(name))
            else node
            for name, node in GRID.contradictions.items()
        }
        alone_ = type(GRID)(**{**vars(GRID), "contradictions": fixed})
        totals |= set(score(alone_, entries, THEN)["totaux"])
    assert sorted(totals) == found["totaux"]


# The file


def test_the_keys_and_choices_of_the_door_are_those_of_the_grid():
    fields = set(calculators.DemandeCotation.model_fields) - {"date", "agent_ville"}
    fields |= {f"agent_ville.{key}" for key in calculators.AgentVille.model_fields}
    assert fields == set(GRID.node["entrees"])
    for choices, heading in (
        (calculators.LogementActuel, "logement_actuel"),
        (calculators.Motif, "motif"),
        (calculators.Expulsion, "expulsion_en_cours"),
    ):
        assert set(choices.__args__) == set(GRID.node["rubriques"][heading]["points"]["valeurs"])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("- {egal: 3, vaut: 10}", "- {egal: 3, vaut: dix}", "dix"),
        ("- {min: 75, moins_de: 80,", "- {min: 76, moins_de: 80,", "Aucune tranche pour 75"),
        ("- {min: 65, moins_de: 70, vaut: 2.5}", "- {min: 65, moins_de: 71, vaut: 2.5}", "Plusieurs tranches pour 70"),
        ("{selon: C3, teleservice: 1, grille: 2}", "{selon: C33, teleservice: 1, grille: 2}", "C33"),
        ("{selon: C3, teleservice: 1, grille: 2}", "{selon: C3, teleservice: 1}", "Il manque « grille »"),
        ("si: {motif: divorce_separation,", "si: {motif: divorse_separation,", "divorce_separation"),
        ("pourcentage: \"100 * surface_m2", "pourcentage: \"100 * surface_m", "surface_m2"),
        ("    libelle: \"Classements passés en commission\"", "    libele: \"Classements\"", "libelle"),
        ("valable_jusqua: \"2024-01-09\"", "valable_jusqua: \"9 janvier\"", "2026-11-21"),
        ("seulement_si: {logement_actuel: locataire_hlm}", "seulement_si: {logement_actuel: locataire_hml}", "locataire_hlm"),
        ("plus_de: 18}", "plus_que: 18}", "plus_de"),
        ("source: [teleservice_cotation]", "source: [teleservice_cotatoin]", "teleservice_cotation"),
        ("limites: C11b", "limites: C12", "borne_basse"),
        ("    notes: [C17]", "    notes: [C71]", "C71"),
    ],
)  # fmt: skip
def test_a_slip_of_an_editor_is_named_with_its_line(old, new, says):
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    number = text[: text.index(old)].count("\n") + 1
    slipped = parse_yaml(text.replace(old, new, 1), "cotation_2019.yml")
    with pytest.raises(BaseError) as raised:
        load_cotation({**DOCUMENTS, "cotation_2019.yml": slipped})
    told = str(raised.value)
    assert says in told
    lines = [fault.line for fault in raised.value.faults]
    assert any(line is not None and abs(line - number) <= 13 for line in lines), told


def test_the_grid_of_the_built_base_answers_the_same(base):
    entries = {"personnes_logement_actuel": 2, "surface_m2": 12, "motif": "handicap"}
    assert score(base.cotation, entries, THEN) == answer(**entries)


# The door and the command


@pytest.fixture(scope="module")
def door():
    with serve(alone()) as url, httpx.Client(base_url=url) as client:
        yield client


def test_the_door_answers_as_the_contract_says(door):
    body = {"loyer": 950, "apl": 100, "ressources_mensuelles": 1300, "date": "2019-09-01"}
    response = door.post("/api/v1/cotation", json=body)
    assert response.status_code == 200
    calculators.Cotation.model_validate(response.json(), strict=True)
    del body["date"]
    assert response.json() == answer(**body)


def test_the_door_takes_today_when_no_date_is_given(door):
    for body in ({}, {"date": "2024-01-10"}, {"date": "2024-01-09T23:30:00Z"}):
        told = door.post("/api/v1/cotation", json=body).json()["avertissement"]
        assert told.startswith("Cette grille n'est plus utilisée"), body


@pytest.mark.parametrize(
    ("body", "path", "suggestion"),
    [
        ({"loyr": 3}, "loyr", "loyer"),
        ({"logement_actuel": "hotell"}, "logement_actuel", "hotel"),
        ({"agent_ville": {"zon": "zone_4"}}, "agent_ville.zon", "zone"),
        ({"agent_ville": {"zone": "zone_44"}}, "agent_ville.zone", "zone_4"),
        ({"classements": [{"rang": 1, "refus_par_le_demandeur": True}]}, "classements.0.refus_par_le_demandeur", "refuse_par_le_demandeur"),
        ({"classements": [{"rang": 0}]}, "classements.0.rang", None),
        ({"pieces": -1}, "pieces", None),
        ({"loyer": "950"}, "loyer", None),
        ({"expulsion_justifiee": 1}, "expulsion_justifiee", None),
        ({"date": "hier"}, "date", None),
    ],
)  # fmt: skip
def test_the_door_says_what_is_wrong_and_what_is_near(door, body, path, suggestion):
    response = door.post("/api/v1/cotation", json=body)
    assert response.status_code == 422, response.text
    (fault,) = response.json()["erreurs"]
    assert (fault["chemin"], fault["suggestion"]) == (path, suggestion)


@pytest.fixture
def run(capsys, monkeypatch):
    monkeypatch.setenv("JALON_BASE", str(base_path()))

    def run_command(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ending:
            main(list(arguments))
        said = capsys.readouterr()
        return ending.value.code, said.out, said.err

    return run_command


def test_the_command_reads_options_and_files(run, tmp_path):
    file = tmp_path / "situation.yml"
    file.write_text("date: 2019-09-01\nclassements:\n  - {rang: 1, refuse_par_le_demandeur: non}\n")
    code, out, _ = run("cotation", str(file), "--fait", "agent_ville.zone=zone_4", "--json")
    assert code == 0
    assert json.loads(out) == answer(
        classements=[{"rang": 1, "refuse_par_le_demandeur": False}], agent_ville={"zone": "zone_4"}
    )


def test_the_table_gives_every_total_and_what_is_missing(run):
    facts = ("loyer=950", "apl=100", "ressources_mensuelles=1300")
    code, out, _ = run("cotation", *(part for fact in facts for part in ("--fait", fact)))
    assert code == 0
    for part in (
        "remplacée le 10 janvier 2024",
        "7,75 si C1",
        "Totaux possibles : 7,75 ; 8 points",
        "il manque",
    ):
        assert part in " ".join(out.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fait", "loyr=3"], "Vouliez-vous dire « loyer »"),
        (["--fait", "loyer"], "CLÉ=VALEUR"),
        (["--fait", "motif=handicape"], "Vouliez-vous dire « handicap »"),
        (["/nulle/part.yml"], "ne se lit pas"),
        (["--date", "hier"], "2026-11-21"),
    ],
)
def test_a_mistyped_command_is_explained(run, arguments, said):
    code, _, err = run("cotation", *arguments)
    assert code == 2 and said in err
