"""Where rules say their code, their meaning and their source."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from falc.model import Hit, Rule

GUIDE = "« L'information pour tous », Inclusion Europe, 2009"
ADVICE = "Conseils FALC concordants : Adapei 42, 2016 ; Région Île-de-France, 2015 ; Qualitiso, 2020"
MEASURED = "Mesure sur 50 phrases FALC relues et 200 phrases administratives, novembre 2026"
JALON = "Choix de Jalon, 2026"

RULES: dict[str, Rule] = {}


def rule(
    code: str, meaning: str, source: str, whole: bool = False
) -> Callable[[Callable[..., Iterator[Hit]]], Callable[..., Iterator[Hit]]]:
    """Puts a function in the table. It takes a Sentence (or, if `whole`, a Reading) and the Lexicon."""

    def register(check: Callable[..., Iterator[Hit]]) -> Callable[..., Iterator[Hit]]:
        if code in RULES:
            raise ValueError(f"two rules are called {code}")
        RULES[code] = Rule(code, meaning, source, whole, check)
        return check

    return register
