"""`jalon sms`: a phone in the terminal against the real channel, and the state of the queue."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import click
from rich.align import Align
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from channels.rasa import RasaClient
from channels.settings import Settings, read_settings
from channels.sms.gsm7 import segments
from channels.sms.overview import revive, state
from channels.sms.settings import SmsSettings, read_price
from cli.french import Command, Group
from cli.stack import Stack, StackError
from cli.supervisor import KEY_VARIABLE
from data.database import Database, open_database
from data.sql.errors import StoreError

_LONG_WAIT_S = 300
_WIDTH = 44  # columns of a bubble
_QUIT = {"quitter", "exit", "quit"}


@click.group(cls=Group, exemple="jalon sms simuler")
def sms() -> None:
    """Le canal SMS : un téléphone dans le terminal."""


@sms.command(cls=Command, exemple="jalon sms simuler --fichier messages.txt")
@click.option(
    "--fichier",
    "script",
    type=click.File(encoding="utf-8"),
    metavar="FICHIER",
    help="Joue les messages d'un fichier, un par ligne (« - » : l'entrée standard).",
)
@click.option(
    "--prix",
    "price",
    type=click.FloatRange(min=0),
    metavar="EUROS",
    help="Prix d'un SMS envoyé, en euros (réglage JALON_SMS_PRIX).",
)
def simuler(script, price: float | None) -> None:
    """Montre un téléphone : les SMS reçus et envoyés, leur nombre et leur coût. « quitter » arrête.

    Avec JALON_CLE_INTERNE, parle au Jalon qui tourne avec cette clé. Sans elle, en démarre un.
    """
    console = Console()
    try:
        settings = read_settings()
        price = read_price(os.environ) if price is None else price
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    with _running(settings, console) as reachable, contextlib.closing(open_database(settings.base)) as db:
        phone = Phone(reachable, db, price)
        messages = (line.strip() for line in script if line.strip()) if script else _typed(console)
        asyncio.run(
            phone.play(messages, lambda exchange: _show(console, exchange, phone.price, bool(script)))
        )
        console.print(_total(phone))


@sms.command(cls=Command, exemple="jalon sms etat")
def etat() -> None:
    """Montre la file des SMS : ce qui attend, ce qui n'est pas parti, le coût du jour. Ni numéro, ni texte.

    Code de sortie 1 quand quelqu'un doit regarder : lettres mortes, attente de plus de 5 minutes, plafond proche.
    """
    settings, found = _queue(lambda settings: state(settings, time.time()))
    today = found["jour"]
    click.echo(
        f"Attente : {_counts(found['recus'], 'attend')} à répondre, {found['attente']:.0f} s pour le plus ancien."
    )
    click.echo(
        f"Envois : {_counts(found['a_envoyer'], 'attend', 'doute', 'part')} à faire, "
        f"{_counts(found['a_envoyer'], 'envoye')} sans nouvelles."
    )
    for fate, count in sorted(found["remises"].items()):
        click.echo(f"Sur 30 jours, {fate} : {count}.")
    for reason, count in sorted(found["lettres_mortes"].items()):
        click.echo(f"Lettres mortes ({reason}) : {count}.")
    click.echo(f"Numéros qui ont dit STOP : {found['silences']}.")
    click.echo(
        f"Aujourd'hui : {today.get('received', 0)} SMS reçus, {today.get('segments', 0)} segments envoyés, "
        f"{_euros(today.get('euros', 0))} sur {_euros(settings.cap)}."
    )
    if found["lettres_mortes"] or found["attente"] > _LONG_WAIT_S or today.get("alarms"):
        raise click.ClickException("Quelqu'un doit regarder.")


@sms.command(cls=Command, exemple="jalon sms relancer")
def relancer() -> None:
    """Remet les lettres mortes dans la file, quand la cause de l'échec est réparée."""
    _, count = _queue(lambda settings: revive(settings, time.time()))
    click.echo(f"Messages remis dans la file : {count}.")


def _queue(step: Callable[[SmsSettings], object]) -> tuple[SmsSettings, object]:
    try:
        settings = read_settings().sms
        if settings is None:
            raise click.ClickException("Le canal SMS est fermé. Pour l'ouvrir : JALON_SMS_FOURNISSEUR.")
        return settings, step(settings)
    except (ValueError, StoreError) as error:
        raise click.ClickException(f"La file des SMS est illisible : {error}") from None


def _counts(found: dict[str, int], *states: str) -> int:
    return sum(found.get(name, 0) for name in states)


@dataclass(frozen=True)
class Exchange:
    """One SMS of the person and what came back."""

    received: str
    sent: tuple[str, ...]

    @property
    def segments(self) -> int:
        return sum(map(segments, self.sent))


@dataclass
class Phone:
    """A phone that has never written to Jalon, on the real channel; `price` in euros a segment sent."""

    settings: Settings
    db: Database
    price: float
    exchanges: list[Exchange] = field(default_factory=list)

    async def play(self, messages: Iterator[str], show: Callable[[Exchange], None] = lambda _: None) -> None:
        """Send each message, wait for its answer; the conversation is erased at the end."""
        # Only this command reads the dialogue's own words: the others must work without its sources.
        from channels.conversation import Conversation
        from channels.sms.replies import Replies

        session, rasa = secrets.token_hex(16), RasaClient(self.settings)
        replies = Replies(Conversation(self.settings, rasa, self.db.base), self.db)
        try:
            for text in messages:
                self.exchanges.append(Exchange(text, tuple(await replies.answer(session, text))))
                show(self.exchanges[-1])
        finally:
            await replies.answer(session, "effacer")
            await rasa.close()

    @property
    def segments(self) -> int:
        return sum(exchange.segments for exchange in self.exchanges)

    @property
    def cost(self) -> float:
        """Euros for what Jalon has sent. What the person pays for their own messages depends on their contract."""
        return self.price * self.segments


@contextlib.contextmanager
def _running(settings: Settings, console: Console) -> Iterator[Settings]:
    """Settings that reach a running Jalon: the one whose key is known, else one started for the occasion."""
    if os.environ.get(KEY_VARIABLE):
        yield settings
        return
    with contextlib.ExitStack() as opened:
        try:
            with console.status("Jalon démarre…"):
                stack = opened.enter_context(Stack())
        except StackError as error:
            raise click.ClickException(str(error)) from None
        yield stack.door_settings()


def _typed(console: Console) -> Iterator[str]:
    while True:
        try:
            text = console.input("[bold]SMS > [/]").strip()
        except (EOFError, KeyboardInterrupt):
            return
        if text.lower() in _QUIT:
            return
        if text:
            yield text


def _show(console: Console, exchange: Exchange, price: float, with_received: bool) -> None:
    if with_received:
        bubble = Panel(Text(exchange.received), width=_WIDTH, title="Vous", title_align="right")
        console.print(Align.right(bubble))
    for text in exchange.sent:
        count = segments(text)
        cost = f"{count} SMS, {len(text)} lettres, {_euros(count * price)}"
        console.print(Panel(Text(text), width=_WIDTH, title="Jalon", title_align="left", subtitle=cost))


def _total(phone: Phone) -> str:
    said, sent = len(phone.exchanges), phone.segments
    return f"{said} message{'s' * (said > 1)} de la personne, {sent} SMS de Jalon, {_euros(phone.cost)}."


def _euros(amount: float) -> str:
    return f"{amount:.2f} €".replace(".", ",")


COMMANDS = (sms,)
