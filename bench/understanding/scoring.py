"""Score predictions against labelled messages: by label, by channel, by style, by message.

Labelling rules: what a message tolerates (`tolere`) is neither required nor counted as false; a required need
is also met by its `alternatives`. Some amounts allow 2 %, months allow one more or less.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

ANYTHING = "*"
_AMOUNTS = ("ressources_mensuelles", "dette_energie", "dette_loyer")
_SMALL_WORDS = frozenset(["metro", "station", "de", "la", "le", "les", "du", "des", "d", "l"])


@dataclass
class Tally:
    """Right, false and missed labels."""

    right: int = 0
    false: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.false) if self.right + self.false else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.right + other.right, self.false + other.false, self.missed + other.missed)


@dataclass
class Mistake:
    """One message that was not understood whole: labels in excess, labels missed."""

    message: Mapping
    false: list[str]
    missed: list[str]


@dataclass
class Report:
    """Tallies by (family, label), (family, channel) and (family, style); dangers by message; mistakes."""

    labels: dict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    channels: dict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    styles: dict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    acts: list[int] = field(default_factory=lambda: [0, 0])  # right, all
    dangers: list[int] = field(default_factory=lambda: [0, 0])  # raised, all
    calm: list[int] = field(default_factory=lambda: [0, 0])  # false alarms, messages without danger
    mistakes: list[Mistake] = field(default_factory=list)
    messages: int = 0

    def family(self, name: str) -> Tally:
        """All the labels of « besoin », « fait », « alerte » or « acte » together."""
        return sum((tally for (family, _), tally in self.labels.items() if family == name), Tally())


def score(messages: Iterable[Mapping], predictions: Mapping[str, Mapping]) -> Report:
    """Compare each labelled message with the prediction of the same id (absent: nothing was understood)."""
    report = Report()
    for message in messages:
        _one(report, message, predictions.get(message["id"], {}))
    return report


def _one(report: Report, message: Mapping, found: Mapping) -> None:
    report.messages += 1
    tolerated = message["tolere"]
    alerts_only = "besoins" not in message
    verdicts: list[tuple[str, str, str]] = []  # (family, label, right | false | missed)
    allowed_alerts = tolerated if alerts_only else tolerated["alertes"]
    verdicts += _sets("alerte", message["alertes"], found.get("alertes") or [], allowed_alerts, {})
    if not alerts_only:
        needs = found.get("besoins") or []
        verdicts += _sets("besoin", message["besoins"], needs, tolerated["besoins"], message["alternatives"])
        verdicts += _facts(message["faits"], found.get("faits") or {}, tolerated["faits"])
        verdicts += _act(report, message["acte"], found.get("acte"), tolerated["actes"])
    raised = set(found.get("alertes") or [])
    if message["alertes"]:
        report.dangers[0] += bool(raised)
        report.dangers[1] += 1
    else:
        report.calm[0] += bool(raised - set(allowed_alerts))
        report.calm[1] += 1
    for family, label, verdict in verdicts:
        for table, key in (
            (report.labels, label),
            (report.channels, message.get("canal", "")),
            (report.styles, message.get("style", "")),
        ):
            tally = table[family, key]
            setattr(tally, verdict, getattr(tally, verdict) + 1)
    wrong = {
        kind: [f"{f}:{label}" for f, label, verdict in verdicts if verdict == kind]
        for kind in ("false", "missed")
    }
    # An act heard beside nothing to hear is counted for its label: no message is wrong for that alone.
    if wrong["missed"] or any(not label.startswith("acte:") for label in wrong["false"]):
        report.mistakes.append(Mistake(message, **wrong))


def _act(
    report: Report, wanted: str | None, found: str | None, allowed: Iterable[str]
) -> list[tuple[str, str, str]]:
    """An act is right or missed where one was done, and false where another, or none, was."""
    right = found in (wanted, *allowed)
    false = [("acte", found, "false")] if found and not right else []
    if wanted is None:
        return false
    report.acts[0] += right
    report.acts[1] += 1
    return [("acte", wanted, "right" if right else "missed"), *false]


def _sets(
    family: str, wanted: Iterable[str], found: Iterable[str], allowed: Iterable[str], also: Mapping
) -> list[tuple[str, str, str]]:
    wanted, found = set(wanted), set(found)
    verdicts = []
    for label in sorted(wanted):
        met = label in found or not found.isdisjoint(also.get(label, ()))
        verdicts.append((family, label, "right" if met else "missed"))
    excess = found - wanted - set(allowed)
    return verdicts + [(family, label, "false") for label in sorted(excess)]


def _facts(wanted: Mapping, found: Mapping, allowed: Mapping) -> list[tuple[str, str, str]]:
    verdicts = []
    for name, value in wanted.items():
        others = allowed.get(name)
        accepted = [value] + (list(others) if others and others != ANYTHING else [])
        if name in found and any(_same(name, found[name], one) for one in accepted):
            verdicts.append(("fait", name, "right"))
            continue
        verdicts.append(("fait", name, "missed"))
        if name in found:
            verdicts.append(("fait", name, "false"))
    for name, value in found.items():
        others = allowed.get(name)
        if name in wanted or others == ANYTHING or any(_same(name, value, one) for one in others or ()):
            continue
        verdicts.append(("fait", name, "false"))
    return verdicts


def _same(name: str, found: object, wanted: object) -> bool:
    if name == "lieu":
        return same_place(found, wanted)
    try:
        if name == "anciennete_paris_mois":
            return abs(int(found) - int(wanted)) <= 1
        if name in _AMOUNTS:
            return abs(float(found) - float(wanted)) <= 0.02 * max(1.0, float(wanted))
    except (TypeError, ValueError):
        return False
    return str(found) == str(wanted)


def same_place(found: object, wanted: object) -> bool:
    """Every word of one name is in the other, whatever the case, the accents and the small words."""
    one, other = _words(found), _words(wanted)
    return bool(one and other) and (one <= other or other <= one)


def _words(place: object) -> set[str]:
    plain = unicodedata.normalize("NFD", str(place).lower())
    plain = "".join(letter for letter in plain if unicodedata.category(letter) != "Mn")
    return set(re.findall(r"[a-z0-9]+", plain)) - _SMALL_WORDS
