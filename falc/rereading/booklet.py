"""The booklet as one page of HTML, made for paper: A4, black and white, big letters, one idea a line."""

from __future__ import annotations

import xml.etree.ElementTree as xml
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup

from data.hours.words import say_date
from falc.rereading.chapters import Chapter

_FOLDER = Path(__file__).parent
_DRAWINGS = Path("channels") / "web" / "static" / "pictos" / "pictos.svg"
_SVG = "{http://www.w3.org/2000/svg}"


def booklet(chapters: Sequence[Chapter], root: Path, day: date) -> str:
    """The HTML of a booklet of these chapters. The drawings are those that the web page shows."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=select_autoescape(),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("livret.html").render(
        chapitres=chapters,
        dessins=_drawings(root / _DRAWINGS),
        style=Markup((_FOLDER / "livret.css").read_text(encoding="utf-8")),
        jour=f"{say_date(day, day)} {day.year}",
        textes=sum(len(chapter.items) for chapter in chapters),
    )


def _drawings(path: Path) -> dict[str, Markup]:
    """Each drawing as an SVG of its own: WeasyPrint follows no link from one to another."""
    found = {}
    for symbol in xml.parse(path).getroot().iter(f"{_SVG}symbol"):
        inside = "".join(
            xml.tostring(child, encoding="unicode").replace("ns0:", "").replace("xmlns:ns0", "xmlns")
            for child in symbol
        )
        box = symbol.get("viewBox")
        found[symbol.get("id")] = Markup(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" aria-hidden="true">{inside}</svg>'
        )
    return found
