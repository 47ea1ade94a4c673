"""The rules engine: facts in, statuses with proofs and useful questions out. Standard library only."""

from rules.evaluation import Reason, Result
from rules.evaluator import Evaluator
from rules.facts import FactError, check_facts
from rules.faults import BaseError, Fault
from rules.loading import load_base
from rules.model import Base
from rules.questions import next_fact
from rules.verification import verify

__all__ = [
    "Base",
    "BaseError",
    "Evaluator",
    "FactError",
    "Fault",
    "Reason",
    "Result",
    "check_facts",
    "load_base",
    "next_fact",
    "verify",
]
