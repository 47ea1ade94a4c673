"""OpenFisca-Paris on random households, in its own environment.

It is helped as much as can be: every amount that its formulas of Paris read is given (`complete`), so that no
national benefit has to be worked out. `ordinary` gives what a person can tell and lets it find the rest.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
import time
from collections.abc import Mapping, Sequence

started = time.perf_counter()

from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_france import FranceTaxBenefitSystem

from bench.rules.households import TENURES
from bench.rules.worker import lap, obey, peak_mib

AIDS = {  # of Jalon: of OpenFisca
    "paris_logement": "paris_logement",
    "paris_logement_familles": "paris_logement_familles",
    "paris_logement_familles_mono": "paris_logement_plfm",
    "paris_energie_familles": "paris_energie_familles",
    "paris_forfait_familles": "paris_forfait_familles",
    "paris_solidarite": "paris_logement_psol",
    "complement_sante_paris": "paris_complement_sante",
}
# What its formulas read beside, to tell why an amount is zero.
WHY = (
    "parisien",
    "paris_locataire",
    "paris_logement_a_charge",
    "paris_condition_taux_effort",
    "paris_taux_effort",
    "paris_logement_charge_nette_mensuelle",
    "aide_logement_charges",
    "paris_nb_enfants",
    "paris_base_ressources_foyer",
    "paris_aspa_reference",
)
# Read by the formulas of Paris; nothing of them unless a household says so.
_NONE_OF_PERSON = (
    *("ass", "aah", "asi", "caah", "salaire_imposable", "chomage_imposable", "retraite_imposable", "pch"),
    *("indemnites_journalieres", "rente_accident_travail", "rpns_auto_entrepreneur_benefice"),
)
_NONE_OF_PERSON_A_YEAR = (
    "rpns_micro_entreprise_benefice",
    "rpns_benefice_exploitant_agricole",
    "rpns_autres_revenus",
)
_NONE_OF_FAMILY = ("aeeh", "aspa", "rsa", "acs", "paje_clca")


def system() -> FranceTaxBenefitSystem:
    made = FranceTaxBenefitSystem()
    made.load_extension("openfisca_paris")
    return made


def situation(households: Sequence[Mapping], month: str, complete: bool) -> dict:
    """All the households, as the entities of OpenFisca."""
    months = _months(month)
    persons, families, homes, fiscal = {}, {}, {}, {}
    for number, household in enumerate(households):
        parents = [f"p{number}"] + ([f"q{number}"] if household["partner_age"] is not None else [])
        children = [f"e{number}_{rank}" for rank in range(len(household["children"]))]
        for name, age in zip(parents, (household["age"], household["partner_age"]), strict=False):
            persons[name] = _person(months, age, complete)
            persons[name]["enfant_a_charge"] = {month[:4]: False, str(int(month[:4]) - 1): False}
        for rank, name in enumerate(children):
            persons[name] = _person(months, household["children"][rank], complete)
            persons[name]["enfant_a_charge"] = {month[:4]: True, str(int(month[:4]) - 1): True}
        if household["disabled_child"]:
            persons[children[0]]["handicap"] = dict.fromkeys(months, True)
        one = persons[parents[0]]
        one["handicap"] = dict.fromkeys(months, household["disabled"])
        one["inapte_travail"] = dict.fromkeys(months, household["unfit"])
        one["etudiant"] = dict.fromkeys(months, household["student"])
        one["boursier"] = dict.fromkeys(months, household["scholarship"])
        kind = "retraite_imposable" if household["age"] >= 62 else "salaire_imposable"
        one[kind] = dict.fromkeys(months, household["income"])
        family = {"parents": parents, "enfants": children}
        family["parisien"] = dict.fromkeys(months, household["months_in_paris"] >= 36)
        if complete:
            family |= {name: dict.fromkeys(months, 0) for name in _NONE_OF_FAMILY}
            family["aide_logement"] = dict.fromkeys(months, household["housing_benefit"])
            family["al_nb_personnes_a_charge"] = dict.fromkeys(months, len(children))
            family["cmu_c"] = dict.fromkeys(months, household["health"] == "c2s")
        families[f"f{number}"] = family
        homes[f"m{number}"] = {
            "personne_de_reference": parents[:1],
            "conjoint": parents[1:],
            "enfants": children,
            "loyer": dict.fromkeys(months, household["rent"]),
            "charges_locatives": dict.fromkeys(months, 0),
            "statut_occupation_logement": dict.fromkeys(months, TENURES[household["tenure"]]),
            "depcom": dict.fromkeys(months, "75112"),
        }
        fiscal[f"d{number}"] = {"declarants": parents, "personnes_a_charge": children}
    return {"individus": persons, "familles": families, "menages": homes, "foyers_fiscaux": fiscal}


def _person(months: Sequence[str], age: int, complete: bool) -> dict:
    said = {"age": dict.fromkeys(months, age)}
    if complete:
        said |= {name: dict.fromkeys(months, 0) for name in _NONE_OF_PERSON}
        years = {str(int(months[-1][:4]) - 1): 0}
        said |= {name: dict(years) for name in _NONE_OF_PERSON_A_YEAR}
        # « boursier » and « etudiant » are given, « aspa_eligibilite » too: 65 years decide.
        said |= {name: dict.fromkeys(months, False) for name in ("etudiant", "boursier", "aspa_eligibilite")}
    return said


def _months(month: str) -> list[str]:
    """The month and the four before it, the oldest first: some resources are a mean of three months."""
    year, number = map(int, month.split("-"))
    found = [divmod(year * 12 + number - 1 - back, 12) for back in range(5)]
    return [f"{y}-{n + 1:02d}" for y, n in reversed(found)]


def ask(
    rules, households: Sequence[Mapping], month: str, complete: bool, names: Sequence[str]
) -> dict[str, list]:
    simulation = SimulationBuilder().build_from_entities(rules, situation(households, month, complete))
    return {name: simulation.calculate(name, month).tolist() for name in names}


def main() -> None:
    rules = system()
    variables = tuple(AIDS.values())
    if sys.argv[2:]:  # a fresh process: one household from the file, then the time and the memory
        with open(sys.argv[1]) as file:
            data = json.load(file)
        answers = ask(rules, data["households"][:1], data["month"], True, variables)
        print(json.dumps({"decided": len(answers), "peak_mib": peak_mib()}))
        return
    load_ms = (time.perf_counter() - started) * 1000

    def aids(order: Mapping) -> dict:
        found = ask(rules, order["households"], order["month"], True, (*variables, *WHY))
        return {
            "aids": {mine: found[theirs] for mine, theirs in AIDS.items()},
            "why": {name: found[name] for name in WHY},
        }

    def times(order: Mapping) -> dict[str, list[float]]:
        """Milliseconds for each household: building its entities, then calculating the aids."""
        found: dict[str, list[float]] = {"entities": [], "aids": []}
        for household in order["households"]:
            told = situation([household], order["month"], order["complete"])
            start = time.perf_counter()
            simulation = SimulationBuilder().build_from_entities(rules, told)
            found["entities"].append((time.perf_counter() - start) * 1000)
            found["aids"].append(
                lap(lambda s=simulation: [s.calculate(name, order["month"]) for name in variables])
            )
        return found

    def together(order: Mapping) -> float:
        return lap(lambda: ask(rules, order["households"], order["month"], True, variables))

    orders = {
        "version": lambda order: "paris {}, france {}, core {}".format(
            *(importlib.metadata.version(f"openfisca-{part}") for part in ("paris", "france", "core"))
        ),
        "load": lambda order: load_ms,
        "aids": aids,
        "times": times,
        "together": together,
    }
    obey(orders)


if __name__ == "__main__":
    main()
