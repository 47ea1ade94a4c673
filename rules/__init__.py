"""The rules engine: facts in, statuses with proofs and useful questions out. Standard library only."""

from rules.checking.verification import verify
from rules.engine.evaluation import Reason, Result
from rules.engine.evaluator import Evaluator
from rules.engine.questions import most_useful, next_fact
from rules.explaining.comparison import compare
from rules.explaining.explanation import explain
from rules.model import Base
from rules.reading.facts import FactError, check_facts
from rules.reading.faults import BaseError, Fault
from rules.reading.loading import load_base

__all__ = [
    "Base",
    "BaseError",
    "Evaluator",
    "FactError",
    "Fault",
    "Reason",
    "Result",
    "check_facts",
    "compare",
    "explain",
    "load_base",
    "most_useful",
    "next_fact",
    "verify",
]
