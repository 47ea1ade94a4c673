"""The shapes of the HTTP contract. Requests are strict; responses are described for the OpenAPI page.

Responses are sent as the services made them, not rebuilt through these models: the tests check that the
real answers have these shapes.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Canal = Literal["web", "sms", "guichet", "api"]
CanalEntrant = Literal["web", "sms", "guichet"]
Session = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$")]
Arrondissement = Annotated[int, Field(ge=1, le=20)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Lieu = Annotated[str, Field(min_length=1, max_length=200)]
Identifiants = Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=40)]


class Strict(BaseModel):
    """A request body: no unknown key, no value turned silently into another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class PositionDemandee(Strict):
    """Where the person is: a place name, a pair of coordinates (WGS 84), or an arrondissement."""

    lieu: Lieu | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    arrondissement: Arrondissement | None = None


class DemandeOrientation(Strict):
    """What is asked and what is known. An absent fact is unknown, never « non »."""

    besoins: Identifiants = []
    faits: dict[str, Any] = {}
    position: PositionDemandee | None = None
    date: str | None = Field(
        None, description="ISO 8601 ; sans décalage, heure de Paris. Maintenant par défaut."
    )
    canal: Canal = "api"
    limite: int = Field(3, ge=1, le=20, description="Nombre de lieux par dispositif")


class DemandeComprendre(Strict):
    """One sentence to understand, outside any conversation."""

    texte: str
    canal: CanalEntrant = "web"


class DemandeMessage(Strict):
    """One turn of a conversation. `session` is an opaque identifier chosen by the client."""

    session: Session
    texte: str
    canal: CanalEntrant = "web"


class RechercheServices(BaseModel):
    """Query of GET /services: at most one way of saying where."""

    model_config = ConfigDict(extra="forbid")

    lat: Latitude | None = None
    lon: Longitude | None = None
    lieu: Lieu | None = None
    arrondissement: Arrondissement | None = None
    categorie: Identifiants = []
    service: Identifiants = []
    quand: str | None = Field(None, description="ISO 8601 avec décalage. Maintenant par défaut.")
    ouvert: bool = False
    limite: int = Field(10, ge=1, le=50)
    apres: str | None = Field(None, max_length=200, description="Valeur de « suivant » de la page d'avant")


class DemandePlan(BaseModel):
    """Query of GET /plan.svg: the places to show, in the order of their numbers, and where the person is."""

    model_config = ConfigDict(extra="forbid")

    lieu: Annotated[
        list[Annotated[str, Field(max_length=64, pattern=r"^[a-z0-9-]+$")]], Field(min_length=1, max_length=3)
    ]
    lat: Annotated[float, Field(ge=48.1, le=49.3, allow_inf_nan=False)] | None = None
    lon: Annotated[float, Field(ge=1.4, le=3.6, allow_inf_nan=False)] | None = None


class RechercheLieux(BaseModel):
    """Query of GET /lieux."""

    model_config = ConfigDict(extra="forbid")

    q: Lieu
    limite: int = Field(5, ge=1, le=20)


class Erreur(BaseModel):
    chemin: str
    message: str
    suggestion: str | None


class Erreurs(BaseModel):
    """Every refusal of the door has this shape."""

    erreurs: list[Erreur]


class Reponse(BaseModel):
    """A response may hold more keys than those the contract fixes."""

    model_config = ConfigDict(extra="allow")


class SourceCitee(Reponse):
    id: str
    titre: str
    adresse: str | None
    date: str | None


class Raison(Reponse):
    condition: str
    resultat: Literal["vrai", "faux", "inconnu"]
    texte: str
    force: Literal["ferme", "souple"]
    confiance: Literal["haute", "moyenne", "basse"]
    source: SourceCitee | None


class Ouverture(Reponse):
    etat: Literal["ouvert", "ferme", "inconnu"]
    jusqua: str | None
    prochaine: str | None
    texte: str
    confiance: str | None


class Service(Reponse):
    """A place, as seen from the person at one moment. Distances in metres, walking time in minutes."""

    id: str
    nom: str
    adresse: str | None
    code_postal: str | None
    arrondissement: int | None
    lat: float | None
    lon: float | None
    distance_m: int | None
    a_pied_min: int | None
    loin: bool | None
    ouverture: Ouverture
    telephone: str | None
    gratuit: bool | None
    conditions: str | None
    verifie_le: str | None
    a_verifier: bool
    sources: list[str]


class DispositifOriente(Reponse):
    id: str
    nom: str
    besoins: list[str]
    statut: Literal["oui", "a_verifier", "non"]
    texte: str
    demarche: str
    documents: list[str]
    raisons: list[Raison]
    manque: list[str]
    orientation_par: str | None
    services: list[Service]


class Choix(Reponse):
    valeur: Any
    texte: str


class Question(Reponse):
    fait: str
    texte: str
    pourquoi: str
    type: Literal["choix", "choix_multiple", "entier", "bool", "texte"]
    choix: list[Choix]


class AideHumaine(Reponse):
    texte: str
    telephone: str | None


class PositionRetenue(Reponse):
    """Where distances are counted from; `approximative`: the middle of a larger area."""

    lat: float
    lon: float
    nom: str | None
    arrondissement: int | None
    approximative: bool


class VersionBase(Reponse):
    version: str
    construite_le: str


class Orientation(Reponse):
    """The orientation object: which rights and services, why, what to do, and where."""

    version: Literal["orientation/1"]
    date: str
    base: VersionBase
    position: PositionRetenue | None
    alertes: list[Any]
    dispositifs: list[DispositifOriente]
    question: Question | None
    terminee: bool
    aide_humaine: AideHumaine | None


class Repere(Reponse):
    type: Literal["besoin", "fait", "alerte"]
    id: str
    valeur: Any = None
    debut: int
    fin: int
    score: float


class Comprehension(Reponse):
    besoins: list[str]
    faits: dict[str, Any]
    alertes: list[str]
    acte: str | None
    reperes: list[Repere]


class Bouton(BaseModel):
    texte: str
    valeur: str


class Message(BaseModel):
    texte: str
    boutons: list[Bouton]


class Etat(BaseModel):
    faits: dict[str, Any]
    besoins: list[str]


class Tour(BaseModel):
    messages: list[Message]
    orientation: Orientation | None
    etat: Etat


class MessageGarde(Reponse):
    de: Literal["personne", "jalon"]
    texte: str


class EtatGarde(Etat):
    ecartes: list[str]


class Conversation(Reponse):
    messages: list[MessageGarde]
    etat: EtatGarde


class LieuTrouve(Reponse):
    nom: str
    type: str
    arrondissement: int | None
    commune: str | None
    lat: float
    lon: float
    score: float


class Lieux(BaseModel):
    lieux: list[LieuTrouve]
    ambigu: bool


class Services(BaseModel):
    services: list[Service]
    suivant: str | None


class Sante(BaseModel):
    statut: Literal["ok", "degrade"]
    composants: dict[Literal["base", "rasa", "actions"], Literal["ok", "indisponible"]]
