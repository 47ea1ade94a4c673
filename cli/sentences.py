"""How the commands say a day, a period, a source, a fact, a calculation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from rules.engine.formulas import Period
from rules.explaining.derivation import FactRead, Step
from rules.model import Source


def fact_words(fact: FactRead) -> str:
    return f"Fait : {fact.label} = {fact.said}" + (" (supposé d'après le reste)" if fact.presumed else "")


def step_words(step: Step, sources: Mapping[str, Source]) -> str:
    """« quotient = revenus / parts = 1 240 € / 2,5 = 496 € », without saying the same thing twice."""
    what = {"bareme": "Montant", "calcul": "Calcul", "notion": "Notion"}[step.kind]
    formula = [] if step.kind == "notion" else [step.words, step.numbers]
    parts = [part for part in dict.fromkeys([step.label, *formula, step.said]) if part]
    if len(parts) > 2 and step.state == "connu" and step.said.startswith(f"{step.words}\u00a0"):
        parts = [step.label, step.said]
    row = f" (ligne : {step.row})" if step.row else ""
    ended = f" (le dernier connu allait jusqu'au {day_words(step.ended)})" if step.ended else ""
    outside = f" {step.outside}" if step.outside else ""
    said = " = ".join(parts).replace("= ≈", "≈ ")
    titles = " ; ".join(cited(sources[name]) for name in step.sources)
    backed = f" Confiance {step.confidence}. Source : {titles}" if step.kind == "bareme" else ""
    return f"{what} : {said}{row}{ended}{period_words(step.period)}.{outside}{backed}"


def cited(source: Source) -> str:
    """A source as it is cited: title, publisher, date."""
    return f"{source.title} ({source.publisher}, {source.date or 'sans date'})"


def day_words(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def period_words(period: Period | None) -> str:
    if period is None or (period.start is None and period.end is None):
        return ""
    if period.start and period.end:
        return f", du {day_words(period.start)} au {day_words(period.end)}"
    return f", depuis le {day_words(period.start)}" if period.start else f", jusqu'au {day_words(period.end)}"
