"""The housing score of Paris, grid of 2019: historical, explained, with every reading of its contradictions.

All points and rules are in `base/cotation_2019.yml`, read by `cotation_loading`. An absent
key makes its heading « non calculable », never 0. A value may depend on how a contradiction of the source is
read: every consistent set of readings is worked out, so that no number is chosen in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from rules.engine.formulas import OPERATORS

Choices = dict[str, str]  # the reading chosen for some contradictions
Choose = Callable[[str], str]  # the reading of a contradiction; raises _Undecided while it is not chosen
Value = Callable[["Case"], object]


class Unknown(Exception):
    """A key is absent, or the calculation has no result."""


class _Undecided(Exception):
    """The result depends on how this contradiction is read."""


@dataclass(frozen=True)
class Heading:
    """A heading as written (`node`), and its values ready to be worked out from `inputs`."""

    id: str
    node: Mapping
    inputs: tuple[str, ...]
    measures: Mapping[str, Value]
    points: Value
    additions: tuple[tuple[Mapping, Value], ...]


@dataclass(frozen=True)
class Outcome:
    """What a heading is worth under one reading: None when it cannot be worked out. `seen` led to it."""

    points: Fraction | None
    seen: Mapping[str, object]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grid:
    """The grid as written (`node`), its contradictions with their proposed reading first, its headings."""

    node: Mapping
    sources: Mapping[str, Mapping]
    contradictions: Mapping[str, Mapping]
    headings: tuple[Heading, ...]
    percentages: tuple[Heading, ...]
    total: Value


class Case:
    """The facts of one request under one reading; measures are worked out when they are asked for."""

    def __init__(self, facts: Mapping, measures: Mapping[str, Value], choose: Choose):
        self.facts, self.measures, self.choose = facts, measures, choose
        self.seen: dict[str, object] = {}

    def __getitem__(self, name: str) -> object:
        value = self.measures[name](self) if name in self.measures else self.facts.get(name)
        if value is None:
            raise Unknown(name)
        self.seen[name] = value
        return value


def score(grid: Grid, entries: Mapping[str, object], at: date) -> dict:
    """The answer to a request made on the day `at`; `entries` are its keys, all optional, already checked."""
    facts = as_facts(entries)
    headings, percentages = (
        [
            (one, readings_of(grid, lambda choose, one=one: _counted(grid, one, facts, choose)))
            for one in group
        ]
        for group in (grid.headings, grid.percentages)
    )

    def subtotal(choose: Choose) -> Fraction | None:
        points = [_pick(readings, choose).points for _, readings in headings]
        return None if set(points) == {None} else sum((one for one in points if one), Fraction())

    def total(choose: Choose) -> Fraction | None:
        base = subtotal(choose)
        rates = {one.id: _pick(readings, choose).points or 0 for one, readings in percentages}
        return None if base is None else grid.total(Case({"sous_total": base, **rates}, {}, choose))

    subtotals, totals = _distinct(readings_of(grid, subtotal)), _distinct(readings_of(grid, total))
    lines = [_line(grid, *one, "points") for one in headings]
    rates = [_line(grid, *one, "pourcentage") for one in percentages]
    incomplete = [line["rubrique"] for line in lines + rates if line["etat"] == "non_calculable"]
    shown = {name for line in lines + rates for name in line["contradictions"]}
    shown.update(grid.node.get("notes_total", ()), *(totals.values() if len(totals) > 1 else ()))
    more = {"incomplet": incomplete, "plusieurs_totaux": len(totals) > 1}
    return {
        "avertissement": warning(grid.node, at, *(key for key, said in more.items() if said)),
        "version": "cotation/1",
        "date": at.isoformat(),
        "grille": {key: grid.node[key] for key in ("titre", "valable_jusqua", "remplacee_le")},
        "lignes": lines,
        "sous_total": _only(subtotals),
        "sous_totaux": [float(value) for value in sorted(subtotals)],
        "pourcentages": rates,
        "total": _only(totals),
        "totaux": [float(value) for value in sorted(totals)],
        "totaux_expliques": [
            {"total": float(value), "lectures": choices} for value, choices in sorted(totals.items())
        ],
        "non_calculables": incomplete,
        "contradictions": [_contradiction(grid, name) for name in grid.contradictions if name in shown],
        "source": cite(grid.node, grid.sources),
    }


def readings_of(grid: Grid, compute: Callable[[Choose], object]) -> list[tuple[Choices, object]]:
    """Each result of `compute` with the readings that lead to it, the proposed ones first.

    Only the contradictions that the calculation meets are chosen, each in all its ways.
    """
    found, waiting = [], [{}]
    while waiting:
        choices = waiting.pop()

        def choose(name: str, choices: Choices = choices) -> str:
            if name not in choices:
                raise _Undecided(name)
            return choices[name]

        try:
            found.append((choices, compute(choose)))
        except _Undecided as undecided:
            (name,) = undecided.args
            waiting += [{**choices, name: one} for one in reversed(grid.contradictions[name]["lectures"])]
    return found


def as_facts(entries: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Entries as rules read them: exact numbers, « oui » and « non », nested keys with a dot, nothing absent."""
    facts: dict[str, object] = {}
    for key, value in entries.items():
        if isinstance(value, Mapping):
            facts |= as_facts(value, f"{prefix}{key}.")
        elif isinstance(value, bool):
            facts[prefix + key] = "oui" if value else "non"
        elif isinstance(value, (int, float)):
            facts[prefix + key] = Fraction(str(value))
        elif isinstance(value, (list, tuple)):
            facts[prefix + key] = [as_facts(item) for item in value]
        elif value is not None:
            facts[prefix + key] = value
    return facts


def holds(condition: Mapping[str, object], facts: Mapping[str, object]) -> bool | None:
    """Whether each key has its wanted value, one of its values, or lies in its bounds; None: not known."""
    answer: bool | None = True
    for key, wanted in condition.items():
        value = facts.get(key)
        if value is None:
            answer = None
        elif isinstance(wanted, Mapping):
            if not all(OPERATORS[name](value, bound) for name, bound in wanted.items()):
                return False
        elif value not in (wanted if isinstance(wanted, (list, tuple)) else (wanted,)):
            return False
    return answer


def warning(node: Mapping, at: date, *more: str) -> str:
    """What opens every answer: out of date first, then historical, then the rest."""
    outdated = at > date.fromisoformat(node["valable_jusqua"])
    keys = (*(("perimee",) if outdated else ()), "historique", "limite", *more)
    return " ".join(node["avertissement"][key] for key in keys if key in node["avertissement"])


def cite(node: Mapping, sources: Mapping[str, Mapping]) -> dict:
    """The first source of `node`, as answers show it."""
    first = node["source"] if isinstance(node["source"], str) else node["source"][0]
    shown = {key: sources[first].get(key) for key in ("titre", "editeur", "date", "adresse")}
    return {"id": first, **shown, "passage": node.get("passage")}


def readable(value: object) -> object:
    """A fact as JSON: numbers with 4 decimals at most, true and false."""
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else round(float(value), 4)
    if isinstance(value, list):
        return [{key: readable(item) for key, item in one.items()} for one in value]
    return {"oui": True, "non": False}.get(value, value)


def _pick(readings: list[tuple[Choices, Outcome]], choose: Choose) -> Outcome:
    """The outcome of the reading that agrees with what is chosen."""
    return next(
        outcome for choices, outcome in readings if all(choose(name) == one for name, one in choices.items())
    )


def _distinct(readings: list[tuple[Choices, Fraction | None]]) -> dict[Fraction, Choices]:
    """Each result once, with the first readings that lead to it."""
    return {value: choices for choices, value in reversed(readings) if value is not None}


def _only(values: Mapping[Fraction, Choices]) -> float | None:
    return float(*values) if len(values) == 1 else None


def _counted(grid: Grid, heading: Heading, facts: Mapping, choose: Choose) -> Outcome:
    """What counts of a heading: nothing when a close criterion is worth more."""
    own = _outcome(grid, heading, facts, choose)
    for close in grid.node.get("criteres_proches", ()):
        order = list(close["entre"])
        if heading.id not in order or not all(holds(wanted, facts) for wanted in close["entre"].values()):
            continue
        if any(choose(name) != one for name, one in close.get("si_lecture", {}).items()):
            continue
        worth = [(_outcome(grid, one, facts, choose).points or 0, -order.index(one.id), one.id)
                 for one in grid.headings if one.id in order]  # fmt: skip
        if max(worth)[2] != heading.id:
            return Outcome(Fraction(), own.seen, (*own.notes, close["texte"]))
    return own


def _outcome(grid: Grid, heading: Heading, facts: Mapping, choose: Choose) -> Outcome:
    node, labels = heading.node, grid.node["entrees"]
    supposed = {key: value for key, value in node.get("par_defaut", {}).items() if key not in facts}
    notes = [
        f"Non dit : {labels[key].lower()}. Le calcul est fait avec {value}."
        for key, value in supposed.items()
    ]
    case = Case({**facts, **as_facts(supposed)}, heading.measures, choose)
    only_if, except_if = node.get("seulement_si", {}), node.get("sauf_si")
    case.seen |= {key: facts[key] for key in only_if if key in facts}
    try:
        applies = holds(only_if, facts)
        points = heading.points(case) if applies else None if applies is None else Fraction()
    except Unknown:
        points = None
        if all(key in case.facts for key in heading.inputs):
            notes = ["Ce calcul n'a pas de résultat avec ces réponses."]
    if points and except_if and (excepted := holds(except_if, facts)) is not False:
        notes.append(node["sauf_texte"])
        if excepted:
            return Outcome(Fraction(), case.seen, tuple(notes))
    for addition, amount in heading.additions if points is not None else ():
        added = holds(addition["si"], facts)
        if added:
            points += amount(case)
            case.seen |= {key: facts[key] for key in addition["si"]}
        if added is not False:
            notes.append(addition["texte"] if added else f"Non dit, donc non compté : {addition['texte']}")
    return Outcome(points, case.seen, tuple(notes))


def _line(grid: Grid, heading: Heading, readings: list[tuple[Choices, Outcome]], unit: str) -> dict:
    """One heading of the answer. Where no reading is proposed, all are given and none is kept."""
    node, (choices, proposed) = heading.node, readings[0]
    values: dict[Fraction | None, Choices] = {}
    for chosen, outcome in readings:
        values.setdefault(outcome.points, chosen)
    open_ = len(values) > 1 and any(grid.contradictions[name]["retenue"] is None for name in choices)
    others = {points: chosen for points, chosen in values.items() if open_ or points != proposed.points}
    state = "indecidable" if open_ else "non_calculable" if proposed.points is None else "calculee"
    met = {name for chosen, _ in readings for name in chosen}
    met.update(node.get("notes", ()) if state != "non_calculable" else ())
    return {
        "rubrique": heading.id,
        "libelle": node["libelle"],
        "etat": state,
        unit: float(proposed.points) if state == "calculee" else None,
        "lectures": [
            {unit: float(points), "pourquoi": _why(grid, chosen), "contradictions": list(chosen)}
            for points, chosen in others.items()
        ],
        "entree": {key: readable(value) for key, value in proposed.seen.items()},
        "manque": [key for key in heading.inputs if key not in proposed.seen] if state == "non_calculable" else [],
        "a_savoir": [*([node["a_savoir"]] if "a_savoir" in node else []), *proposed.notes],
        "contradictions": [name for name in grid.contradictions if name in met],
        "mode": node["mode"],
        "grille": node["grille"],
        "source": cite(grid.node, grid.sources),
    }  # fmt: skip


def _why(grid: Grid, choices: Choices) -> str:
    """« C1 : … » for each reading that is not the proposed one."""
    differing = {name: one for name, one in choices.items() if one != grid.contradictions[name]["retenue"]}
    return " ".join(
        f"{name} : {grid.contradictions[name]['lectures'][one]}" for name, one in differing.items()
    )


def _contradiction(grid: Grid, name: str) -> dict:
    node = grid.contradictions[name]
    lectures = [
        {"id": key, "texte": text, "retenue": key == node["retenue"]}
        for key, text in node["lectures"].items()
    ]
    shown = {"id": name, "texte": node["texte"], "confiance": node["confiance"], "lectures": lectures}
    return {**shown, "source": cite(node if "source" in node else grid.node, grid.sources)}
