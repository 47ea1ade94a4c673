"""`jalon diagnostic`, `jalon sauvegarder`, `jalon restaurer` and `jalon essayer`."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from cli import supervisor
from cli.french import Command
from cli.operations import golden, machine, parts, restoring, saving, stores
from cli.operations.findings import FAILURE, OK, WATCH, Check, Finding, look
from cli.operations.kept import Kept, read_kept
from cli.project import PENDING, ROOT
from cli.stack import Stack, StackError

_CHECKS: tuple[tuple[str, Check], ...] = (
    ("python", machine.pythons),
    ("réglages", parts.settings),
    ("base", parts.base),
    ("modèle", parts.model),
    ("porte", parts.processes),
    ("SMS", parts.sms),
    ("PostgreSQL", stores.postgres),
    ("Redis", stores.redis),
    ("RabbitMQ", stores.rabbitmq),
    ("disque", machine.disk),
    ("mémoire", machine.memory),
    ("horloge", machine.clock),
    ("fiche PDF", machine.sheet),
    ("secrets", machine.secrets_kept),
    ("sauvegarde", parts.backup),
)
_MARKS = {OK: ("✓", "green"), WATCH: ("!", "yellow"), FAILURE: ("✗", "bold red")}
_ROOT = click.option(
    "--racine", type=click.Path(file_okay=False, exists=True, path_type=Path), default=ROOT, hidden=True
)


@click.command(cls=Command, exemple="jalon diagnostic")
@click.option("--json", "as_json", is_flag=True, help="Donne les vérifications en JSON.")
def diagnostic(as_json: bool) -> None:
    """Dit ce qui ne va pas sur cette machine, et comment le réparer. Aucun secret n'est montré.

    Code de sortie 1 s'il y a une panne. Marche aussi quand tout est arrêté.
    """
    found = []
    for finding in look(_CHECKS):
        found.append(finding)
        if not as_json:
            _show(finding)
    worst = next((state for state in (FAILURE, WATCH) if any(f.state == state for f in found)), OK)
    if as_json:
        rows = [{"nom": f.name, "etat": f.state, "constat": f.said, "remede": f.mend} for f in found]
        click.echo(json.dumps({"etat": worst, "verifications": rows}, ensure_ascii=False, indent=2))
    else:
        counts = [f"{sum(f.state == state for f in found)} {state}" for state in (FAILURE, WATCH, OK)]
        click.echo(f"\n{', '.join(counts)}.")
    if worst == FAILURE:
        raise click.exceptions.Exit(1)


def _show(finding: Finding) -> None:
    mark, style = _MARKS[finding.state]
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[{style}]{mark}[/] {finding.name:22} ", end="")
    console.print(finding.said, markup=False)
    if finding.mend:
        console.print(f"{'':25}→ {finding.mend}", markup=False)


@click.command(cls=Command, exemple="jalon sauvegarder /var/sauvegardes/jalon")
@click.argument("target", metavar="DOSSIER", type=click.Path(path_type=Path))
@_ROOT
def sauvegarder(target: Path, racine: Path) -> None:
    """Sauvegarde ce qui ne se refait pas, pendant que Jalon tourne. DOSSIER, ou un fichier .tar.gz.

    Dedans : la file des SMS, les corrections proposées et décidées, les phrases à relire, les lieux importés, les
    fichiers que la ville écrit. En profil « ville », la base PostgreSQL.

    Pas dedans : les secrets. Gardez ailleurs les variables JALON_ et run/sms.cle : sans cette clé, la file des SMS
    est illisible. Ni la base et le modèle, qui se refont, ni les conversations en cours.
    """
    if not target.name.endswith(".tar.gz"):
        target = target / f"jalon-{datetime.now():%Y-%m-%d-%H%M%S}.tar.gz"
    kept = read_kept(racine)
    try:
        manifest = saving.save(kept, target)
    except saving.SavingError as error:
        raise click.ClickException(str(error)) from None
    if racine == ROOT:
        saving.LAST.parent.mkdir(exist_ok=True)
        saving.LAST.write_text(json.dumps({"faite_le": manifest.made_on}), encoding="utf-8")
    size = target.stat().st_size / 1e6
    click.echo(f"{target} : {len(manifest.files)} fichiers, {size:.1f} Mo.")
    if manifest.key:
        click.echo(f"La clé des SMS n'est pas dedans : gardez-la ailleurs ({_key_of(kept)}).")


@click.command(cls=Command, exemple="jalon restaurer /var/sauvegardes/jalon/jalon-2026-11-21-030000.tar.gz")
@click.argument("archive", metavar="FICHIER", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--oui", "sure", is_flag=True, help="Ne demande pas de confirmation.")
@click.option("--sans-sms", "without_sms", is_flag=True, help="Laisse la file des SMS : sa clé est perdue.")
@click.option(
    "--sans-garder", "unsaved", is_flag=True, help="Remplace aussi ce qui n'a pas pu être sauvegardé."
)
@click.option("--reprendre", "resume", is_flag=True, help="Finit une restauration interrompue.")
@_ROOT
def restaurer(
    archive: Path | None, sure: bool, without_sms: bool, unsaved: bool, resume: bool, racine: Path
) -> None:
    """Remet une sauvegarde en place, Jalon étant arrêté. Tout est vérifié avant que rien ne change.

    Ce qui est là est d'abord sauvegardé dans run/, base PostgreSQL comprise. Si elle ne se lit plus, rien n'est
    changé : --sans-garder la remplace sans la garder.
    """
    pending = racine / PENDING.relative_to(ROOT)
    if resume:
        click.echo(f"Restauration finie : {_resumed(pending)} fichiers remis en place.")
        return
    if archive is None:
        raise click.UsageError("Il manque FICHIER.")
    if pending.exists():
        raise click.ClickException(
            "Une restauration a été interrompue : « jalon restaurer --reprendre » d'abord."
        )
    kept = read_kept(racine)
    if supervisor.health(supervisor.DOOR.number()):
        raise click.ClickException(
            "Jalon tourne. Arrêtez-le d'abord : il écrirait sur ce qui est remis en place."
        )
    try:
        with restoring.opened(archive, kept, without_sms) as (manifest, folder), restoring.queue_alone(kept):
            if not sure:
                said = f"Remettre les {len(manifest.files)} fichiers du {manifest.made_on[:16]} à la place de ceux d'ici ?"
                click.confirm(said, abort=True)
            click.echo(_save_what_is_there(kept, unsaved))
            restoring.put_back(manifest, folder, kept, pending)
    except restoring.RestoringError as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        f"{len(manifest.files)} fichiers du {manifest.made_on[:16]} remis en place. Ensuite : « jalon servir »."
    )


def _save_what_is_there(kept: Kept, unsaved: bool) -> str:
    """What was done, in French. Raises RestoringError when nothing was kept, unless that is accepted (`unsaved`)."""
    target = kept.root / "run" / f"avant-restauration-{datetime.now():%Y-%m-%d-%H%M%S-%f}.tar.gz"
    try:
        saving.save(kept, target)
    except saving.SavingError as error:
        if not unsaved:
            raise restoring.RestoringError(
                f"Rien n'a été changé : ce qui est là n'a pas pu être sauvegardé. {error}\n"
                "Pour le remplacer sans le garder : --sans-garder."
            ) from None
        return f"Ce qui était là n'est pas gardé. {error}"
    return f"Ce qui était là est dans {target}. Effacez-le quand tout va bien."


def _resumed(pending: Path) -> int:
    try:
        return restoring.finish(pending)
    except FileNotFoundError:
        raise click.ClickException("Aucune restauration n'a été interrompue.") from None
    except (OSError, ValueError) as error:
        raise click.ClickException(
            f"La restauration ne peut pas être finie ({type(error).__name__})."
        ) from None


def _key_of(kept: Kept) -> str:
    return "JALON_SMS_CLE" if os.environ.get("JALON_SMS_CLE") else str(kept.sms.with_suffix(".cle"))


@click.command(cls=Command, exemple="jalon essayer")
def essayer() -> None:
    """Essaie les fichiers d'ici à côté du Jalon qui tourne, sans y toucher : santé, puis conversations témoins.

    À lancer avant de redémarrer avec une nouvelle base ou un nouveau modèle. Code de sortie 1 si quelque chose
    échoue : gardez alors le Jalon qui tourne. Ni la file des SMS ni les serveurs de la ville ne sont touchés.
    """
    try:
        with Stack(alone=True) as candidate:
            click.echo(f"Prêt en {candidate.start_seconds:.0f} secondes.")
            found = asyncio.run(golden.played(candidate.door_settings()))
    except StackError as error:
        raise click.ClickException(str(error)) from None
    if found:
        told = "\n".join(found)
        raise click.ClickException(
            f"{told}\nN'utilisez pas ces fichiers : {len(found)} conversations échouent."
        )
    click.echo(f"{len(golden.conversations())} conversations témoins réussies. Vous pouvez redémarrer.")


COMMANDS = (diagnostic, sauvegarder, restaurer, essayer)
