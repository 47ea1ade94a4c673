"""The `jalon` command. One module for each family of commands, imported when one of its commands is asked for.

All together they take seconds and 100 MB, which `jalon servir` would add to its start and keep as long as it runs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from importlib import import_module

import click

from cli.french import Group, explain

# In the order of use, which is that of the help.
FAMILIES = {
    "service": ("servir", "remplacer", "entrainer"),
    "base": ("construire", "verifier"),
    "falc": ("falc",),
    "orientation": ("orienter",),
    "lieux": ("lieux",),
    "explanation": ("expliquer",),
    "comparison": ("comparer",),
    "calculators": ("cotation", "reste-pour-vivre"),
    "conversation": ("chat", "comprendre"),
    "counter": ("guichet",),
    "sms": ("sms",),
    "relecture": ("relire",),
    "rereading": ("relecture",),
    "personne": ("personne",),
    "statistiques": ("statistiques",),
    "opening": ("horaires",),
    "upkeep": ("fraicheur", "proposer", "propositions", "accepter", "refuser"),
    "exchange": ("importer", "exporter", "doublons"),
    "operations.commands": ("diagnostic", "sauvegarder", "restaurer", "essayer"),
}


class Commands(Mapping):
    """The commands of FAMILIES by their names, each imported when it is read."""

    def __init__(self) -> None:
        self._homes = {name: module for module, names in FAMILIES.items() for name in names}

    def __getitem__(self, name: str) -> click.Command:
        module = import_module(f"cli.{self._homes[name]}")
        return next(command for command in module.COMMANDS if command.name == name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)


@click.group(cls=Group, commands=Commands())
def jalon() -> None:
    """Jalon oriente vers les droits et les services de Paris."""


def main(arguments: list[str] | None = None) -> None:
    """Run `jalon`; leave with 0 when all went well, 1 on a failure, 2 on a mistyped command."""
    try:
        code = jalon.main(arguments, prog_name="jalon", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        code = 2
    except click.UsageError as error:
        click.echo(
            f"{explain(error)}\nL'aide : {error.ctx.command_path if error.ctx else 'jalon'} --help", err=True
        )
        code = 2
    except click.ClickException as error:
        click.echo(error.format_message(), err=True)
        code = 1
    except (click.Abort, KeyboardInterrupt):
        code = 130
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
