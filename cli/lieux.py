"""`jalon lieux`: look a place up, import the addresses of Paris, say what is imported."""

from __future__ import annotations

import csv
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from cli.french import Command, Group, Number
from cli.orientation import open_or_explain
from data.gazetteer.addresses import addresses_path, open_addresses
from data.gazetteer.importing import ImportFault, Report, import_ban, refusals, try_import

_CHOICES = 3
_SHOWN_REFUSALS = 10
_ENDINGS = {True: "rien n'est écrit (essai)", False: "la base d'adresses est remplacée"}


@click.group(cls=Group, exemple='jalon lieux chercher "porte de la chapel"')
def lieux() -> None:
    """Les noms de lieux et les adresses que Jalon connaît."""


@lieux.command(cls=Command, exemple='jalon lieux chercher "12 bis bd barbes"')
@click.argument("query", metavar="NOM")
@click.option("--limite", "limit", type=Number(1, 50), default=5, metavar="N", help="Nombre de réponses.")
def chercher(query: str, limit: int) -> None:
    """Cherche un lieu par son nom, même mal écrit, et dit pourquoi il est trouvé."""
    gazetteer = open_or_explain().gazetteer
    found = gazetteer.search(query, limit=limit)
    if not found.lieux:
        raise click.ClickException(f"Aucun lieu ne ressemble à « {query} ».")
    table = Table(Column("lieu", no_wrap=True), "type", "où", "score", "pourquoi", "position", box=None)
    for lieu, score in zip(found.lieux, found.scores, strict=True):
        why, position = gazetteer.reason(query, lieu), f"{lieu.lat:.4f} {lieu.lon:.4f}"
        table.add_row(lieu.nom, lieu.type, _where(lieu), f"{score:.2f}", why, position)
    Console(highlight=False).print(table)
    if found.ambigu:
        choices = ", ".join(lieu.label for lieu in found.choix[:_CHOICES])
        click.echo(f"Ce nom désigne plusieurs lieux. Jalon demande lequel : {choices}, ou un autre endroit.")


@lieux.command("importer-ban", cls=Command, exemple="jalon lieux importer-ban adresses-75.csv.gz")
@click.argument("source", metavar="FICHIER", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--essai", "trial", is_flag=True, help="Lit tout, dit ce qui serait fait, n'écrit rien.")
@click.option(
    "--refus",
    "listing",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FICHIER",
    help="Écrit toutes les lignes refusées dans un tableau.",
)
def importer_ban(source: Path, trial: bool, listing: Path | None) -> None:
    """Importe les rues et les numéros de Paris (Base Adresse Nationale).

    FICHIER est « adresses-75.csv » ou « adresses-75.csv.gz ». Un import arrêté en route reprend où il en était.
    L'ancienne base d'adresses sert jusqu'à la fin.
    """
    if trial and listing:
        raise click.BadParameter("il ne va pas avec --essai.", param_hint="--refus")
    try:
        with _progress() as bar:
            task = bar.add_task(source.name, total=None)
            follow = lambda done, size: bar.update(task, completed=done, total=size)
            report = try_import(source, follow) if trial else import_ban(source, addresses_path(), follow)
    except ImportFault as error:
        raise click.ClickException(str(error)) from None
    click.echo(_said(report, trial))
    if listing:
        _write_refusals(listing)


@lieux.command(cls=Command, exemple="jalon lieux etat")
def etat() -> None:
    """Dit quelles adresses sont importées, et depuis quand."""
    path = addresses_path()
    addresses = open_addresses(path)
    if addresses is None:
        state = (
            "a été fait par une autre version : importez-le de nouveau" if path.is_file() else "n'existe pas"
        )
        click.echo(
            f"Aucune adresse : {path} {state}.\n"
            "Jalon connaît les stations, les arrondissements et les rues les plus connues.\n"
            "Pour toutes les rues et tous les numéros : jalon lieux importer-ban adresses-75.csv.gz"
        )
        return
    counts, meta = addresses.counts(), addresses.meta
    click.echo(
        f"{path} : {counts['adresses']} adresses, {counts['voies']} rues.\n"
        f"Importé le {meta['importe_le']} depuis {meta['fichier']} (forme {meta['forme']}).\n"
        f"Lignes lues : {meta['lignes_lues']}. Lignes refusées : {counts['refus']}."
    )


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _said(report: Report, trial: bool) -> str:
    """What an import did, to be read on a screen."""
    lines = []
    if report.already:
        lines.append("Ce fichier est déjà importé : rien à faire.")
    if report.dropped:
        lines.append("Un import d'un autre fichier était resté en route : il est abandonné.")
    if report.resumed_at:
        lines.append(f"Reprise d'un import arrêté : {report.resumed_at} lignes étaient déjà lues.")
    lines.append(
        f"Forme {report.form}. Lignes lues : {report.read}. Adresses gardées : {report.kept}."
        f" Répétées ou regroupées : {report.merged}. Refusées : {report.refused}."
    )
    lines.append(f"Rues : {report.streets}, dans {report.arrondissements} arrondissements.")
    lines += [f"  {count} × {reason}" for reason, count in report.reasons.items()]
    lines += [
        f"  ligne {line} : {reason} : {text}" for line, reason, text in report.refusals[:_SHOWN_REFUSALS]
    ]
    if report.refused > _SHOWN_REFUSALS:
        lines.append("  … Toutes : --refus FICHIER.")
    if not report.already:
        lines.append(f"Fini en {report.seconds:.1f} s : {_ENDINGS[trial]}.")
        lines += [] if trial else ["Redémarrez Jalon pour qu'il s'en serve."]
    return "\n".join(lines)


def _write_refusals(path: Path) -> None:
    # French spreadsheets expect the byte order mark and the semicolon.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["ligne", "motif", "texte"])
        writer.writerows(refusals(addresses_path()))
    click.echo(f"Lignes refusées : {path}")


def _where(lieu) -> str:
    return f"{lieu.commune} {lieu.arrondissement}" if lieu.arrondissement else lieu.commune


COMMANDS = (lieux,)
