"""`jalon falc`: is what people read plain French? Every fault, where it is, and better words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text as Line

from cli.french import Command
from cli.project import ROOT
from data.yaml_reader import YamlError
from falc.collecting import collect
from falc.gate import CROWDED, judge, rules
from falc.lexicon import lexicon
from falc.model import BLOCKS, CHANNELS, Finding, Text
from falc.syntax import Reader, Unavailable
from falc.waivers import apply, waivers

_CACHE = ROOT / ".cache" / "falc.db"
_COLOURS = {BLOCKS: "bold red", "avertit": "yellow"}


@click.command(cls=Command, exemple="jalon falc data/services.yml --regle LEN")
@click.argument("files", metavar="[FICHIERS]...", nargs=-1)
@click.option(
    "--regle", "codes", multiple=True, metavar="CODE", help="Seulement cette règle. Peut se répéter."
)
@click.option("--canal", "channel", type=click.Choice(CHANNELS), help="Seulement les textes de ce canal.")
@click.option("--bloquant", "blocking", is_flag=True, help="Seulement ce qui bloque.")
@click.option("--resume", "summary", is_flag=True, help="Seulement les totaux.")
@click.option("--json", "as_json", is_flag=True, help="Donne les fautes en JSON.")
@click.option("--phrase", metavar="TEXTE", help="Contrôle ce texte, au lieu des fichiers.")
@click.option("--regles", "list_rules", is_flag=True, help="Liste les règles, avec leur source.")
def falc(
    files: tuple[str, ...],
    codes: tuple[str, ...],
    channel: str | None,
    blocking: bool,
    summary: bool,
    as_json: bool,
    phrase: str | None,
    list_rules: bool,
) -> None:
    """Contrôle que les textes sont faciles à lire (FALC).

    Sans FICHIERS : tous les textes que les personnes peuvent lire. Le code de sortie est 1 quand une faute bloque.
    Aucune machine ne remplace la relecture par des personnes concernées.
    """
    if list_rules:
        return _print_rules()
    unknown = set(codes) - {rule.code for rule in rules()} - {CROWDED}
    if unknown:
        raise click.ClickException(
            f"La règle « {min(unknown)} » n'existe pas. La liste : jalon falc --regles"
        )
    texts = _texts(files, phrase)
    texts = [text for text in texts if channel in (None, text.channel)]
    try:
        findings = judge(texts, lexicon(), Reader(_CACHE))
        findings, unused = apply(findings, waivers())
    except (Unavailable, YamlError) as error:
        raise click.ClickException(str(error)) from error
    shown = [
        finding
        for finding in findings
        if (not codes or finding.code in codes) and (not blocking or finding.level == BLOCKS)
    ]
    stale = [] if files or phrase or channel else unused
    if as_json:
        click.echo(json.dumps([_plain(finding) for finding in shown], ensure_ascii=False, indent=2))
    else:
        _print(texts, shown, summary)
        for waiver in stale:
            click.echo(f"falc/dispenses.yml:{waiver.line}: cette dispense ne sert plus. Retirez-la.")
    if stale or any(finding.level == BLOCKS for finding in shown):
        raise click.exceptions.Exit(1)


def _texts(files: Sequence[str], phrase: str | None) -> list[Text]:
    """The sentence given, the texts of some files, or all."""
    if phrase is not None:
        return [Text("phrase", "phrase", 1, "web", "phrase", phrase)]
    try:
        known = collect(ROOT)
    except YamlError as error:
        raise click.ClickException(str(error)) from error
    return [text for file in files for text in _of_file(file, known)] if files else known


def _of_file(file: str, known: Iterable[Text]) -> list[Text]:
    """Texts of one file of the repository; of any other text file, each line is one."""
    path = Path(file)
    if path.resolve().is_relative_to(ROOT):
        name = path.resolve().relative_to(ROOT).as_posix()
        found = [text for text in known if text.file == name]
        if found:
            return found
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"Le fichier « {file} » ne peut pas être lu comme un texte.") from error
    if path.suffix in (".yml", ".yaml"):
        raise click.ClickException(
            f"Le fichier « {file} » n'a pas de texte connu. Rangez-le dans falc/collecting/textes.yml."
        )
    return [
        Text(f"{file}#{number}", file, number, "web", "phrase", line)
        for number, line in enumerate(lines, 1)
        if line.strip()
    ]


def _print(texts: Sequence[Text], findings: Sequence[Finding], summary: bool) -> None:
    console = Console(highlight=False, soft_wrap=True)
    if not summary:
        for finding in findings:
            _print_one(console, finding)
    blocks = [finding for finding in findings if finding.level == BLOCKS]
    faulty = len({finding.text.id for finding in blocks})
    for code, count in Counter(finding.code for finding in findings).most_common():
        stopped = sum(1 for finding in blocks if finding.code == code)
        console.print(f"{code:8} {count:5}  dont {stopped} qui bloquent")
    if summary:
        for file, count in Counter(finding.text.file for finding in blocks).most_common():
            console.print(f"{count:5}  {file}")
    console.print(
        f"{len(texts)} textes. {len(blocks)} fautes qui bloquent, dans {faulty} textes. "
        f"{len(findings) - len(blocks)} avertissements."
    )


def _print_one(console: Console, finding: Finding) -> None:
    line = Line(f"{finding.text.file}:{finding.text.line} ")
    line.append(f"{finding.code} {finding.level}", style=_COLOURS[finding.level])
    line.append(f" : {finding.problem}\n    ")
    line.append(finding.sentence[: finding.start])
    line.append(finding.sentence[finding.start : finding.end], style="underline")
    line.append(finding.sentence[finding.end :])
    line.append(f"\n    → {finding.better}", style="green")
    console.print(line)


def _plain(finding: Finding) -> dict:
    return {
        "texte": finding.text.id,
        "fichier": finding.text.file,
        "ligne": finding.text.line,
        "canal": finding.text.channel,
        "genre": finding.text.kind,
        "code": finding.code,
        "niveau": finding.level,
        "phrase": finding.sentence,
        "debut": finding.start,
        "fin": finding.end,
        "probleme": finding.problem,
        "mieux": finding.better,
    }


def _print_rules() -> None:
    for rule in rules():
        click.echo(f"{rule.code:8} {rule.meaning}\n         {rule.source}")
    click.echo(f"{CROWDED:8} Pas plus de 3 difficultés dans une phrase.\n         Choix de Jalon, 2026")


COMMANDS = [falc]
