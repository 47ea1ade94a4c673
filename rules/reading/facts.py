"""Check facts that come from outside: known keys, right types, plausible values; nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from rules.model import Base, Fact


@dataclass(frozen=True)
class FactError:
    """What is wrong with one fact: where, in plain French, and the nearest right thing if any."""

    path: str
    message: str
    suggestion: str | None = None


def check_facts(base: Base, facts: Mapping[str, object], prefix: str = "faits") -> list[FactError]:
    """Every error of `facts` (empty: all valid). `prefix` starts the paths of the errors."""
    errors = []
    for key, value in facts.items():
        fact = base.facts.get(key)
        error = _check_value(fact, value) if fact else unknown_key(key, base.facts)
        if error:
            errors.append(FactError(f"{prefix}.{key}", *error))
    return errors


def unknown_key(key: str, known: Mapping[str, object]) -> tuple[str, str | None]:
    """Message and suggestion for a key that is not among the `known` ones."""
    near = get_close_matches(str(key), list(known), n=1, cutoff=0.6)
    return f"« {key} » n'existe pas.", near[0] if near else None


def _check_value(fact: Fact, value: object) -> tuple[str, str | None] | None:
    if fact.type == "bool":
        return None if isinstance(value, bool) else ("Il faut true ou false.", None)
    if fact.type == "entier":
        return _check_integer(fact, value)
    if fact.type == "choix":
        return _check_choice(fact, value)
    if fact.type == "choix_multiple":
        return _check_choices(fact, value)
    if isinstance(value, str) and 0 < len(value) <= 200:
        return None
    return "Il faut un texte de 1 à 200 caractères.", None


def _check_integer(fact: Fact, value: object) -> tuple[str, str | None] | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return "Il faut un nombre entier.", None
    if fact.low <= value <= fact.high:
        return None
    return f"Il faut un nombre entre {fact.low} et {fact.high}.", None


def _check_choice(fact: Fact, value: object) -> tuple[str, str | None] | None:
    if isinstance(value, str) and value in fact.choices:
        return None
    near = get_close_matches(str(value), list(fact.choices), n=1, cutoff=0.5)
    return f"Valeurs possibles : {', '.join(fact.choices)}.", near[0] if near else None


def _check_choices(fact: Fact, value: object) -> tuple[str, str | None] | None:
    if not isinstance(value, (list, tuple)) or not value:
        return f"Il faut une liste parmi : {', '.join(fact.choices)}.", None
    return next((error for item in value if (error := _check_choice(fact, item))), None)
