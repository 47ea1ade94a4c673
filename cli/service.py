"""`jalon servir` and `jalon entrainer`: everything that runs."""

from __future__ import annotations

import os
import signal
import sys
from time import perf_counter

import click

from assistant import journal
from channels.guichet.settings import read_counter
from cli import orders, served, supervisor
from cli.base_state import base_sources, is_up_to_date
from cli.counter import entrance
from cli.french import Command
from cli.project import PENDING, fingerprint
from cli.training import SOURCES, TrainingError, train_if_needed


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
    if served.recover(served.Shelf(supervisor.DOOR.number())):
        click.echo("Un remplacement a été interrompu : les anciens fichiers sont remis.")
    if served.is_refused(served.usual_files(), _sources()):
        click.echo("Les fichiers d'ici ont été refusés par « jalon remplacer » : rien n'est refait.")
    else:
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


@click.command(cls=Command, exemple="jalon remplacer")
def remplacer() -> None:
    """Met en service la base et le modèle faits des fichiers d'ici, sans couper le Jalon qui tourne.

    Les nouveaux démarrent à côté. S'ils répondent et réussissent les conversations témoins, la page leur parle, et les
    conversations en cours continuent avec eux. Sinon rien ne change et les anciens fichiers sont remis : code de
    sortie 1. Il faut un Jalon lancé par « jalon servir », et environ 500 Mo de mémoire libre (300 de plus par serveur
    de dialogue en plus). Avec plusieurs machines : à lancer sur chacune, l'une après l'autre.
    """
    path, usual = served.Shelf(supervisor.DOOR.number()).orders, served.usual_files()
    lost = (
        f"Aucun Jalon à remplacer sur le port {supervisor.DOOR.number()}, ou il n'est pas encore prêt. Sans « jalon servir »"
        " (conteneurs, Kubernetes), une nouvelle image prend la place de l'ancienne : docs/exploitation.md."
    )
    try:
        if not orders.give(path, orders.CHECK, click.echo):
            sys.exit(1)
        lost = "Jalon s'est arrêté pendant le remplacement. « jalon servir » remettra les anciens fichiers."
        served.note_trial(usual, _sources())
        if not os.environ.get(served.BASE_VARIABLE):
            _build()
        if not os.environ.get(served.MANIFEST_VARIABLE):
            _train(False)
        succeeded = orders.give(path, orders.REPLACE, click.echo)
    except orders.NoOrder:
        raise click.ClickException(lost) from None
    if not succeeded:
        sys.exit(1)


def _sources() -> str:
    """What the base and the model are made from."""
    return f"{base_sources()} {fingerprint(SOURCES)}"


def _build_if_needed() -> None:
    if is_up_to_date():
        click.echo("Base : à jour.")
    else:
        _build()


def _build() -> None:
    from cli.base import build_or_explain  # a start whose base is up to date does without all that builds one

    click.echo(f"Base : construite en {build_or_explain().seconds:.1f} s.")


def _train(force: bool) -> None:
    try:
        seconds = train_if_needed(force).seconds
    except TrainingError as error:
        raise click.ClickException(str(error)) from None
    click.echo("Modèle : à jour." if seconds is None else f"Modèle : entraîné en {seconds:.0f} s.")


COMMANDS = (servir, remplacer, entrainer)
