"""« Ce que vous m'avez dit »: the needs and facts of a conversation in plain words, each with a way back."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from actions.rendering import change, withdraw
from actions.texts import texts
from rules import Base
from rules.explaining.written import spoken
from rules.model import Fact


def recap(base: Base, facts: Mapping[str, object], needs: Sequence[str], set_aside: Collection[str]) -> dict:
    """{"besoins": [...], "faits": [...]}, each line {"libelle", "dit", "valeur"}.

    `dit` is what the person said, None for a need; `valeur` is what the button sends to take the line back.
    """
    told = [(base.facts[fact], _said(base.facts[fact], value)) for fact, value in facts.items()]
    told += [(base.facts[fact], texts()["bouton_ne_sait_pas"]) for fact in set_aside if fact in base.facts]
    return {
        "besoins": [_line(base.needs[need].label, None, withdraw(need)) for need in needs],
        "faits": [_line(_capital(fact.label), said, change(fact.id)) for fact, said in told],
    }


def _said(fact: Fact, value: object) -> str:
    """The value as it is read: « 640 € », « 900 € par mois », « Oui »."""
    if fact.unit is None and fact.type == "entier":
        return str(value)
    return _capital(re.sub("[«»]\\s?|\\s(?=»)", "", spoken(fact, value)).replace("/", " par "))


def _line(label: str, said: str | None, value: str) -> dict:
    return {"libelle": label, "dit": said, "valeur": value}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
