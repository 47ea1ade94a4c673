"""What the NLU understood of a message, in the words of the contract."""

from __future__ import annotations

from collections.abc import Mapping

from rules import Base, check_facts

NEED, ALERT, NUMBER, GUESS = "besoin", "alerte", "nombre", "besoin_possible"
FEELING = "ressenti"
FORGOTTEN_FACT, FORGOTTEN_NEED = "fait_oublie", "besoin_oublie"
_NOT_TOLD = (NUMBER, GUESS, FEELING, FORGOTTEN_FACT, FORGOTTEN_NEED)
_WITHOUT_ACT = ("informer", "danger", "nlu_fallback", FEELING)


def from_parse(parse: Mapping, base: Base) -> dict:
    """The answer of /comprendre from Rasa's parse result.

    A fact that takes several values becomes a list; otherwise the last value said wins, because a
    correction follows what it corrects. A value that the base does not accept is left out.
    """
    needs: list[str] = []
    alerts: list[str] = []
    facts: dict[str, object] = {}
    marks = []
    for entity in parse.get("entities", []):
        name, value = entity["entity"], entity["value"]
        if name in _NOT_TOLD:
            continue
        if name == NEED:
            _add(needs, value)
        elif name == ALERT:
            _add(alerts, value)
        elif name in base.facts and base.facts[name].type == "choix_multiple":
            _add(facts.setdefault(name, []), value)
        elif not check_facts(base, {name: value}):
            facts[name] = value
        else:
            continue
        marks.append(_mark(entity))
    intent = (parse.get("intent") or {}).get("name")
    bare = not (needs or facts or alerts)
    return {
        "besoins": needs,
        "faits": facts,
        "alertes": alerts,
        "acte": intent if bare and intent not in _WITHOUT_ACT else None,
        "reperes": marks,
    }


def numbers(parse: Mapping) -> list[int]:
    """Bare numbers of the message, that only the question asked can give a meaning to."""
    return [entity["value"] for entity in parse.get("entities", []) if entity["entity"] == NUMBER]


def feeling(parse: Mapping) -> str | None:
    """What the person says they feel: an id of assistant/lexique/ressentis.yml."""
    found = (entity["value"] for entity in parse.get("entities", []) if entity["entity"] == FEELING)
    return next(found, None)


def withdrawn(parse: Mapping) -> tuple[str | None, str | None]:
    """The fact and the need that a button takes back; None for what it does not."""
    found = {entity["entity"]: entity["value"] for entity in parse.get("entities", [])}
    return found.get(FORGOTTEN_FACT), found.get(FORGOTTEN_NEED)


def _add(values: list, value: object) -> None:
    if value not in values:
        values.append(value)


def _mark(entity: Mapping) -> dict:
    name, value = entity["entity"], entity["value"]
    kind = name if name in (NEED, ALERT) else "fait"
    return {
        "type": kind,
        "id": name if kind == "fait" else value,
        "valeur": value if kind == "fait" else None,
        "debut": entity.get("start"),
        "fin": entity.get("end"),
        "score": round(float(entity.get("confidence_entity") or 1.0), 3),
    }
