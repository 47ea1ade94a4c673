"""`jalon construire` and `jalon verifier`: the base of rules and places."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import groupby
from pathlib import Path

import click

from actions.texts import text_faults
from cli.base_state import NOTE, base_sources
from cli.french import Command, Day
from cli.project import ROOT
from cli.upkeep import counts_by_category
from data.build import RULES_FOLDER, BuildError, BuildReport, build, check, read_documents
from data.upkeep.rereadings import rereadings
from data.yaml_reader import YamlError
from rules import Base, Fault, load_base, verify
from rules.checking.gaps import ToCheck, gaps, in_order


@click.command(cls=Command, exemple="jalon construire")
@click.option(
    "--cible", type=click.Path(dir_okay=False, path_type=Path), metavar="FICHIER", help="Fichier à écrire."
)
def construire(cible: Path | None) -> None:
    """Construit la base data/jalon.db à partir des fichiers YAML.

    Une base avec une faute n'est jamais écrite : l'ancienne reste en place.
    """
    report = build_or_explain(cible)
    rows = ", ".join(f"{name} {count}" for name, count in report.counts.items())
    click.echo(
        f"Base {report.version} construite en {report.seconds:.1f} s"
        f" ({report.size_bytes / 1e6:.1f} Mo) : {report.target}\n{rows}"
    )


@click.command(cls=Command, exemple="jalon verifier --strict --csv a_verifier.csv")
@click.option(
    "--date",
    "day",
    type=Day(),
    metavar="JOUR",
    help="Jour où la base doit être juste (aujourd'hui).",
)
@click.option("--strict", is_flag=True, help="Dit aussi tout ce qu'une personne doit vérifier, et avec qui.")
@click.option("--json", "as_json", is_flag=True, help="Donne la liste de --strict en JSON.")
@click.option(
    "--csv",
    "table",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FICHIER",
    help="Écrit la liste de --strict dans un tableau, à cocher.",
)
@click.option(
    "--racine", type=click.Path(file_okay=False, exists=True, path_type=Path), default=ROOT, hidden=True
)
def verifier(day: date | None, strict: bool, as_json: bool, table: Path | None, racine: Path) -> None:
    """Vérifie toute la base : règles, cas, textes, sources, lieux.

    Chaque faute donne le fichier, la ligne, ce qui ne va pas et la correction probable.

    Avec --strict, une base sans faute donne la liste de ce qui reste à vérifier. Ce ne sont pas des fautes.
    """
    day = day or date.today()
    if faults := find_faults(racine, day):
        raise click.ClickException(_listed(faults))
    documents, _ = read_documents(racine)
    base = load_base(documents)
    if not (strict or as_json or table):
        click.echo(_right(base))
        return
    found = find_gaps(racine, base, documents, day)
    if table:
        write_table(table, found)
    if as_json:
        click.echo(json.dumps([item.as_row() for item in found], ensure_ascii=False, indent=2))
    elif table:
        click.echo(f"{len(found)} points à vérifier, écrits dans {table}.")
    else:
        click.echo(f"{_right(base)}\n\n{as_list(found)}")


def find_gaps(root: Path, base: Base, documents: dict[str, object], day: date) -> list[ToCheck]:
    """What a person has to check in the rules and the places of `root`; one line for each category of places."""
    found = [replace(item, file=f"{RULES_FOLDER}/{item.file}") for item in gaps(base, day, documents)]
    return in_order([*found, *counts_by_category(root, day)])


def as_list(found: list[ToCheck]) -> str:
    """The list as it is read on a screen: who to ask, then each dispositif, then each point."""
    lines = []
    for who, asked in groupby(found, key=lambda item: item.group):
        asked = list(asked)
        contact = asked[0].contact
        reached = _with_phone(who, contact.phone if contact else None)
        lines.append(f"== {reached} : {_points(len(asked))}")
        for subject, items in groupby(asked, key=lambda item: (item.subject, item.title)):
            lines.append(f"  {subject[1]} ({subject[0]})")
            lines += [f"    [ ] {_point(item)}" for item in items]
        lines.append("")
    return "\n".join(
        [*lines, f"{_points(len(found))} à vérifier par une personne. Ce ne sont pas des fautes."]
    )


def write_table(path: Path, found: list[ToCheck]) -> None:
    """Write the list for a spreadsheet, with empty columns for the answer."""
    rows = [item.as_row() | {"verifie_le": None, "par": None, "reponse": None} for item in found]
    # French spreadsheets expect the byte order mark and the semicolon.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]) if rows else [], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


def _point(item: ToCheck) -> str:
    place = f"{item.file}:{item.line}" if item.line else item.file
    criterion = f" (critère {item.criterion})" if item.criterion else ""
    web = f", {', '.join(item.web)}" if item.web else ""
    return f"{place} : {item.what}{criterion} → {_with_phone(item.who, item.phone)}{web}"


def _with_phone(who: str, phone: str | None) -> str:
    return who if phone is None or phone in who else f"{who}, téléphone {phone}"


def _points(count: int) -> str:
    return f"{count} point" + ("s" if count > 1 else "")


def _right(base: Base) -> str:
    return f"La base est juste : {len(base.dispositifs)} dispositifs, {len(base.cases)} cas, {len(base.facts)} faits."


def find_faults(root: Path, day: date) -> list[Fault]:
    """Every fault of the files of `root`; those of the rules are looked for only when all files can be read."""
    if faults := [*check(root), *text_faults(root), *_rereading_faults(root)]:
        return faults
    documents, _ = read_documents(root)
    found = verify(load_base(documents), day, documents)
    return [replace(fault, file=f"{RULES_FOLDER}/{fault.file}") for fault in found]


def _rereading_faults(root: Path) -> list[Fault]:
    try:
        rereadings(root)
    except YamlError as error:
        return [Fault(error.path, error.line, error.message)]
    return []


def build_or_explain(target: Path | None = None) -> BuildReport:
    """Build the base, in its usual place by default. Raises ClickException with every fault found."""
    sources = base_sources()
    if faults := text_faults(ROOT):
        raise click.ClickException(_listed(faults))
    try:
        report = build(ROOT, target)
    except BuildError as error:
        raise click.ClickException(_listed(error.faults)) from None
    if target is None:
        NOTE.write_text(sources)
    return report


def _listed(faults: Iterable[Fault]) -> str:
    faults = list(faults)
    count = f"{len(faults)} faute" + ("s" if len(faults) > 1 else "")
    return "\n".join([*(str(fault) for fault in faults), count])


COMMANDS = (construire, verifier)
