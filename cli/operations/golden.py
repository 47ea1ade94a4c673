"""A few conversations that any base and any model must pass before they serve people."""

from __future__ import annotations

import asyncio
import re
import secrets
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from channels.conversation import Conversation
from channels.rasa import RasaClient, RasaUnavailable
from channels.settings import Settings, read_settings
from data.base_file import DatabaseError
from data.database import open_database
from data.yaml_reader import read_yaml

_FILE = Path(__file__).with_name("conversations.yml")


@cache
def conversations() -> list[dict]:
    """Each with « pourquoi », « dit » and what must hold (see the head of conversations.yml)."""
    return read_yaml(_FILE)


async def played(settings: Settings) -> list[str]:
    """`faults` of the dialogue server and the base that `settings` name."""
    db, rasa = open_database(settings.base), RasaClient(settings)
    try:
        return await faults(Conversation(settings, rasa, db.base))
    finally:
        await rasa.close()
        db.close()


async def faults(line: Conversation, played: list[dict] | None = None) -> list[str]:
    """One French sentence for each conversation that fails. Raises RasaUnavailable when one cannot be erased."""
    found = []
    for one in conversations() if played is None else played:
        session = secrets.token_hex(16)
        answers = [await line.turn(session, text, "web") for text in one["dit"]]
        wrong = ", ".join(_wrong(one, answers))
        if wrong:
            found.append(f"« {one['dit'][-1]} » : {wrong}.")
        await line.forget(session)
    return found


def _wrong(one: Mapping, answers: list[dict]) -> Iterator[str]:
    last, told = answers[-1], answers[-1]["etat"]
    if any(answer.get("panne") for answer in answers):
        yield "le dialogue n'a pas répondu"
        return
    said = "\n".join(message["texte"] or "" for message in last["messages"])
    if (number := one.get("numero")) and not re.search(rf"(?<!\d){number}(?!\d)", said):
        yield f"le {number} n'est pas donné"
    if missing := set(one.get("besoins", ())) - set(told["besoins"]):
        yield f"besoin non compris : {', '.join(sorted(missing))}"
    for fact, value in one.get("faits", {}).items():
        if told["faits"].get(fact) != value:
            yield f"{fact} vaut {told['faits'].get(fact)!r}, pas {value!r}"
    if one.get("incompris") and not last.get("entendu", {}).get("incompris"):
        yield "pris pour un message compris"
    yield from _wrong_orientation(one, answers)


def _wrong_orientation(one: Mapping, answers: list[dict]) -> Iterator[str]:
    shown = [message["orientation"] for answer in answers for message in answer["messages"]]
    dispositifs = {d["id"]: d for orientation in shown if orientation for d in orientation["dispositifs"]}
    places = {place["categorie"] for d in dispositifs.values() for place in d["services"]}
    if (category := one.get("lieu")) and category not in places:
        yield f"aucun lieu de la catégorie {category}"
    for name, status in one.get("statut", {}).items():
        if (found := dispositifs.get(name, {}).get("statut")) != status:
            yield f"{name} est « {found} », pas « {status} »"


def main() -> None:
    """`python -m cli.operations.golden`: play them with what the environment names; 1 and the faults when some fail."""
    try:
        found = asyncio.run(played(read_settings()))
    except DatabaseError as error:
        found = [str(error)]
    except RasaUnavailable:
        found = ["Le dialogue ne répond pas."]
    print("\n".join(found))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
