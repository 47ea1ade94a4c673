"""What the counter shows, made from the orientation object and the derivations of the rules. Nothing is decided here."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from dataclasses import dataclass
from datetime import datetime

from actions.location import AmbiguousPlace, UnknownPlace, find_place, position_of
from actions.orientation import PARIS, concerned, orient
from channels.guichet.words import blind, fact_name, words
from data.database import Database
from data.ranking import find_places, fits
from rules import check_facts, explain
from rules.explaining.derivation import conditions
from rules.model import Base, Dispositif, literals

# A situation that nobody had yet may take longer to evaluate: the rest comes in a second answer.
PATIENCE_S = 0.05
_PLACES = 3
_MOST_PLACES = 20
_RANK = {"haute": 0, "moyenne": 1, "basse": 2}
_workers = ThreadPoolExecutor(4, thread_name_prefix="guichet")


@dataclass(frozen=True)
class Situation:
    """One person at the counter. `facts` are valid; `set_aside` are facts that they cannot or will not tell."""

    facts: dict[str, object]
    needs: list[str]
    set_aside: list[str]
    subject: str | None = None


def valid_facts(base: Base, facts: Mapping[str, object]) -> tuple[dict[str, object], dict[str, str]]:
    """(facts that can be used, a message for each of the others)."""
    faults = {name: error for name in facts for error in check_facts(base, {name: facts[name]})}
    messages = {
        name: " ".join(part for part in (one.message, one.suggestion) if part) for name, one in faults.items()
    }
    return {name: value for name, value in facts.items() if name not in faults}, messages


def place_told(db: Database, facts: Mapping[str, object]) -> dict | None:
    """What the gazetteer makes of the fact `lieu`: {"texte", "choix"}; None when nothing is said."""
    name = facts.get("lieu")
    if not name:
        return None
    messages = words()["messages"]
    try:
        return {"texte": find_place(db, str(name)).label, "choix": []}
    except AmbiguousPlace as error:
        return {"texte": messages["lieu_ambigu"], "choix": [one.label for one in error.suggestions]}
    except UnknownPlace as error:
        return {"texte": messages["lieu_inconnu"], "choix": [one.label for one in error.suggestions]}


# --- results ----------------------------------------------------------------------------------------


def ready(db: Database, facts: Mapping[str, object], at: datetime, patience: float | None) -> list[str]:
    """The dispositifs whose status is known within `patience` seconds (None: all, whatever it takes).

    The engine keeps what it worked out: evaluating them again is then immediate. Simple ones come first.
    """
    names = sorted(db.base.dispositifs, key=lambda name: _weight(db.base.dispositifs[name]))
    completed, stop, done = db.evaluator.complete(facts), threading.Event(), []

    def work() -> None:
        for name in names:
            if stop.is_set():
                return
            db.evaluator.evaluate_all(completed, at.date(), [name])
            done.append(name)

    try:
        _workers.submit(work).result(patience)
    except TimeoutError:
        stop.set()
    return list(done)


def _weight(dispositif: Dispositif) -> int:
    return sum(len(literal.leaf.inputs) for literal in literals(dispositif.conditions))


def results(db: Database, one: Situation, at: datetime, patience: float | None = PATIENCE_S) -> dict:
    """{"groupes": [{"statut", "lignes"}], "aussi", "autres": lines, "question", "en_retard": how many are late}.

    `groupes`: the dispositifs that the needs, or else the facts, concern; `aussi`: those that only the facts
    concern, and that are not closed; `autres`: all the others.
    """
    base = db.base
    evaluated = set(ready(db, one.facts, at, patience))
    wanted = {d.id for d in concerned(base, one.needs, one.facts)}

    def lines(names: set[str]) -> dict:
        return orient(
            db, besoins=one.needs, faits=one.facts, date=at, limite=0, ecartes=one.set_aside,
            sujet=one.subject, dispositifs=[name for name in base.dispositifs if name in names & evaluated],
        )  # fmt: skip

    main, others = lines(wanted), lines(set(base.dispositifs) - wanted)["dispositifs"]
    found = [_line(base, dispositif) for dispositif in main["dispositifs"]]
    near = {d.id for d in concerned(base, [], one.facts)} if one.facts else set()
    also = [one for one in others if one["id"] in near and one["statut"] != "non"]
    return {
        "groupes": [
            {"statut": status, "lignes": [line for line in found if line["statut"] == status]}
            for status in ("oui", "a_verifier", "non")
        ],
        "aussi": [_line(base, dispositif) for dispositif in also],
        "autres": [_line(base, dispositif) for dispositif in others if dispositif not in also],
        "question": _question(base, main["question"]),
        "aide_humaine": main["aide_humaine"],
        "en_retard": len(base.dispositifs) - len(evaluated),
    }


def _line(base: Base, dispositif: dict) -> dict:
    reasons = dispositif["raisons"]
    missing = [base.facts[name] for name in dispositif["manque"]]
    return {
        "id": dispositif["id"],
        "nom": dispositif["nom"],
        "statut": dispositif["statut"],
        "raison": _telling(reasons),
        "manque": [{"id": fact.id, "libelle": fact_name(fact)} for fact in missing],
        "confiance": max((reason["confiance"] for reason in reasons), key=_RANK.get, default=None),
    }


def searched(dispositif: Dispositif) -> str:
    """The words that a dispositif is found by."""
    parts = (dispositif.id, dispositif.name, dispositif.long_name, dispositif.text, dispositif.run_by)
    return blind(" ".join(part for part in parts if part))


def _telling(reasons: Sequence[Mapping]) -> Mapping | None:
    """The reason to read first: what fails, then what is not known, then what holds."""
    order = {"faux": 0, "inconnu": 1, "vrai": 2}
    return min(reasons, key=lambda reason: order[reason["resultat"]], default=None)


def _question(base: Base, question: dict | None) -> dict | None:
    return question and {**question, "libelle": fact_name(base.facts[question["fait"]])}


# --- one dispositif, or two side by side ------------------------------------------------------------


def detail(db: Database, one: Situation, at: datetime, name: str) -> dict:
    """One dispositif whole: the orientation object of this dispositif, its condition tree, its gaps, its documents.

    Places that are hidden from the public are located: only the counter's own routes call this.
    """
    found = orient(
        db,
        besoins=one.needs,
        faits=one.facts,
        date=at,
        limite=_PLACES,
        dispositifs=[name],
        public_channel=False,
    )["dispositifs"][0]
    whole = db.base.dispositifs[name]
    told = explain(db.evaluator, whole, one.facts, at.date())
    return {
        **found,
        "nom_long": whole.long_name or whole.name,
        "gere_par": whole.run_by,
        "arbre": told.tree,
        "manque": [{"id": fact, "libelle": fact_name(db.base.facts[fact])} for fact in found["manque"]],
        "lacunes": [{"texte": gap.text, "qui": gap.who} for gap in whole.gaps],
        "sources": {source.id: source for source in told.sources},
        "voisins": neighbours(db.base, whole),
        "proteges": protected(db, found["services"]),
    }


def neighbours(base: Base, dispositif: Dispositif) -> list[dict]:
    """The dispositifs that the base names as another door, most often confused first."""
    pairs = [pair["entre"] for pair in words()["comparaisons"] if dispositif.id in pair["entre"]]
    names = [name for pair in pairs for name in pair] + [route.to for route in dispositif.routes]
    return [
        {"id": name, "nom": base.dispositifs[name].name}
        for name in dict.fromkeys(names)
        if name != dispositif.id
    ]


def side_by_side(db: Database, one: Situation, at: datetime, names: Sequence[str]) -> list[dict]:
    """Dispositifs to compare: each as in `detail`, its conditions in a flat list."""
    shown = []
    for name in names:
        whole = detail(db, one, at, name)
        shown.append({**whole, "conditions": list(conditions(whole["arbre"]))})
    return shown


# --- places -----------------------------------------------------------------------------------------


def protected(db: Database, found: Iterable[Mapping]) -> frozenset[str]:
    """Those of the places `found` that the public pages never locate."""
    return frozenset(place["id"] for place in found if (db.service(place["id"]) or {}).get("sensible"))


def places(
    db: Database, one: Situation, at: datetime, *, category: str | None, public: str | None, animal: bool,
    wheelchair: bool, open_only: bool, nearest_first: bool,
) -> list[dict]:  # fmt: skip
    """Places for this person that the filters keep, hidden ones located: the nearest, or else the most useful."""
    known = db.evaluator.complete(one.facts)
    facts = {**known, **words()["publics"][public]["faits"]} if public else known

    def wanted(place: Mapping) -> bool:
        if animal and (place["animaux"] or {}).get("accueil") not in ("oui", "dehors"):
            return False
        if wheelchair and place["accessible"] is not True:
            return False
        return public is None or _welcomes(place, facts)

    return find_places(
        db,
        categories=(category,) if category else (),
        position=position_of(db, known),
        at=at,
        facts=facts,
        limit=_MOST_PLACES,
        public_channel=False,
        open_only=open_only,
        keep=wanted,
        nearest_first=nearest_first,
    )


def _welcomes(place: Mapping, facts: Mapping[str, object]) -> bool:
    """Whether a place says whom it welcomes, and nothing known keeps this public out."""
    publics = place["publics"]
    if not publics:
        return False
    return bool(publics["tous"]) or (
        bool(publics["profils"]) and fits(publics["profils"], facts) is not False
    )


def now() -> datetime:
    """This moment, in Paris."""
    return datetime.now(PARIS)
