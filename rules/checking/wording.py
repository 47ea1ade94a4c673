"""The sentences of the base that a person may read: short, without promise, without heavy punctuation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rules.reading.faults import Fault
from rules.reading.located import line_of

MAXIMUM_WORDS = 20
_PROMISES = re.compile(
    r"\bavez (le )?droit\b|\b(est|sont) garanti|\bvous obtiendrez\b|\bvous allez (recevoir|obtenir)\b",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(r"[;()]")
_READ_BY_PEOPLE = {
    *("texte", "demarche", "orientation_texte", "suite", "titre", "qui", "vrai", "faux", "inconnu"),
    *("question", "pourquoi", "libelle", "phrase"),
}
_NOT_SHOWN = {"historique", "lacunes"}


def wording_faults(file: str, node: object, shown: bool = False) -> Iterator[Fault]:
    """Sentences that a person may read: short, no promise, no heavy punctuation."""
    if file in ("sources.yml", "baremes.yml"):
        return
    if isinstance(node, Mapping):
        for key, child in node.items():
            if key in _NOT_SHOWN:
                continue
            if isinstance(child, str) and key in _READ_BY_PEOPLE:
                yield from _of_text(file, line_of(node, key), child)
            else:
                yield from wording_faults(file, child, shown=key in _READ_BY_PEOPLE)
    elif isinstance(node, list):
        for index, child in enumerate(node):
            if isinstance(child, str) and shown:
                yield from _of_text(file, line_of(node, index), child)
            else:
                yield from wording_faults(file, child)


def _of_text(file: str, line: int | None, text: str) -> Iterator[Fault]:
    for sentence in re.split(r"(?<=[.!?])\s+|\n+", text):
        words = len(re.findall(r"[\wÀ-ÿ]+", sentence))
        if words > MAXIMUM_WORDS:
            yield Fault(
                file, line, f"Phrase de {words} mots : « {sentence[:60]}… ».", "Coupez-la en deux phrases."
            )
    if _PROMISES.search(text):
        yield Fault(file, line, f"Promesse : « {text[:60]} ».", "Écrivez « vous pouvez demander ».")
    if _FORBIDDEN.search(text):
        yield Fault(
            file, line, f"Ponctuation difficile à lire : « {text[:60]} ».", "Évitez ; et les parenthèses."
        )
