"""The search for a possible person: a smaller box in which formulas give the answers that are wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod

from rules.engine.formulas import Box, Formula

_SMALL, _HASTE = 300, 10  # points of a box that is searched whole; cuts of a larger one
_KEPT = 5_000  # answers remembered by one Finder
_FEW = 4  # facts of which the ends and the middle are tried first: at most 81 points
Wanted = Sequence[tuple[Formula, Mapping[str, str], bool | None]]


def find(box: Box, wanted: Wanted, cuts: int = 0) -> Box | None:
    """A smaller box whose every point gives each formula its wanted answer; None when no point does.

    `wanted` holds (formula, other names of some of its facts in the box, answer). The box is cut in two
    until the answers are certain. A small box is searched whole; in a large one, after `cuts` cuts what
    is left is returned as it is: callers must take it as « possible », so that giving up never decides.
    """
    if point := _lucky(box, wanted):
        return point
    names = {names.get(fact, fact) for formula, names, _ in wanted for fact in formula.inputs}
    if not cuts:
        cuts = _SMALL if prod(len(box[name]) for name in names) <= _SMALL else _HASTE
    stack = [box]
    while stack:
        here = stack.pop()
        still_open: set[str] = set()
        for formula, names, answer in wanted:
            seen = {**here, **{fact: here[name] for fact, name in names.items()}} if names else here
            answers = formula.possible(seen)
            if answer not in answers:
                break
            if len(answers) > 1:
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
    """Remembers what `find` answered: for one person the same few searches come back many times.

    Formulas are told apart by identity, so a finder must not outlive those it was asked about.
    """

    def __init__(self):
        self._kept: dict[tuple, bool] = {}

    def exists(self, box: Box, wanted: Wanted) -> bool:
        """Whether `find` finds something."""
        names = {names.get(fact, fact) for formula, names, _ in wanted for fact in formula.inputs}
        key = (
            *((id(formula), *names.items(), answer) for formula, names, answer in wanted),
            *((name, box[name]) for name in sorted(names)),
        )
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            found = self._kept[key] = find(box, wanted) is not None
        return found


def _lucky(box: Box, wanted: Wanted) -> Box | None:
    """A point of the box, among its ends and its middle, that gives the wanted answers: most often one does."""
    names = sorted({names.get(fact, fact) for formula, names, _ in wanted for fact in formula.inputs})
    if len(names) > _FEW:
        return None
    for point in product(
        *[{values[0]: 0, values[-1]: 0, values[len(values) // 2]: 0} for values in map(box.get, names)]
    ):
        at = dict(zip(names, point, strict=True))
        if all(
            f.value({**at, **{k: at[v] for k, v in also.items()}} if also else at) == a
            for f, also, a in wanted
        ):
            values = {name: box[name].index(value) for name, value in at.items()}
            return {**box, **{name: box[name][index : index + 1] for name, index in values.items()}}
    return None
