"""Containers that remember the line each of their items came from.

The engine reads plain dicts and lists. When a document was read from a YAML file these
subclasses let every error name its line, so that a social worker can go straight to it.
"""

from __future__ import annotations


class LocatedDict(dict):
    """A dict that knows the line of the file on which it starts, and the line of each key."""

    line: int | None = None

    def __init__(self, *args, line: int | None = None, lines: dict | None = None):
        super().__init__(*args)
        self.line = line
        self.lines = lines or {}


class LocatedList(list):
    """A list that knows the line of the file on which it starts, and the line of each item."""

    line: int | None = None

    def __init__(self, *args, line: int | None = None, lines: list | None = None):
        super().__init__(*args)
        self.line = line
        self.lines = lines or []


def line_of(node: object, key: object = None) -> int | None:
    """Line (1-based) of `node`, or of its item `key`; None when the document has no lines (JSON)."""
    lines = getattr(node, "lines", None)
    if key is not None and isinstance(lines, dict) and key in lines:
        return lines[key]
    if key is not None and isinstance(lines, list) and isinstance(key, int) and key < len(lines):
        return lines[key]
    return getattr(node, "line", None)


def find_leaf(node: object, leaf_id: str) -> int | None:
    """Line of the condition `leaf_id`, wherever it stands below `node`; None when it is not there."""
    if isinstance(node, dict):
        if node.get("id") == leaf_id and "force" in node:
            return line_of(node, "id")
        return next((line for child in node.values() if (line := find_leaf(child, leaf_id))), None)
    if isinstance(node, list):
        return next((line for child in node if (line := find_leaf(child, leaf_id))), None)
    return None
