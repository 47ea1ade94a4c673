"""What changes between two days, or two versions of the base: for one person, or in the base itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rules.explaining.amounts import amounts_that_differ, cited, for_person, of_base
from rules.explaining.changes import Change, Comparison, ConditionChange, Difference, Side, Standing
from rules.explaining.derivation import Condition, conditions
from rules.explaining.explanation import explain
from rules.explaining.written import written
from rules.model import Dispositif, Literal, Node, literals


def compare(before: Side, after: Side) -> Comparison:
    """What differs from one side to the other. Both have facts, or none has; facts are valid for their base."""
    sides = (before, after)
    names = dict.fromkeys(name for side in sides for name in side.base.dispositifs)
    changes = [_change(sides, name) for name in names]
    amounts = (
        () if before.facts is not None else amounts_that_differ(sides, [of_base(side) for side in sides])
    )
    return Comparison(amounts, tuple(change for change in changes if change))


def _change(sides: tuple[Side, Side], name: str) -> Change | None:
    """How one dispositif differs; None when it does not."""
    found = [side.base.dispositifs.get(name) for side in sides]
    told = [
        explain(side.evaluator, one, side.facts, side.at) if one and side.facts is not None else None
        for side, one in zip(sides, found, strict=True)
    ]
    stands = [{c.id: c for c in conditions(one.tree)} if one else {} for one in told]
    values = [for_person(side, one.values()) for side, one in zip(sides, stands, strict=True)]
    amounts = {n for side in sides for n in side.base.baremes} | values[0].keys() & values[1].keys()
    values = [{n: value for n, value in one.items() if n in amounts} for one in values]
    before, after = (one.status if one else None for one in told)
    rules = [_rules(side, one, s) for side, one, s in zip(sides, found, stands, strict=True)]
    change = Change(
        id=name,
        name=(found[1] or found[0]).name,
        kind="modifie" if None not in found else "ajoute" if found[1] else "retire",
        before=before,
        after=after,
        rearranged=None not in found
        and rules[0].keys() == rules[1].keys()
        and _shape(found[0].conditions) != _shape(found[1].conditions),
        conditions=tuple(_conditions(*rules)) if None not in found else (),
        amounts=amounts_that_differ(sides, values) if None not in found else (),
    )
    same = change.kind == "modifie" and before == after and not change.rearranged
    return None if same and not change.conditions and not change.amounts else change


# --- conditions -------------------------------------------------------------------------------------


def _rules(
    side: Side, dispositif: Dispositif | None, stands: Mapping[str, Condition]
) -> dict[str, tuple[dict[str, str], Standing]]:
    """Each condition: what it says whatever the day and the amounts, and how it stands on this side."""
    if dispositif is None:
        return {}
    return {one.leaf.id: _rule(side, one, stands.get(one.leaf.id)) for one in literals(dispositif.conditions)}


def _rule(side: Side, literal: Literal, stand: Condition | None) -> tuple[dict[str, str], Standing]:
    leaf, base = literal.leaf, side.base
    test = written(leaf.test, base) if leaf.test else "toujours" if leaf.always else "une personne vérifie"
    sources = cited(base, leaf.sources)
    rule = {
        "regle": f"pas ({test})" if literal.negated else test,
        "force": leaf.force,
        "confiance": leaf.confidence,
        "periode": f"du {leaf.period.start or '…'} au {leaf.period.end or '…'}",
        "qui": leaf.who or "personne",
        "phrases": " / ".join(leaf.texts[key] for key in sorted(leaf.texts)),
        "sources": " ; ".join(f"{one.title} ({one.date or 'sans date'})" for one in sources),
    }
    text = stand.text if stand else leaf.texts.get("vrai") or leaf.texts["inconnu"]
    outcome, decides = (stand.outcome, stand.decides) if stand else (None, False)
    return rule, Standing(text, leaf.period.covers(side.at), outcome, decides, sources)


def _conditions(before: Mapping, after: Mapping) -> Iterator[ConditionChange]:
    for name in dict.fromkeys([*before, *after]):
        (rule, old), (new_rule, new) = before.get(name, ({}, None)), after.get(name, ({}, None))
        if old is None or new is None:
            yield ConditionChange(name, "retiree" if old else "ajoutee", old, new)
            continue
        parts = [Difference(key, rule[key], new_rule[key]) for key in rule if rule[key] != new_rule[key]]
        if parts:
            yield ConditionChange(name, "modifiee", old, new, tuple(parts))
        elif old.in_force != new.in_force:
            yield ConditionChange(name, "commence" if new.in_force else "finit", old, new)
        elif (old.outcome, old.decides, old.text) != (new.outcome, new.decides, new.text):
            yield ConditionChange(name, "resultat", old, new)


def _shape(node: Node) -> tuple:
    """How conditions are put together, without what they say."""
    if isinstance(node, Literal):
        return (node.leaf.id,)
    return (type(node).__name__, *(_shape(child) for child in node.children))
