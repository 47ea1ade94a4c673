"""`jalon chat` and `jalon comprendre`: clients of the door of a running Jalon."""

from __future__ import annotations

import json
import os
import secrets
from typing import Self

import click
import httpx
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.french import Command

_CERTAIN = 1.0  # what expressions find; the model is never that sure
_QUIT = {"quitter", "exit", "quit"}


def default_address() -> str:
    return f"http://127.0.0.1:{os.environ.get('JALON_PORT') or 8000}"


ADDRESS = click.option(
    "--adresse",
    "address",
    default=default_address,
    metavar="URL",
    help="La porte de Jalon (ici, par défaut).",
)


@click.command(cls=Command, exemple='jalon comprendre "je dors dehors, je voudrais me laver"')
@click.argument("text", metavar="PHRASE")
@click.option(
    "--canal",
    "channel",
    type=click.Choice(["web", "sms", "guichet"]),
    default="web",
    help="D'où vient la phrase.",
)
@click.option("--json", "as_json", is_flag=True, help="Donne la réponse complète, en JSON.")
@ADDRESS
def comprendre(text: str, channel: str, as_json: bool, address: str) -> None:
    """Montre ce que Jalon comprend d'une phrase, et pourquoi : quels mots, quelle règle, quel score."""
    with Door(address) as door:
        understood = door.post("/api/v1/comprendre", {"texte": text, "canal": channel})
    if as_json:
        click.echo(json.dumps(understood, ensure_ascii=False, indent=2))
        return
    if not understood["reperes"]:
        act = understood["acte"]
        click.echo(f"Acte : {act}." if act else "Rien n'est compris : la personne lit des propositions.")
        return
    table = Table("compris", "valeur", "dans ces mots", "par", "score", box=None)
    for mark in understood["reperes"]:
        by = "des mots connus" if mark["score"] == _CERTAIN else "le modèle appris"
        table.add_row(_named(mark), _told(mark["valeur"]), _words(text, mark), by, f"{mark['score']:.2f}")
    Console().print(table)


@click.command(cls=Command, exemple="jalon chat")
@ADDRESS
def chat(address: str) -> None:
    """Parle avec Jalon dans le terminal. Choisissez par numéro. « quitter » arrête."""
    session = secrets.token_urlsafe(24)
    choices: list[dict] = []
    with Door(address) as door:
        try:
            while (text := _read(choices)) is not None:
                turn = door.post("/api/v1/messages", {"session": session, "texte": text, "canal": "web"})
                choices = _show(turn["messages"])
        finally:
            door.forget(session)


def _named(mark: dict) -> Text:
    colour = {"alerte": "red", "besoin": "green"}.get(mark["type"], "cyan")
    return Text(f"{mark['type']} {mark['id']}", style=colour)


def _told(value: object) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    return "" if value is None else str(value)


def _words(text: str, mark: dict) -> str:
    if mark["debut"] is None or mark["fin"] is None:
        return ""
    return text[mark["debut"] : mark["fin"]]


def _read(choices: list[dict]) -> str | None:
    """What the person types; the value of a choice when it is its number; None to leave."""
    while True:
        try:
            text = input("> ").strip()
        except (EOFError, KeyboardInterrupt):
            return None
        if text.lower() in _QUIT:
            return None
        if text.isdecimal() and 1 <= int(text) <= len(choices):
            return choices[int(text) - 1]["valeur"]
        if text:
            return text


def _show(messages: list[dict]) -> list[dict]:
    choices: list[dict] = []
    for message in messages:
        if message["texte"]:
            click.echo(message["texte"])
        for button in message["boutons"]:
            choices.append(button)
            click.echo(f"  {len(choices)}. {button['texte']}")
    return choices


class Door:
    """The HTTP API. Every failure is a ClickException that says what to do."""

    def __init__(self, address: str):
        self._address = address
        self._http = httpx.Client(base_url=address, timeout=20, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._http.close()

    def post(self, path: str, body: dict) -> dict:
        return self._accepted("POST", path, json=body).json()

    def get(self, path: str) -> dict:
        return self._accepted("GET", path).json()

    def erase(self, session: str) -> None:
        """Have a conversation erased, or say that it was not."""
        self._accepted("DELETE", f"/api/v1/sessions/{session}")

    def forget(self, session: str) -> None:
        """Ask for the conversation to be erased; a door that is gone has forgotten it too."""
        try:
            self._request("DELETE", f"/api/v1/sessions/{session}")
        except click.ClickException as error:
            click.echo(error.format_message(), err=True)

    def _accepted(self, method: str, path: str, **options) -> httpx.Response:
        response = self._request(method, path, **options)
        if response.is_error:
            raise click.ClickException(_refusal(response))
        return response

    def _request(self, method: str, path: str, **options) -> httpx.Response:
        try:
            return self._http.request(method, path, **options)
        except httpx.HTTPError:
            message = f"Jalon ne répond pas à l'adresse {self._address}. Démarrez-le : « jalon servir »."
            raise click.ClickException(message) from None


def _refusal(response: httpx.Response) -> str:
    try:
        return "\n".join(error["message"] for error in response.json()["erreurs"])
    except (ValueError, KeyError, TypeError):
        return f"Jalon a répondu {response.status_code}."


COMMANDS = (chat, comprendre)
