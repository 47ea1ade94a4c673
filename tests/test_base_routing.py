"""Neighbours of the real base: each person is sent through the right door, and only through it.

For each pair: someone for whom one door is right, someone for whom the other is, someone for whom nothing
can be said yet. Doors that exclude each other are then tried on every mix of the facts that tell them apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import product

import pytest

from data.build import read_documents
from rules import Evaluator, load_base
from tests.built_base import ROOT

TODAY = date(2026, 11, 21)
OUI, A_VERIFIER, NON = "oui", "a_verifier", "non"


@cache
def evaluator() -> Evaluator:
    documents, _ = read_documents(ROOT)
    return Evaluator(load_base(documents))


def answer(dispositif: str, facts: dict):
    known = evaluator().complete(facts)
    return evaluator().evaluate(evaluator().base.dispositifs[dispositif], known, TODAY)


def status(dispositif: str, facts: dict) -> str:
    return answer(dispositif, facts).status


def reasons(dispositif: str, facts: dict) -> set[str]:
    return {reason.leaf.id for reason in answer(dispositif, facts).reasons}


def sent_to(dispositif: str, facts: dict) -> set[str]:
    """The neighbours to which the known facts surely send a person who asks for the dispositif."""
    base = evaluator().base
    known = evaluator().complete(facts)
    found = set()
    for route in base.dispositifs[dispositif].routes:
        when = route.when.on(TODAY)
        box = {name: _only(known[name]) if name in known else base.facts[name].values for name in when.inputs}
        if when.possible(box) == {True}:
            found.add(route.to)
    return found


def _only(value: object) -> range | tuple:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return range(value, value + 1) if is_number else (value,)


def everybody(**choices: list) -> Iterator[dict]:
    """Every mix of the given values; None leaves the fact unknown."""
    for values in product(*choices.values()):
        yield {name: value for name, value in zip(choices, values, strict=True) if value is not None}


def choices_of(fact: str) -> list:
    return [*evaluator().base.facts[fact].choices, None]


# --- A contract in one's own name, or a heating paid with the charges ---

DEBT = {
    "habite_paris": True,
    "logement_actuel": "locataire_prive",
    "dette_energie": 300,
    "dette_loyer": 0,
    "adultes": 1,
    "enfants": 0,
    "ressources_mensuelles": 1100,
}


def test_a_debt_on_ones_own_contract_is_for_the_fsl_energie() -> None:
    person = DEBT | {"contrat_energie": "individuel"}
    assert (status("fsl_energie_curatif", person), status("fsl_habitat_maintien", person)) == (
        A_VERIFIER,
        NON,
    )
    assert "fsl_energie_curatif" in sent_to("fsl_habitat_maintien", person)
    assert "fsl_habitat_maintien" not in sent_to("fsl_energie_curatif", person)


def test_the_same_debt_with_a_collective_heating_is_for_the_fsl_habitat() -> None:
    person = DEBT | {"contrat_energie": "collectif"}
    assert (status("fsl_energie_curatif", person), status("fsl_habitat_maintien", person)) == (
        NON,
        A_VERIFIER,
    )
    assert "fsl_habitat_maintien" in sent_to("fsl_energie_curatif", person)
    assert "fsl_energie_curatif" not in sent_to("fsl_habitat_maintien", person)


def test_with_an_unknown_contract_both_funds_stay_open_and_it_is_asked() -> None:
    for fund in ("fsl_energie_curatif", "fsl_habitat_maintien"):
        assert status(fund, DEBT) == A_VERIFIER
        assert "contrat_energie" in answer(fund, DEBT).missing
    assert not {"fsl_energie_curatif", "fsl_habitat_maintien"} & (
        sent_to("fsl_energie_curatif", DEBT) | sent_to("fsl_habitat_maintien", DEBT)
    )


def test_a_rent_debt_keeps_the_fsl_habitat_open_whatever_the_contract() -> None:
    person = DEBT | {"contrat_energie": "individuel", "dette_loyer": 900}
    assert (status("fsl_energie_curatif", person), status("fsl_habitat_maintien", person)) == (
        A_VERIFIER,
        A_VERIFIER,
    )


@pytest.mark.parametrize("visit", ["slime", "cheque_energie"])
def test_advice_and_cheque_send_a_debt_to_the_fund_that_pays_it(visit: str) -> None:
    assert "fsl_energie_curatif" in sent_to(visit, DEBT | {"contrat_energie": "individuel"})
    assert "fsl_energie_curatif" not in sent_to(visit, DEBT | {"contrat_energie": "collectif"})
    assert "fsl_energie_curatif" not in sent_to(visit, DEBT | {"dette_energie": 0})


# --- Permanence sociale d'accueil, or the service of the arrondissement ---


def test_someone_outside_goes_to_the_psa() -> None:
    person = {"logement_actuel": "rue", "arrondissement": 18}
    assert (status("psa", person), status("eps", person)) == (OUI, A_VERIFIER)
    assert "psa" in sent_to("eps", person)
    assert "eps" not in sent_to("psa", person)


def test_a_tenant_goes_to_the_service_of_the_arrondissement() -> None:
    person = {"logement_actuel": "locataire_social", "arrondissement": 18}
    assert (status("psa", person), status("eps", person)) == (NON, OUI)
    assert "eps" in sent_to("psa", person)
    assert "psa" not in sent_to("eps", person)


def test_nobody_is_sent_anywhere_before_saying_where_they_sleep() -> None:
    person = {"arrondissement": 18}
    for service in ("psa", "eps"):
        assert status(service, person) == A_VERIFIER
        assert not sent_to(service, person)


def test_a_hosted_person_is_refused_by_neither() -> None:
    person = {"logement_actuel": "heberge_tiers", "arrondissement": 18}
    assert (status("psa", person), status("eps", person)) == (A_VERIFIER, OUI)


def test_psa_and_eps_are_never_both_certain() -> None:
    for person in everybody(logement_actuel=choices_of("logement_actuel"), habite_paris=[True, False, None]):
        assert not status("psa", person) == status("eps", person) == OUI, person
        assert not ("psa" in sent_to("eps", person) and "eps" in sent_to("psa", person)), person


# --- Support in the home: of the State (AVDL) or of the FSL of Paris (ASLL) ---

FOLLOWED = {"habite_paris": True, "suivi_social": True, "accord_accompagnement": True}


def test_leaving_a_centre_is_for_the_avdl() -> None:
    person = FOLLOWED | {"logement_actuel": "centre_hebergement", "dette_loyer": 0, "dalo": False}
    assert status("avdl", person) == OUI
    assert status("asll", person) == A_VERIFIER
    assert "avdl" in sent_to("asll", person)
    assert "asll" not in sent_to("avdl", person)


def test_a_rent_debt_without_procedure_is_for_the_asll() -> None:
    person = FOLLOWED | {
        "logement_actuel": "locataire_prive",
        "dette_loyer": 700,
        "dalo": False,
        "etape_expulsion": "courrier",
    }
    assert (status("avdl", person), status("asll", person)) == (A_VERIFIER, OUI)
    assert "asll" in sent_to("avdl", person)
    assert "avdl" not in sent_to("asll", person)


def test_with_signs_of_both_the_social_worker_chooses() -> None:
    person = FOLLOWED | {"logement_actuel": "locataire_prive", "dette_loyer": 700, "dalo": True}
    assert "avdl" not in sent_to("asll", person)
    assert "asll" not in sent_to("avdl", person)
    assert NON not in (status("avdl", person), status("asll", person))


def test_with_no_sign_yet_both_supports_stay_open() -> None:
    assert (status("avdl", FOLLOWED), status("asll", FOLLOWED)) == (A_VERIFIER, A_VERIFIER)
    assert not {"avdl", "asll"} & (sent_to("avdl", FOLLOWED) | sent_to("asll", FOLLOWED))


def test_avdl_and_asll_never_send_to_each_other_at_once() -> None:
    for person in everybody(
        logement_actuel=choices_of("logement_actuel"),
        dette_loyer=[0, 1, None],
        dalo=[True, False, None],
        etape_expulsion=["courrier", "assignation", None],
    ):
        assert not ("avdl" in sent_to("asll", person) and "asll" in sent_to("avdl", person)), person


def test_asking_alone_is_never_certain() -> None:
    alone = {"suivi_social": False, "accord_accompagnement": True, "dalo": True, "dette_loyer": 700}
    for home in choices_of("logement_actuel")[:-1]:
        person = alone | {"logement_actuel": home}
        assert (status("avdl", person), status("asll", person)) == (A_VERIFIER, A_VERIFIER), home


# --- The fund for the young, or the exceptional allowance ---

IN_NEED = {
    "habite_paris": True,
    "anciennete_paris_mois": 48,
    "logement_actuel": "locataire_prive",
    "sejour": "francais",
    "suivi_social": True,
}


def test_before_25_the_fund_for_the_young_comes_first() -> None:
    person = IN_NEED | {"age": 22}
    assert status("fajp", person) == A_VERIFIER
    assert "allocation_exceptionnelle" not in sent_to("fajp", person)
    assert "fajp" in sent_to("allocation_exceptionnelle", person)


def test_after_25_the_fund_for_the_young_is_closed() -> None:
    person = IN_NEED | {"age": 26}
    assert status("fajp", person) == NON
    assert "allocation_exceptionnelle" in sent_to("fajp", person)
    assert status("allocation_exceptionnelle", person) == A_VERIFIER
    assert "fajp" not in sent_to("allocation_exceptionnelle", person)


def test_at_25_exactly_the_fund_for_the_young_is_still_possible() -> None:
    person = IN_NEED | {"age": 25}
    assert status("fajp", person) == A_VERIFIER
    assert "allocation_exceptionnelle" not in sent_to("fajp", person)


def test_without_the_age_both_stay_open() -> None:
    assert (status("fajp", IN_NEED), status("allocation_exceptionnelle", IN_NEED)) == (A_VERIFIER, A_VERIFIER)
    assert "age" in answer("fajp", IN_NEED).missing
    assert "allocation_exceptionnelle" not in sent_to("fajp", IN_NEED)


def test_at_every_age_one_of_fajp_and_rsa_or_both_stay_open() -> None:
    """No one falls between the two: before 25 the fund, from 25 on the RSA."""
    person = {"habite_paris": True, "logement_actuel": "rue", "ressources_mensuelles": 0, "adultes": 1}
    for age in range(18, 41):
        found = {name: status(name, person | {"age": age}) for name in ("fajp", "rsa")}
        assert set(found.values()) != {NON}, age
        assert found["fajp"] == (NON if age > 25 else A_VERIFIER), age


def test_a_young_person_without_work_is_sent_from_the_rsa_to_the_fund() -> None:
    person = {"age": 19, "deux_ans_travail": False, "enfants": 0, "enceinte": False}
    assert status("rsa", person) == NON
    assert "fajp" in sent_to("rsa", person)
    assert "fajp" not in sent_to("rsa", person | {"age": 26})
    assert "fajp" not in sent_to("rsa", {"age": 19})


# --- The grounds of the DALO ---

CLAIMANT = {
    "sejour": "francais",
    "dalo": False,
    "adultes": 1,
    "enfants": 0,
    "ressources_mensuelles": 600,
    "revenu_fiscal_reference": 7000,
    "handicap_foyer": False,
    "logement_indigne": False,
    "attente_hlm_mois": 0,
    "etape_expulsion": "courrier",
    "entree_logement_prevue": False,
}
ALWAYS_LEFT = {"ne_peut_pas_se_loger_seul"}  # what the commission judges for everybody


@pytest.mark.parametrize(
    "ground",
    [
        {"logement_actuel": "rue"},
        {"logement_actuel": "heberge_tiers"},
        {"logement_actuel": "locataire_prive", "etape_expulsion": "jugement"},
        {"logement_actuel": "centre_hebergement", "duree_hebergement_mois": 7},
        {"logement_actuel": "residence_sociale", "duree_hebergement_mois": 19},
    ],
    ids=["no home", "hosted", "eviction judged", "7 months in a centre", "19 months in a foyer"],
)
def test_a_ground_that_facts_prove_leaves_only_what_the_commission_judges(ground: dict) -> None:
    person = CLAIMANT | ground
    assert status("dalo", person) == A_VERIFIER
    assert reasons("dalo", person) == ALWAYS_LEFT


@pytest.mark.parametrize(
    ("almost", "also_left"),
    [
        (
            {"logement_actuel": "centre_hebergement", "duree_hebergement_mois": 5},
            "compte_comme_sans_logement",
        ),
        (
            {"logement_actuel": "centre_hebergement", "duree_hebergement_mois": 6},
            "compte_comme_sans_logement",
        ),
        ({"logement_actuel": "residence_sociale", "duree_hebergement_mois": 18}, "plus_de_18_mois"),
    ],
    ids=["5 months in a centre", "6 months in a centre", "18 months in a foyer"],
)
def test_a_ground_that_is_not_proved_leaves_more_to_check(almost: dict, also_left: str) -> None:
    person = CLAIMANT | almost
    assert status("dalo", person) == A_VERIFIER
    assert also_left in reasons("dalo", person)


def test_a_tenant_without_any_ground_is_refused() -> None:
    person = CLAIMANT | {"logement_actuel": "locataire_social", "surface_m2": 40}
    person |= {"taille_logement_demande": "t1"}
    assert status("dalo", person) == NON


def test_without_papers_the_recourse_is_the_one_for_a_shelter() -> None:
    person = {"sejour": "irregulier", "logement_actuel": "rue", "hebergement_demande": True}
    assert (status("dalo", person), status("daho", person)) == (NON, OUI)
    assert "daho" in sent_to("dalo", person)
    assert "dalo" not in sent_to("daho", person)


def test_with_papers_the_recourse_for_a_home_is_named_too() -> None:
    person = {"sejour": "regulier", "logement_actuel": "rue", "hebergement_demande": True}
    assert (status("dalo", person), status("daho", person)) == (A_VERIFIER, OUI)
    assert "dalo" in sent_to("daho", person)
    assert "daho" not in sent_to("dalo", person)


def test_with_unknown_papers_both_recourses_stay_open() -> None:
    person = {"logement_actuel": "rue"}
    assert (status("dalo", person), status("daho", person)) == (A_VERIFIER, A_VERIFIER)
    assert not {"dalo", "daho"} & (sent_to("dalo", person) | sent_to("daho", person))


# --- Health: cover with papers (C2S), without papers (AME), care at once (PASS) ---

PAYS_ALL = {"couverture_sante": "aucune", "age": 34, "duree_france_mois": 30, "ressources_mensuelles": 0}


def test_with_papers_the_cover_is_the_c2s() -> None:
    person = PAYS_ALL | {"sejour": "regulier"}
    assert {name: status(name, person) for name in ("c2s", "ame", "pass_sante")} == {
        "c2s": OUI,
        "ame": NON,
        "pass_sante": OUI,
    }
    assert sent_to("ame", person) == {"c2s"}
    assert "c2s" in sent_to("pass_sante", person)
    assert "ame" not in sent_to("c2s", person) | sent_to("pass_sante", person)


def test_without_papers_the_cover_is_the_ame() -> None:
    person = PAYS_ALL | {"sejour": "irregulier"}
    assert {name: status(name, person) for name in ("c2s", "ame", "pass_sante")} == {
        "c2s": NON,
        "ame": A_VERIFIER,
        "pass_sante": OUI,
    }
    assert "ame" in sent_to("c2s", person) & sent_to("pass_sante", person)
    assert not sent_to("ame", person)


def test_too_early_for_the_ame_the_hospital_cares() -> None:
    person = PAYS_ALL | {"sejour": "irregulier", "duree_france_mois": 2}
    assert {name: status(name, person) for name in ("c2s", "ame", "pass_sante")} == {
        "c2s": NON,
        "ame": NON,
        "pass_sante": OUI,
    }
    assert sent_to("ame", person) == {"pass_sante"}
    assert "ame" not in sent_to("pass_sante", person)


def test_without_the_papers_known_c2s_and_ame_stay_open_and_care_does_not_wait() -> None:
    assert {name: status(name, PAYS_ALL) for name in ("c2s", "ame", "pass_sante")} == {
        "c2s": A_VERIFIER,
        "ame": A_VERIFIER,
        "pass_sante": OUI,
    }
    assert "ame" not in sent_to("c2s", PAYS_ALL)
    assert not sent_to("ame", PAYS_ALL)


def test_a_european_without_work_is_refused_by_neither() -> None:
    person = PAYS_ALL | {"sejour": "ue"}
    assert (status("c2s", person), status("ame", person)) == (A_VERIFIER, A_VERIFIER)


def test_c2s_and_ame_are_never_both_certain_and_care_is_never_refused() -> None:
    for person in everybody(
        sejour=choices_of("sejour"),
        couverture_sante=choices_of("couverture_sante"),
        age=[16, 40, None],
        duree_france_mois=[2, 3, 30, None],
        ressources_mensuelles=[0, 3000, None],
    ):
        assert not status("c2s", person) == status("ame", person) == OUI, person
        assert status("pass_sante", person) != NON, person
        assert not ("ame" in sent_to("c2s", person) and "c2s" in sent_to("ame", person)), person


# --- Rent: Paris Logement, for families, for lone parents ---

TENANT = {
    "habite_paris": True,
    "anciennete_paris_mois": 60,
    "sejour": "francais",
    "logement_actuel": "locataire_prive",
    "titulaire_bail": True,
    "colocation": False,
    "loyer": 700,
    "aide_logement": 100,
    "ressources_mensuelles": 1300,
    "dette_loyer": 0,
    "statut": "salarie",
    "prestation": "salaire",
    "age": 35,
    "handicap_titre": "aucun",
    "enfant_handicape": False,
    "enfants_majeurs_a_charge": 0,
}
RENT_AIDS = ("paris_logement", "paris_logement_familles", "paris_logement_familles_mono")


def rent_aids(facts: dict) -> tuple[str, ...]:
    return tuple(status(name, facts) for name in RENT_AIDS)


def test_a_person_alone_asks_for_paris_logement() -> None:
    person = TENANT | {"adultes": 1, "enfants": 0}
    assert rent_aids(person) == (OUI, NON, NON)


def test_a_couple_with_one_child_asks_for_paris_logement() -> None:
    person = TENANT | {"adultes": 2, "en_couple": True, "enfants": 1}
    assert rent_aids(person) == (OUI, NON, NON)
    for family_aid in RENT_AIDS[1:]:
        assert "paris_logement" in sent_to(family_aid, person)


def test_a_couple_with_two_children_asks_for_the_families_aid() -> None:
    person = TENANT | {"adultes": 2, "en_couple": True, "enfants": 2}
    assert rent_aids(person) == (NON, OUI, NON)
    assert "paris_logement_familles" in sent_to("paris_logement", person)


def test_a_lone_parent_of_one_child_asks_for_the_lone_parents_aid() -> None:
    person = TENANT | {"adultes": 1, "enfants": 1}
    assert rent_aids(person) == (NON, NON, OUI)
    assert "paris_logement_familles_mono" in sent_to("paris_logement", person)


def test_a_lone_parent_of_two_children_is_told_to_choose() -> None:
    """The two family aids are possible and cannot be had together: the larger family aid says so."""
    person = TENANT | {"adultes": 1, "enfants": 2}
    assert rent_aids(person) == (NON, OUI, OUI)
    assert "paris_logement_familles_mono" in sent_to("paris_logement_familles", person)


def test_a_lone_parent_over_1600_euros_is_left_with_the_families_aid() -> None:
    person = TENANT | {"adultes": 1, "enfants": 2, "ressources_mensuelles": 1601}
    assert rent_aids(person) == (NON, OUI, NON)
    assert "paris_logement_familles" in sent_to("paris_logement_familles_mono", person)
    assert "paris_logement_familles_mono" not in sent_to("paris_logement_familles", person)


def test_with_an_unknown_family_the_three_rent_aids_stay_open() -> None:
    assert rent_aids(TENANT) == (A_VERIFIER, A_VERIFIER, A_VERIFIER)
    for aid in RENT_AIDS:
        assert not sent_to(aid, TENANT) & set(RENT_AIDS)


def test_paris_logement_is_never_certain_beside_a_family_aid() -> None:
    for family in everybody(adultes=[1, 2, 3], en_couple=[True, False], enfants=[0, 1, 2, 3]):
        if family["adultes"] == 1 and family["en_couple"]:
            continue  # nobody is the only adult at home and part of a couple at home
        found = rent_aids(TENANT | family)
        assert not (found[0] == OUI and OUI in found[1:]), family
        if found[1:] == (OUI, OUI):
            assert family["adultes"] == 1 and family["enfants"] >= 2, family
