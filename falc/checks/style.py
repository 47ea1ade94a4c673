"""What style sheets do to words: size, alignment, cut words, capitals."""

from __future__ import annotations

import re
from collections.abc import Iterator

from falc.checks.registry import ADVICE, rule
from falc.lexicon import Lexicon
from falc.model import Hit
from falc.reading import Reading

_BODY_PX = 18.66  # Arial 14 points
_REFUSED = {
    r"text-align\s*:\s*justify": ("Texte justifié.", "Alignez à gauche : text-align: left."),
    r"hyphens\s*:\s*auto": ("Mots coupés en fin de ligne.", "Écrivez hyphens: manual."),
    r"text-transform\s*:\s*uppercase": ("Majuscules.", "Laissez les minuscules."),
    r"font-style\s*:\s*italic": ("Italique.", "Écrivez en gras."),
    r"background(?:-image)?\s*:[^;}]*url\(": ("Image derrière un texte.", "Gardez un fond uni."),
}
_BODY = re.compile(r"(?:^|[}\s,])body\s*\{([^}]*)\}")
_SIZE = re.compile(r"font(?:-size)?\s*:[^;}]*?([\d.]+)(px|rem|em|pt|%)")
_IN_PX = {"px": 1.0, "rem": 16.0, "em": 16.0, "pt": 4 / 3, "%": 0.16}


@rule(
    "FONT",
    "De grandes lettres (Arial 14), alignées à gauche, sans majuscules ni italique.",
    ADVICE,
    whole=True,
)
def hard_style(reading: Reading, _: Lexicon) -> Iterator[Hit]:
    """Judges style sheets only."""
    sheet = reading.text.words
    if reading.text.kind != "style":
        return
    for pattern, (problem, better) in _REFUSED.items():
        for found in re.finditer(pattern, sheet):
            yield Hit(*found.span(), problem, better)
    for body in _BODY.finditer(sheet):
        size = _SIZE.search(body.group(1))
        if size and float(size[1]) * _IN_PX[size[2]] < _BODY_PX:
            start = body.start(1)
            problem = f"Lettres trop petites : {size[1]} {size[2]}."
            yield Hit(start + size.start(), start + size.end(), problem, "Mettez au moins 1.1875rem (19 px).")
