"""`jalon statistiques`: what a week may tell, and the process that adds up the counts of a city."""

from __future__ import annotations

import asyncio
import csv
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import groupby
from typing import Any

import click

from channels.statistiques.events import STATUSES
from channels.statistiques.publication import Row, Split, published
from channels.statistiques.settings import StatisticsSettings, read_statistics
from channels.statistiques.store import open_counts
from channels.statistiques.weeks import closing_day, last_closed, monday, today
from cli.french import Command, Group
from data.sql.errors import StoreError

_MEASURES = {
    "echange": "Messages, selon qu'ils ont été compris",
    "besoin": "Besoins demandés",
    "alerte": "Dangers dits",
    "reponse": "Besoins qui ont eu une réponse, selon le meilleur statut",
    "dispositif": "Dispositifs montrés",
    "lieu": "Lieux montrés, selon l'arrondissement de la recherche",
}
_OTHERS = "autres"
_COLUMNS = ("semaine", "mesure", "valeur", "ventilation", "modalite", "nombre")


class Week(click.ParamType):
    """A week written 2026-W47."""

    name = "semaine"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            monday(value)
        except ValueError:
            self.fail("il faut une semaine comme 2026-W45.", param, ctx)
        return value


@click.group(cls=Group, exemple="jalon statistiques --semaine 2026-W45", invoke_without_command=True)
@click.option("--semaine", "week", type=Week(), help="La semaine (la dernière qui se lit, par défaut).")
@click.option("--csv", "as_csv", is_flag=True, help="Écrit du CSV, une ligne par nombre.")
@click.pass_context
def statistiques(context: click.Context, week: str | None, as_csv: bool) -> None:
    """Montre les comptes d'une semaine : besoins, réponses, lieux. Aucun nombre sous le seuil, aucune personne.

    Une semaine se lit sept jours après sa fin. Ce qui est compté : docs/statistiques.md.
    """
    if context.invoked_subcommand:
        return
    settings = _settings()
    week = week or last_closed(today())
    if closing_day(week) > today():
        raise click.ClickException(f"La semaine {week} se lit à partir du {closing_day(week):%d/%m/%Y}.")
    rows = _read(settings, week)
    if as_csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows([_COLUMNS, *_as_table(week, rows)])
    else:
        for line in _as_text(week, rows, settings.threshold):
            click.echo(line)


@statistiques.command(cls=Command, exemple="jalon statistiques consommer")
def consommer() -> None:
    """Additionne sans fin les comptes que les portes envoient (JALON_RABBITMQ). Un seul suffit, plusieurs vont.

    S'il s'arrête, les comptes l'attendent dans la file. Ctrl-C ou SIGTERM pour arrêter.
    """
    try:
        asyncio.run(_until_stopped(_settings()))
    except (ValueError, StoreError, OSError) as error:
        raise click.ClickException(str(error)) from None
    click.echo("Arrêté : les comptes attendent dans la file.")


async def _until_stopped(settings: StatisticsSettings) -> None:
    from channels.statistiques.consumer import add_up  # half a second that no other command should wait

    work = asyncio.create_task(add_up(settings))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, work.cancel)
    with suppress(asyncio.CancelledError):
        await work


def _settings() -> StatisticsSettings:
    try:
        settings = read_statistics(os.environ)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    if settings is None:
        raise click.ClickException("Rien n'est compté : JALON_STATISTIQUES=non.")
    return settings


def _read(settings: StatisticsSettings, week: str) -> list[Row]:
    if not settings.postgres and not settings.file.exists():
        raise click.ClickException("Rien n'a encore été compté sur cette machine.")
    try:
        counts = open_counts(settings, create=False)
        try:
            return published(counts.week(week), settings.threshold)
        finally:
            counts.close()
    except (StoreError, OSError) as error:
        raise click.ClickException(f"Les statistiques ne se lisent pas : {error}.") from None


def _as_text(week: str, rows: Sequence[Row], threshold: int) -> Iterator[str]:
    first = monday(week)
    yield f"Semaine {week}, du {first:%d/%m/%Y} au {first + timedelta(days=6):%d/%m/%Y}."
    yield f"Des demandes, pas des personnes. Aucun nombre sous {threshold} n'est montré."
    if not rows:
        yield f"Rien n'atteint {threshold} cette semaine."
    for measure, same in groupby(rows, key=lambda row: row.measure):
        yield f"\n{_MEASURES[measure]}"
        lines = list(same)
        width = max(len(row.value) for row in lines)
        for row in lines:
            splits = " ; ".join(filter(None, map(_as_words, row.splits, row.splits.values())))
            yield f"  {row.value:<{width}} {row.total:>6}   {splits}".rstrip()


def _as_words(name: str, split: Split) -> str:
    """« web 80, sms 30, autres 14 »; nothing when all is hidden, the total says it."""
    if not split.parts:
        return ""
    return ", ".join(f"{_part(name, part)} {count}" for part, count in _ordered(split))


def _part(split: str, part: str) -> str:
    if split == "arrondissement" and part.isdecimal():
        return "1er" if part == "1" else f"{part}e"
    return part


def _as_table(week: str, rows: Iterable[Row]) -> Iterator[tuple]:
    for row in rows:
        yield (week, row.measure, row.value, "total", "", row.total)
        for name, split in row.splits.items():
            for part, count in _ordered(split):
                yield (week, row.measure, row.value, name, part, count)


def _ordered(split: Split) -> list[tuple[str, int]]:
    """Statuses from the best, arrondissements by number, channels from the most used; the hidden ones last."""

    def rank(part: tuple[str, int]) -> tuple:
        name, count = part
        if name in STATUSES:
            return (0, STATUSES.index(name))
        return (0, int(name)) if name.isdecimal() else (1, -count, name)

    parts = sorted(split.parts.items(), key=rank)
    return [*parts, (_OTHERS, split.others)] if split.others else parts


COMMANDS = (statistiques,)
