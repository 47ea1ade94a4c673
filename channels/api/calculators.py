"""Two calculators of the 2019 documents: the housing score and the reste-pour-vivre. Both are historical."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from actions.orientation import PARIS
from channels.api.inputs import read_moment
from channels.api.schemas import Erreurs, Reponse, SourceCitee, Strict
from rules.calculators.cotation import score
from rules.calculators.reste_pour_vivre import left_to_live_on

routes = APIRouter(
    prefix="/api/v1", responses={status: {"model": Erreurs} for status in (400, 413, 422)}, tags=["calculs"]
)

Montant = Annotated[float, Field(ge=0, le=10_000_000, allow_inf_nan=False)] | None
Nombre = Annotated[int, Field(ge=0, le=50)] | None
Mois = Annotated[int, Field(ge=0, le=1200)] | None
Jour = Annotated[str | None, Field(description="ISO 8601. Aujourd'hui par défaut.")]

LogementActuel = Literal[
    "locataire_hlm", "locataire_parc_prive", "proprietaire_occupant", "logement_de_fonction",
    "occupant_sans_titre", "residence_sociale_foyer_pension_famille", "rhvs",
    "hotel_social_via_centre_ou_association", "residence_etudiante", "structure_hebergement",
    "sous_locataire_ou_temporaire", "structure_ase_ou_centre_maternel", "chez_parents_ou_enfants",
    "chez_un_particulier", "camping_caravaning", "hotel", "habitat_mobile", "sans_abri_ou_abri_de_fortune",
]  # fmt: skip
Expulsion = Literal[
    "aucun", "lrar_ou_commandement_huissier", "assignation", "jugement", "commandement_de_quitter",
    "concours_force_publique_accorde",
]  # fmt: skip
Motif = Literal[
    "divorce_separation", "mise_en_couple_mariage_pacs", "regroupement_familial",
    "jeune_menage_sum_ages_under_55", "environnement_voisinage", "mobilite_professionnelle",
    "rapprochement_travail", "decohabitation", "violences_familiales", "raisons_de_sante", "handicap",
    "assistant_maternel_ou_familial",
]  # fmt: skip


class Classement(Strict):
    rang: int = Field(ge=1, le=1000)
    refuse_par_le_demandeur: bool | None = None


class AgentVille(Strict):
    """The part of the grid read as that of the City's staff."""

    horaires: Literal["aucun", "decales_6h31_7h30", "tres_decales_avant_6h30_ou_apres_22h"] | None = None
    zone: Literal["zone_inconnue", "zone_1_2", "zone_3", "zone_4", "zone_5", "hors_zone"] | None = None
    fin_logement_fonction: bool | None = None


class DemandeCotation(Strict):
    """Every key is optional. An absent one makes its heading « non calculable », never 0."""

    date: Jour = None
    personnes_logement_actuel: Nombre = None
    naissances_attendues: Nombre = None
    pieces: Nombre = None
    surface_m2: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)] | None = None
    logement_actuel: LogementActuel | None = None
    certificat_hebergement_mois: Mois = None
    justificatif_sans_abri: Literal["domiciliation", "maraude_psa"] | None = None
    logement_repris_ou_vendu: bool | None = None
    expulsion_en_cours: Expulsion | None = None
    expulsion_justifiee: bool | None = None
    expulsions_passees_justifiees: Nombre = None
    logement_non_decent: bool | None = None
    logement_insalubre: bool | None = None
    rapport_salubrite: bool | None = None
    loyer: Montant = None
    apl: Montant = None
    ressources_mensuelles: Montant = None
    adultes: Nombre = None
    mineurs: Nombre = None
    justificatif_fiscal_et_ressources: bool | None = None
    motif: Motif | None = None
    motif_justifie: bool | None = None
    plan_apurement_surendettement_ou_fsl: bool | None = None
    evenement_grave: bool | None = None
    evenement_grave_non_reloge_12_mois: bool | None = None
    classements: Annotated[list[Classement], Field(max_length=50)] | None = None
    anciennete_demande_mois: Mois = None
    lien_paris: Literal["aucun", "habite", "travaille", "habite_et_travaille"] | None = None
    agent_ville: AgentVille | None = None


class Personne(Strict):
    age: Annotated[int, Field(ge=0, le=130)] | None = None
    role: (
        Literal[
            "titulaire", "cotitulaire", "concubin", "rattache", "a_charge", "enfant", "a_naitre", "heberge"
        ]
        | None
    ) = None
    garde: Literal["aucune", "alternee_jaf", "alternee_sans_decision", "visite"] | None = None
    residence_principale: bool | None = Field(None, description="Sans décision du juge : l'enfant vit ici.")
    rattache_fiscal: bool | None = Field(None, description="Enfant majeur sur l'avis d'imposition.")
    etudiant_sans_declaration: bool | None = Field(
        None, description="Enfant de moins de 25 ans, étudiant, sans déclaration d'impôt à son nom."
    )


class Ressources(Strict):
    """Monthly amounts, in euros. Some are read and not counted: the answer says which."""

    salaires: Montant = None
    travail_non_salarie: Montant = None
    retraite: Montant = None
    invalidite: Montant = None
    chomage: Montant = None
    bourse: Montant = None
    indemnites_journalieres: Montant = None
    prestations_regulieres: Montant = None
    pensions_recues: Montant = None
    revenus_fonciers: Montant = None
    pensions_versees: Montant = None
    deficits_fonciers: Montant = None
    ehpad_conjoint: Montant = None
    ars: Montant = None
    prestations_irregulieres: Montant = None


class Depenses(Strict):
    loyer: Montant = None
    charges: Montant = None
    energie_eau: Montant = None
    apl: Montant = None
    parking: Montant = None
    plan_apurement: Montant = None
    credits: Montant = None


class DemandeRestePourVivre(Strict):
    date: Jour = None
    personnes: list[Personne] = Field(default_factory=list, max_length=20)
    ressources: Ressources = Ressources()
    depenses: Depenses = Depenses()


class Calcul(Reponse):
    avertissement: str
    date: str
    source: SourceCitee


class LigneCotation(Reponse):
    rubrique: str
    libelle: str
    etat: Literal["calculee", "indecidable", "non_calculable"]
    points: float | None
    lectures: list[dict[str, Any]]
    entree: dict[str, Any]
    manque: list[str]
    contradictions: list[str]
    source: SourceCitee


class PourcentageCotation(Reponse):
    rubrique: str
    etat: Literal["calculee", "indecidable", "non_calculable"]
    pourcentage: float | None
    lectures: list[dict[str, Any]]


class Cotation(Calcul):
    """The score under every reading of the source. `total` is null unless all readings agree."""

    version: Literal["cotation/1"]
    grille: dict[str, str]
    lignes: list[LigneCotation]
    sous_total: float | None
    sous_totaux: list[float]
    pourcentages: list[PourcentageCotation]
    total: float | None
    totaux: list[float]
    totaux_expliques: list[dict[str, Any]]
    non_calculables: list[str]
    contradictions: list[dict[str, Any]]


class RestePourVivre(Calcul):
    """`rpv` is null when it cannot be worked out; `au_moins_11` also when possible results disagree."""

    version: Literal["reste-pour-vivre/1"]
    uc: float | None
    rpv: float | None
    unite: str
    seuil: float
    au_moins_11: bool | None
    lectures: list[dict[str, Any]]
    manque: list[str]
    non_dits: list[str]
    detail: list[dict[str, Any]]


@routes.post("/cotation", response_model=Cotation, summary="L'ancienne grille de cotation de 2019")
def post_cotation(request: Request, body: DemandeCotation) -> Response:
    """Calcul historique et expliqué. La Ville de Paris a remplacé cette grille le 10 janvier 2024.

    Là où les documents se contredisent, toutes les lectures sont données.
    """
    entries = body.model_dump(exclude={"date"}, exclude_none=True)
    day = read_moment(body.date, "date").astimezone(PARIS).date()
    return JSONResponse(score(request.app.state.db.cotation, entries, day))


@routes.post("/reste-pour-vivre", response_model=RestePourVivre, summary="Le reste-pour-vivre de l'AORIF")
def post_reste_pour_vivre(request: Request, body: DemandeRestePourVivre) -> Response:
    """Ce qui reste par jour et par unité de consommation, selon le référentiel de l'AORIF d'octobre 2016."""
    household = body.model_dump(exclude={"date"}, exclude_none=True)
    day = read_moment(body.date, "date").astimezone(PARIS).date()
    return JSONResponse(left_to_live_on(request.app.state.db.reste_pour_vivre, household, day))
