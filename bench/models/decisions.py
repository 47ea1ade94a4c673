"""From scores to labels: one threshold for needs, one for alerts, one for acts, chosen on the training part alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.understanding.scoring import Tally

KINDS = ("besoin", "alerte", "acte")
DECIDED = dict.fromkeys(KINDS, 0.5)  # for models that answer 0 or 1
_STEPS = [step / 20 for step in range(1, 20)]
Scores = Mapping[str, float]


def thresholds(left_out: Sequence[tuple[Sequence[str], Scores]]) -> dict[str, tuple[float, float]]:
    """For each kind, (threshold, micro-F1) of best F1 over (labels, scores) of examples left out of learning."""
    best = {}
    for kind in KINDS:
        reached = {step: _tally(left_out, kind, step).f1 for step in _STEPS}
        best[kind] = max(reached.items(), key=lambda pair: pair[1])
    return best


def decide(scores: Scores, limits: Mapping[str, float]) -> dict:
    """A prediction for bench/understanding/scoring.py. An act counts only when nothing is asked."""
    found = {kind: _believed(scores, kind, limits[kind]) for kind in KINDS}
    alone = not found["besoin"] and not found["alerte"]
    return {
        "besoins": found["besoin"],
        "alertes": found["alerte"],
        "acte": found["acte"][0] if alone and found["acte"] else None,
    }


def union(one: Mapping, other: Mapping) -> dict:
    """What either understood; the act of the first that has one."""
    both = {kind: sorted({*one[kind], *other[kind]}) for kind in ("besoins", "alertes")}
    return {**both, "acte": None if any(both.values()) else one["acte"] or other["acte"]}


def _believed(scores: Scores, kind: str, limit: float) -> list[str]:
    """Values of one kind with at least this score, best first; one act at most."""
    prefix = kind + ":"
    kept = [(score, label) for label, score in scores.items() if label.startswith(prefix) and score >= limit]
    values = [label.removeprefix(prefix) for _, label in sorted(kept, key=lambda pair: (-pair[0], pair[1]))]
    return values[:1] if kind == "acte" else values


def _tally(left_out: Sequence[tuple[Sequence[str], Scores]], kind: str, limit: float) -> Tally:
    total = Tally()
    for labels, scores in left_out:
        wanted = {label.partition(":")[2] for label in labels if label.startswith(kind + ":")}
        found = set(_believed(scores, kind, limit))
        total += Tally(len(wanted & found), len(found - wanted), len(wanted - found))
    return total
