"""`jalon servir` and `jalon entrainer`: everything that runs."""

from __future__ import annotations

import os
import signal
import sys
from time import perf_counter

import click

from assistant import journal
from channels.guichet.settings import read_counter
from cli import supervisor
from cli.base import build_if_needed
from cli.counter import entrance
from cli.french import Command
from cli.operations.saving import PENDING
from cli.training import TrainingError, train_if_needed


@click.command(cls=Command, exemple="jalon servir")
def servir() -> None:
    """Démarre Jalon : base, modèle, dialogue et page. Ctrl-C pour arrêter.

    La base et le modèle ne sont refaits que si leurs fichiers ont changé.
    """
    start = perf_counter()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if PENDING.exists():
        raise click.ClickException(
            "Une restauration a été interrompue : « jalon restaurer --reprendre » d'abord."
        )
    if faults := supervisor.setting_faults():
        raise click.ClickException("\n".join(faults))
    try:
        counter, as_json = read_counter(os.environ), journal.wants_json()
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    _build_if_needed()
    _train(False)

    def ready() -> None:
        if as_json:  # a log is kept: the way into the counter is not for it
            say(f"{supervisor.READY} en {perf_counter() - start:.0f} secondes.")
            return
        address = f"http://{supervisor.LOOPBACK}:{supervisor.DOOR.number()}"
        click.echo(
            f"\n{supervisor.READY} en {perf_counter() - start:.0f} secondes.\n"
            f"  La page     {address}/\n"
            f"  L'API       {address}/api/v1/docs\n"
            f"  La santé    {address}/sante\n"
            f"  Le guichet  {counter.closed_because or entrance(counter)}\n"
            f"Pour arrêter : Ctrl-C.\n"
        )

    def say(news: str) -> None:
        click.echo(journal.line("jalon", news) if as_json else news)

    say("Démarrage...")
    sys.exit(supervisor.run(say, ready))


@click.command(cls=Command, exemple="jalon entrainer")
@click.option("--forcer", "force", is_flag=True, help="Entraîne même si rien n'a changé.")
def entrainer(force: bool) -> None:
    """Entraîne le modèle de dialogue, si ses fichiers ont changé."""
    _train(force)


def _build_if_needed() -> None:
    report = build_if_needed()
    click.echo("Base : à jour." if report is None else f"Base : construite en {report.seconds:.1f} s.")


def _train(force: bool) -> None:
    try:
        seconds = train_if_needed(force).seconds
    except TrainingError as error:
        raise click.ClickException(str(error)) from None
    click.echo("Modèle : à jour." if seconds is None else f"Modèle : entraîné en {seconds:.0f} s.")


COMMANDS = (servir, entrainer)
