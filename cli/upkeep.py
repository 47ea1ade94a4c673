"""Keeping places true from a terminal: `jalon fraicheur`, `proposer`, `propositions`, `accepter`, `refuser`."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table

from cli.french import Command, Day
from cli.project import ROOT
from data.checks import Places, read_places
from data.city import postgres_address
from data.sql.errors import StoreError
from data.upkeep import proposals
from data.upkeep.boxes import Box, open_box
from data.upkeep.freshness import Delays, Stale, as_to_check, counted, read_delays, stale
from data.upkeep.proposals import PROOFS
from data.yaml_reader import YamlError, parse_yaml, read_yaml
from rules.checking.gaps import ToCheck

_WHO = click.option(
    "--par", "who", required=True, metavar="QUI", help="Qui le dit : un service, une fonction."
)
_DAY = click.option("--jour", "day", type=Day(), metavar="JOUR", help="Jour à prendre pour aujourd'hui.")


def proposals_box() -> Box:
    """Where corrections wait: PostgreSQL when $JALON_POSTGRES, else $JALON_PROPOSITIONS, else data/propositions.

    Raises ValueError when the address is none.
    """
    folder = Path(os.environ.get("JALON_PROPOSITIONS") or ROOT / "data" / "propositions")
    return open_box(postgres_address(os.environ), folder)


@contextmanager
def _told() -> Iterator[None]:
    """Every error of proposals in French, for who typed the command."""
    try:
        yield
    except (ValueError, YamlError) as error:
        raise click.ClickException(str(error)) from None
    except StoreError as error:
        raise click.ClickException(f"La base PostgreSQL des propositions ne répond pas ({error}).") from None


def places_to_check(root: Path, today: date) -> list[tuple[dict, list[Stale]]]:
    """Every place of data/services.yml that has a fact to check, with these facts. Raises ClickException."""
    places, delays = _checked(root)
    entries = read_yaml(root / "data" / "services.yml")
    found = ((entry, list(stale(entry, places.sources, delays, today))) for entry in entries)
    return [(entry, facts) for entry, facts in found if facts]


def counts_by_category(root: Path, today: date) -> list[ToCheck]:
    """One line a category, for the list of all that a person has to check (jalon verifier --strict)."""
    labels = _checked(root)[0].categories
    counts: dict[str, Counter] = {}
    for entry, facts in places_to_check(root, today):
        counts.setdefault(entry["categorie"], Counter()).update(fact.fact for fact in facts)
    return [
        counted(counts[category], category, labels[category]) for category in labels if category in counts
    ]


@click.command(cls=Command, exemple="jalon fraicheur --categorie bains_douches")
@click.option(
    "--categorie", "category", metavar="CATEGORIE", help="Liste les lieux de cette catégorie, un par un."
)
@click.option("--json", "as_json", is_flag=True, help="Donne tous les lieux à revoir, en JSON.")
@_DAY
def fraicheur(category: str | None, as_json: bool, day: date | None) -> None:
    """Dit ce qui a vieilli dans les lieux, par catégorie, et qui appeler.

    Les délais sont dans data/fraicheur.yml.
    """
    today = day or date.today()
    places, _ = _checked(ROOT)
    found = places_to_check(ROOT, today)
    if category and category not in places.categories:
        message = f"La catégorie « {category} » n'existe pas. Elles sont : {', '.join(places.categories)}."
        raise click.BadParameter(message, param_hint="--categorie")
    if as_json:
        rows = [_row(*item) for item in found if category in (None, item[0]["categorie"])]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    elif category:
        _show_one_by_one(
            places.categories[category], [item for item in found if item[0]["categorie"] == category]
        )
    else:
        _show_counts(places, found)


@click.command(
    cls=Command,
    exemple='jalon proposer bd-audubon horaires.osm "Mo-Fr 12:00-19:00; PH off" --preuve appel --par "ESI Halle"',
)
@click.argument("place", metavar="LIEU")
@click.argument("field", metavar="CHAMP")
@click.argument("value", metavar="[VALEUR]", required=False)
@click.option(
    "--preuve", "proof", required=True, metavar="PREUVE", help=f"Comment on le sait : {', '.join(PROOFS)}."
)
@_WHO
@click.option("--note", metavar="TEXTE", help="Une précision pour la personne qui décidera.")
@_DAY
def proposer(
    place: str, field: str, value: str | None, proof: str, who: str, note: str | None, day: date | None
) -> None:
    """Propose une correction d'un lieu, ou confirme ce qui est écrit.

    CHAMP est un champ du lieu (horaires.osm, telephone.numero, statut…) et VALEUR ce qu'il faut écrire.
    Sans VALEUR, CHAMP est ce qui est juste : horaires, telephone, publics ou adresse.

    Rien ne change tant qu'une personne n'a pas lancé « jalon accepter ».
    """
    wanted = None if value is None else _typed(value)
    with _told():
        kept = proposals.propose(
            ROOT, proposals_box(), place, field, wanted, proof, who, day or date.today(), note
        )
    click.echo(f"{kept}\nPour l'accepter : jalon accepter {kept.id} --par QUI")


@click.command(cls=Command, exemple="jalon propositions")
@click.option("--historique", "place", metavar="LIEU", help="Montre les décisions déjà prises pour un lieu.")
def propositions(place: str | None) -> None:
    """Liste les corrections qui attendent une décision."""
    with _told():
        if place:
            _show_history(proposals.history(ROOT, place))
            return
        waiting = proposals.pending(proposals_box())
    for proposal in waiting:
        click.echo(f"{proposal}\n")
    click.echo(f"Propositions en attente : {len(waiting)}.")


@click.command(cls=Command, exemple='jalon accepter 2026-11-21-bd-audubon-3f2a1c --par "Cellule données"')
@click.argument("proposal", metavar="PROPOSITION")
@_WHO
@_DAY
def accepter(proposal: str, who: str, day: date | None) -> None:
    """Écrit une correction dans data/services.yml et dans l'historique."""
    with _told():
        done = proposals.accept(ROOT, proposals_box(), proposal, who, day or date.today())
    click.echo(f"{done}\nAcceptée. Pour la publier : jalon construire")


@click.command(
    cls=Command,
    exemple='jalon refuser 2026-11-21-bd-audubon-3f2a1c --par "Cellule données" --raison "Doublon"',
)
@click.argument("proposal", metavar="PROPOSITION")
@_WHO
@click.option("--raison", "why", required=True, metavar="TEXTE", help="Pourquoi.")
@_DAY
def refuser(proposal: str, who: str, why: str, day: date | None) -> None:
    """Écarte une correction. La raison reste dans l'historique."""
    with _told():
        done = proposals.refuse(ROOT, proposals_box(), proposal, who, why, day or date.today())
    click.echo(f"{done}\nRefusée : {why}")


def _checked(root: Path) -> tuple[Places, Delays]:
    places, faults = read_places(root)
    delays, more = read_delays(root, places.categories)
    if faults := [*faults, *more]:
        raise click.ClickException("\n".join(map(str, faults)))
    return places, delays


def _typed(value: str) -> object:
    """`value` as data/services.yml would read it: a number, true, a list… else the text itself."""
    try:
        read = parse_yaml(f"- {value}")
    except YamlError:
        return value
    one = read[0] if isinstance(read, list) and len(read) == 1 else value
    if isinstance(one, dict):
        return value
    return list(one) if isinstance(one, list) else one


def _row(entry: dict, facts: Iterable[Stale]) -> dict:
    phone = entry.get("telephone") or {}
    return {
        "id": entry["id"],
        "nom": entry["nom"],
        "categorie": entry["categorie"],
        "a_revoir": [{"fait": fact.fact, "pourquoi": fact.why, "depuis": fact.since} for fact in facts],
        "telephone": phone.get("numero"),
        "telephone_confiance": phone.get("confiance"),
    }


def _show_counts(places: Places, found: list[tuple[dict, list[Stale]]]) -> None:
    columns = {
        "horaires": "Heures",
        "telephone": "Tél.",
        "publics": "Public",
        "adresse": "Adr.",
        "statut": "Ouv.",
    }
    numbers = [
        Column(name, justify="right", no_wrap=True) for name in ("Lieux", "À revoir", *columns.values())
    ]
    table = Table(Column("Catégorie"), *numbers, box=SIMPLE)
    for category, label in places.categories.items():
        known = sum(place["categorie"] == category for place in places.services)
        here = [facts for entry, facts in found if entry["categorie"] == category]
        counts = Counter(fact.fact for facts in here for fact in facts)
        table.add_row(label, str(known), str(len(here)), *(str(counts[name] or "") for name in columns))
    Console().print(table)
    click.echo(
        f"{len(found)} lieux à revoir sur {len(places.services)}. Un par un : jalon fraicheur --categorie esi"
    )


def _show_one_by_one(label: str, found: list[tuple[dict, list[Stale]]]) -> None:
    click.echo(f"{label} : {len(found)} à revoir")
    for entry, facts in found:
        item = as_to_check(entry, facts, label)
        sure = (entry.get("telephone") or {}).get("confiance") != "basse"
        call = (
            f"Appelez {item.phone}{'' if sure else ' (numéro peu sûr)'}."
            if item.phone
            else "Pas de téléphone connu."
        )
        click.echo(f"  [ ] {entry['id']} (ligne {item.line}) : {item.what} {call}")


def _show_history(entries: list[dict]) -> None:
    for entry in entries:
        reason = f" : {entry['raison']}" if entry["raison"] else ""
        click.echo(
            f"{entry['decide_le']} {entry['champ']} {entry['decision']} par {entry['decide_par']}{reason}"
        )
    click.echo(f"Décisions : {len(entries)}.")


COMMANDS = (fraicheur, proposer, propositions, accepter, refuser)
