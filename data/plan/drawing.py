"""Draw the plan as SVG: readable in black and white, 8 centimetres wide, without any other file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import dist
from xml.sax.saxutils import escape, quoteattr

from data.distance import DETOUR, WALKING_M_PER_MIN, distance_m, say_minutes
from data.plan.contours import arrondissements, limits
from data.plan.geometry import Box, Frame, Point, clipped, middle
from data.plan.labels import LINE, SIZE, Label, Paper, text_width
from data.plan.words import Spot, describe, nearest

MOST_SPOTS = 3
WIDTH, STRIP = 302, 40  # units; a unit is a CSS pixel at 8 cm
LEAST_M, MARGIN = 900, 0.14
MOST_STATIONS = 7
SAME_STATION_M = 200  # two names of one interchange
_PUSHED = 28  # how far a station may be moved to be seen
_MINUTES = (2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180)
_SPOT, _PERSON, _STATION = 24, 20, 9  # sizes of the markers
_SEINE_M = 130  # the river is 30 to 200 metres wide in Paris
_FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"


def draw(spots: Sequence[Spot], stations: Sequence[Spot], person: Point | None = None) -> str:
    """The plan of one to three `spots`, as an SVG document of 8 by 9 centimetres.

    `stations` are all those known: those that help are chosen. `person` is (latitude, longitude), WGS 84.
    Raises ValueError without a spot, or with more than MOST_SPOTS.
    """
    if not 0 < len(spots) <= MOST_SPOTS:
        raise ValueError(f"A plan shows 1 to {MOST_SPOTS} places, not {len(spots)}.")
    landmark = nearest(spots[0].point, stations)
    near = [landmark.point] if landmark and distance_m(*landmark.point, *spots[0].point) < LEAST_M else []
    frame = Frame.around(_points(spots, person) + near, LEAST_M, MARGIN, WIDTH)
    paper = Paper(frame.box)
    front = [*_markers(paper, frame, spots, person), *_stations(paper, frame, spots, stations, person)]
    # An inner drawing cuts what goes over its sides.
    ground = f'<svg width="{WIDTH}" height="{WIDTH}">{"".join(_ground(frame))}</svg>'
    back = [ground, *_districts(paper, frame), *_river_name(paper, frame)]
    return _document(_title(spots), describe(spots, stations, person), [*back, *front, *_strip(frame)])


def _title(spots: Sequence[Spot]) -> str:
    return f"Plan : {', '.join(spot.name for spot in spots)}"


def _markers(paper: Paper, frame: Frame, spots: Sequence[Spot], person: Point | None) -> Iterator[str]:
    """The places, black discs with their number, then the person, a diamond."""
    labels = []
    for number, spot in enumerate(spots, start=1):
        x, y = frame.place(spot.point)
        at = paper.put(x, y, _SPOT, (20, 30, 45)) or (x, y)
        yield from _tie((x, y), at)
        yield f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="11" fill="#000" stroke="#fff" stroke-width="2"/>'
        if len(spots) > 1:
            yield (
                f'<text x="{at[0]:.1f}" y="{at[1] + 4.8:.1f}" fill="#fff" font-weight="bold" '
                f'text-anchor="middle">{number}</text>'
            )
        else:
            yield f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="4" fill="#fff"/>'
            labels.append((spot.name, at, _SPOT))
    if person:
        x, y = frame.place(person)
        at = paper.put(x, y, _PERSON, (20, 30, 45)) or (x, y)
        yield from _tie((x, y), at)
        yield (
            f'<path d="M{at[0]:.1f} {at[1] - 10:.1f}l10 10l-10 10l-10 -10z" fill="#fff" stroke="#000" '
            f'stroke-width="3"/><circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="3"/>'
        )
        labels.insert(0, ("Vous", at, _PERSON))
    for text, at, size in labels:
        label = paper.write(text, *at, (size / 2 + 1, size / 2 + 8), bold=True)
        if label:
            yield _text(label, bold=True)


def _tie(point: Point, marker: Point) -> Iterator[str]:
    """A line from a marker that had to be moved to its true point."""
    if marker != point:
        yield (
            f'<path d="M{point[0]:.1f} {point[1]:.1f}L{marker[0]:.1f} {marker[1]:.1f}" stroke="#000" '
            f'stroke-width="1.5"/><circle cx="{point[0]:.1f}" cy="{point[1]:.1f}" r="3"/>'
        )


def _stations(
    paper: Paper, frame: Frame, spots: Sequence[Spot], stations: Sequence[Spot], person: Point | None
) -> Iterator[str]:
    """Stations by name, the most useful first; one that finds no room is left out."""
    markers = [frame.place(point) for point in _points(spots, person)]
    written: list[Spot] = []
    for station in _by_use(frame, spots, stations, person):
        if any(distance_m(*station.point, *other.point) < SAME_STATION_M for other in written):
            continue
        dot = _room_for_station(paper, frame.place(station.point), markers)
        if dot is None:
            continue
        paper.take(Box.around(*dot, _STATION, _STATION))
        label = paper.write(station.name, *dot, (8, 14))
        if label is None:
            paper.taken.pop()
            continue
        yield (
            f'<rect x="{dot[0] - 4:.1f}" y="{dot[1] - 4:.1f}" width="8" height="8" fill="#fff" stroke="#000" '
            'stroke-width="2"/>'
        )
        yield _text(label)
        written.append(station)
        if len(written) == MOST_STATIONS:
            return


def _room_for_station(paper: Paper, point: Point, markers: Sequence[Point]) -> Point | None:
    """The point or, when a marker is on it, a little farther from that marker, on the same side."""
    marker = min(markers, key=lambda one: dist(one, point))
    away = dist(marker, point)
    right, down = ((point[0] - marker[0]) / away, (point[1] - marker[1]) / away) if away else (1.0, 0.0)
    for step in range(0, _PUSHED, 4):
        moved = point[0] + right * step, point[1] + down * step
        if paper.free(Box.around(*moved, _STATION, _STATION)):
            return moved
    return None


def _points(spots: Sequence[Spot], person: Point | None) -> list[Point]:
    return [spot.point for spot in spots] + ([person] if person else [])


def _by_use(
    frame: Frame, spots: Sequence[Spot], stations: Sequence[Spot], person: Point | None
) -> list[Spot]:
    """The stations on the plan: the nearest of each place, of the person, then those near any of them."""
    box = Box(8, 8, frame.size - 8, frame.size - 8)
    inside = [one for one in stations if box.holds(Box.around(*frame.place(one.point), 0, 0))]
    points = _points(spots, person)
    first = [nearest(point, inside) for point in points]
    rest = sorted(inside, key=lambda one: (min(distance_m(*one.point, *point) for point in points), one.name))
    return list(dict.fromkeys(one for one in (*first, *rest) if one))


def _ground(frame: Frame) -> Iterator[str]:
    """The Seine as a grey band, the limits of the arrondissements as thin dashes."""
    land, river = limits()
    wide = max(3.0, _SEINE_M * frame.size / frame.metres)
    for edges, style in (
        (river, f'stroke="#d4d4d4" stroke-width="{wide:.1f}" stroke-linecap="round"'),
        (land, 'stroke="#767676" stroke-width="1" stroke-dasharray="5 4"'),
    ):
        lines = [[frame.place(point) for point in edge] for edge in edges]
        drawn = " ".join(
            f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"
            for (x1, y1), (x2, y2) in lines
            if _near(frame, (x1, y1), (x2, y2), wide)
        )
        if drawn:
            yield f'<path d="{drawn}" fill="none" {style}/>'


def _near(frame: Frame, start: Point, end: Point, around: float) -> bool:
    edge = Box(
        min(start[0], end[0]) - around,
        min(start[1], end[1]) - around,
        max(start[0], end[0]) + around,
        max(start[1], end[1]) + around,
    )
    return edge.meets(frame.box)


def _districts(paper: Paper, frame: Frame) -> Iterator[str]:
    """The number of each arrondissement, in the middle of what the plan shows of it."""
    for number, outline in arrondissements().items():
        part = clipped([frame.place(point) for point in outline], frame.box)
        if len(part) < 3:
            continue
        name = "1er" if number == 1 else f"{number}e"
        yield from _quiet(paper, name, middle(part), (0, 12, 24, 40, 60), part)


def _river_name(paper: Paper, frame: Frame) -> Iterator[str]:
    middles = []
    for start, end in limits()[1]:
        (x1, y1), (x2, y2) = frame.place(start), frame.place(end)
        middles.append(((x1 + x2) / 2, (y1 + y2) / 2))
    for distances in ((0,), (6, 14)):
        for point in middles:
            written = list(_quiet(paper, "la Seine", point, distances))
            if written:
                yield from written
                return


def _quiet(
    paper: Paper, text: str, point: Point, distances: Iterable[float], within: Sequence[Point] = ()
) -> Iterator[str]:
    label = paper.write(text, *point, distances, within=within)
    if label:
        yield _text(label, fill="#595959", italic=True)


def _strip(frame: Frame) -> Iterator[str]:
    """Under the plan: how far one walks in so many minutes, and where north is."""
    per_minute = WALKING_M_PER_MIN / DETOUR * frame.size / frame.metres
    fitting = [one for one in _MINUTES if 24 + one * per_minute + text_width(_walk(one)) < WIDTH - 44]
    minutes = max(fitting, default=_MINUTES[0])
    length, top = minutes * per_minute, WIDTH + 14
    yield f'<path d="M0 {WIDTH}h{WIDTH}" stroke="#000"/>'
    yield f'<path d="M8 {top}v8h{length:.1f}v-8" fill="none" stroke="#000" stroke-width="2"/>'
    yield f'<text x="{length + 16:.1f}" y="{top + 9}">{_walk(minutes)}</text>'
    right = WIDTH - 16
    yield f'<path d="M{right} {WIDTH + 5}l7 14h-5v13h-4v-13h-5z"/>'
    yield f'<text x="{right - 20}" y="{WIDTH + 24}" font-weight="bold" text-anchor="middle">N</text>'


def _walk(minutes: int) -> str:
    return f"{say_minutes(minutes)} à pied"


def _text(label: Label, bold: bool = False, fill: str = "#000", italic: bool = False) -> str:
    style = (' font-weight="bold"' if bold else "") + (' font-style="italic"' if italic else "")
    lines = "".join(
        f'<tspan x="{label.x:.1f}" y="{label.y + rank * LINE:.1f}">{escape(line)}</tspan>'
        for rank, line in enumerate(label.lines)
    )
    return (
        f'<text text-anchor="middle" fill="{fill}"{style} stroke="#fff" stroke-width="3" '
        f'paint-order="stroke">{lines}</text>'
    )


def _document(title: str, description: str, shapes: Iterable[str]) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xml:lang="fr" lang="fr" role="img" '
        f'aria-label={quoteattr(title)} aria-describedby="description" width="8cm" height="9.06cm" '
        f'viewBox="0 0 {WIDTH} {WIDTH + STRIP}" font-family="{_FONT}" font-size="{SIZE}">'
        f'<title>{escape(title)}</title><desc id="description">{escape(description)}</desc>'
        f'<rect width="{WIDTH}" height="{WIDTH + STRIP}" fill="#fff"/>'
        f"{''.join(shapes)}"
        f'<rect x=".5" y=".5" width="{WIDTH - 1}" height="{WIDTH + STRIP - 1}" fill="none" stroke="#000"/>'
        "</svg>\n"
    )
