"""`jalon comparer`: what changed in the base between two days or two versions, and for whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import click
from rich.console import Console
from rich.text import Text

from cli.explanation import MARKS, STATUS, find_dispositif
from cli.french import Command, Day
from cli.orientation import open_or_explain, read_facts
from cli.plain import plain, print_json
from cli.sentences import cited, day_words, period_words
from cli.versions import open_version
from rules import check_facts, compare
from rules.explaining.changes import AmountChange, Change, Comparison, ConditionChange, Side, Standing, Value

_KINDS = {
    "ajoutee": "Condition nouvelle",
    "retiree": "Condition retirée",
    "commence": "Condition qui commence",
    "finit": "Condition qui finit",
    "modifiee": "Condition modifiée",
    "resultat": "Condition",
}

_PARTS = {
    "regle": "règle",
    "force": "force",
    "confiance": "confiance",
    "periode": "période",
    "qui": "qui vérifie",
    "phrases": "phrases",
    "sources": "sources",
}


@click.command(
    cls=Command, exemple="jalon comparer rsa --du 2026-03-31 --au 2026-04-01 --fait ressources_mensuelles=900"
)
@click.argument("names", metavar="[DISPOSITIF]...", nargs=-1)
@click.option("--du", "start", type=Day(), required=True, metavar="JOUR", help="Le premier jour.")
@click.option("--au", "end", type=Day(), required=True, metavar="JOUR", help="Le second jour.")
@click.option(
    "--avec",
    "other",
    metavar="VERSION",
    help="Version à lire au premier jour : une base .db, un dossier qui contient rules/base, ou une révision git.",
)
@click.option(
    "--fait", "facts", multiple=True, metavar="NOM=VALEUR", help="Ce que l'on sait. Peut se répéter."
)
@click.option("--json", "as_json", is_flag=True, help="Donne l'objet complet, en JSON.")
def comparer(
    names: tuple[str, ...], start: date, end: date, other: str | None, facts: tuple[str, ...], as_json: bool
) -> None:
    """Dit ce qui change entre deux jours, ou entre deux versions de la base.

    Avec des faits : les réponses, les raisons et les montants de cette personne. Sans fait : la base.
    """
    db = open_or_explain()
    wanted = {find_dispositif(db.base, name).id for name in names}
    old = open_version(other) if other else db.evaluator
    known = read_facts(db.base, facts) if facts else None
    kept = {name: value for name, value in (known or {}).items() if not check_facts(old.base, {name: value})}
    before = Side(old, start, kept if facts else None)
    found = _only(compare(before, Side(db.evaluator, end, known)), wanted)
    lost = [name for name in known or {} if name not in kept]
    if as_json:
        print_json({"du": start, "au": end, "faits_sans_equivalent": lost, **plain(found)})
    else:
        show(Console(highlight=False), found, start, end, lost)


def _only(found: Comparison, wanted: set[str]) -> Comparison:
    """What concerns the dispositifs wanted; everything when none is named."""
    if not wanted:
        return found
    amounts = tuple(one for one in found.amounts if wanted & set(one.users))
    return Comparison(amounts, tuple(change for change in found.changes if change.id in wanted))


def show(console: Console, found: Comparison, start: date, end: date, lost: Sequence[str]) -> None:
    """Print what differs, dispositif by dispositif; amounts of the whole base come first."""
    console.print(Text(f"Du {day_words(start)} au {day_words(end)}", style="bold"))
    if lost:
        console.print(Text(f"La première version ne connaît pas : {', '.join(lost)}."))
    for amount in found.amounts:
        console.print(Text("\n".join(_amount(amount))))
    for change in found.changes:
        console.print(Text.assemble("\n", (change.name, "bold"), f" : {_status(change)}"))
        for amount in change.amounts:
            console.print(Text("\n".join(f"  {line}" for line in _amount(amount))))
        for condition in change.conditions:
            console.print(Text("\n".join(f"  {line}" for line in _condition(condition))))
        if change.rearranged:
            console.print(Text("  Les conditions sont combinées autrement."))
    if not found.amounts and not found.changes:
        console.print("Rien ne change.")


def _status(change: Change) -> str:
    if change.kind != "modifie":
        return "nouveau" if change.kind == "ajoute" else "n'existe plus"
    if change.before is None:
        return "les règles changent"
    if change.before == change.after:
        return f"{STATUS[change.after][0]} (comme avant)"
    return f"{STATUS[change.before][0]} → {STATUS[change.after][0]}"


def _amount(change: AmountChange) -> Iterator[str]:
    old, new = change.before, change.after
    same = old and new and (old.sources, old.confidence) == (new.sources, new.confidence)
    yield f"Montant ou calcul : {change.label}"
    yield from _value("avant", old, backed=not same)
    yield from _value("après", new, backed=True)
    if change.users:
        yield f"  sert à : {', '.join(change.users)}"


def _value(when: str, value: Value | None, backed: bool) -> Iterator[str]:
    if value is None:
        yield f"  {when} : pas de valeur"
        return
    lines = value.lines if len(value.lines) > 1 else ()
    yield f"  {when} : {'selon le foyer' if lines else value.lines[0]}{period_words(value.period)}"
    yield from (f"    • {line}" for line in lines)
    if backed:
        yield f"    source, confiance {value.confidence} : {' ; '.join(cited(one) for one in value.sources)}"


def _condition(change: ConditionChange) -> Iterator[str]:
    yield f"{_KINDS[change.kind]} « {change.id} »"
    old, new = change.before, change.after
    if old == new:
        yield f"  {_standing(new)}"
    else:
        yield from (f"  {when} : {_standing(one)}" for when, one in (("avant", old), ("après", new)) if one)
    for part in change.differences:
        yield f"    {_PARTS[part.part]} : {part.before} → {part.after}"
    if change.kind != "resultat":
        yield f"    source : {' ; '.join(cited(one) for one in (new or old).sources)}"


def _standing(one: Standing) -> str:
    mark = f"{MARKS[one.outcome][0]} " if one.outcome else ""
    star = " ★" if one.decides else ""
    return f"{mark}{one.text}{star}" + ("" if one.in_force else " (pas en vigueur)")


COMMANDS = (comparer,)
