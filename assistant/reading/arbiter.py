"""Whether a need is asked for: one learned weight for each sign that the model and the expressions give.

The weights are in `config.yml` (`arbitrage`), fitted on messages apart from training by bench/understanding/calibrate.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

SIGNS = (
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
# What a reader without fitted weights believes: the model, and more when the need is said.
PLAIN_WEIGHTS = {"biais": 0.0, "modele": 1.0, "dit": 2.0}
_LEAST, _MOST = -8.0, 6.0


def log_odds(probability: float) -> float:
    """Log-odds of a probability, kept where one more step still means something."""
    kept = min(max(probability, 1e-6), 1 - 1e-6)
    return min(max(math.log(kept / (1 - kept)), _LEAST), _MOST)


def signs(
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


def asked(found: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Probability that the need of these signs is asked for. `weights`: `biais` and signs; a sign left out weighs nothing."""
    total = weights["biais"] + sum(weights.get(name, 0.0) * value for name, value in found.items())
    return 1 / (1 + math.exp(-total))
