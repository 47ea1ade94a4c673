"""`jalon guichet`: a one-time access to the counter of this machine."""

from __future__ import annotations

import os

import click

from channels.guichet.access import issue_token
from channels.guichet.settings import CounterSettings, read_counter
from cli import supervisor
from cli.french import Command


@click.command(cls=Command, exemple="jalon guichet")
def guichet() -> None:
    """Donne une adresse pour entrer au guichet de cette machine. Elle sert une fois, pendant une heure."""
    try:
        settings = read_counter(os.environ)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    if settings.closed_because:
        raise click.ClickException(settings.closed_because)
    click.echo(entrance(settings))


def entrance(settings: CounterSettings) -> str:
    """Where to enter: the provider's page of a city, or an address with a new one-time token. For open counters."""
    if settings.oidc:
        return f"{settings.oidc.door}/guichet"
    token = issue_token(settings.tokens)
    return f"http://{supervisor.LOOPBACK}:{supervisor.DOOR.number()}/guichet/entree?jeton={token}"


COMMANDS = (guichet,)
