"""`jalon cotation` and `jalon reste-pour-vivre`: the two historical calculators, without any server."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from channels.api.calculators import DemandeCotation, DemandeRestePourVivre
from channels.errors import translate
from cli.french import Command, Day
from cli.orientation import open_or_explain
from data.yaml_reader import YamlError, parse_yaml, read_yaml
from rules.calculators.cotation import score
from rules.calculators.reste_pour_vivre import left_to_live_on

_YES_NO = {"oui": True, "non": False}
_FACT = click.option("--fait", "facts", multiple=True, metavar="CLÉ=VALEUR", help="Ce que l'on sait. Peut se répéter.")  # fmt: skip
_DATE = click.option("--date", "day", type=Day(), metavar="JOUR", help="Jour du calcul (aujourd'hui).")
_JSON = click.option("--json", "as_json", is_flag=True, help="Donne l'objet complet, en JSON.")
_FILE = click.argument("file", metavar="[FICHIER]", required=False, type=click.Path(path_type=Path))


@click.command(
    cls=Command, exemple="jalon cotation --fait loyer=950 --fait apl=100 --fait ressources_mensuelles=1300"
)
@_FILE
@_FACT
@_DATE
@_JSON
def cotation(file: Path | None, facts: tuple[str, ...], day: date | None, as_json: bool) -> None:
    """Calcule les points de l'ancienne grille de 2019. Elle a été remplacée le 10 janvier 2024.

    Ce qui n'est pas dit rend sa rubrique non calculable. FICHIER, en YAML ou en JSON, donne les mêmes clés.
    """
    entries = _read_file(file)
    for key, value in _pairs(facts):
        _put(entries, key.split("."), value)
    day = _day(day, entries)
    answer = score(open_or_explain().cotation, _checked(DemandeCotation, entries), day)
    _print(answer) if as_json else _show_cotation(answer)


@click.command(
    name="reste-pour-vivre",
    cls=Command,
    exemple="jalon reste-pour-vivre --personne 35:titulaire --personne 10:enfant --fait salaires=1200 --fait loyer=450",
)
@_FILE
@click.option(
    "--personne",
    "people",
    multiple=True,
    metavar="ÂGE:RÔLE[:GARDE]",
    help="Une personne, par exemple 10:enfant:alternee_jaf. Peut se répéter.",
)
@_FACT
@_DATE
@_JSON
def reste_pour_vivre(
    file: Path | None, people: tuple[str, ...], facts: tuple[str, ...], day: date | None, as_json: bool
) -> None:
    """Calcule ce qui reste par jour pour vivre, selon les documents de 2016 et 2019.

    FICHIER, en YAML ou en JSON, contient personnes, ressources et depenses.
    """
    household = _read_file(file)
    household["personnes"] = [*(household.get("personnes") or []), *(_person(text) for text in people)]
    costs = DemandeRestePourVivre.model_fields["depenses"].annotation.model_fields
    for key, value in _pairs(facts):
        _put(household, ["depenses" if key in costs else "ressources", key], value)
    day = _day(day, household)
    answer = left_to_live_on(
        open_or_explain().reste_pour_vivre, _checked(DemandeRestePourVivre, household), day
    )
    _print(answer) if as_json else _show_left(answer)


def _read_file(file: Path | None) -> dict:
    """What a YAML file says (JSON is YAML too), with true and false for oui and non."""
    if file is None:
        return {}
    try:
        content = _plain(read_yaml(file))
    except YamlError as error:
        raise click.BadParameter(str(error), param_hint="FICHIER") from None
    except (OSError, UnicodeDecodeError):
        raise click.BadParameter(f"le fichier {file} ne se lit pas.", param_hint="FICHIER") from None
    if not isinstance(content, dict):
        raise click.BadParameter("il faut des clés suivies de « : ».", param_hint="FICHIER")
    return content


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return _YES_NO.get(value, value) if isinstance(value, str) else value


def _pairs(facts: tuple[str, ...]) -> list[tuple[str, object]]:
    pairs = []
    for fact in facts:
        key, equal, text = (part.strip() for part in fact.partition("="))
        if not equal:
            raise click.BadParameter(f"« {fact} » doit s'écrire CLÉ=VALEUR.", param_hint="--fait")
        pairs.append((key, _scalar(text)))
    return pairs


def _scalar(text: str) -> object:
    """A number, oui or non as such; anything else is a text."""
    try:
        value = _plain(parse_yaml(text))
    except YamlError:
        return text
    return value if isinstance(value, (bool, int, float)) else text


def _person(text: str) -> dict:
    age, _, rest = text.partition(":")
    role, _, custody = rest.partition(":")
    said = {"age": _scalar(age) if age else None, "role": role or None, "garde": custody or None}
    return {key: value for key, value in said.items() if value is not None}


def _put(target: dict, path: list[str], value: object) -> None:
    for key in path[:-1]:
        inner = target.get(key)
        target[key] = target = inner if isinstance(inner, dict) else {}
    target[path[-1]] = value


def _day(day: date | None, request: dict) -> date:
    """The day of the option, else of the file, else today."""
    said = request.pop("date", None)
    return day or (date.today() if said is None else Day().convert(str(said)[:10], None, None))


def _checked(schema: type[BaseModel], request: dict) -> dict:
    try:
        checked = schema.model_validate(request)
    except ValidationError as error:
        faults = [translate(found, found["loc"], schema) for found in error.errors()]
        lines = [
            f"{one['chemin']} : {one['message']}"
            + (f" Vouliez-vous dire « {one['suggestion']} » ?" if one["suggestion"] else "")
            for one in faults
        ]
        raise click.BadParameter("\n".join(lines), param_hint="--fait") from None
    return checked.model_dump(exclude={"date"}, exclude_none=True)


def _print(answer: dict) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def _show_cotation(answer: dict) -> None:
    console = Console(highlight=False)
    console.print(Text(answer["avertissement"], style="yellow"), "")
    table = Table("rubrique", "points", "autres lectures, remarques", box=None, pad_edge=False)
    lines = [(line, "points", "") for line in answer["lignes"]]
    lines += [(line, "pourcentage", " %") for line in answer["pourcentages"]]
    for line, key, unit in lines:
        if line["etat"] == "non_calculable":
            continue
        points = "?" if line[key] is None else _french(line[key]) + unit
        remarks = [f"{_french(one[key])}{unit} si {one['pourquoi']}" for one in line["lectures"]]
        table.add_row(line["libelle"], points, "\n".join(remarks + line["a_savoir"]))
    console.print(table)
    if missing := [line for line, *_ in lines if line["etat"] == "non_calculable"]:
        console.print("\nNon calculable, donc non compté :")
        for line in missing:
            console.print(Text(f"  {line['libelle']} : {_missing(line)}", style="dim"))
    console.print()
    console.print(Text(_total(answer), style="bold"))
    console.print(Text(f"Source : {_cited(answer['source'])}", style="dim"))


def _missing(line: dict) -> str:
    return "il manque " + ", ".join(line["manque"]) if line["manque"] else " ".join(line["a_savoir"])


def _total(answer: dict) -> str:
    if not answer["totaux"]:
        return "Total : non calculable."
    if answer["total"] is not None:
        return f"Total : {_french(answer['total'])} points."
    return f"Totaux possibles : {' ; '.join(map(_french, answer['totaux']))} points."


def _show_left(answer: dict) -> None:
    console = Console(highlight=False)
    console.print(Text(answer["avertissement"], style="yellow"), "")
    table = Table("poste", "montant", "compté", "pourquoi", box=None, pad_edge=False)
    for line in answer["detail"]:
        if "personne" in line:
            who = " ".join(str(value) for value in line["personne"].values()) or "personne"
            counted = {True: "oui", False: "non", None: "?"}[line["compte"]]
            table.add_row(who, "", counted + ("" if line["certain"] else ", à vérifier"), line["texte"])
        elif line["montant"] is not None:
            sign = {"plus": "oui", "moins": "oui, en moins", "ignore": "non"}[line["effet"]]
            sign += "" if line["effet"] == "ignore" else f" ({line['partie']})"
            table.add_row(line["libelle"], f"{_french(line['montant'])} €", sign, line["texte"] or "")
    console.print(table)
    console.print(Text(f"\nNon dit, donc non compté : {', '.join(answer['non_dits'])}", style="dim"))
    if answer["rpv"] is None:
        reason = ", ".join(answer["manque"]) or "qui compte au foyer, avec au moins un adulte"
        console.print(Text(f"Reste-pour-vivre : non calculable. Il manque {reason}.", style="bold"))
    else:
        side = {True: "au moins", False: "moins de", None: "peut-être moins de"}[answer["au_moins_11"]]
        said = f"{_french(answer['rpv'])} € par jour et par UC, pour {_french(answer['uc'])} UC"
        console.print(Text(f"Reste-pour-vivre : {said} : {side} {answer['seuil']} €.", style="bold"))
    for other in answer["lectures"]:
        if other["rpv"] is not None:
            console.print(
                f"Autre résultat possible : {_french(other['rpv'])} €, pour {_french(other['uc'])} UC."
            )
    console.print(Text(f"Source : {_cited(answer['source'])}", style="dim"))


def _cited(source: dict) -> str:
    parts = (source["titre"], source["editeur"], source["date"] or "sans date", source["passage"])
    return ", ".join(part for part in parts if part)


def _french(value: float) -> str:
    return f"{value:g}".replace(".", ",") if abs(value) < 1e6 else f"{value:.2f}".replace(".", ",")


COMMANDS = (cotation, reste_pour_vivre)
