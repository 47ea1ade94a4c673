"""Whether a need is asked for, whether a danger is told: one learned weight for each sign of the model and the expressions.

The weights are in `config.yml` (`arbitrage`), fitted on messages apart from training by bench/understanding/calibrate.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

NEED_SIGNS = (
    "modele",  # log-odds of the model for the whole message
    "partie",  # how much more it finds in one part of the message
    "dit",  # an expression says it
    "dit_modele",
    "autre_dit",  # an expression says another need
    "autre_dit_modele",
    "longueur",  # logarithm of the number of words
    "longueur_modele",
    "rival",  # log-odds of the strongest other label, acts and dangers included
    "acte",  # the whole message is an act in clear words
    "nombre",  # it holds a number that says nothing by itself
)
DANGER_SIGNS = (
    "modele",  # log-odds that the whole message tells a danger, of whatever kind
    "sorte",  # log-odds of its likeliest kind
    "calme",  # both together, without the figures of speech
    "dit",  # an expression says a danger
    "dit_modele",
    "besoin_dit",  # an expression says a need
)
# What a reader without fitted weights believes: the model, and more when a need is said, much more for a danger.
PLAIN_WEIGHTS = {
    "besoin": {"biais": 0.0, "modele": 1.0, "dit": 2.0},
    "alerte": {"biais": 0.0, "modele": 1.0, "dit": 4.0},
}
_LEAST, _MOST = -8.0, 6.0


def log_odds(probability: float) -> float:
    """Log-odds of a probability, kept where one more step still means something."""
    kept = min(max(probability, 1e-6), 1 - 1e-6)
    return min(max(math.log(kept / (1 - kept)), _LEAST), _MOST)


def need_signs(
    whole: float,
    part: float,
    rival: float,
    *,
    said: bool,
    other_said: bool,
    act: bool,
    number: bool,
    words: int,
) -> dict[str, float]:
    """The signs of one need. `whole`, `part`, `rival`: probabilities for the message, its best part, another label."""
    model, length = log_odds(whole), math.log(max(1, words))
    return {
        "modele": model,
        "partie": max(0.0, log_odds(part) - model),
        "dit": float(said),
        "dit_modele": said * model,
        "autre_dit": float(other_said),
        "autre_dit_modele": other_said * model,
        "longueur": length,
        "longueur_modele": length * model,
        "rival": log_odds(rival),
        "acte": float(act),
        "nombre": float(number),
    }


def danger_signs(
    whole: tuple[float, float], calm: tuple[float, float], *, said: bool, need_said: bool
) -> dict[str, float]:
    """The signs that a message tells a danger. Pairs of probabilities: of a danger whatever it is, of its likeliest kind.

    The two are learned apart and err apart: together they tell dangers from figures of speech better than either one.
    `calm`: of the message without its figures of speech.
    """
    any_kind, kind = map(log_odds, whole)
    return {
        "modele": any_kind,
        "sorte": kind,
        "calme": sum(map(log_odds, calm)),
        "dit": float(said),
        "dit_modele": said * (any_kind + kind),
        "besoin_dit": float(need_said),
    }


def weighed(found: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Probability of what these signs are about. `weights`: `biais` and signs; a sign left out weighs nothing."""
    total = weights["biais"] + sum(weights.get(name, 0.0) * value for name, value in found.items())
    return 1 / (1 + math.exp(-total))
