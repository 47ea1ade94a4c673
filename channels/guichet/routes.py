"""The counter: one page, and the pieces of it that each change brings. Nothing that is sent here is kept."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import Field
from starlette.responses import RedirectResponse, Response

from actions.orientation import PARIS
from assistant.masking import mask
from channels.api.calculators import DemandeCotation, DemandeRestePourVivre
from channels.api.inputs import check_values, read_moment
from channels.api.schemas import Identifiants, Strict
from channels.errors import RequestError, fault
from channels.guichet import calculators, guard, view
from channels.guichet.guard import Acting, OpenCounter, Outside
from channels.guichet.note import NOTE_LIMIT, segments, understand
from channels.guichet.pages import piece, show
from channels.guichet.words import blind, form, need_name, said, words
from channels.handlers import answer_request_error
from channels.rasa import RasaUnavailable
from data.sql.errors import StoreError
from data.upkeep.boxes import open_box
from data.upkeep.proposals import ProposalError, propose
from rules.calculators.cotation import score
from rules.calculators.reste_pour_vivre import left_to_live_on

routes = APIRouter(prefix=guard.PATH, include_in_schema=False)
Identifiant = Annotated[str, Field(max_length=64)]


class Personne(Strict):
    """What the page knows of one person. Facts that cannot be read are told, not refused."""

    faits: dict[str, Any] = Field(default_factory=dict)
    ecartes: Identifiants = Field(default_factory=list)
    besoins: Identifiants = Field(default_factory=list)
    sujet: Identifiant | None = None


class DemandeResultats(Personne):
    choisi: Identifiant | None = None
    attendre: bool = False


class DemandeLieux(Personne):
    categorie: Identifiant | None = None
    public: Identifiant | None = None
    animal: bool = False
    fauteuil: bool = False
    ouvert: bool = False
    proche: bool = False


class DemandeComparaison(Personne):
    gauche: Identifiant
    droite: Identifiant


class DemandeNote(Strict):
    texte: Annotated[str, Field(max_length=NOTE_LIMIT)]


class DemandeCorrection(Strict):
    lieu: Annotated[str, Field(max_length=80)]
    champ: Identifiant
    valeur: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    preuve: Literal["appel", "visite", "courriel"]
    note: Annotated[str, Field(max_length=500)] | None = None


async def answer_outside(request: Request, error: Outside) -> Response:
    """Handler of Outside: the entrance for a page, a sentence for its script."""
    if request.method == "GET" or request.headers.get("sec-fetch-mode") == "navigate":
        return RedirectResponse(f"{guard.PATH}/entree", 303)
    return await answer_request_error(request, RequestError([fault("", words()["messages"]["session"])], 401))


@routes.get("")
def counter_page(request: Request, session: guard.Agent, counter: OpenCounter) -> Response:
    """The screen. It holds nobody: what is typed stays in the memory of the tab."""
    db = request.app.state.db
    base = db.base
    return show(
        request,
        "guichet.html",
        sujets=form(base),
        besoins=[{"id": need, "libelle": need_name(base, need)} for need in base.needs],
        dispositifs=[
            {"id": one.id, "nom": one.name, "cherche": view.searched(one)}
            for one in sorted(base.dispositifs.values(), key=lambda one: blind(one.name))
        ],
        categories=db.categories,
        comparaisons=words()["comparaisons"],
        calculs=calculators.forms(db),
        agent=session.agent,
        jeton=session.csrf,
        limite=NOTE_LIMIT,
        numeros=base.numbers,
        idle=counter.settings.session_idle,
    )


@routes.post("/comprendre")
async def understand_note(request: Request, session: Acting, body: DemandeNote) -> Response:
    """What a note says: facts and needs for the form, dangers first, the note with its marks."""
    state = request.app.state
    base = state.db.base
    try:
        found = await understand(state.rasa, base, body.texte, state.settings.text_limit)
    except RasaUnavailable:
        return JSONResponse({"arrete": words()["messages"]["rasa"]})
    pieces = segments(base, body.texte, found["reperes"])
    alerts = [alert for alert in base.alerts.values() if alert.id in found["alertes"]]
    return JSONResponse(
        {
            "arrete": None,
            "faits": found["faits"],
            "besoins": found["besoins"],
            "fragments": {
                "reperes": piece("_reperes.html", morceaux=pieces, vide=not found["reperes"]),
                "dangers": piece("_dangers.html", dangers=alerts),
            },
        }
    )


@routes.post("/orientation")
def orient_person(request: Request, session: Acting, body: DemandeResultats) -> Response:
    """The results for what is known now. With `en_retard`, ask again with « attendre » for the rest."""
    db, at = request.app.state.db, view.now()
    person, faults = _person(db, body)
    found = view.results(db, person, at, None if body.attendre else view.PATIENCE_S)
    fragments = {
        "resultats": piece("_resultats.html", **found),
        "question": piece("_question.html", question=found["question"]),
    }
    if body.choisi in db.base.dispositifs:
        fragments["detail"] = piece("_detail.html", d=view.detail(db, person, at, body.choisi), said=said)
    counts = {group["statut"]: len(group["lignes"]) for group in found["groupes"]}
    presumed = db.evaluator.complete(person.facts)
    return JSONResponse(
        {
            "fragments": fragments,
            "champs": faults,
            "lieu": view.place_told(db, person.facts),
            "presumes": {
                name: said(db.base.facts[name], value)
                for name, value in presumed.items()
                if name not in person.facts
            },
            "compte": counts,
            "en_retard": found["en_retard"],
        }
    )


@routes.post("/lieux")
def nearest_places(request: Request, session: Acting, body: DemandeLieux) -> Response:
    """The nearest places that the filters keep; protected ones are located for the agent."""
    db = request.app.state.db
    person, _ = _person(db, body)
    faults = check_values([one for one in [body.categorie] if one], db.categories, "categorie", "categorie")
    if body.public is not None and body.public not in words()["publics"]:
        faults.append(fault("public", words()["messages"]["origine"]))
    if faults:
        raise RequestError(faults)
    found = view.places(
        db, person, view.now(), category=body.categorie, public=body.public, animal=body.animal,
        wheelchair=body.fauteuil, open_only=body.ouvert, nearest_first=body.proche,
    )  # fmt: skip
    html = piece("_lieux.html", lieux=found, proteges=view.protected(db, found))
    return JSONResponse({"fragments": {"lieux": html}, "nombre": len(found)})


@routes.post("/comparer")
def compare_two(request: Request, session: Acting, body: DemandeComparaison) -> Response:
    """Two dispositifs side by side, for this person."""
    db = request.app.state.db
    person, _ = _person(db, body)
    if faults := check_values([body.gauche, body.droite], db.base.dispositifs, "gauche", "dispositif"):
        raise RequestError(faults)
    both = view.side_by_side(db, person, view.now(), (body.gauche, body.droite))
    return JSONResponse({"fragments": {"comparaison": piece("_comparaison.html", deux=both)}})


@routes.post("/cotation")
def calculate_score(request: Request, session: Acting, body: DemandeCotation) -> Response:
    """The housing score of 2019, with its warnings."""
    entries = body.model_dump(exclude={"date"}, exclude_none=True)
    day = read_moment(body.date, "date").astimezone(PARIS).date()
    found = score(request.app.state.db.cotation, entries, day)
    return JSONResponse({"fragments": {"cotation": piece("_cotation.html", c=found)}})


@routes.post("/reste-pour-vivre")
def calculate_left(request: Request, session: Acting, body: DemandeRestePourVivre) -> Response:
    """The AORIF calculation, with its warnings."""
    household = body.model_dump(exclude={"date"}, exclude_none=True)
    day = read_moment(body.date, "date").astimezone(PARIS).date()
    found = left_to_live_on(request.app.state.db.reste_pour_vivre, household, day)
    return JSONResponse(
        {"fragments": {"reste": piece("_reste.html", r=found, noms=calculators.names(request.app.state.db))}}
    )


@routes.post("/proposition")
def propose_correction(
    request: Request, session: Acting, counter: OpenCounter, body: DemandeCorrection
) -> Response:
    """Keep a correction of a place, signed by the agent's service; nothing changes before someone accepts it."""
    day, settings = view.now().date(), counter.settings
    # It is about a place: no number or e-mail of a person stays.
    note = mask((body.note or "").strip()) or None
    try:
        propose(
            settings.root, open_box(settings.postgres, settings.proposals), body.lieu, body.champ,
            body.valeur and body.valeur.strip(), body.preuve, session.agent, day, note,
        )  # fmt: skip
    except ProposalError as error:
        raise RequestError([fault("valeur", str(error))]) from None
    except (OSError, StoreError):
        raise RequestError([fault("", words()["messages"]["proposition_prete_ailleurs"])], 503) from None
    return JSONResponse({"message": words()["messages"]["proposition"]})


def _person(db, body: Personne) -> tuple[view.Situation, dict[str, str]]:
    base = db.base
    facts, faults = view.valid_facts(base, body.faits)
    needs = [need for need in dict.fromkeys(body.besoins) if need in base.needs]
    return view.Situation(
        facts, needs, [one for one in body.ecartes if one in base.facts], body.sujet
    ), faults
