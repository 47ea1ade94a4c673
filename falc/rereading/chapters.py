"""The texts that people read, each wording once, by situation: what a person was looking for when reading them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from data.upkeep.rereadings import code_of
from data.yaml_reader import read_yaml
from falc.model import Text
from falc.sentences import HOLE, cut

_NOT_READ = {"style", "nom"}  # style sheets; names that others chose
_RIGHTS = "rules/base/dispositifs/"
# Folder or file, situation, title, drawing. The first that begins like the file wins.
_SITUATIONS = (
    ("rules/base/alertes.yml", "dangers", "Quand il y a un danger", "telephone"),
    ("rules/base/numeros.yml", "dangers", "Quand il y a un danger", "telephone"),
    ("rules/", "questions", "Les questions que Jalon pose", "documents"),
    ("actions/", "conversation", "La conversation", "voix"),
    ("assistant/", "conversation", "La conversation", "voix"),
    ("data/", "lieux", "Les lieux", "lieu"),
    ("channels/sms/", "sms", "Les SMS", "telephone"),
    ("channels/", "pages", "Les pages", "numerique"),
)
_TITLES = {key: (title, drawing) for _, key, title, drawing in _SITUATIONS}


@dataclass(frozen=True)
class Item:
    """A wording. `lines`: one sentence a line. `where`: id of the first text that says it."""

    code: str
    words: str
    lines: tuple[str, ...]
    where: str
    kind: str


@dataclass(frozen=True)
class Chapter:
    key: str
    title: str
    drawing: str
    items: tuple[Item, ...]


def chapters(texts: Iterable[Text], root: Path) -> list[Chapter]:
    """The situations in the order that matters: danger, conversation, then needs. Raises YamlError, OSError."""
    needs = read_yaml(root / "rules" / "base" / "besoins.yml", "besoins.yml")
    first_need = {
        f"{_RIGHTS}{path.name}": read_yaml(path)["besoins"][0]
        for path in sorted((root / _RIGHTS).glob("*.yml"))
        if not path.name.endswith(".cas.yml")
    }
    found: dict[str, dict[str, Item]] = {key: {} for key in (*_TITLES, *needs)}
    seen: set[str] = set()
    for text in texts:
        if text.channel == "guichet" or text.kind in _NOT_READ:
            continue
        item = _item(text)
        if item.code not in seen:
            seen.add(item.code)
            found[first_need.get(text.file) or _situation(text.file)][item.code] = item
    titles = _TITLES | {key: (need["libelle"], key) for key, need in needs.items()}
    return [Chapter(key, *titles[key], tuple(items.values())) for key, items in found.items() if items]


def _situation(file: str) -> str:
    return next((key for start, key, _, _ in _SITUATIONS if file.startswith(start)), "pages")


def _item(text: Text) -> Item:
    words = " ".join(text.words.replace(HOLE, "…").split())
    return Item(code_of(words), words, tuple(cut(words)), text.id, text.kind)
