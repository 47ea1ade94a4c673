"""The orientation object: one answer, of which chat, counter, SMS and paper are only renderings.

Given needs and facts: which dispositifs, why, what to do, where, and the next useful question.
The shape is that of the HTTP contract (`orientation/1`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from zoneinfo import ZoneInfo

from actions.location import position_of
from actions.texts import texts
from data.database import Database
from data.ranking import Position, find_places
from rules import Evaluator, Reason, Result, most_useful
from rules.model import Base, Dispositif, Fact, Need, PlaceRule, Route, Source, literals

VERSION = "orientation/1"
PARIS = ZoneInfo("Europe/Paris")
POSITION_FACT = "arrondissement"
_STATUS_ORDER = {"oui": 0, "a_verifier": 1, "non": 2}
_HOMELESS = ("rue", "voiture_tente_squat")


def orient(
    db: Database,
    *,
    besoins: Sequence[str],
    faits: Mapping[str, object],
    position: Position | None = None,
    date: datetime | None = None,
    limite: int = 3,
    ecartes: Collection[str] = (),
    sujet: str | None = None,
    posee: str | None = None,
    dispositifs: Collection[str] | None = None,
    public_channel: bool = True,
) -> dict:
    """Answer for valid `besoins` and `faits` at `date` (now by default, Europe/Paris).

    `position` is where to look for places; without it the facts `lieu` and `arrondissement` are used.
    `ecartes`: facts the person does not know or will not say, never asked again. `sujet`: subject of
    the last question. `posee`: the fact asked, when it is chosen already (`next_question`).
    `limite`: number of places for each dispositif. `dispositifs`: the only ones to look
    at, instead of those that the needs and facts concern. `public_channel`: False only when the server knows
    that a professional asks; places marked `sensible` are then located.
    """
    base, evaluator = db.base, db.evaluator
    seen = _look(db, besoins, faits, position, date, dispositifs)
    at, completed, position, results = seen.at, seen.facts, seen.position, seen.results
    find = _finder(db, completed, position, at, limite, public_channel) if limite else lambda _rule: []
    asked = posee or _to_ask(db, seen, ecartes, sujet)
    return {
        "version": VERSION,
        "date": at.isoformat(timespec="seconds"),
        "base": {"version": db.version, "construite_le": db.built_on},
        "position": _told_position(position),
        "alertes": [],
        "dispositifs": [
            {
                **_described(base, dispositif, results[dispositif.id]),
                "a_savoir": _worth_knowing(dispositif, evaluator.routes(dispositif, completed, at.date())),
                "services": _services(
                    _place_rules(evaluator, dispositif, results[dispositif.id], completed, at), find, limite
                ),
            }
            for dispositif in seen.chosen
        ],
        "question": question_of(base.facts[asked]) if asked else None,
        "terminee": asked is None,
        "aide_humaine": human_help(base, besoins, faits),
    }


def next_question(
    db: Database,
    *,
    besoins: Sequence[str],
    faits: Mapping[str, object],
    date: datetime,
    ecartes: Collection[str] = (),
    sujet: str | None = None,
) -> str | None:
    """The fact that `orient` would ask, without the rest of its answer."""
    return _to_ask(db, _look(db, besoins, faits, None, date, None), ecartes, sujet)


@dataclass(frozen=True)
class _Seen:
    """A person as the engine sees them at an instant: what concerns them (`chosen`, best first), and how it stands."""

    at: datetime
    facts: dict[str, object]
    position: Position | None
    chosen: list[Dispositif]
    results: Mapping[str, Result]


def _look(
    db: Database,
    besoins: Sequence[str],
    faits: Mapping[str, object],
    position: Position | None,
    date: datetime | None,
    dispositifs: Collection[str] | None,
) -> _Seen:
    base = db.base
    at = (date or datetime.now(PARIS)).astimezone(PARIS)
    completed = db.evaluator.complete(faits)
    if dispositifs is None:
        chosen = concerned(base, besoins, faits)
    else:
        chosen = [base.dispositifs[name] for name in dispositifs]
    results = db.evaluator.evaluate_all(completed, at.date(), [d.id for d in chosen])
    asked = [base.needs[need] for need in besoins]
    # When nothing is asked, the needs settle it as they are written: the most urgent first.
    settling = asked or list(base.needs.values())
    chosen.sort(
        key=lambda d: (
            _STATUS_ORDER[results[d.id].status],
            -_usefulness(d, asked),
            [_rank(d, need) for need in settling],
            d.id,
        )
    )
    return _Seen(at, completed, position or position_of(db, faits), chosen, results)


def _told_position(position: Position | None) -> dict | None:
    """Where distances are counted from."""
    if position is None:
        return None
    return {
        "lat": position.lat,
        "lon": position.lon,
        "nom": position.name,
        "arrondissement": position.arrondissement,
        "approximative": position.approximate,
    }


def human_help(base: Base, needs: Sequence[str], facts: Mapping[str, object]) -> dict:
    """Who to call or see: for the first need that names someone, else for the situation."""
    for need in needs:
        found = base.needs[need].human_help
        if found:
            return {"texte": found.text, "telephone": found.phone}
    key = "aide_humaine_rue" if facts.get("logement_actuel") in _HOMELESS else "aide_humaine"
    return dict(texts()[key])


def question_of(fact: Fact) -> dict:
    """A question as the contract shows it."""
    kind = "choix" if fact.type in ("choix", "choix_multiple") else fact.type
    return {
        "fait": fact.id,
        "texte": fact.question,
        "pourquoi": fact.why,
        "type": kind,
        "choix": [{"valeur": value, "texte": text} for value, text in fact.choices.items()],
    }


def concerned(base: Base, needs: Sequence[str], facts: Mapping[str, object]) -> list[Dispositif]:
    """Dispositifs for the needs asked; without a need, those that the facts or everybody concern."""
    if wanted := set(needs):
        return [d for d in base.dispositifs.values() if not wanted.isdisjoint(d.needs)]
    return [d for d in base.dispositifs.values() if _is_for(d, facts)]


def _is_for(dispositif: Dispositif, facts: Mapping[str, object]) -> bool:
    read = {fact for literal in literals(dispositif.conditions) for fact in literal.leaf.inputs}
    return not read or any(fact in facts for fact in read)


def _usefulness(dispositif: Dispositif, needs: Sequence[Need]) -> float:
    """How much of what was asked a dispositif answers; a need that it comes first for counts more."""
    return sum(1 / (1 + _rank(dispositif, need)) for need in needs)


def _rank(dispositif: Dispositif, need: Need) -> float:
    """Its place among those that answer the need: that of the order of the need, else of its own needs."""
    if need.id not in dispositif.needs:
        return inf
    if dispositif.id in need.order:
        return need.order.index(dispositif.id)
    return len(need.order) + dispositif.needs.index(need.id)


def _described(base: Base, dispositif: Dispositif, result: Result) -> dict:
    return {
        "id": dispositif.id,
        "nom": dispositif.name,
        "besoins": list(dispositif.needs),
        "statut": result.status,
        "texte": dispositif.text,
        "demarche": dispositif.steps,
        "documents": [document.text for document in dispositif.documents],
        "raisons": [_reason(base, reason) for reason in result.reasons],
        "manque": list(result.missing),
        "orientation_par": dispositif.prescriber,
        "orientation_texte": dispositif.prescriber_text,
        "inconditionnel": not any(literal.leaf.inputs for literal in literals(dispositif.conditions)),
        "depend_du_lieu": _has_places_to_choose(dispositif),
    }


def _worth_knowing(dispositif: Dispositif, routes: Sequence[Route]) -> list[str]:
    """A better door for this person, whom to call, then the delays and the rest."""
    call = [dispositif.phone_text or f"Téléphone : {dispositif.phone}."] if dispositif.phone else []
    return [*(route.text for route in routes), *call, *(note.text for note in dispositif.notes.values())]


def _reason(base: Base, reason: Reason) -> dict:
    leaf = reason.leaf
    return {
        "condition": leaf.id,
        "resultat": reason.result,
        "texte": reason.text,
        "force": leaf.force,
        "confiance": leaf.confidence,
        "qui": leaf.who,
        "source": _source(base.sources[leaf.sources[0]]) if leaf.sources else None,
        "sources": [_source(base.sources[source]) for source in leaf.sources],
    }


def _source(source: Source) -> dict:
    return {
        "id": source.id,
        "titre": source.title,
        "editeur": source.publisher,
        "adresse": source.address,
        "date": source.date,
    }


def _services(rules: Sequence[PlaceRule], find: Callable[[PlaceRule], list[dict]], limit: int) -> list[dict]:
    """The places of some rules, each once, best rule first."""
    found: dict[str, dict] = {}
    for rule in rules:
        for place in find(rule):
            found.setdefault(place["id"], place)
    return list(found.values())[:limit]


def _finder(
    db: Database,
    facts: Mapping[str, object],
    position: Position | None,
    at: datetime,
    limit: int,
    public_channel: bool,
) -> Callable[[PlaceRule], list[dict]]:
    """Finds the places of a rule for this person; dispositifs that share places share the search.

    Anybody may write « canal: guichet »: `public_channel` comes from who was proved to ask, never from a request.
    """
    known: dict[tuple, list[dict]] = {}

    def find(rule: PlaceRule) -> list[dict]:
        wanted = (rule.categories, rule.services, rule.ids)
        if wanted not in known:
            known[wanted] = find_places(
                db,
                categories=rule.categories,
                services=rule.services,
                ids=rule.ids,
                position=position,
                at=at,
                facts=facts,
                limit=limit,
                public_channel=public_channel,
            )
        return known[wanted]

    return find


def _place_rules(
    evaluator: Evaluator,
    dispositif: Dispositif,
    result: Result,
    facts: Mapping[str, object],
    at: datetime,
) -> list[PlaceRule]:
    """The place rules that apply: those proved by the facts; when none is, those not excluded."""
    if result.status == "non":
        return []

    def possible(rule: PlaceRule) -> frozenset[str]:
        if rule.condition is None:
            return frozenset({"oui"})
        return evaluator.possible(rule.condition, facts, at.date())

    proved = [rule for rule in dispositif.places if possible(rule) == {"oui"}]
    return proved or [rule for rule in dispositif.places if possible(rule) != {"non"}]


def _to_ask(db: Database, seen: _Seen, refused: Collection[str], subject: str | None) -> str | None:
    """The fact to ask next."""
    base, results = db.base, seen.results
    spread = [d for d in seen.chosen if results[d.id].status != "non" and _has_places_to_choose(d)]
    wants_place = bool(spread) and seen.position is None and POSITION_FACT not in refused
    # A place is all that a door lacks whose conditions are settled, or will be by someone else: it comes first.
    if wants_place and any(not set(results[d.id].missing).difference(refused) for d in spread):
        return POSITION_FACT
    fact = most_useful(base, [results[d.id] for d in seen.chosen], refused, subject)
    return POSITION_FACT if wants_place and (fact is None or _told_by_position(base, fact)) else fact


def _has_places_to_choose(dispositif: Dispositif) -> bool:
    """Whether knowing where the person is changes the places told (named places are the same for all)."""
    return any(rule.categories or rule.services for rule in dispositif.places)


def _told_by_position(base: Base, fact: str) -> bool:
    """Whether the answer to « where are you? » would also tell `fact`."""
    return any(
        POSITION_FACT in presumption.known and fact in presumption.then for presumption in base.presumptions
    )
