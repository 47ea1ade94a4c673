"""The rules, one module a family. Importing this package fills `registry.RULES`."""

from falc.checks import glossary, grammar, length, numbers, reader, style, typography, words
from falc.checks.registry import RULES

__all__ = ["RULES", "glossary", "grammar", "length", "numbers", "reader", "style", "typography", "words"]
