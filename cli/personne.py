"""`jalon personne`: what is kept of one person who asks, and its erasure. Nobody can be searched for otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import click

from channels.settings import read_settings
from channels.sms.numbers import Hasher, international, kept_key
from channels.sms.person import Held
from channels.sms.settings import SmsSettings
from channels.sms.store import Store, open_store
from cli.conversation import ADDRESS, Door
from cli.french import Command
from data.sql.errors import StoreError

_NO_SMS = (
    "Les SMS sont fermés ici (JALON_SMS_FOURNISSEUR) : lancez la commande avec les réglages de la porte."
)


@click.command(cls=Command, exemple="jalon personne --telephone --effacer")
@click.option(
    "--telephone", "by_phone", is_flag=True, help="La personne écrit par SMS : le numéro est demandé."
)
@click.option("--session", metavar="SESSION", help="La personne donne la session de sa page.")
@click.option("--effacer", "erasing", is_flag=True, help="Efface tout. Sans cette option, montre.")
@ADDRESS
def personne(by_phone: bool, session: str | None, erasing: bool, address: str) -> None:
    """Montre ou efface ce qui est gardé d'une personne qui le demande.

    Les numéros ne sont gardés que sous forme d'empreinte : celui que l'on tape donne la même empreinte, avec la même
    clé. Le numéro n'est pas un argument, pour ne pas rester dans l'historique du terminal. Vérifiez d'abord que la
    personne est bien celle qui écrit de ce numéro.
    """
    if by_phone == bool(session):
        raise click.UsageError("Il faut --telephone ou --session, un seul des deux.")
    session = session or _session_of_phone()
    with Door(address) as door:
        if erasing:
            door.erase(session)
            if by_phone:
                _with_store(lambda store: store.forget_person(session))
            click.echo("C'est effacé." + (" Le silence demandé par STOP reste." if by_phone else ""))
            return
        kept = door.get(f"/api/v1/sessions/{session}")
    for message in kept["messages"]:
        click.echo(f"{message['de']} : {message['texte']}")
    for fact, value in kept["etat"]["faits"].items():
        click.echo(f"retenu : {fact} = {value}")
    for need in kept["etat"]["besoins"]:
        click.echo(f"retenu : besoin {need}")
    held = _with_store(lambda store: store.held(session)) if by_phone else Held()
    for line in held.lines():
        click.echo(line)
    if not kept["messages"] and not held.lines():
        click.echo("Rien n'est gardé.")


def _session_of_phone() -> str:
    number = international(click.prompt("Numéro de téléphone"))
    if number is None:
        raise click.ClickException("Ce n'est pas un numéro de téléphone.")
    return _hasher(_settings()).session(number)


def _settings() -> SmsSettings:
    settings = read_settings().sms
    if settings is None:
        raise click.ClickException(_NO_SMS)
    return settings


def _hasher(settings: SmsSettings) -> Hasher:
    try:
        return Hasher(settings.key or kept_key(settings.file.with_suffix(".cle")))
    except OSError as error:
        raise click.ClickException(f"La clé des numéros est illisible ({type(error).__name__}).") from None


def _with_store[T](step: Callable[[Store], Awaitable[T]]) -> T:
    settings = _settings()
    try:
        store = open_store(settings, create=False)
        try:
            return asyncio.run(_awaited(step(store)))
        finally:
            store.close()
    except (StoreError, OSError) as error:
        raise click.ClickException(f"La file des SMS est illisible ({type(error).__name__}).") from None


async def _awaited[T](step: Awaitable[T]) -> T:
    return await step


COMMANDS = (personne,)
