"""Texts of a YAML file, found by the path of their keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from data.yaml_reader import YamlError, read_yaml
from falc.model import Text
from rules.reading.located import line_of

_BLANK = re.compile(r"\{(\w+)\}")


def texts_of(
    content: object, file: str, channel: str, kinds: Sequence[tuple[str, str | None]]
) -> Iterator[Text]:
    """Texts of `content`; `kinds` gives the kind by pattern of keys (None: not read by people).

    Raises YamlError for a text of several words that no pattern names.
    """
    patterns = [(_pattern(pattern), kind) for pattern, kind in kinds]
    for path, line, words in _leaves(content, (), None):
        found = next((kind for pattern, kind in patterns if pattern.fullmatch(path)), "")
        if found:
            yield Text(f"{file}#{path}", file, line, channel, found, filled(words))
        elif found == "" and " " in words:
            message = f"« {path} » : textes.yml ne dit pas qui lit ce texte."
            raise YamlError(file, line, message)


def filled(words: str) -> str:
    """`words` with an ordinary value in each brace, as a person reads it."""
    return _BLANK.sub(lambda found: str(_examples().get(found[1], 3)), words)


def _leaves(node: object, path: tuple[str, ...], line: int | None) -> Iterator[tuple[str, int | None, str]]:
    if isinstance(node, str):
        yield ".".join(path), line, node
    elif isinstance(node, Mapping):
        for key, child in node.items():
            yield from _leaves(child, (*path, str(key)), line_of(node, key))
    elif isinstance(node, list):
        for index, child in enumerate(node):
            name = child.get("id") if isinstance(child, Mapping) else None
            yield from _leaves(child, (*path, str(name or index)), line_of(node, index))


@cache
def _pattern(pattern: str) -> re.Pattern:
    """« * » is one key or a part of it, « ** » any keys (none too), « (a|b) » one or the other."""
    escaped = re.escape(pattern)
    for special in "()|":
        escaped = escaped.replace(f"\\{special}", special)
    return re.compile(
        escaped.replace(r"\.\*\*\.", r"\.(?:.*\.)?").replace(r"\*\*", ".*").replace(r"\*", "[^.]*")
    )


@cache
def _examples() -> Mapping[str, str]:
    return read_yaml(Path(__file__).with_name("exemples.yml"))
