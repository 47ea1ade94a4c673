"""`make bench-personas`: how many questions the product asks to invented people, written in personas.yml.

Each person goes through the steps of a real conversation (hear, decide, ask, conclude), with the buttons'
own messages instead of free text: what is measured is the choice of questions, not the understanding.
"""

from __future__ import annotations

import statistics
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from actions import conversation
from actions.conversation import State
from actions.orientation import PARIS, orient
from cli.project import ROOT
from data.database import Database, open_database
from data.yaml_reader import read_yaml
from rules import check_facts
from rules.model import Base
from rules.reading.faults import as_bool

PEOPLE = Path(__file__).with_name("personas.yml")
RESULTS = ROOT / "bench" / "resultats" / "personas.md"
AT = datetime(2026, 11, 21, 10, 0, tzinfo=PARIS)  # a Saturday morning: the base's own day
HOMELESS = "sans_abri"
AIMS = {"first": 5, "last": 9}
_PLACE = ("lieu", "arrondissement")
_MOST = 60  # questions after which asking is held to be endless


@dataclass(frozen=True)
class Persona:
    """Someone invented. `truth`: all that they can tell; `told`: what they say first; `unsaid`: what they
    do not know or will not say, whatever is asked."""

    id: str
    group: str
    why: str
    needs: tuple[str, ...]
    told: tuple[str, ...]
    truth: Mapping[str, object]
    unsaid: frozenset[str]


@dataclass(frozen=True)
class Asked:
    """A question: its fact, and what could have been asked instead (facts that may change a status)."""

    fact: str
    candidates: frozenset[str]
    known: frozenset[str]  # said or presumed before it


@dataclass(frozen=True)
class Course:
    """One conversation: its questions, and after how many of them each thing was shown."""

    persona: Persona
    asked: tuple[Asked, ...]
    useful: int | None  # questions before the first useful answer to every need; None: never
    shown: Mapping[str, int] = field(
        default_factory=dict
    )  # dispositif shown as « oui » -> questions before it
    facts: Mapping[str, object] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return len(self.asked)

    @property
    def facts_asked(self) -> list[str]:
        return [one.fact for one in self.asked]

    def returns(self, base: Base) -> int:
        """How often asking comes back to a subject that it had left."""
        subjects = [base.facts[fact].subject for fact in self.facts_asked]
        runs = [subjects[0]] if subjects else []
        runs += [after for before, after in pairwise(subjects) if after != before]
        return len(runs) - len(set(runs))


def people(base: Base, path: Path = PEOPLE) -> list[Persona]:
    """The personas of the file. Raises ValueError on a value that the base does not accept."""
    document = read_yaml(path)
    return [_persona(base, one, document["profils"]) for one in document["personas"]]


def _profile(profiles: Mapping, name: str) -> dict:
    own = dict(profiles[name])
    parent = own.pop("comme", None)
    return {**_profile(profiles, parent), **own} if parent else own


def _persona(base: Base, one: Mapping, profiles: Mapping) -> Persona:
    unsaid = frozenset([*one.get("ne_sait_pas", ()), *one.get("refuse", ())])
    merged = {**_profile(profiles, one["profil"]), **one.get("verite", {})}
    truth = {fact: _value(base, fact, value) for fact, value in merged.items() if fact not in unsaid}
    errors = check_facts(base, truth)
    unknown = [name for name in (*unsaid, *one["dit"]) if name not in base.facts]
    unknown += [need for need in one["besoins"] if need not in base.needs]
    if errors or unknown:
        raise ValueError(f"Persona « {one['id']} » : {errors or unknown}")
    return Persona(
        one["id"], one["groupe"], one["pourquoi"], tuple(one["besoins"]), tuple(one["dit"]), truth, unsaid
    )


def _value(base: Base, fact: str, value: object) -> object:
    told = as_bool(value)
    if fact in base.facts and base.facts[fact].type == "bool" and told is not None:
        return told
    return list(value) if isinstance(value, (list, tuple)) else value


def play(db: Database, persona: Persona) -> Course:
    """The whole conversation, until nothing is left to ask."""
    state = _heard(db, State(), {"besoin": persona.needs, **{f: persona.truth[f] for f in persona.told}})
    state = conversation.decide(db, state, AT)
    asked: list[Asked] = []
    shown: dict[str, int] = {}
    useful: dict[str, int] = {}
    while state.question and len(asked) < _MOST:
        one = _asked(db, state)
        turn = conversation.ask(db, state, "web", AT)
        _note(turn, persona, len(asked), shown, useful)
        asked.append(one)
        state = conversation.decide(db, _answered(db, turn.state, persona, one.fact), AT)
    _note(conversation.conclude(db, state, "web", AT), persona, len(asked), shown, useful)
    final = orient(db, besoins=persona.needs, faits=state.faits, date=AT, limite=0, ecartes=state.closed)
    return Course(
        persona,
        tuple(asked),
        max(useful.values()) if set(useful) == set(persona.needs) else None,
        shown,
        state.faits,
        {d["id"]: d["statut"] for d in final["dispositifs"]},
    )


def _heard(db: Database, state: State, told: Mapping[str, object]) -> State:
    entities = [
        {"entity": name, "value": item}
        for name, value in told.items()
        for item in (value if isinstance(value, (list, tuple)) else (value,))
    ]
    parse = {"intent": {"name": "informer"}, "entities": entities, "text": "/informer"}
    return conversation.hear(db, state, parse).state


def _answered(db: Database, state: State, persona: Persona, fact: str) -> State:
    """The state once the person has answered: a place for a place, their truth, or « je ne sais pas »."""
    told = [name for name in (_PLACE if fact in _PLACE else (fact,)) if name in persona.truth]
    # Who named their station when asked where they are gives the number when it is asked again.
    told = [name for name in told if name not in state.faits][:1]
    if told:
        return _heard(db, state, {told[0]: persona.truth[told[0]]})
    if fact not in persona.unsaid:
        raise ValueError(f"Persona « {persona.id} » : il manque sa réponse à « {fact} ».")
    return conversation.hear(db, state, {"intent": {"name": "ne_sait_pas"}, "entities": []}).state


def _asked(db: Database, state: State) -> Asked:
    seen = orient(db, besoins=state.besoins, faits=state.faits, date=AT, limite=0, ecartes=state.closed)
    missing = {fact for dispositif in seen["dispositifs"] for fact in dispositif["manque"]}
    return Asked(
        state.question.fait,
        frozenset(missing - set(state.closed)),
        frozenset(db.evaluator.complete(state.faits)),
    )


def _note(turn: conversation.Turn, persona: Persona, count: int, shown: dict, useful: dict) -> None:
    """What this turn shows for the first time, after `count` questions.

    An answer is useful when it says « vous pouvez demander », or what is left to check without any question,
    and tells where to go or how to ask.
    """
    orientation = next(m.orientation for m in reversed(turn.messages) if m.orientation)
    for dispositif in orientation["dispositifs"]:
        if not dispositif["nouveau"] or dispositif["statut"] == "non":
            continue
        if dispositif["statut"] == "oui":
            shown.setdefault(dispositif["id"], count)
        if dispositif["services"] or dispositif["demarche"]:
            for need in set(persona.needs) & set(dispositif["besoins"]):
                useful.setdefault(need, count)


# --- The page ---


def homeless(courses: Iterable[Course]) -> list[Course]:
    """The group on which the aims are measured: a homeless adult with one need."""
    return [course for course in courses if course.persona.group == HOMELESS]


def page(db: Database, courses: Sequence[Course]) -> str:
    """The measures as a page of Markdown, without a date: the same base gives the same page."""
    group = homeless(courses)
    groups = {HOMELESS: group}
    for course in courses:
        groups.setdefault(
            course.persona.group, [c for c in courses if c.persona.group == course.persona.group]
        )
    never = [course.persona.id for course in courses if course.useful is None]
    return "\n".join(
        [
            "# Combien de questions",
            "",
            f"{len(courses)} personnes inventées ({PEOPLE.relative_to(ROOT)}), base {db.version}, au {AT:%d/%m/%Y}.",
            "Chacune suit les étapes d'une vraie conversation, avec les boutons. Ce qui est mesuré est le choix des",
            "questions, pas la compréhension. Utile : « vous pouvez demander », ou ce qui reste à vérifier sans autre",
            "question, avec où aller ou comment demander, pour chaque besoin. Fin : plus aucune question utile.",
            "",
            "## Ce qui est visé : une personne sans abri, un besoin",
            "",
            "| mesure | médiane | visé | tenu |",
            "|---|---:|---:|---:|",
            _aim("Questions avant la première réponse utile", useful_counts(group), AIMS["first"]),
            _aim("Questions jusqu'à la fin", [c.count for c in group], AIMS["last"]),
            "",
            "## Distribution",
            "",
            "| groupe | mesure | personnes | min | 1er quart | médiane | 3e quart | max | moyenne |",
            "|---|---|---:|---:|---:|---:|---:|---:|---:|",
            *(_spread(name, what, counts) for name, some in groups.items() for what, counts in _both(some)),
            "",
            "## Une personne sans abri, besoin par besoin",
            "",
            "Des besoins ont une porte ouverte à tous, d'autres des conditions : une moyenne cache les seconds.",
            "",
            "| besoin | personnes | utile, médiane | fin, médiane | fin, max |",
            "|---|---:|---:|---:|---:|",
            *_by_need(group),
            "",
            f"Sans réponse utile : {', '.join(never) or 'personne'}.",
            "",
            *(line for what, counts in _both(group) for line in _histogram(f"{HOMELESS}, {what}", counts)),
            "## Les plus longues",
            "",
            *(f"- **{c.persona.id}** ({c.count} questions) : {c.persona.why}" for c in longest(courses)),
            "",
            "## Toutes",
            "",
            "« ferme » : questions avant le dernier « vous pouvez demander ». « retours » : à un sujet déjà quitté.",
            "",
            "| personne | besoins | utile | ferme | fin | retours | questions |",
            "|---|---|---:|---:|---:|---:|---|",
            *(_row(db.base, course) for course in courses),
            "",
        ]
    )


def useful_counts(courses: Iterable[Course]) -> list[int]:
    return [course.useful for course in courses if course.useful is not None]


def longest(courses: Sequence[Course], most: int = 10) -> list[Course]:
    return sorted(courses, key=lambda course: -course.count)[:most]


def _both(courses: Sequence[Course]) -> Iterable[tuple[str, list[int]]]:
    return ("utile", useful_counts(courses)), ("fin", [course.count for course in courses])


def _aim(what: str, counts: Sequence[int], aim: int) -> str:
    median = statistics.median(counts)
    return f"| {what} | {median:g} | ≤ {aim} | {'oui' if median <= aim else '**non**'} |"


def _spread(name: str, what: str, counts: Sequence[int]) -> str:
    low, middle, high = statistics.quantiles(counts, n=4, method="inclusive")
    figures = [min(counts), low, middle, high, max(counts), round(statistics.mean(counts), 1)]
    return f"| {name} | {what} | {len(counts)} | {' | '.join(f'{figure:g}' for figure in figures)} |"


def _by_need(courses: Sequence[Course]) -> list[str]:
    by_need: dict[str, list[Course]] = {}
    for course in courses:
        by_need.setdefault(course.persona.needs[0], []).append(course)
    rows = []
    for need, some in by_need.items():
        counts = [course.count for course in some]
        useful = f"{statistics.median(useful_counts(some)):g}" if useful_counts(some) else "—"
        rows.append(f"| {need} | {len(some)} | {useful} | {statistics.median(counts):g} | {max(counts)} |")
    return rows


def _histogram(title: str, counts: Sequence[int]) -> list[str]:
    tally = Counter(counts)
    bars = [f"{n:>3} | {'█' * tally[n]} {tally[n] or ''}".rstrip() for n in range(max(counts) + 1)]
    return [f"{title} : questions, personnes", "", "```text", *bars, "```", ""]


def _row(base: Base, course: Course) -> str:
    useful = "—" if course.useful is None else course.useful
    firm = max(course.shown.values(), default="—")
    figures = f"{useful} | {firm} | {course.count} | {course.returns(base)}"
    asked = ", ".join(course.facts_asked)
    return f"| {course.persona.id} | {', '.join(course.persona.needs)} | {figures} | {asked} |"


def main() -> None:
    db = open_database()
    courses = [play(db, persona) for persona in people(db.base)]
    text = page(db, courses)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(text)
    print(text)
    group = homeless(courses)
    if statistics.median(useful_counts(group)) > AIMS["first"]:
        sys.exit("La première réponse utile vient trop tard.")
    if statistics.median(course.count for course in group) > AIMS["last"]:
        sys.exit("Il y a trop de questions.")


if __name__ == "__main__":
    main()
