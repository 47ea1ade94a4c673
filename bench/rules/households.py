"""Random households of Paris, told to Jalon as facts and to OpenFisca as entities.

They are drawn on purpose where the rules turn: many incomes stand near a ceiling, many ages near 65.
What only Jalon asks about (the right to stay, the name on the lease, rent arrears) goes wrong in a few.
Standard library only: the worker of OpenFisca reads this file too.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

CEILINGS = (1210, 1330, 1400, 1600, 2000, 2500, 3000, 5000, 980, 1077, 1129, 1144, 1553, 1683, 1786)
TENURES = {  # of Jalon: of OpenFisca
    "locataire_social": "locataire_hlm",
    "locataire_prive": "locataire_vide",
    "residence_sociale": "locataire_foyer",
    "proprietaire": "proprietaire",
    "heberge_tiers": "loge_gratuitement",
    "rue": "sans_domicile",
}


def households(count: int, seed: int = 7) -> list[dict]:
    draw = random.Random(f"households {seed}")
    return [_household(draw) for _ in range(count)]


def _household(draw: random.Random) -> dict:
    def rarely(chance: float = 0.06) -> bool:
        return draw.random() < chance

    couple = draw.random() < 0.45
    children = draw.choices((0, 1, 2, 3, 4, 5), (30, 22, 20, 15, 8, 5))[0]
    old = draw.random() < (0.45 if children == 0 else 0.05)
    age = draw.randint(58, 80) if old else draw.randint(19, 57)
    tenure = draw.choices(tuple(TENURES), (30, 38, 6, 10, 10, 6))[0]
    tenant = tenure in ("locataire_social", "locataire_prive", "residence_sociale")
    near = draw.random() < 0.6
    income = draw.choice(CEILINGS) + draw.randint(-25, 25) if near else draw.randint(0, 5600)
    rent = draw.randint(250, 1500) if tenant else 0
    student = 19 <= age <= 28 and rarely(0.3)
    return {
        "age": age,
        "partner_age": max(18, age + draw.randint(-6, 6)) if couple else None,
        "children": [draw.randint(0, 17) for _ in range(children)],
        "disabled_child": bool(children) and rarely(0.15),
        "disabled": rarely(0.2),
        "unfit": 60 <= age < 65 and rarely(0.4),
        "income": income,
        "tenure": tenure,
        "rent": rent,
        "housing_benefit": min(rent, draw.choice((0, 0, 80, 150, 250, 350))),
        "months_in_paris": draw.randint(0, 35) if rarely(0.12) else draw.randint(36, 400),
        "student": student,
        "scholarship": student and rarely(0.5),
        "health": draw.choices(("complete", "c2s", "aucune"), (78, 14, 8))[0],
        # Only Jalon asks about these.
        "on_lease": tenant and not rarely(),
        "arrears": draw.randint(50, 3000) if tenant and rarely() else 0,
        "stay": "irregulier" if rarely(0.04) else "francais",
        "energy_contract": "collectif" if rarely(0.2) else "individuel",
    }


def facts(household: Mapping) -> dict[str, object]:
    """What the household would tell Jalon: everything, each fact said outright."""
    couple = household["partner_age"] is not None
    retired = household["age"] >= 62
    student = household["student"]
    return {
        "habite_paris": True,
        "anciennete_paris_mois": household["months_in_paris"],
        "age": household["age"],
        "adultes": 2 if couple else 1,
        "en_couple": couple,
        "enfants": len(household["children"]),
        "enfants_majeurs_a_charge": 0,
        "enfant_handicape": household["disabled_child"],
        "handicap_titre": "aah" if household["disabled"] else "aucun",
        "inapte_travail": household["unfit"],
        "prestation": "retraite" if retired else "bourse" if household["scholarship"] else "salaire",
        "statut": "retraite" if retired else "etudiant" if student else "salarie",
        "couverture_sante": household["health"],
        "ressources_mensuelles": household["income"],
        "logement_actuel": household["tenure"],
        "titulaire_bail": household["on_lease"],
        "colocation": False,
        "loyer": household["rent"],
        "aide_logement": household["housing_benefit"],
        "dette_loyer": household["arrears"],
        "contrat_energie": household["energy_contract"],
        "sejour": household["stay"],
    }
