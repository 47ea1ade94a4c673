"""Reads textes.yml and collects, file by file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from data.yaml_reader import YamlError, read_yaml
from falc.collecting import scripts, styles, templates, yaml_texts
from falc.model import CHANNELS, KINDS, Text
from rules.reading.located import line_of

FILE = Path(__file__).with_name("textes.yml")
_READERS = {
    "gabarits": templates.texts_of,
    "scripts": scripts.texts_of,
    "styles": styles.texts_of,
}


@dataclass(frozen=True)
class Entry:
    """One block of textes.yml: files (glob), how they are read, channel, and kinds by pattern of keys."""

    glob: str
    reader: str
    channel: str
    kinds: tuple[tuple[str, str | None], ...] = ()


def specification(file: Path = FILE) -> tuple[Entry, ...]:
    """The blocks of textes.yml. Raises YamlError with the line at fault."""
    return tuple(_entry(block) for block in read_yaml(file, "falc/collecting/textes.yml"))


def collect(root: Path) -> list[Text]:
    """All texts under `root`. Raises YamlError for a text that textes.yml does not name, or a file that is gone."""
    texts: list[Text] = []
    taken: set[Path] = set()
    for entry in specification():
        paths = sorted(set(root.glob(entry.glob)) - taken)
        if not paths:
            raise YamlError("falc/collecting/textes.yml", None, f"aucun fichier pour « {entry.glob} ».")
        taken.update(paths)
        texts += _texts(root, paths, entry)
    return texts


def _texts(root: Path, paths: Iterable[Path], entry: Entry) -> Iterator[Text]:
    for path in paths:
        name = path.relative_to(root).as_posix()
        if entry.reader == "fichiers":
            yield from yaml_texts.texts_of(read_yaml(path, name), name, entry.channel, entry.kinds)
        else:
            yield from _READERS[entry.reader](path.read_text(encoding="utf-8"), name, entry.channel)


def _entry(block: dict) -> Entry:
    reader = next((key for key in ("fichiers", *_READERS) if key in block), None)
    if reader is None or block.get("canal") not in CHANNELS:
        message = f"il faut « fichiers », {', '.join(_READERS)}, et un canal parmi {', '.join(CHANNELS)}."
        raise YamlError("falc/collecting/textes.yml", line_of(block), message)
    kinds = block.get("textes", {})
    for pattern, kind in kinds.items():
        if kind is not None and kind not in KINDS:
            raise YamlError(
                "falc/collecting/textes.yml", line_of(kinds, pattern), f"« {kind} » n'est pas un genre."
            )
    return Entry(block[reader], reader, block["canal"], tuple(kinds.items()))
