"""`jalon expliquer`: why a dispositif has its status for a person, condition by condition."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from difflib import get_close_matches

import click
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from actions.orientation import PARIS, human_help
from cli.french import Command, Day
from cli.orientation import open_or_explain, read_facts
from cli.plain import print_json
from cli.sentences import cited, day_words, fact_words, period_words, step_words
from rules import Base, explain
from rules.explaining.derivation import Condition, Explanation, Group, conditions
from rules.model import Dispositif, Source

STATUS = {
    "oui": ("vous pouvez demander", "green"),
    "a_verifier": ("à vérifier", "yellow"),
    "non": ("pas pour vous", "red"),
}
MARKS = {"oui": ("✓", "green"), "non": ("✗", "red"), "a_verifier": ("?", "yellow"), "ouvert": ("?", "cyan")}
_GROUPS = {
    "tous": "Il faut tout cela",
    "au_moins_un": "Il faut au moins un de ces points",
    "aucun": "Il ne faut être dans aucune de ces situations",
    "pas_tous": "Il ne faut pas être dans toutes ces situations à la fois",
}
_OBSTACLES = {
    "personne": "une personne doit vérifier",
    "hors_periode": "cette règle n'est pas en vigueur ce jour",
    "sans_valeur": "le montant de ce jour n'est pas connu",
    "confiance_basse": "la source n'est pas assez sûre pour décider",
    "indefini": "le calcul n'a pas de valeur pour ce foyer",
    "souple": "ce point n'est pas rempli, mais une personne décide",
}


@click.command(
    cls=Command, exemple="jalon expliquer rsa --fait age=30 --fait enfants=1 --fait ressources_mensuelles=900"
)
@click.argument("name", metavar="DISPOSITIF")
@click.option(
    "--fait", "facts", multiple=True, metavar="NOM=VALEUR", help="Ce que l'on sait. Peut se répéter."
)
@click.option("--date", "day", type=Day(), metavar="JOUR", help="Jour de la réponse (aujourd'hui).")
@click.option("--tout", "everything", is_flag=True, help="Donne le détail de chaque condition.")
@click.option("--json", "as_json", is_flag=True, help="Donne l'objet complet, en JSON.")
def expliquer(name: str, facts: tuple[str, ...], day: date | None, everything: bool, as_json: bool) -> None:
    """Explique un résultat : chaque condition, ce qui décide, les calculs, les sources.

    Ce qui n'est pas dit reste inconnu. Une étoile marque les conditions qui décident.
    """
    db = open_or_explain()
    dispositif = find_dispositif(db.base, name)
    known = read_facts(db.base, facts)
    explanation = explain(db.evaluator, dispositif, known, day or datetime.now(PARIS).date())
    if as_json:
        print_json(explanation)
        return
    console = Console(highlight=False)
    show(console, explanation, everything)
    help_ = human_help(db.base, dispositif.needs, known)
    phone = f" Téléphone : {help_['telephone']}." if help_["telephone"] else ""
    console.print(Text(f"\n{help_['texte']}{phone}"))


def find_dispositif(base: Base, name: str) -> Dispositif:
    """A dispositif by its id or its name. Raises BadParameter with the nearest one."""
    by_name = {d.name.lower(): d.id for d in base.dispositifs.values()} | {
        key: key for key in base.dispositifs
    }
    if name.lower() in by_name:
        return base.dispositifs[by_name[name.lower()]]
    near = get_close_matches(name.lower(), list(by_name), n=1, cutoff=0.5)
    said = (
        f" Vouliez-vous dire « {by_name[near[0]]} » ?"
        if near
        else f" Ils sont : {', '.join(base.dispositifs)}."
    )
    raise click.BadParameter(f"Le dispositif « {name} » n'existe pas.{said}", param_hint="DISPOSITIF")


def show(console: Console, explanation: Explanation, everything: bool = False) -> None:
    """Print the tree, then the status, why, what is missing, what to do next, and the sources."""
    status, colour = STATUS[explanation.status]
    tree = Tree(
        Text.assemble((explanation.name, "bold"), f", le {day_words(explanation.at)} (★ : ce qui décide)")
    )
    titles = {source.id: source for source in explanation.sources}
    _grow(tree, explanation.tree, titles, everything)
    console.print(tree)
    console.print()
    console.print(Text.assemble(("Réponse : ", "bold"), (status, f"bold {colour}")))
    for line in (*_why(explanation), *_next(explanation)):
        console.print(Text(line))
    console.print(Text("\nSources", style="bold"))
    for source in explanation.sources:
        console.print(Text(f"• {cited(source)}"))


def _grow(tree: Tree, part: Group | Condition, sources: dict[str, Source], everything: bool) -> None:
    mark, colour = MARKS[part.outcome]
    if isinstance(part, Group):
        branch = tree.add(
            Text.assemble((f"{mark} ", colour), _GROUPS[part.kind], style="bold" if part.decides else "")
        )
        for child in part.children:
            _grow(branch, child, sources, everything)
        return
    number = f" [{part.criterion}]" if part.criterion else ""
    star = " ★" if part.decides else ""
    line = Text.assemble(
        (f"{mark} ", colour), (part.text, "bold" if part.decides else ""), (number, "dim"), (star, "bold")
    )
    if part.obstacle in _OBSTACLES:
        who = f" : {part.who}" if part.obstacle == "personne" and part.who else ""
        line.append(f" ({_OBSTACLES[part.obstacle]}{who})", style=colour)
    branch = tree.add(line)
    if part.decides or everything:
        for text in _details(part, sources):
            branch.add(Text(text, style="dim"))


def _details(part: Condition, sources: dict[str, Source]) -> Iterator[str]:
    for fact in part.facts:
        yield fact_words(fact)
    for step in part.steps:
        yield step_words(step, sources)
    if part.numbers and any(isinstance(fact.value, int) for fact in part.facts):
        yield f"Comparaison : {part.numbers} : {part.truth}"
    titles = " ; ".join(cited(sources[name]) for name in part.sources)
    yield f"Condition {part.force}, confiance {part.confidence}{period_words(part.period)}. Source : {titles}"


def _why(explanation: Explanation) -> Iterator[str]:
    found = [one for one in conditions(explanation.tree) if one.decides]
    heading = (
        "Pour que la réponse soit oui, il reste :" if explanation.status == "a_verifier" else "Pourquoi :"
    )
    if found:
        yield heading
    for one in found:
        yield f"  {MARKS[one.outcome][0]} {one.text}"
    if explanation.missing:
        yield f"Il manque : {', '.join(fact.label for fact in explanation.missing)}."


def _next(explanation: Explanation) -> Iterator[str]:
    if explanation.question:
        yield f"Question à poser maintenant : {explanation.question}"
    for text in explanation.routes:
        yield f"→ {text}"
    if explanation.status != "non":
        yield f"→ {explanation.demarche}"


COMMANDS = (expliquer,)
