"""Change one value of a YAML list of entries in place: comments, order and every other line stay as they were."""

from __future__ import annotations

import json
from collections.abc import Sequence

import yaml

from data.yaml_reader import YamlError, parse_yaml

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class EditError(ValueError):
    """The entry or the key to change cannot be found; the message says which, in French."""


def set_value(text: str, entry_id: str, path: Sequence[str], value: object) -> str:
    """The YAML `text` (a list of entries with an `id`) with `path` of one entry set to `value`.

    `value` is a scalar, a list of scalars or None. A key that is missing is added; `path` has one or two keys.
    Raises EditError when the entry does not exist or the path crosses something that is not a mapping.
    """
    entry = _entry(text, entry_id)
    *parents, key = path
    for depth, parent in enumerate(parents):
        node = _child(entry, parent)
        if node is None or _is_null(node):
            return set_value(text, entry_id, path[: depth + 1], {key: value})
        if not isinstance(node, yaml.MappingNode):
            raise EditError(f"« {parent} » ne contient pas de clés.")
        entry = node
    node = _child(entry, key)
    if node is None:
        return _insert(text, entry, key, value)
    return text[: node.start_mark.index] + written(value) + text[_end(text, node) :]


def written(value: object) -> str:
    """`value` on one line of YAML, read back by data/yaml_reader as it was given."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(written(one) for one in value) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if not isinstance(value, str):
        return str(value)
    return value if _is_plain(value) else json.dumps(value, ensure_ascii=False)


def _is_plain(text: str) -> bool:
    """True when `text` needs no quotes, even inside braces."""
    if any(mark in text for mark in ",[]{}#&*!|>'\"%@`\n") or text[:1] in "-?:" or ":" in text:
        return False
    try:
        return parse_yaml(f"- {text}") == [text]
    except YamlError:
        return False


def _entry(text: str, entry_id: str) -> yaml.MappingNode:
    root = yaml.compose(text, Loader=_Loader)
    for node in root.value if isinstance(root, yaml.SequenceNode) else ():
        identifier = _child(node, "id") if isinstance(node, yaml.MappingNode) else None
        if identifier is not None and identifier.value == entry_id:
            return node
    raise EditError(f"« {entry_id} » n'existe pas.")


def _child(node: yaml.MappingNode, key: str) -> yaml.Node | None:
    return next((value for name, value in node.value if name.value == key), None)


def _is_null(node: yaml.Node) -> bool:
    return node.tag == "tag:yaml.org,2002:null"


def _end(text: str, node: yaml.Node) -> int:
    """Where the last word of a node ends; a block reaches to the next token, over comments that are not its own."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    start = node.start_mark.index
    return start + len(text[start : node.end_mark.index].rstrip())


def _insert(text: str, entry: yaml.MappingNode, key: str, value: object) -> str:
    """Add a key after the last one of a mapping, in the same style."""
    last_key, last = entry.value[-1]
    end = _end(text, last)
    if entry.flow_style:
        return f"{text[:end]}, {key}: {written(value)}{text[end:]}"
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    indent = " " * last_key.start_mark.column
    return f"{text[:line_end]}\n{indent}{key}: {written(value)}{text[line_end:]}"
