"""`jalon relire`: a person reads the sentences kept with consent and says what they mean."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import click

from channels.relecture.kept import Kept, Sentence, kept_sentences, lists, today
from channels.settings import read_settings
from cli import labelling
from cli.conversation import ADDRESS, Door
from cli.french import Command
from cli.labelling import Label, LabelError
from data.database import open_database

_KINDS = {
    labelling.NEED: "Besoins",
    labelling.ALERT: "Alertes",
    labelling.ACT: "Actes",
    labelling.FACT: "Faits",
}
_OFF = "Rien à relire. Pour garder des phrases, avec l'accord des personnes : JALON_RELECTURE_JOURS=30 jalon servir"
_HELP = "Numéros ou noms, avec des virgules. l : la liste. p : passer. e : effacer. q : quitter."


@click.command(cls=Command, exemple="jalon relire --liste")
@click.option("--liste", "listing", is_flag=True, help="Montre les phrases gardées, sans rien demander.")
@click.option("--effacer-tout", "clearing", is_flag=True, help="Efface toutes les phrases gardées.")
@ADDRESS
def relire(listing: bool, clearing: bool, address: str) -> None:
    """Étiquette les messages que des personnes ont accepté de laisser.

    Pour faire relire les textes de Jalon, c'est une autre commande : « jalon relecture ».

    Une phrase étiquetée va dans assistant/nlu/relus.yml et quitte les phrases gardées.
    """
    settings = read_settings()
    kept = kept_sentences(settings.review_file)
    try:
        sentences = kept.sentences(today())
        if clearing:
            kept.clear()
            click.echo(f"Phrases effacées : {len(sentences)}.")
        elif listing:
            for sentence in sentences:
                click.echo(_shown(sentence))
            click.echo(f"Phrases gardées : {len(sentences)}.")
        elif sentences:
            _review(kept, sentences, address)
        else:
            click.echo("Rien à relire." if settings.review_days else _OFF)
    except LabelError as error:
        raise click.ClickException(str(error)) from None
    except (sqlite3.Error, OSError) as error:
        raise click.ClickException(f"Les phrases gardées sont illisibles : {kept.path} ({error}).") from None


def _review(kept: Kept, sentences: Sequence[Sentence], address: str) -> None:
    labels = labelling.all_labels(open_database().base)
    replacements = lists()["remplacements"]
    labelling.read_reviewed(labelling.REVIEWED, labels)
    done = 0
    for rank, sentence in enumerate(sentences, 1):
        text = labelling.training_text(sentence.texte, replacements)
        click.echo(f"\n{rank}/{len(sentences)}  {_shown(sentence)}")
        click.echo(_understood(text, address))
        answer = _ask(labels, text)
        if answer == "q":
            break
        if isinstance(answer, tuple):
            labelling.add_reviewed(labelling.REVIEWED, *answer, labels)
            done += 1
        if answer != "p":  # only once the line is written: a cut loses nothing
            kept.remove(sentence.texte)
    click.echo(f"\nPhrases étiquetées : {done}. Il en reste {len(kept.sentences(today()))}.")
    if done:
        click.echo("Pour que Jalon les apprenne : « jalon entrainer ».")


def _shown(sentence: Sentence) -> str:
    return f"« {sentence.texte} » (s'efface le {sentence.efface_le:%d/%m/%Y})"


def _understood(text: str, address: str) -> str:
    """What Jalon understands of it today; facts are left out, its numbers and places being made up."""
    try:
        with Door(address) as door:
            found = door.post("/api/v1/comprendre", {"texte": text})
    except click.ClickException as error:
        return f"Je ne sais pas ce que Jalon comprend aujourd'hui. {error.format_message()}"
    names = [*found["besoins"], *found["alertes"], *filter(None, [found["acte"]])]
    return f"Jalon comprend aujourd'hui : {', '.join(names) or 'rien'}."


def _ask(labels: Sequence[Label], text: str) -> str | tuple[str, str]:
    """« p », « e », « q », or the intent and the example of the labels that the reviewer gave."""
    click.echo(_HELP)
    while True:
        try:
            typed = input("> ").strip()
        except (EOFError, KeyboardInterrupt):
            return "q"
        if typed in ("p", "e", "q"):
            return typed
        if typed == "l":
            _show_labels(labels)
            continue
        try:
            return labelling.training_line(text, labelling.read_choice(typed, labels))
        except LabelError as error:
            click.echo(str(error))


def _show_labels(labels: Sequence[Label]) -> None:
    kind = None
    for rank, label in enumerate(labels, 1):
        if label.kind != kind:
            kind = label.kind
            click.echo(f"{_KINDS[kind]} :")
        click.echo(f"  {rank:>3}. {label.id} : {label.text}")


COMMANDS = (relire,)
