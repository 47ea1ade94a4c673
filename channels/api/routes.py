"""The HTTP contract: orientation, understanding, conversation, places, health."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from actions.orientation import orient
from actions.understanding import from_parse
from channels.api import schemas
from channels.api.inputs import check_knowledge, check_values, locate, read_moment
from channels.conversation import clean_text
from channels.errors import ComeBackLater, RequestError, fault
from channels.health import parts as health_of
from channels.metrics.counting import count_orientation
from channels.quick_json import JsonResponse
from channels.rasa import RasaUnavailable
from channels.rates import by_session
from channels.texts import error_text
from channels.web.turns import BUSY_S
from data.ranking import UnknownCursor, find_places

_REFUSALS = {status: {"model": schemas.Erreurs} for status in (400, 408, 413, 422, 429)}
_UNAVAILABLE = {503: {"model": schemas.Erreurs}}
routes = APIRouter(prefix="/api/v1", responses=_REFUSALS)
health = APIRouter()


@routes.post(
    "/orientation", response_model=schemas.Orientation, summary="Droits et services pour une situation"
)
def post_orientation(request: Request, body: schemas.DemandeOrientation) -> Response:
    """Quels droits et services une personne peut utiliser, pourquoi, quoi faire, et où.

    `besoins: []` : tous les dispositifs que les faits concernent. Un fait absent est inconnu.
    """
    db = request.app.state.db
    check_knowledge(db.base, body.besoins, body.faits)
    where = body.position or schemas.PositionDemandee()
    needs = list(dict.fromkeys(body.besoins))
    orientation = orient(
        db,
        besoins=needs,
        faits=body.faits,
        position=locate(db, **where.model_dump(), path="position"),
        date=read_moment(body.date, "date"),
        limite=body.limite,
    )
    request.app.state.statistics.orientation("api", needs, orientation)
    count_orientation(needs, orientation)
    return JsonResponse(orientation)


@routes.post(
    "/comprendre",
    response_model=schemas.Comprehension,
    responses=_UNAVAILABLE,
    summary="Ce que Jalon comprend d'une phrase",
)
async def post_understanding(request: Request, body: schemas.DemandeComprendre) -> Response:
    """Besoins, faits, alertes et acte d'une phrase, hors de toute conversation. Rien n'est gardé.

    `debut` et `fin` sont des positions dans `texte`, en caractères.
    """
    limit = request.app.state.settings.text_limit
    if not clean_text(body.texte):  # control characters alone are no text either
        raise RequestError([fault("texte", error_text("texte_vide"))])
    if len(body.texte) > limit:
        raise RequestError([fault("texte", error_text("texte_long", limite=limit))])
    try:
        parse = await request.app.state.rasa.parse(body.texte)
    except RasaUnavailable:
        raise RequestError([fault("", error_text("rasa"))], 503) from None
    return JsonResponse(from_parse(parse, request.app.state.db.base))


@routes.post(
    "/messages", response_model=schemas.Tour, responses=_UNAVAILABLE, summary="Un tour de conversation"
)
async def post_message(request: Request, body: schemas.DemandeMessage) -> Response:
    """Envoie un message et donne la réponse. `messages` n'est jamais vide, même en cas de panne. Trop de messages (429) ou
    trop de personnes à la fois (503) : rien n'a été lu, les numéros à appeler sont dans `suggestion`.

    La conversation s'oublie seule : 30 minutes sans message sur le web, 24 heures par SMS.
    """
    await by_session(request, body.session)
    answer = await request.app.state.conversation.turn(body.session, body.texte, body.canal)
    if answer.get("plein"):
        raise ComeBackLater(503, BUSY_S)
    orientations = [message["orientation"] for message in answer["messages"] if message["orientation"]]
    return JsonResponse(
        {
            "messages": [
                {"texte": message["texte"], "boutons": message["boutons"]} for message in answer["messages"]
            ],
            "orientation": orientations[-1] if orientations else None,
            "etat": answer["etat"],
        }
    )


@routes.get(
    "/sessions/{session}",
    response_model=schemas.Conversation,
    responses=_UNAVAILABLE,
    summary="Tout ce qui est gardé d'une conversation",
)
async def get_session(request: Request, session: Annotated[schemas.Session, Path()]) -> Response:
    """Les messages tels qu'ils sont gardés (numéros et adresses électroniques masqués) et ce qui en a été retenu.

    Vide pour une session inconnue ou oubliée.
    """
    try:
        return JsonResponse(await request.app.state.conversation.kept(session))
    except RasaUnavailable:
        raise RequestError([fault("", error_text("rasa"))], 503) from None


@routes.delete(
    "/sessions/{session}", status_code=204, responses=_UNAVAILABLE, summary="Oublier une conversation"
)
async def delete_session(request: Request, session: Annotated[schemas.Session, Path()]) -> Response:
    """Efface tout de suite ce qui a été dit. Effacer une session inconnue réussit aussi."""
    try:
        await request.app.state.conversation.forget(session)
    except RasaUnavailable:
        minutes = request.app.state.settings.web_idle // 60
        raise RequestError([fault("", error_text("oubli", minutes=minutes))], 503) from None
    return Response(status_code=204)


@routes.get("/lieux", response_model=schemas.Lieux, summary="Retrouver un lieu par son nom")
def get_lieux(request: Request, query: Annotated[schemas.RechercheLieux, Query()]) -> Response:
    """Stations, arrondissements, codes postaux, gares, portes, quartiers, communes voisines."""
    return JsonResponse(request.app.state.db.gazetteer.search(query.q, limit=query.limite).as_dict())


@routes.get("/services", response_model=schemas.Services, summary="Les lieux, du plus utile au moins utile")
def get_services(request: Request, query: Annotated[schemas.RechercheServices, Query()]) -> Response:
    """Une seule façon de se situer, ou aucune. `suivant` se donne dans `apres` pour la suite."""
    db = request.app.state.db
    faults = check_values(query.categorie, db.categories, "categorie", "categorie")
    faults += check_values(query.service, db.offers, "service", "service")
    if faults:
        raise RequestError(faults)
    where = locate(db, lat=query.lat, lon=query.lon, lieu=query.lieu, arrondissement=query.arrondissement)
    try:
        places = find_places(
            db,
            categories=query.categorie,
            services=query.service,
            position=where,
            at=read_moment(query.quand, "quand"),
            facts={},
            limit=query.limite + 1,
            open_only=query.ouvert,
            after=query.apres,
        )
    except UnknownCursor:
        raise RequestError([fault("apres", error_text("curseur"))]) from None
    page = places[: query.limite]
    return JsonResponse({"services": page, "suivant": page[-1]["id"] if len(places) > len(page) else None})


@health.get("/sante", response_model=schemas.Sante, summary="Ce qui marche")
async def get_health(request: Request) -> Response:
    """Toujours 200 : avec « degrade », la page, le formulaire, les lieux et les numéros marchent encore."""
    found = await health_of(request.app.state)
    components = {name: "ok" if well else "indisponible" for name, well in found.items()}
    return JsonResponse({"statut": "ok" if all(found.values()) else "degrade", "composants": components})
