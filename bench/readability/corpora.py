"""The texts that are compared: the product's, two sets written for this bench, and the founding documents."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from cli.project import ROOT
from data.yaml_reader import read_yaml
from falc.collecting import collect
from falc.model import Text
from falc.sentences import cut

FALC, ADMINISTRATIVE = "phrases_falc", "phrases_administratives"
OPEN, APART = "ouvertes", "mises_de_cote"
PRODUCT = {
    "La conversation": ("actions/", "assistant/"),
    "Les droits et les questions": ("rules/",),
    "Les lieux": ("data/",),
    "Les pages et les SMS": ("channels/",),
}
_NOT_SENTENCES = {"style", "nom", "bouton", "titre"}
_FOLDER = ROOT / "tests" / "falc"
_MARKUP = re.compile(r"[*_#|>]+|\[\d+\]|<[^>]*>")
_LISTED = re.compile(r"^\| (\S+\.txt) \| ([^|]+) \|", re.MULTILINE)
_WORDS = re.compile(r"\w+(?:['’\-]\w+)*")


def product() -> dict[str, list[Text]]:
    """What people read in whole sentences, by part of the product. Raises YamlError."""
    texts = [text for text in collect(ROOT) if text.kind not in _NOT_SENTENCES and text.channel != "guichet"]
    return {
        part: [text for text in texts if text.file.startswith(folders)] for part, folders in PRODUCT.items()
    }


def written(name: str, part: str) -> list[Text]:
    """The sentences of tests/falc/`name`.yml that belong to one `part`, each as a text of its own."""
    themes: Mapping[str, list[str]] = read_yaml(_FOLDER / f"{name}.yml", name)[part]
    sentences = [sentence for theme in themes.values() for sentence in theme]
    return [as_text(f"{name}#{part}.{rank}", sentence) for rank, sentence in enumerate(sentences)]


def as_text(key: str, sentence: str) -> Text:
    """A sentence judged as a piece of a public page."""
    return Text(key, key.partition("#")[0], None, "web", "phrase", sentence)


def documents() -> dict[str, list[Text]]:
    """The whole sentences of the founding documents, by title; empty when JALON_SHARED does not lead to them.

    Their folder has a table of files and titles in its README.md.
    """
    folder = Path(os.environ.get("JALON_SHARED", "")) / "sources"
    listing = folder / "README.md"
    if not listing.is_file():
        return {}
    return {
        title: [
            as_text(f"{name}#{rank}", sentence) for rank, sentence in enumerate(_sentences(folder / name))
        ]
        for name, title in _LISTED.findall(listing.read_text(encoding="utf-8"))
    }


def _sentences(path: Path) -> Iterator[str]:
    """Titles, tables and scraps left by the extraction are no sentences: a capital first, a full stop last."""
    for block in re.split(r"\n\s*\n", path.read_text(encoding="utf-8")):
        text = " ".join(_MARKUP.sub(" ", block).split())
        for sentence in cut(text):
            words = _WORDS.findall(sentence)
            numbers = sum(word[0].isdigit() for word in words)
            if sentence[0].isupper() and sentence.endswith(".") and 5 <= len(words) <= 80 and numbers < 6:
                yield sentence
