"""Click's own words in French: headings, `--help`, and the errors of a mistyped command."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

_HEADINGS = {"Options": "Options", "Commands": "Commandes", "Positional arguments": "Arguments"}


class FrenchHelp(click.HelpFormatter):
    """Writes « Usage » and section headings as French texts have them."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or "Usage : ")

    def write_heading(self, heading: str) -> None:
        self.write(f"{'':>{self.current_indent}}{_HEADINGS.get(heading, heading)} :\n")


class FrenchContext(click.Context):
    formatter_class = FrenchHelp


class _French:
    context_class = FrenchContext

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option:
            option.help = "Affiche cette aide."
        return option

    exemple: str | None = None

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self.exemple:
            with formatter.section("Exemple"):
                formatter.write(f"  {self.exemple}\n")


class Command(_French, click.Command):
    """A command whose help ends with an example, given by `exemple`."""

    def __init__(self, *args: Any, exemple: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.exemple = exemple


class Group(_French, click.Group):
    """Commands in the order they were added, which is the order of use; `exemple` as for a command."""

    command_class = Command

    def __init__(self, *args: Any, exemple: str | None = None, **kwargs: Any):
        super().__init__(*args, subcommand_metavar="COMMANDE ...", **kwargs)
        self.exemple = exemple

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


class Number(click.IntRange):
    """A whole number between two bounds."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"il faut un nombre entier entre {self.min} et {self.max}.", param, ctx)


class Day(click.ParamType):
    """A day written YYYY-MM-DD."""

    name = "jour"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail("il faut un jour comme 2026-11-21.", param, ctx)


def explain(error: click.ClickException) -> str:
    """One French sentence for an error of the command line."""
    match error:
        case click.NoSuchOption():
            sentence = f"L'option « {error.option_name} » n'existe pas."
            return sentence + _did_you_mean(error.possibilities)
        case click.exceptions.NoSuchCommand():
            return f"La commande « {error.command_name} » n'existe pas." + _did_you_mean(error.possibilities)
        case click.MissingParameter():
            return f"Il manque {_name(error)}."
        case click.BadParameter():
            return f"{_name(error)} : {error.message}"
        case click.UsageError():
            return "La commande est mal écrite."
    return error.message


def _name(error: click.BadParameter) -> str:
    if error.param_hint:
        return str(error.param_hint)
    if error.param is None:
        return "un argument"
    return error.param.opts[0] if isinstance(error.param, click.Option) else error.param.human_readable_name


def _did_you_mean(possibilities: Any) -> str:
    return f" Vouliez-vous dire « {min(possibilities)} » ?" if possibilities else ""
