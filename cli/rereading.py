"""`jalon relecture`: have the texts of Jalon judged by people with an intellectual disability, and keep what they say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from channels.fiche.pdf import PdfUnavailable, make_pdf
from cli.french import Command, Day, Group
from cli.project import ROOT
from data.upkeep.rereadings import (
    CODE,
    FILE,
    NOT_UNDERSTOOD,
    OPINIONS,
    Rereading,
    RereadingError,
    keep,
    rereadings,
)
from data.yaml_reader import YamlError
from falc.collecting import collect
from falc.rereading.booklet import booklet
from falc.rereading.chapters import Chapter, Item, chapters

_ANY_LENGTH = 10_000  # pages


@click.group(cls=Group, exemple="jalon relecture livret douche")
def relecture() -> None:
    """Fait relire les textes de Jalon par des personnes concernées (livret, avis, comptes).

    Seules elles peuvent dire qu'un texte est facile à lire et à comprendre. Pour étiqueter les messages que des
    personnes ont laissés, c'est une autre commande : « jalon relire ».
    """


@relecture.command(cls=Command, exemple="jalon relecture livret douche --sortie livret-douche.pdf")
@click.argument("situation", required=False, metavar="[SITUATION]")
@click.option(
    "--sortie",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FICHIER",
    help="Fichier à écrire, .pdf ou .html (livret-SITUATION.pdf).",
)
@click.option("--tout", "everything", is_flag=True, help="Avec les textes déjà relus.")
def livret(situation: str | None, target: Path | None, everything: bool) -> None:
    """Écrit le livret à imprimer d'une situation. Sans SITUATION : la liste des situations."""
    done = set() if everything else {one.text for one in _kept()}
    found = [_without(chapter, done) for chapter in _chapters()]
    if situation is None:
        for chapter in found:
            click.echo(f"{chapter.key:20} {len(chapter.items):5} textes à relire   {chapter.title}")
        click.echo("Pour un livret : jalon relecture livret SITUATION")
        return
    known = {chapter.key: chapter for chapter in found}
    if situation not in known:
        raise click.BadParameter(f"« {situation} » n'existe pas. Il y a : {', '.join(known)}.")
    chapter = known[situation]
    if not chapter.items:
        click.echo("Tous les textes de cette situation sont relus. Pour les relire encore : --tout")
        return
    target = target or Path(f"livret-{situation}.pdf")
    try:
        _write(target, booklet([chapter], ROOT, date.today()))
    except OSError as error:
        raise click.ClickException(f"« {target} » ne peut pas être écrit ({error.strerror}).") from None
    click.echo(f"{len(chapter.items)} textes, avec le guide de la personne qui anime : {target}")


@relecture.command(
    cls=Command,
    exemple='jalon relecture noter K7QF2A --par "ESAT Les Lilas" --le 2026-11-21 --avis pas_compris --mots "trop long"',
)
@click.argument("text", metavar="TEXTE")
@click.option(
    "--par", "by", required=True, metavar="QUI", help="Des initiales, ou le nom d'un groupe. Pas de nom."
)
@click.option("--le", "on", type=Day(), metavar="JOUR", help="Le jour de la relecture (aujourd'hui).")
@click.option("--avis", "opinion", required=True, type=click.Choice(OPINIONS), help="compris ou pas_compris.")
@click.option(
    "--mots", "words", default="", metavar="PHRASE", help="Ce que les relecteurs diraient à la place."
)
def noter(text: str, by: str, on: date | None, opinion: str, words: str) -> None:
    """Garde l'avis des relecteurs sur un texte : son code dans le livret, ou fichier#clés."""
    item = _item(text)
    try:
        keep(Rereading(item.code, item.where, by, (on or date.today()).isoformat(), opinion, words))
    except (RereadingError, YamlError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"« {item.words} »\nNoté dans {FILE} : {opinion}, par {by}.")


@relecture.command(cls=Command, exemple="jalon relecture etat")
def etat() -> None:
    """Compte les textes relus, ceux qui n'ont pas été compris, et les avis sur un texte qui a changé."""
    kept, found = _kept(), _chapters()
    by_code = {item.code: item for chapter in found for item in chapter.items}
    for chapter in found:
        codes = {item.code for item in chapter.items}
        click.echo(f"{chapter.key:20} {_reread(kept, codes)} sur {len(codes)}")
    for one in kept:
        if one.text not in by_code:
            click.echo(f"À retirer de {FILE} : {one.text} ({one.where}, {one.on}). Le texte a changé.")
        elif one.opinion == NOT_UNDERSTOOD:
            words = f" Les relecteurs disent : « {one.words} »." if one.words else ""
            click.echo(f"À réécrire : {one.where} : « {by_code[one.text].words} ».{words}")
    total = _reread(kept, by_code)
    click.echo(f"{total} texte{'s' if total > 1 else ''} relu{'s' if total > 1 else ''} sur {len(by_code)}.")


def _reread(kept: Iterable[Rereading], codes: Collection[str]) -> int:
    return len({one.text for one in kept} & set(codes))


def _without(chapter: Chapter, done: set[str]) -> Chapter:
    return replace(chapter, items=tuple(item for item in chapter.items if item.code not in done))


def _item(text: str) -> Item:
    """The wording of a code, or of the id of a text. Raises ClickException."""
    items = [item for chapter in _chapters() for item in chapter.items]
    wanted = text.strip().upper()
    found = [item for item in items if item.code == wanted or item.where == text]
    if found:
        return found[0]
    if CODE.fullmatch(wanted):
        raise click.ClickException(
            f"Aucun texte n'a le code {wanted}. Il a peut-être changé depuis le livret."
        )
    raise click.ClickException(f"Il n'y a pas de texte « {text} ». Recopiez le code écrit sous le texte.")


def _write(target: Path, html: str) -> None:
    if target.suffix == ".html":
        target.write_text(html, encoding="utf-8")
        return
    try:
        target.write_bytes(make_pdf(lambda _: (html, {}), pages=_ANY_LENGTH))
    except PdfUnavailable:
        message = (
            "Pour un PDF, il faut Pango (voir docs/running.md). Sinon : --sortie livret.html, à imprimer."
        )
        raise click.ClickException(message) from None


def _chapters() -> Sequence[Chapter]:
    try:
        return chapters(collect(ROOT), ROOT)
    except (YamlError, OSError) as error:
        raise click.ClickException(str(error)) from None


def _kept() -> list[Rereading]:
    try:
        return rereadings(ROOT)
    except YamlError as error:
        raise click.ClickException(str(error)) from None


COMMANDS = (relecture,)
