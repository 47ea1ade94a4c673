"""Find room on the paper: nothing that is written may cover anything else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from data.plan.geometry import Box, Point, holds

SIZE = 13  # units: 9.75 points when the plan is 8 cm wide
LINE = SIZE * 1.15
_NARROW, _WIDE = frozenset("fijlrtI.,'’- ()"), frozenset("mwMW%")
_LONGEST_LINE = 15  # characters
_GAP = 2.0
# Around its point: right, left, below, above, then the corners.
_SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, -1), (1, 1), (-1, -1), (-1, 1))


@dataclass(frozen=True)
class Label:
    """A text of one or two lines. `x`, `y`: where the first line starts, on its baseline, by its middle."""

    lines: tuple[str, ...]
    x: float
    y: float
    box: Box


class Paper:
    """The boxes already taken on a sheet."""

    def __init__(self, frame: Box):
        self.frame = frame
        self.taken: list[Box] = []

    def free(self, box: Box) -> bool:
        """Whether nothing is there yet, and it is on the sheet."""
        return self.frame.holds(box) and not any(box.meets(other) for other in self.taken)

    def take(self, box: Box) -> None:
        """Nothing else can be put there."""
        self.taken.append(box)

    def put(self, x: float, y: float, size: float, reaches: Sequence[float]) -> Point | None:
        """Take a square centred on a point or, when something is there, as near as the reaches allow."""
        for reach in (0.0, *reaches):
            for right, down in _SIDES if reach else ((0, 0),):
                spot = x + right * reach, y + down * reach
                box = Box.around(*spot, size, size)
                if self.free(box):
                    self.take(box)
                    return spot
        return None

    def write(
        self,
        text: str,
        x: float,
        y: float,
        distances: Iterable[float],
        bold: bool = False,
        within: Sequence[Point] = (),
    ) -> Label | None:
        """Take room for a text beside a point, at one of the distances; None when there is none left.

        Distance 0: centred on the point. `within` is a polygon that the text may not leave.
        """
        lines = in_lines(text)
        width = max(text_width(line, bold) for line in lines)
        height = LINE * len(lines)
        for distance in distances:
            for right, down in _SIDES if distance else ((0, 0),):
                centre = (
                    x + right * (distance + width / 2)
                    if down == 0
                    else x + right * (width / 2 + distance / 2),
                    y + down * (distance + height / 2),
                )
                box = Box.around(*centre, width + 2 * _GAP, height + _GAP)
                if self.free(box) and (not within or all(holds(within, corner) for corner in box.corners)):
                    self.take(box)
                    return Label(lines, centre[0], centre[1] - height / 2 + SIZE * 0.9, box)
        return None


def in_lines(text: str) -> tuple[str, ...]:
    """The text on one line or, when it is long, on two that are as equal as its words allow."""
    if len(text) <= _LONGEST_LINE or " " not in text:
        return (text,)
    cuts = [place for place, letter in enumerate(text) if letter == " "]
    cut = min(cuts, key=lambda place: max(place, len(text) - place - 1))
    return text[:cut].removesuffix(" -"), text[cut + 1 :].removeprefix("- ")


def text_width(text: str, bold: bool = False) -> float:
    """About how wide a text is in a plain sans serif font, in units: never less than it will be."""
    letters = sum(
        0.38 if one in _NARROW else 0.95 if one in _WIDE else 0.74 if one.isupper() else 0.6 for one in text
    )
    return letters * SIZE * (1.08 if bold else 1)
