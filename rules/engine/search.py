"""The search for a possible person: a smaller box in which formulas give the answers that are wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod

from rules.engine.formulas import Box, Formula

_SMALL, _HASTE = 3_000, 10  # points of a box that is searched whole; cuts of a larger one
_KEPT = 5_000  # answers remembered by one Finder
_FEW = 4  # facts of which the ends and the middle are tried first: at most 81 points

# A formula, the other names that some of its facts have in the box, and the answers that are accepted.
Wanted = Sequence[tuple[Formula, Mapping[str, str], frozenset[bool | None]]]


def find(box: Box, wanted: Wanted, cuts: int = 0) -> Box | None:
    """A smaller box whose every point gives each formula an accepted answer; None when no point does.

    The box is cut in two until the answers are certain. A small box is searched whole; in a large one,
    after `cuts` cuts what is left is returned as it is: callers must take it as « possible », so that
    giving up never decides.
    """
    left = []
    for formula, names, accepted in wanted:
        answers = formula.possible(_seen(box, names))
        if answers.isdisjoint(accepted):
            return None
        if not answers <= accepted:
            left.append((formula, names, accepted))
    if not left:
        return box
    if point := _lucky(box, left):
        return point
    if not cuts:
        cuts = _SMALL if prod(len(box[name]) for name in _read(left)) <= _SMALL else _HASTE
    stack = [box]
    while stack:
        here = stack.pop()
        still_open: set[str] = set()
        for formula, names, accepted in left:
            answers = formula.possible(_seen(here, names))
            if answers.isdisjoint(accepted):
                break
            if not answers <= accepted:
                still_open.update(names.get(fact, fact) for fact in formula.inputs)
        else:
            widest = max(still_open, key=lambda fact: (len(here[fact]), fact), default=None)
            if widest is None or len(here[widest]) == 1 or cuts <= 0:
                return here
            cuts -= 1
            middle = len(here[widest]) // 2
            stack.append({**here, widest: here[widest][middle:]})
            stack.append({**here, widest: here[widest][:middle]})
    return None


class Finder:
    """Remembers what was searched: for one person the same few searches come back many times.

    Formulas are told apart by identity, so a finder must not outlive those it was asked about.
    """

    def __init__(self):
        self._kept: dict[tuple, object] = {}

    def exists(self, box: Box, wanted: Wanted) -> bool:
        """Whether `find` finds something."""
        key = (
            *((id(formula), *names.items(), accepted) for formula, names, accepted in wanted),
            *((name, box[name]) for name in sorted(_read(wanted))),
        )
        if key not in self._kept:
            self._keep(key, find(box, wanted) is not None)
        return self._kept[key]

    def possible(self, formula: Formula, box: Box) -> frozenset[bool | None]:
        """The answers that a formula may give in the box; some of them may turn out impossible."""
        key = (id(formula), *(box[name] for name in formula.inputs))
        if key not in self._kept:
            self._keep(key, formula.possible(box))
        return self._kept[key]

    def _keep(self, key: tuple, answer: object) -> None:
        if len(self._kept) >= _KEPT:
            self._kept = {}
        self._kept[key] = answer


def _read(wanted: Wanted) -> set[str]:
    """The names in the box of the facts that the formulas read."""
    return {names.get(fact, fact) for formula, names, _ in wanted for fact in formula.inputs}


def _seen(box: Box, names: Mapping[str, str]) -> Box:
    """The box as a formula sees it, whose facts have other names there."""
    return {**box, **{fact: box[name] for fact, name in names.items()}} if names else box


def _lucky(box: Box, wanted: Wanted) -> Box | None:
    """A point, among the ends and the middle of the box, with accepted answers: most often there is one."""
    names = sorted(_read(wanted))
    if sum(len(box[name]) > 1 for name in names) > _FEW:
        return None
    tried = [{values[0]: 0, values[-1]: 0, values[len(values) // 2]: 0} for values in map(box.get, names)]
    for point in product(*tried):
        at = dict(zip(names, point, strict=True))
        if all(
            formula.value({**at, **{fact: at[name] for fact, name in other.items()}}) in accepted
            for formula, other, accepted in wanted
        ):
            places = {name: box[name].index(value) for name, value in at.items()}
            return {**box, **{name: box[name][index : index + 1] for name, index in places.items()}}
    return None
