"""The gate's words: glossary, jargon, heavy connectors, images, foreign words, what is allowed and why.

Data is in lexique/*.yml and actions/glossaire.yml, which the conversation reads too; a file badly written is refused with its line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from actions.glossary import Term, any_of, glossary
from data.yaml_reader import YamlError, read_yaml
from falc.model import BLOCKS, WARNS
from rules.reading.located import line_of

FOLDER = Path(__file__).with_name("lexique")
LISTS = ("jargon", "connecteurs", "images", "etrangers")


@dataclass(frozen=True)
class Swap:
    """Words to leave, and what to say instead; `unless`: set phrases where they are right."""

    pattern: re.Pattern
    better: str
    level: str
    unless: re.Pattern | None


@dataclass(frozen=True)
class Lexicon:
    """`words` and `acronyms` are allowed; `states` are participles that are no passive; `plain_nouns` look made from
    a verb; `names` are official names, that rules on words do not read."""

    terms: tuple[Term, ...]
    swaps: Mapping[str, tuple[Swap, ...]]  # by name of list
    words: frozenset[str]
    acronyms: frozenset[str]
    states: frozenset[str]
    plain_nouns: frozenset[str]
    names: tuple[re.Pattern, ...]

    def with_names(self, names: Iterable[str]) -> Lexicon:
        """The same, where `names` (of places, of dispositifs) are official too."""
        return replace(self, names=(any_of(names), *self.names))


@cache
def lexicon(folder: Path = FOLDER) -> Lexicon:
    """The glossary and everything in `folder`. Raises YamlError with the line at fault, OSError."""
    allowed = _allowed(folder)
    return Lexicon(
        terms=glossary(),
        swaps={name: tuple(_swaps(folder, name)) for name in LISTS},
        words=frozenset(allowed["mots"]),
        acronyms=frozenset(allowed["sigles"]),
        states=frozenset(allowed["etats"]),
        plain_nouns=frozenset(allowed["noms_simples"]),
        names=(any_of(allowed["noms"]),),
    )


def _allowed(folder: Path) -> Mapping:
    explained, lists = ("mots", "sigles"), ("noms", "etats", "noms_simples")
    allowed = _mapping(folder, "autorises", (*explained, *lists))
    for part in explained:
        _texts(folder, "autorises", allowed[part])
    for part in lists:
        if not _is_words(allowed[part]):
            raise _fault(
                folder, "autorises", line_of(allowed, part), f"« {part} » : il faut une liste de mots."
            )
    return allowed


def _swaps(folder: Path, name: str) -> Iterable[Swap]:
    content = read_yaml(folder / f"{name}.yml", f"falc/lexique/{name}.yml")
    if not isinstance(content, list):
        raise _fault(folder, name, 1, "il faut une liste.")
    for index, entry in enumerate(content):
        _check(folder, name, line_of(content, index), entry, {"mots", "mieux"}, {"niveau", "sauf"})
        level = entry.get("niveau", BLOCKS)
        if level not in (BLOCKS, WARNS):
            raise _fault(
                folder, name, line_of(entry, "niveau"), f"« {level} » : écrivez {BLOCKS} ou {WARNS}."
            )
        yield Swap(
            any_of(entry["mots"]), entry["mieux"], level, any_of(entry["sauf"]) if "sauf" in entry else None
        )


def _mapping(folder: Path, name: str, keys: Iterable[str] = ()) -> Mapping:
    content = read_yaml(folder / f"{name}.yml", f"falc/lexique/{name}.yml")
    if not isinstance(content, Mapping):
        raise _fault(folder, name, 1, "il faut des clés et des valeurs.")
    for key in keys:
        if key not in content:
            raise _fault(folder, name, 1, f"la clé « {key} » manque.")
    return content


def _check(
    folder: Path, name: str, line: int | None, entry: object, needed: set[str], optional: set[str]
) -> None:
    if not isinstance(entry, Mapping):
        raise _fault(folder, name, line, "il faut des clés et des valeurs.")
    if missing := needed - set(entry):
        raise _fault(folder, name, line, f"il manque « {min(missing)} ».")
    if unknown := set(entry) - needed - optional:
        key = min(unknown)
        allowed = ", ".join(sorted(needed | optional))
        raise _fault(
            folder, name, line_of(entry, key), f"la clé « {key} » n'existe pas. Clés permises : {allowed}."
        )
    for key, value in entry.items():
        several = key in ("formes", "reconnu_par", "jamais", "mots", "sauf")
        right: Callable[[object], bool] = _is_words if several else _is_text
        if not right(value):
            wanted = "une liste de mots" if several else "un texte"
            raise _fault(folder, name, line_of(entry, key), f"« {key} » : il faut {wanted}.")


def _texts(folder: Path, name: str, entries: object) -> None:
    if not isinstance(entries, Mapping):
        raise _fault(folder, name, 1, "il faut un mot et sa raison par ligne.")
    for key, value in entries.items():
        if not _is_text(value):
            raise _fault(folder, name, line_of(entries, key), f"« {key} » : il faut dire pourquoi.")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_words(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value))


def _fault(folder: Path, name: str, line: int | None, message: str) -> YamlError:
    return YamlError(
        f"falc/lexique/{name}.yml" if folder == FOLDER else str(folder / f"{name}.yml"), line, message
    )
