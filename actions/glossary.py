"""The hard words that Jalon must say, and the sentence that explains each where it is first read (`glossaire.yml`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from data.yaml_reader import YamlError, read_yaml
from rules.reading.located import line_of

FILE = Path(__file__).with_name("glossaire.yml")
_NAME = "actions/glossaire.yml"
_NEEDED, _LISTS = ("formes", "explication"), ("formes", "reconnu_par", "jamais")
_KEYS = {*_NEEDED, *_LISTS}


@dataclass(frozen=True)
class Term:
    """A hard word that must be said. `pattern` finds it, `known_by` an explanation, `never` its other names.

    `forms`: what `pattern` finds, as `_folded` writes it.
    """

    name: str
    explanation: str
    forms: tuple[str, ...]
    pattern: re.Pattern
    known_by: re.Pattern
    never: re.Pattern | None

    def explained_in(self, text: str) -> bool:
        """Whether `text` holds an explanation of the term, outside the term itself."""
        return self.known_by.search(self.pattern.sub(" ", text)) is not None


def any_of(words: Iterable[str], flags: int = re.IGNORECASE) -> re.Pattern:
    """Finds each of `words` whole, whatever its capitals and apostrophes."""
    sources = (re.escape(word).replace("'", "['’]") for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{'|'.join(sources)})(?:(?<=['’])|(?![\w-]))", flags)


@cache
def glossary(file: Path = FILE) -> tuple[Term, ...]:
    """Every term. Raises YamlError with the line at fault, OSError."""
    name = _NAME if file == FILE else str(file)
    content = read_yaml(file, name)
    if not isinstance(content, Mapping):
        raise YamlError(name, 1, "il faut des clés et des valeurs.")
    return tuple(
        _term(word, _checked(entry, name, line_of(content, word))) for word, entry in content.items()
    )


def to_explain(text: str, before: Sequence[str], terms: Iterable[Term] | None = None) -> list[Term]:
    """Terms that are first used in `text`, and that neither it nor the texts `before` explain."""
    folded = _folded(text)
    return [
        term
        for term in (glossary() if terms is None else terms)
        # Most terms are in no bubble: looking for plain text costs far less than the pattern.
        if any(form in folded for form in term.forms)
        and term.pattern.search(text)
        and not term.explained_in(text)
        and not any(term.pattern.search(said) or term.explanation in said for said in before)
    ]


def _folded(text: str) -> str:
    """The text as `any_of` compares it: whatever its capitals and apostrophes."""
    return text.lower().replace("’", "'")


def _term(name: str, entry: Mapping) -> Term:
    forms = entry["formes"]
    # An acronym is written in capitals; « pass » is another word.
    flags = 0 if all(form.isupper() for form in forms) else re.IGNORECASE
    return Term(
        name,
        entry["explication"],
        tuple(map(_folded, forms)),
        any_of(forms, flags),
        any_of([*entry.get("reconnu_par", ()), entry["explication"]]),
        any_of(entry["jamais"]) if "jamais" in entry else None,
    )


def _checked(entry: object, name: str, line: int | None) -> Mapping:
    for message, key in _faults(entry):
        raise YamlError(name, line_of(entry, key) if key else line, message)
    return entry  # type: ignore[return-value]  # a mapping, or there was a fault


def _faults(entry: object) -> Iterator[tuple[str, str | None]]:
    if not isinstance(entry, Mapping):
        yield "il faut des clés et des valeurs.", None
        return
    for key in _NEEDED:
        if key not in entry:
            yield f"il manque « {key} ».", None
    for key, value in entry.items():
        if key not in _KEYS:
            known = ", ".join(sorted(_KEYS))
            yield f"la clé « {key} » n'existe pas. Clés permises : {known}.", key
        elif key in _LISTS and not (isinstance(value, list) and value and all(map(_is_text, value))):
            yield f"« {key} » : il faut une liste de mots.", key
        elif key not in _LISTS and not _is_text(value):
            yield f"« {key} » : il faut un texte.", key


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
