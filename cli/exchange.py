"""`jalon importer`, `jalon exporter` and `jalon doublons`: exchange places with other directories."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from cli.french import Command
from cli.project import ROOT
from data.checks import CONFIDENCES, read_places
from data.exchange import duplicates, store
from data.exchange.exporting import export_file
from data.exchange.formats import FORMATS, READ_ONLY, format_class
from data.exchange.importing import ImportFault, Origin, import_files, undo
from data.exchange.json_records import UnreadableFile
from data.exchange.report import (
    CHANGED,
    ERROR,
    GONE,
    NEW,
    REFUSED,
    SUGGESTION,
    UNCHANGED,
    WARNING,
    Report,
)

SHOWN = 30  # lines of each kind on a screen; the rest is in the report file
_UNDO, _LIST = "annuler", "liste"
_DECIDED = {store.SAME: "c'est le même lieu", store.DIFFERENT: "ce sont deux lieux"}
_EXPORTED = [name for name in FORMATS if name not in READ_ONLY]
_LABELS = {
    NEW: ("nouveau", "nouveaux"),
    CHANGED: ("changé", "changés"),
    UNCHANGED: ("inchangé", "inchangés"),
    GONE: ("disparu", "disparus"),
    REFUSED: ("refusé", "refusés"),
    ERROR: ("erreur", "erreurs"),
    WARNING: ("avertissement", "avertissements"),
    SUGGESTION: ("suggestion", "suggestions"),
}
_root = click.option(
    "--racine", type=click.Path(file_okay=False, exists=True, path_type=Path), default=ROOT, hidden=True
)


@click.command(cls=Command, exemple="jalon importer data-inclusion dora.json --source dora --ecrire")
@click.argument("format", type=click.Choice([*FORMATS, _UNDO, _LIST]), metavar="FORMAT")
@click.argument("fichiers", nargs=-1, metavar="[FICHIER]...")
@click.option(
    "--source", metavar="NOM", help="Nom court de l'annuaire, toujours le même : dora, ville-paris."
)
@click.option("--editeur", metavar="NOM", help="Qui publie ce fichier, montré aux personnes.")
@click.option("--licence", metavar="TEXTE", help="Licence du fichier, comme « Licence Ouverte 2.0 ».")
@click.option(
    "--confiance",
    type=click.Choice(CONFIDENCES),
    default="moyenne",
    help="Confiance dans ce fichier (moyenne).",
)
@click.option("--ecrire", is_flag=True, help="Écrit. Sans cette option, rien n'est écrit : c'est un essai.")
@click.option(
    "--rapport",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FICHIER",
    help="Écrit tout le rapport dans un tableau.",
)
@_root
def importer(
    format: str,
    fichiers: tuple[str, ...],
    source: str | None,
    editeur: str | None,
    licence: str | None,
    confiance: str,
    ecrire: bool,
    rapport: Path | None,
    racine: Path,
) -> None:
    """Importe les lieux d'un autre annuaire. D'abord un essai : rien n'est écrit sans --ecrire.

    Formats : data-inclusion, hsds, geojson, csv, paris (équipements de la Ville de Paris).

    « jalon importer liste » dit ce qui a été importé. « jalon importer annuler 3 » annule l'apport 3.
    """
    if format == _LIST:
        _print_imports(racine)
    elif format == _UNDO:
        _undo(racine, fichiers)
    else:
        if not fichiers:
            raise click.UsageError("Il manque le fichier à importer.")
        if not source:
            raise click.UsageError("Il manque --source : le nom court de l'annuaire, comme dora.")
        origin = Origin(source, editeur, licence, confiance)
        paths = [Path(name) for name in fichiers]
        with _explained():
            report, number = _import(racine, format, paths, origin, ecrire)
        print_report(report, Console())
        if rapport:
            report.write(rapport)
            click.echo(f"Le rapport entier est dans {rapport}.")
        click.echo(_ending(report, number, ecrire))


@click.command(cls=Command, exemple="jalon exporter hsds lieux.json")
@click.argument("format", type=click.Choice(_EXPORTED), metavar="FORMAT")
@click.argument("fichier", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option(
    "--source", metavar="NOM", help="Un seul annuaire : jalon pour data/services.yml, ou le nom d'un import."
)
@_root
def exporter(format: str, fichier: Path | None, source: str | None, racine: Path) -> None:
    """Exporte les lieux pour un autre annuaire. Les lieux à protéger sortent sans leur adresse.

    Formats : data-inclusion, hsds, geojson, csv. Sans FICHIER, tout s'écrit à l'écran.
    """
    with _explained(), TemporaryDirectory(prefix="jalon-") as folder:
        target = fichier or Path(folder) / "lieux"
        count = export_file(racine, format, target, source)
        if fichier:
            click.echo(f"{count} lieux écrits dans {fichier}.")
            return
        with target.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)


@click.command(cls=Command, exemple="jalon doublons decider 12 meme --par Awa")
@click.argument("action", type=click.Choice(["decider"]), required=False)
@click.argument("paire", type=int, required=False)
@click.argument("decision", type=click.Choice([store.SAME, store.DIFFERENT]), required=False)
@click.option("--par", metavar="NOM", help="Qui décide.")
@click.option("--tous", is_flag=True, help="Montre aussi les paires déjà décidées.")
@_root
def doublons(
    action: str | None, paire: int | None, decision: str | None, par: str | None, tous: bool, racine: Path
) -> None:
    """Liste les lieux importés qui semblent déjà là, et garde ce qu'une personne décide.

    Tant que personne n'a décidé, un lieu importé qui ressemble à un lieu de data/services.yml n'est pas montré.
    """
    with _explained(), _opened(racine) as opened:
        places = read_places(racine)[0].services
        if action:
            if paire is None or decision is None or not par:
                raise click.UsageError("Écrivez : jalon doublons decider PAIRE meme|different --par NOM")
            duplicates.decide(opened, paire, decision, par, date.today().isoformat())
        else:
            with store.transaction(opened):
                duplicates.note_hand_kept(opened, places)
        found = duplicates.pairs(
            opened, {place["id"]: place["nom"] for place in places}, tous or bool(action)
        )
    if not action:
        _print_pairs(found, Console())
        return
    for pair in found:
        if pair.number == paire:  # the names, so that a wrong number is seen at once
            click.echo(f"« {pair.names[0]} » et « {pair.names[1]} » : {_DECIDED[decision]}.")
    click.echo("Lancez « jalon construire ».")


def print_report(report: Report, console: Console) -> None:
    """The report as it is read on a screen: counts, then the first lines of each kind."""
    counts = report.counts()
    table = Table(show_header=False, box=None, padding=(0, 1))
    for kind in (NEW, CHANGED, UNCHANGED, GONE, REFUSED, ERROR, WARNING, SUGGESTION):
        table.add_row(f"{counts[kind]:>7}", _plural(counts[kind], *_LABELS[kind]))
    console.print(table)
    console.print(f"{counts['montrés']:>8}  que les personnes verront", highlight=False)
    for why, count in report.not_shown():
        console.print(f"{count:>8}  gardés, pas montrés : {escape(why)}", highlight=False)
    for level in (ERROR, WARNING, SUGGESTION):
        _section(console, _LABELS[level][1].capitalize(), report.findings(level, SHOWN), counts[level])
    for kind in (CHANGED, GONE, REFUSED):
        _section(
            console, f"Lieux {_LABELS[kind][1]}", map(_fate_line, report.fates(kind, SHOWN)), counts[kind]
        )


def _fate_line(fate) -> str:
    head = f"{fate.id or 'sans identifiant'} : {fate.name or fate.why or ''}"
    return "\n".join(
        [head, *(f"    {key} : {_short(old)} → {_short(new)}" for key, old, new in fate.changes)]
    )


def _short(value: object) -> str:
    text = "rien" if value in (None, [], {}) else str(value)
    return text if len(text) <= 70 else f"{text[:69]}…"


def _section(console: Console, title: str, lines: Iterator, total: int) -> None:
    if not total:
        return
    console.print(f"\n[bold]{title}[/bold]")
    for line in lines:
        console.print(f"  {escape(str(line))}", highlight=False, soft_wrap=True)
    if total > SHOWN:
        console.print(f"  … et {total - SHOWN} de plus. Tout est dans le fichier de --rapport.")


def _import(root: Path, format_name: str, paths: list[Path], origin: Origin, write: bool):
    missing = [str(path) for path in paths if not path.is_file()]
    if missing:
        raise click.ClickException(f"Le fichier {missing[0]} n'existe pas.")
    columns = (TextColumn("Lecture"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    total = sum(path.stat().st_size for path in paths) * format_class(format_name).passes
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        return import_files(root, format_name, paths, origin, write, lambda size: bar.advance(task, size))


def _ending(report: Report, number: int | None, write: bool) -> str:
    counts = report.counts()
    if not any(counts[kind] for kind in (NEW, CHANGED, GONE)):
        return "Rien à changer : la base connaît déjà ce fichier."
    if not write:
        return "C'était un essai : rien n'est écrit. Pour écrire, ajoutez --ecrire."
    return (
        f"Apport {number} écrit. Regardez « jalon doublons », puis lancez « jalon construire »."
        f" Pour revenir en arrière : jalon importer annuler {number}"
    )


def _undo(root: Path, arguments: tuple[str, ...]) -> None:
    if len(arguments) != 1 or not arguments[0].isdigit():
        raise click.UsageError("Écrivez le numéro de l'apport : jalon importer annuler 3")
    with _explained():
        count = undo(root, int(arguments[0]))
    click.echo(
        f"Apport {arguments[0]} annulé : {count} fiches remises comme avant. Lancez « jalon construire »."
    )


def _print_imports(root: Path) -> None:
    with _explained(), _opened(root) as opened:
        query = (
            "SELECT numero, source, format, fichier, le, nouveaux, changes, disparus, refuses, annule_le"
            " FROM apports ORDER BY numero"
        )
        rows = opened.execute(query).fetchall()
    table = Table("Apport", "Source", "Format", "Fichier", "Le", "Nouv.", "Chang.", "Disp.", "Ref.", "Annulé")
    for *cells, undone in rows:
        table.add_row(*(escape(str(cell)) for cell in cells), (undone or "")[:10])
    Console().print(table)


def _print_pairs(found: list[duplicates.Pair], console: Console) -> None:
    if not found:
        console.print("Aucun doublon à décider.")
        return
    table = Table("Paire", "Score", "Déjà là", "Importé", "Pourquoi", "Décision")
    for pair in found[:SHOWN]:
        told = f"{pair.decision}, {pair.by}, {pair.on}" if pair.decision else ""
        sides = (f"{name}\n{key}" for name, key in zip(pair.names, (pair.a, pair.b), strict=True))
        cells = (str(pair.number), str(pair.score), *sides, ", ".join(pair.reasons), told)
        table.add_row(*map(escape, cells))
    console.print(table)
    if len(found) > SHOWN:
        console.print(f"… et {len(found) - SHOWN} de plus.")


def _plural(count: int, one: str, many: str) -> str:
    return many if count > 1 else one


@contextmanager
def _opened(root: Path) -> Iterator[sqlite3.Connection]:
    path = store.path_of(root)
    if not path.exists():
        raise store.StoreError("Il n'y a encore aucun apport. Lancez « jalon importer ».")
    with closing(store.open_store(path)) as opened:
        yield opened


@contextmanager
def _explained() -> Iterator[None]:
    """Errors of the exchange as sentences."""
    try:
        yield
    except ImportFault as error:
        raise click.ClickException("\n".join([*(str(fault) for fault in error.faults), str(error)])) from None
    except UnreadableFile as error:
        where = f"Ligne {error.line} : " if error.line else ""
        raise click.ClickException(f"{where}{error.message} Rien n'est écrit.") from None
    except sqlite3.Error as error:
        raise click.ClickException(f"L'écriture a échoué : {error}. Rien n'est changé.") from None
    except (store.StoreError, OSError) as error:
        raise click.ClickException(str(error)) from None


COMMANDS = (importer, exporter, doublons)
