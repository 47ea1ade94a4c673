"""Why a dispositif has its status for a person on a day: the whole condition tree, with what each part gives.

The statuses are the engine's own; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from rules.engine.evaluation import Result
from rules.engine.evaluator import Evaluator
from rules.engine.questions import next_fact
from rules.explaining.derivation import Condition, Explanation, Group, conditions
from rules.explaining.steps import Known
from rules.explaining.written import written
from rules.model import All, Dispositif, Literal, Node, literals

_TRUTH = {True: "vrai", False: "faux", None: "inconnu"}
OPEN = "ouvert"  # the outcome of a part that facts still unknown decide


def explain(
    evaluator: Evaluator, dispositif: Dispositif, said: Mapping[str, object], at: date
) -> Explanation:
    """The derivation for the facts `said`, which must be valid, and those presumed from them."""
    base, facts = evaluator.base, evaluator.complete(said)
    result = evaluator.evaluate(dispositif, facts, at)
    reader = _Reader(evaluator, result, Known(base, facts, at), said)
    tree = reader.part(dispositif.conditions)
    asked = next_fact(evaluator, [dispositif], facts, at)
    routes = evaluator.routes(dispositif, facts, at)
    cited = [name for one in conditions(tree) for name in (*one.sources, *_of_steps(one))]
    cited += [name for route in routes for name in route.sources]
    return Explanation(
        id=dispositif.id,
        name=dispositif.name,
        at=at,
        status=result.status,
        tree=tree,
        missing=tuple(reader.known.read(name, said) for name in result.missing),
        question=base.facts[asked].question if asked else None,
        routes=tuple(route.text for route in routes),
        demarche=dispositif.steps,
        sources=tuple(base.sources[name] for name in dict.fromkeys(cited)),
    )


def _of_steps(condition: Condition) -> Iterator[str]:
    for step in condition.steps:
        yield from step.sources


class _Reader:
    """Reads the parts of one tree for one person."""

    def __init__(self, evaluator: Evaluator, result: Result, known: Known, said: Mapping[str, object]):
        self.evaluator, self.known, self.said = evaluator, known, said
        self.told = {reason.leaf.id: reason.result for reason in result.reasons}

    def part(self, node: Node) -> Group | Condition:
        if isinstance(node, Literal):
            return self._condition(node)
        children = tuple(self.part(child) for child in node.children)
        turned = bool(children) and all(isinstance(one, Literal) and one.negated for one in node.children)
        kinds = ("aucun", "pas_tous") if turned else ("tous", "au_moins_un")
        decides = any(one.leaf.id in self.told for one in literals(node))
        return Group(kinds[not isinstance(node, All)], self._outcome(node), decides, children)

    def _outcome(self, node: Node) -> str:
        possible = self.evaluator.possible(node, self.known.facts, self.known.at)
        return next(iter(possible)) if len(possible) == 1 else OPEN

    def _condition(self, literal: Literal) -> Condition:
        leaf, base = literal.leaf, self.evaluator.base
        outcome = self._outcome(literal)
        truth = self._truth(literal, outcome)
        say = self.known.number
        return Condition(
            id=leaf.id,
            outcome=outcome,
            truth=truth,
            text=leaf.texts[truth],
            negated=literal.negated,
            decides=leaf.id in self.told,
            obstacle=self._obstacle(literal, outcome, truth),
            who=leaf.who,
            criterion=leaf.criterion,
            force=leaf.force,
            confidence=leaf.confidence,
            period=leaf.period,
            test=written(leaf.test, base) if leaf.test else None,
            numbers=written(leaf.test, base, say) if leaf.test else None,
            facts=tuple(self.known.read(name, self.said) for name in leaf.inputs),
            steps=self.known.steps(leaf.test),
            sources=leaf.sources,
        )

    def _truth(self, literal: Literal, outcome: str) -> str:
        """How the sentence of the condition stands: as the engine tells it when it is a reason."""
        leaf = literal.leaf
        if leaf.id in self.told or leaf.always:
            return self.told.get(leaf.id, "vrai")
        if outcome in ("oui", "non"):
            return _TRUTH[(outcome == "oui") != literal.negated]
        compiled = self.evaluator.compiled(literal, self.known.at)
        if compiled.is_testable(leaf):
            cells, _ = compiled.known(self.known.facts)
            index, k = compiled.place[leaf.id]
            return _TRUTH[compiled.variables[index].truths[cells[index]][k] if index in cells else None]
        state, value = self.known.value(leaf.test) if leaf.test else ("inconnu", None)
        return _TRUTH[value if state == "connu" else None]

    def _obstacle(self, literal: Literal, outcome: str, truth: str) -> str | None:
        """Why the condition is neither met nor failed.

        fait_inconnu; personne (only someone can check it); hors_periode (not in force that day);
        sans_valeur (an amount has none that day); confiance_basse; indefini (no value for this
        household); souple (it fails, and a person decides).
        """
        leaf, at = literal.leaf, self.known.at
        if outcome in ("oui", "non"):
            return None
        if leaf.test is None and not leaf.always:
            return "personne"
        if not leaf.period.covers(at):
            return "hors_periode"
        if leaf.test is not None and leaf.test.on(at) is None:
            return "sans_valeur"
        if not leaf.trusted:
            return "confiance_basse"
        if outcome == OPEN:
            return "fait_inconnu"
        return "indefini" if truth == "inconnu" else "souple"
