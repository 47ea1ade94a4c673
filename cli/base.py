"""`jalon construire` and `jalon verifier`: the base of rules and places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from cli.french import Command, Day
from cli.project import ROOT, fingerprint
from data.build import RULES_FOLDER, BuildError, BuildReport, build, check, read_documents
from data.database import DEFAULT_PATH, DatabaseError, open_database
from rules import Fault, load_base, verify

# What the base is built from, and where the fingerprint of these files is noted.
_SOURCES = ("rules/**/*.yml", "rules/**/*.py", "data/**/*.yml", "data/*.py")
_NOTE = DEFAULT_PATH.with_name(f"{DEFAULT_PATH.name}.sources")


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


@click.command(cls=Command, exemple="jalon verifier --date 2027-01-01")
@click.option(
    "--date",
    "day",
    type=Day(),
    metavar="JOUR",
    help="Jour où la base doit être juste (aujourd'hui).",
)
@click.option(
    "--racine", type=click.Path(file_okay=False, exists=True, path_type=Path), default=ROOT, hidden=True
)
def verifier(day: date | None, racine: Path) -> None:
    """Vérifie toute la base : règles, cas, textes, sources, lieux.

    Chaque faute donne le fichier, la ligne, ce qui ne va pas et la correction probable.
    """
    faults = find_faults(racine, day or date.today())
    if faults:
        raise click.ClickException(_listed(faults))
    documents, _ = read_documents(racine)
    base = load_base(documents)
    click.echo(
        f"La base est juste : {len(base.dispositifs)} dispositifs, {len(base.cases)} cas, {len(base.facts)} faits."
    )


def find_faults(root: Path, day: date) -> list[Fault]:
    """Every fault of the files of `root`; those of the rules are looked for only when all files can be read."""
    if faults := check(root):
        return faults
    documents, _ = read_documents(root)
    found = verify(load_base(documents), day, documents)
    return [replace(fault, file=f"{RULES_FOLDER}/{fault.file}") for fault in found]


def build_or_explain(target: Path | None = None) -> BuildReport:
    """Build the base, in its usual place by default. Raises ClickException with every fault found."""
    sources = fingerprint(_SOURCES)
    try:
        report = build(ROOT, target)
    except BuildError as error:
        raise click.ClickException(_listed(error.faults)) from None
    if target is None:
        _NOTE.write_text(sources)
    return report


def build_if_needed() -> BuildReport | None:
    """Build the base unless it was made from the present files (then None)."""
    if _NOTE.is_file() and _NOTE.read_text() == fingerprint(_SOURCES) and _opens():
        return None
    return build_or_explain()


def _opens() -> bool:
    try:
        open_database(DEFAULT_PATH).close()
    except DatabaseError:
        return False
    return True


def _listed(faults: Iterable[Fault]) -> str:
    faults = list(faults)
    count = f"{len(faults)} faute" + ("s" if len(faults) > 1 else "")
    return "\n".join([*(str(fault) for fault in faults), count])


COMMANDS = (construire, verifier)
