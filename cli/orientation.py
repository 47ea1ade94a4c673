"""`jalon orienter`: the whole answer, without any server."""

from __future__ import annotations

import json
from datetime import datetime
from difflib import get_close_matches

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from actions.location import AmbiguousPlace, UnknownPlace, as_position, find_place
from actions.orientation import PARIS, orient
from cli.french import Command, Number
from data.base_file import DatabaseError
from data.database import Database, open_database
from rules import Base, check_facts

_STATUS = {
    "oui": ("vous pouvez demander", "green"),
    "a_verifier": ("à vérifier", "yellow"),
    "non": ("pas pour vous", "red"),
}
_MARKS = {"vrai": "✓", "faux": "✗", "inconnu": "?"}
_YES_NO = {"oui": True, "true": True, "non": False, "false": False}


@click.command(cls=Command, exemple='jalon orienter --besoin douche --lieu "gare du nord" --fait age=47')
@click.option(
    "--besoin", "needs", multiple=True, metavar="BESOIN", help="Ce qui est demandé. Peut se répéter."
)
@click.option(
    "--fait", "facts", multiple=True, metavar="NOM=VALEUR", help="Ce que l'on sait. Peut se répéter."
)
@click.option("--lieu", "place", metavar="NOM", help="Où chercher : une station, une rue, un arrondissement.")
@click.option("--date", "moment", metavar="DATE", help="Moment de la réponse, par exemple 2026-11-21T10:00.")
@click.option(
    "--limite",
    "limit",
    type=Number(0, 50),
    default=3,
    metavar="N",
    help="Nombre de lieux par dispositif.",
)
@click.option("--json", "as_json", is_flag=True, help="Donne l'objet complet, en JSON.")
def orienter(
    needs: tuple[str, ...],
    facts: tuple[str, ...],
    place: str | None,
    moment: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Dit quels droits et services, pourquoi, quoi faire et où.

    Ce qui n'est pas dit reste inconnu. Sans besoin : tout ce que les faits concernent.
    """
    db = open_or_explain()
    for need in needs:
        if need not in db.base.needs:
            raise click.BadParameter(_unknown("Le besoin", need, db.base.needs), param_hint="--besoin")
    answer = orient(
        db,
        besoins=list(dict.fromkeys(needs)),
        faits=read_facts(db.base, facts),
        position=_position(db, place),
        date=_moment(moment),
        limite=limit,
    )
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        show(answer, db.base)


def open_or_explain() -> Database:
    """The built base. Raises ClickException with what to do when there is none."""
    try:
        return open_database()
    except DatabaseError as error:
        raise click.ClickException(str(error)) from None


def read_facts(base: Base, pairs: tuple[str, ...]) -> dict[str, object]:
    """Facts of `name=value` pairs; « oui » and « non », numbers and comma lists as their type wants.

    Raises BadParameter with every wrong one.
    """
    facts: dict[str, object] = {}
    for pair in pairs:
        name, equal, text = (part.strip() for part in pair.partition("="))
        if not equal:
            raise click.BadParameter(f"« {pair} » doit s'écrire NOM=VALEUR.", param_hint="--fait")
        facts[name] = _value(base, name, text)
    if errors := check_facts(base, facts):
        lines = [
            f"{error.path} : {error.message}"
            + (f" Vouliez-vous dire « {error.suggestion} » ?" if error.suggestion else "")
            for error in errors
        ]
        raise click.BadParameter("\n".join(lines), param_hint="--fait")
    return facts


def show(answer: dict, base: Base) -> None:
    """Print an orientation object as a readable page."""
    console = Console(highlight=False)
    for item in answer["dispositifs"]:
        said, colour = _STATUS[item["statut"]]
        console.print(Text.assemble((item["nom"], "bold"), " : ", (said, colour)))
        console.print(Text(f"  {item['texte']}"))
        for reason in item["raisons"]:
            source = reason["source"]
            cited = f" ({source['titre']}, {source['date'] or 'sans date'})" if source else ""
            console.print(Text.assemble(f"  {_MARKS[reason['resultat']]} {reason['texte']}", (cited, "dim")))
        if item["statut"] != "non":
            console.print(Text(f"  → {item['demarche']}"))
        if item["services"]:
            console.print(_places(item["services"]))
        console.print()
    if not answer["dispositifs"]:
        console.print("Rien ne correspond à ce qui est dit.")
    if question := answer["question"]:
        console.print(
            Text.assemble(("Question utile : ", "bold"), question["texte"], (f" ({question['fait']})", "dim"))
        )
    help_ = answer["aide_humaine"]
    phone = f" Téléphone : {help_['telephone']}." if help_["telephone"] else ""
    console.print(Text(f"{help_['texte']}{phone}"))


def _places(services: list[dict]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 2))
    for heading in ("lieu", "adresse", "à pied", "ouverture"):
        table.add_column(heading)
    for place in services:
        address = " ".join(part for part in (place["adresse"], place["code_postal"]) if part)
        walk = f"{place['a_pied_min']} min" if place["a_pied_min"] is not None else "?"
        table.add_row(place["nom"], address or "?", walk, place["ouverture"]["texte"])
    return table


def _value(base: Base, name: str, text: str) -> object:
    kind = base.facts[name].type if name in base.facts else None
    if kind == "bool":
        return _YES_NO.get(text.lower(), text)
    if kind == "entier":
        return int(text) if text.lstrip("-").isdecimal() else text
    if kind == "choix_multiple":
        return [part.strip() for part in text.split(",")]
    return text


def _position(db: Database, place: str | None):
    if place is None:
        return None
    try:
        return as_position(find_place(db, place))
    except AmbiguousPlace as error:
        names = ", ".join(lieu.label for lieu in error.suggestions)
        raise click.BadParameter(
            f"« {place} » désigne plusieurs lieux : {names}.", param_hint="--lieu"
        ) from None
    except UnknownPlace:
        raise click.BadParameter(f"Le lieu « {place} » n'est pas connu.", param_hint="--lieu") from None


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("Il faut une date comme 2026-11-21T10:00.", param_hint="--date") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=PARIS)


def _unknown(what: str, word: str, known) -> str:
    near = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"{what} « {word} » n'existe pas." + (
        f" Vouliez-vous dire « {near[0]} » ?" if near else f" Ils sont : {', '.join(known)}."
    )


COMMANDS = (orienter,)
