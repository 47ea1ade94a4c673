"""Which texts were read again by people with an intellectual disability, and what they said of each.

A reading is kept by the code of the wording: a text that changes has another code, and counts as not re-read.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from data.upkeep.editing import written
from data.yaml_reader import YamlError, read_yaml
from rules.reading.located import line_of

FILE = "data/relectures.yml"
UNDERSTOOD, NOT_UNDERSTOOD = "compris", "pas_compris"
OPINIONS = (UNDERSTOOD, NOT_UNDERSTOOD)
CODE = re.compile(r"[A-Z2-7]{6}")
_ROOT = Path(__file__).resolve().parents[2]
_KEYS = ("texte", "ou", "par", "le", "avis", "mots")
_PERSONAL = re.compile(r"@|(?:\d[ .-]?){8,}")
_LONGEST_BY, _LONGEST_WORDS = 40, 500
_HEADER = """# Les textes relus par des personnes avec un handicap intellectuel. Écrit par « jalon relecture noter ».
# texte : code de la phrase. Une phrase qui change a un autre code : elle n'est plus relue.
# par : des initiales, ou le nom d'un groupe. Jamais un nom de personne.
"""


class RereadingError(ValueError):
    """A reading that cannot be kept. The message says why, in French."""


@dataclass(frozen=True)
class Rereading:
    """`text`: code of the wording. `where`: id of a text that says it. `by`: initials or a group. `on`: ISO day.
    `words`: what the readers would say instead, or nothing."""

    text: str
    where: str
    by: str
    on: str
    opinion: str
    words: str = ""


def code_of(words: str) -> str:
    """Six letters and digits that stand for a wording: easy to copy from paper, another one for another wording."""
    digest = hashlib.sha256(" ".join(words.split()).encode()).digest()
    return base64.b32encode(digest)[:6].decode()


def rereadings(root: Path = _ROOT) -> list[Rereading]:
    """All readings kept under `root`. Raises YamlError with the line at fault."""
    path = root / FILE
    if not path.exists():
        return []
    content = read_yaml(path, FILE) or []
    return [_rereading(entry, line_of(content, index)) for index, entry in enumerate(content)]


def keep(found: Rereading, root: Path = _ROOT) -> None:
    """Add a reading at the end of the file. Raises RereadingError, YamlError, OSError."""
    _check(found)
    rereadings(root)
    path = root / FILE
    before = path.read_text(encoding="utf-8") if path.exists() else _HEADER
    values = dict(
        zip(_KEYS, (found.text, found.where, found.by, found.on, found.opinion, found.words), strict=True)
    )
    line = f"- {written({key: value for key, value in values.items() if value})}\n"
    path.write_text(before.rstrip("\n") + "\n" + line, encoding="utf-8")


def count(found: Iterable[Rereading]) -> int:
    """How many wordings were re-read at least once."""
    return len({one.text for one in found})


def _rereading(entry: object, line: int | None) -> Rereading:
    if not isinstance(entry, dict) or not set(_KEYS[:-1]) <= set(entry) <= set(_KEYS):
        raise YamlError(FILE, line, f"il faut : {', '.join(_KEYS[:-1])} (et « mots » si l'on veut).")
    if not all(isinstance(value, str) for value in entry.values()):
        raise YamlError(FILE, line, "chaque valeur est un texte.")
    found = Rereading(*(entry.get(key, "") for key in _KEYS))
    try:
        _check(found)
    except RereadingError as error:
        raise YamlError(FILE, line, str(error)) from None
    return found


def _check(found: Rereading) -> None:
    if not CODE.fullmatch(found.text):
        raise RereadingError(f"« {found.text} » n'est pas le code d'un texte. Exemple : K7QF2A.")
    if not found.by.strip() or len(found.by) > _LONGEST_BY:
        raise RereadingError("Dites qui a relu : des initiales, ou le nom d'un groupe.")
    if len(found.words) > _LONGEST_WORDS:
        raise RereadingError(f"Les mots des relecteurs sont trop longs : {_LONGEST_WORDS} signes au plus.")
    if _PERSONAL.search(found.by) or _PERSONAL.search(found.words):
        raise RereadingError("Une adresse ou un numéro de téléphone ne se garde pas ici.")
    if found.opinion not in OPINIONS:
        raise RereadingError(f"L'avis est {' ou '.join(OPINIONS)}.")
    try:
        date.fromisoformat(found.on)
    except ValueError:
        raise RereadingError(f"« {found.on} » n'est pas un jour. Exemple : 2026-11-21.") from None
