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
DOCUMENTS = {
    "seed-000.txt": "Pacte parisien de lutte contre l'exclusion, bilan et perspectives, année 1 (fin 2023)",
    "seed-001.txt": "Plan parisien pour le Logement d'abord, bilan 2022 et perspectives 2023 (juillet 2023)",
    "seed-002.txt": "Fiches actions du 6e PDALHPD de Paris (sans date)",
    "seed-003.txt": "Logement d'abord : 4 ans de résultats (Dihal, octobre 2021)",
    "seed-004.txt": "Conférence parisienne du logement, orientations stratégiques (12 juillet 2019)",
}
_NOT_SENTENCES = {"style", "nom", "bouton", "titre"}
_FOLDER = ROOT / "tests" / "falc"
_MARKUP = re.compile(r"[*_#|>]+|\[\d+\]|<[^>]*>")
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
    """The whole sentences of the founding documents, by title; empty when JALON_SHARED does not lead to them."""
    folder = Path(os.environ.get("JALON_SHARED", "")) / "sources"
    return {
        title: [
            as_text(f"{name}#{rank}", sentence) for rank, sentence in enumerate(_sentences(folder / name))
        ]
        for name, title in DOCUMENTS.items()
        if (folder / name).is_file()
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
