"""The `jalon` command. One module for each family of commands."""

from __future__ import annotations

import sys

import click

from cli import (
    base,
    calculators,
    comparison,
    conversation,
    counter,
    exchange,
    explanation,
    falc,
    lieux,
    opening,
    orientation,
    personne,
    relecture,
    rereading,
    service,
    sms,
    statistiques,
    upkeep,
)
from cli.french import Group, explain
from cli.operations import commands as operations


@click.group(cls=Group)
def jalon() -> None:
    """Jalon oriente vers les droits et les services de Paris."""


for module in (
    service,
    base,
    falc,
    orientation,
    lieux,
    explanation,
    comparison,
    calculators,
    conversation,
    counter,
    sms,
    relecture,
    rereading,
    personne,
    statistiques,
    opening,
    upkeep,
    exchange,
    operations,
):
    for command in module.COMMANDS:
        jalon.add_command(command)


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
