"""Hard words explained in an SMS the first time that a person reads them, where there is room for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from actions.glossary import Term, glossary, to_explain
from channels.sms.parts import Part, fit

_APART = 98


def fit_explained(
    parts: Sequence[Part], budget: int, known: Collection[str] = ()
) -> tuple[str, list[Part], tuple[str, ...]]:
    """`fit`, with the hard words of what is kept, and the names of these words.

    `known`: names of the words that the person has read in an SMS before.
    """
    text, kept = fit(parts, budget)
    told = "\n".join(part.text for part in kept)
    unknown = [term for term in glossary() if term.name not in known]
    if missing := to_explain(told, (), unknown):
        text, kept = fit(list(_explained(parts, missing)), budget)
    return text, kept, tuple(term.name for term in unknown if term.pattern.search(told))


def _explained(parts: Sequence[Part], terms: Sequence[Term]) -> Iterator[Part]:
    left = list(terms)
    for part in parts:
        yield part
        for term in [term for term in left if term.pattern.search(part.text)]:
            # After numbered answers, on its own line.
            yield Part("glossaire", term.explanation, _APART if "\n" in part.text else part.block)
            left.remove(term)
