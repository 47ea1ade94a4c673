"""The course of a conversation, as pure steps over a small state: hear a message, decide, answer.

Rasa decides which step plays (rules and form); these steps decide what is kept and what is said.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from actions import rendering
from actions.location import AmbiguousPlace, UnknownPlace, find_place, name_of, position_of
from actions.orientation import POSITION_FACT, next_question, orient
from actions.rendering import Message
from actions.understanding import from_parse, numbers, withdrawn
from data.database import Database
from rules import check_facts
from rules.model import Fact

NEED_QUESTION = "besoin"
PLACE_QUESTIONS = (POSITION_FACT, "lieu")
MAXIMUM_ASKED = 2  # never the same question a third time
_LONGEST_PLACE_NAME = 60
_UNANSWERED = "aucun"
_MAY_ANSWER = ("informer", "oui", "non", "ne_sait_pas", "nlu_fallback", "hors_sujet")


@dataclass(frozen=True)
class Question:
    """The question under way: the fact asked, and the meanings to choose from when a name has several.

    `reprise`: the person wants to answer it again, so it is asked whatever the engine would choose.
    """

    fait: str
    choix: tuple[str, ...] = ()
    reprise: bool = False


@dataclass(frozen=True)
class State:
    """What a conversation keeps.

    `ecartes`: facts the person does not know or will not say; `posees`: how often each fact was asked;
    `montres`: what was shown (dispositif or need) and its status then.
    """

    faits: dict[str, object] = field(default_factory=dict)
    besoins: tuple[str, ...] = ()
    ecartes: tuple[str, ...] = ()
    question: Question | None = None
    posees: dict[str, int] = field(default_factory=dict)
    montres: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_slots(cls, slots: Mapping[str, object]) -> State:
        question = slots.get("question")
        return cls(
            faits=dict(slots.get("faits") or {}),
            besoins=tuple(slots.get("besoins") or ()),
            ecartes=tuple(slots.get("ecartes") or ()),
            question=Question(**{**question, "choix": tuple(question["choix"])}) if question else None,
            posees=dict(slots.get("posees") or {}),
            montres=dict(slots.get("montres") or {}),
        )

    @property
    def closed(self) -> tuple[str, ...]:
        """Facts that may not be asked any more: set aside, or asked often enough."""
        worn = (fact for fact, count in self.posees.items() if count >= MAXIMUM_ASKED)
        return tuple(dict.fromkeys((*self.ecartes, *worn)))

    def as_slots(self) -> dict[str, object]:
        slots = asdict(self)
        return {key: list(value) if isinstance(value, tuple) else value for key, value in slots.items()}


@dataclass(frozen=True)
class Turn:
    """The outcome of a step: the new state and the messages to send."""

    state: State
    messages: tuple[Message, ...] = ()


def hear(db: Database, state: State, parse: Mapping) -> Turn | None:
    """Take in a message. None when another rule must reply to it.

    That is a message which neither informs nor answers, and one that tells a danger: whatever else it
    says, the danger is answered first (see `keep`).
    """
    return None if from_parse(parse, db.base)["alertes"] else _take_in(db, state, parse)


def keep(db: Database, state: State, parse: Mapping) -> State:
    """The state with the facts and needs told beside a danger."""
    turn = _take_in(db, state, parse)
    return turn.state if turn else state


def _take_in(db: Database, state: State, parse: Mapping) -> Turn | None:
    fact, need = withdrawn(parse)
    if fact or need:
        said = (rendering.say("besoin_retire"),) if need else ()
        return Turn(_take_back(db, state, fact, need), said)
    understood = from_parse(parse, db.base)
    facts, needs = dict(understood["faits"]), understood["besoins"]
    asked = state.question.fait if state.question else None
    intent = (parse.get("intent") or {}).get("name")
    if intent == "ne_sait_pas" and asked:
        state = replace(state, ecartes=(*state.ecartes, asked), question=None)
        return Turn(state, (rendering.say("question_passee"),))
    if asked in db.base.facts and asked not in facts and intent in _MAY_ANSWER:
        facts |= _answer(db, db.base.facts[asked], parse, intent, understood)
    if not facts and not needs and intent != "informer":
        return None
    pressed = str(parse.get("text")).startswith("/")  # a button always means what it says
    return _learn(db, state, facts, needs, understood, pressed)


def _take_back(db: Database, state: State, fact: str | None, need: str | None) -> State:
    """The state without a need, or without a fact, which is then asked again."""
    if need:
        state = replace(
            state,
            besoins=tuple(one for one in state.besoins if one != need),
            posees=_without(state.posees, (NEED_QUESTION,)),
            montres=_without(state.montres, (need,)),
        )
    if fact not in db.base.facts:
        return replace(state, question=None)
    asked, gone = (POSITION_FACT, PLACE_QUESTIONS) if fact in PLACE_QUESTIONS else (fact, (fact,))
    return replace(
        state,
        faits=_without(state.faits, gone),
        ecartes=tuple(one for one in state.ecartes if one not in gone),
        posees=_without(state.posees, gone),
        question=Question(asked, reprise=True),
    )


def _without(known: Mapping, keys: Collection[str]) -> dict:
    return {key: value for key, value in known.items() if key not in keys}


def _answer(db: Database, fact: Fact, parse: Mapping, intent: str, understood: Mapping) -> dict[str, object]:
    """The message read in the light of the question: « 3 » after « Combien d'enfants ? »."""
    if fact.type == "bool" and intent in ("oui", "non"):
        return {fact.id: intent == "oui"}
    if fact.type == "choix" and intent == "non" and "aucune" in fact.choices:
        return {fact.id: "aucune"}
    if fact.type == "entier":
        value = next((n for n in numbers(parse) if not check_facts(db.base, {fact.id: n})), None)
        if value is not None:
            return {fact.id: value}
    text = str(parse.get("text") or "").strip()
    nothing_else = not understood["faits"] and not understood["besoins"]
    if fact.id in PLACE_QUESTIONS and nothing_else and 2 <= len(text) <= _LONGEST_PLACE_NAME:
        return {"lieu": text} if _names_a_place(db, text) else {}
    return {}


def _names_a_place(db: Database, text: str) -> bool:
    try:
        find_place(db, text)
    except AmbiguousPlace:
        return True
    except UnknownPlace:
        return False
    return True


def _learn(
    db: Database, state: State, facts: dict, needs: Sequence[str], understood: Mapping, pressed: bool
) -> Turn:
    messages, choices = [], ()
    if "lieu" in facts:
        facts, choices, notes = _settle_place(db, facts)
        messages += notes
    if not (facts or needs or choices or messages) and not pressed:
        messages.append(rendering.say("pas_compris"))
    # Asking for a need again means seeing its answer again.
    again = {d.id for d in db.base.dispositifs.values() if set(d.needs) & set(needs)} | set(needs)
    if state.question and state.question.reprise:
        again |= set(state.montres)  # what a correction changes is seen with what it does not
    if "lieu" in facts and "arrondissement" not in understood["faits"]:
        state = replace(state, faits=_without(state.faits, ("arrondissement",)))
    elif "arrondissement" in facts and "lieu" not in facts:
        state = replace(state, faits=_without(state.faits, ("lieu",)))
    state = replace(
        state,
        faits=state.faits | facts,
        besoins=tuple(dict.fromkeys((*state.besoins, *needs))),
        ecartes=tuple(fact for fact in state.ecartes if fact not in facts),
        montres=_without(state.montres, again),
        question=Question("lieu", choix=choices) if choices else _still_open(state.question, facts, needs),
    )
    return Turn(state, tuple(messages))


def _settle_place(db: Database, facts: dict) -> tuple[dict, tuple[str, ...], list[Message]]:
    """Replace the place said by its canonical name; ask which one when several have that name."""
    others = {key: value for key, value in facts.items() if key != "lieu"}
    if position_of(db, facts) is not None and "arrondissement" in facts:
        return facts, (), []
    try:
        return others | {"lieu": name_of(db, find_place(db, str(facts["lieu"])), str(facts["lieu"]))}, (), []
    except AmbiguousPlace as error:
        return others, tuple(lieu.label for lieu in error.suggestions), []
    except UnknownPlace:
        return others, (), [rendering.say("lieu_inconnu", lieu=facts["lieu"])]


def _still_open(question: Question | None, facts: Mapping, needs: Sequence[str]) -> Question | None:
    if question is None or question.fait in facts:
        return None
    if question.fait in PLACE_QUESTIONS and any(fact in facts for fact in PLACE_QUESTIONS):
        return None
    return None if question.fait == NEED_QUESTION and needs else question


def decide(db: Database, state: State, at: datetime) -> State:
    """Choose the question to ask next (None: the conversation has all it needs)."""
    asked = state.question
    if asked and (asked.choix or asked.reprise) and asked.fait not in state.closed:
        return state
    if state.besoins:
        wanted = next_question(
            db,
            besoins=state.besoins,
            faits=state.faits,
            date=at,
            ecartes=state.closed,
            sujet=_subject(db, state),
        )
    else:
        wanted = None if NEED_QUESTION in state.closed else NEED_QUESTION
    return replace(state, question=Question(wanted) if wanted else None)


def ask(db: Database, state: State, canal: str, at: datetime) -> Turn:
    """Say what is already settled, then ask the question chosen by `decide`."""
    asked = state.question
    spoken = rendering.question(db.base, asked.fait, asked.choix)
    posees = state.posees | {asked.fait: state.posees.get(asked.fait, 0) + 1}
    if not state.besoins:
        return Turn(replace(state, posees=posees), (spoken,))
    orientation = _oriented(db, state, at, asked.fait)
    shown, messages = _show(db, state, orientation, canal, everything=False)
    return Turn(
        replace(state, montres=shown, posees=posees), (*messages, replace(spoken, orientation=orientation))
    )


def conclude(db: Database, state: State, canal: str, at: datetime) -> Turn:
    """Say all the results not yet said, and the way to a person."""
    if not state.besoins:
        return Turn(state, (rendering.human(db.base, (), state.faits),))
    orientation = _oriented(db, state, at)
    shown, messages = _show(db, state, orientation, canal, everything=True)
    closing = rendering.closing(db.base, state.besoins, state.faits, after=messages)
    return Turn(replace(state, montres=shown), (*messages, replace(closing, orientation=orientation)))


def _oriented(db: Database, state: State, at: datetime, posee: str | None = None) -> dict:
    return orient(
        db,
        besoins=state.besoins,
        faits=state.faits,
        date=at,
        ecartes=state.closed,
        sujet=_subject(db, state),
        posee=posee,
    )


def _subject(db: Database, state: State) -> str | None:
    """The subject of the last question."""
    last = next(reversed(state.posees), None)
    return db.base.facts[last].subject if last in db.base.facts else None


def _show(
    db: Database, state: State, orientation: dict, canal: str, everything: bool
) -> tuple[dict[str, str], list[Message]]:
    """What was shown so far, and messages for what is new: dispositifs settled (or all), needs unanswered.

    Marks with `nouveau` the dispositifs of the orientation that these messages speak of. Each is shown
    once, and again when its status has changed; briefly, when a need has had a sure answer before it.
    """
    shown, closed = dict(state.montres), state.closed
    located = position_of(db, state.faits) is not None or POSITION_FACT in closed
    messages, covered = [], set()
    for dispositif in orientation["dispositifs"]:
        open_facts = [fact for fact in dispositif["manque"] if fact not in closed]
        waits = bool(open_facts) or (dispositif["depend_du_lieu"] and not located)
        settled = dispositif["statut"] != "non" and not waits
        new = (everything or settled) and shown.get(dispositif["id"]) != dispositif["statut"]
        dispositif["nouveau"] = new
        if new:
            answers = set(state.besoins) & set(dispositif["besoins"])
            messages.append(rendering.result(dispositif, canal, brief=answers <= covered))
            shown[dispositif["id"]] = dispositif["statut"]
            covered |= answers if dispositif["statut"] == "oui" else set()
    answered = {need for dispositif in orientation["dispositifs"] for need in dispositif["besoins"]}
    for need in state.besoins:
        if need not in answered and need not in shown:
            shown[need] = _UNANSWERED
            messages.append(rendering.nothing_for(db.base, need))
    return shown, messages
