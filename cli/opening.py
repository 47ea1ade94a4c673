"""`jalon horaires`: how hours are read, before they are written in data/services.yml."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import islice, pairwise

import click
from rich.console import Console
from rich.table import Table

from cli.french import Command
from data.hours import PARIS, describe, fault_in, opening_state
from data.hours.calendar import in_paris
from data.hours.expression import mentions_holidays
from data.hours.rules import read_rules
from data.hours.timeline import around
from data.hours.words import say_date, say_time

_STATES = {"open": "ouvert", "closed": "fermé", "unknown": "inconnu"}
_CHANGES = 6


class Moment(click.ParamType):
    """A day and an hour of Paris, as 2026-12-25T10:00."""

    name = "moment"

    def convert(self, value, param, ctx) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return in_paris(datetime.fromisoformat(value))
        except ValueError:
            self.fail(f"« {value} » n'est pas un moment. Exemple : 2026-12-25T10:00.", param, ctx)


@click.command(cls=Command, exemple='jalon horaires "Tu-Sa 08:00-13:00; PH off" --moment 2026-12-25T10:00')
@click.argument("osm", metavar="HORAIRES")
@click.option("--moment", type=Moment(), metavar="MOMENT", help="Jour et heure de Paris (maintenant).")
@click.option(
    "--derniere-entree",
    "last_entry",
    type=click.IntRange(min=0),
    metavar="MINUTES",
    help="Minutes avant la fermeture où la porte ne s'ouvre plus.",
)
@click.option("--json", "as_json", is_flag=True, help="Donne la réponse en JSON.")
def horaires(osm: str, moment: datetime | None, last_entry: int | None, as_json: bool) -> None:
    """Dit comment des horaires sont compris : la semaine, l'état à un moment, les prochains changements.

    HORAIRES suit l'écriture d'OpenStreetMap. Voir docs/donnees.md.
    """
    fault = fault_in(osm)
    if fault:
        raise click.ClickException("\n".join(part for part in fault if part))
    at = moment or datetime.now(PARIS)
    state = opening_state(osm, at, "haute", last_entry)
    pairs = pairwise(around(osm, at))
    changes = list(islice((span for before, span in pairs if span.state != before.state), _CHANGES))
    week = describe(osm, last_entry)
    if as_json:
        found = {
            "semaine": week,
            "ouverture": state,
            "changements": [
                {
                    "a": span.start.astimezone(PARIS).isoformat(),
                    "etat": _STATES[span.state],
                    "raison": span.reason or None,
                }
                for span in changes
            ],
        }
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    console = Console(highlight=False)
    console.print("[bold]Règles[/]")
    for number, (start, rule) in enumerate(_rules(osm), 1):
        console.print(f"  {number}. {start}{rule}", markup=False)
    for note in _notes(osm):
        console.print(f"  {note}")
    console.print(
        f"[bold]Semaine[/]\n  {week or 'Ne se dit pas toute seule : écrivez aussi horaires.texte.'}"
    )
    console.print(f"[bold]{_say(at, at)}[/]\n  {state['texte']}")
    _show(console, changes, at)


def _rules(osm: str) -> list[tuple[str, str]]:
    """Each rule, after what ties it to those before."""
    return [
        ("sinon : " if group and not index else "et aussi : " if rule.joint == "," else "", str(rule))
        for group, rules in enumerate(read_rules(osm))
        for index, rule in enumerate(rules)
    ]


def _notes(osm: str) -> list[str]:
    notes = []
    if not mentions_holidays(osm):
        notes.append("Les jours fériés ne sont pas dits : ces jours-là sont « inconnu ».")
    if "SH" in osm:
        notes.append("SH : les vacances scolaires de Paris, zone C. Après les dates publiées : « inconnu ».")
    return notes


def _show(console: Console, changes: list, at: datetime) -> None:
    if not changes:
        console.print("  Cela ne change plus.")
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for span in changes:
        table.add_row("  " + _say(span.start.astimezone(PARIS), at), _STATES[span.state], span.reason)
    console.print("[bold]Ensuite[/]")
    console.print(table)


def _say(moment: datetime, now: datetime) -> str:
    return f"{say_date(moment.date(), now.date())}, {say_time(moment)}"


COMMANDS = (horaires,)
