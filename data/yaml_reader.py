"""Read the project's YAML files: plain values, every item with its line, duplicate keys refused.

Only integers, decimals, `true`, `false` and `null` are converted. Dates, `oui`, `non`, `no`
and `on` stay text: an editor who is not a programmer must never be surprised by a hidden type.
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from data.yaml_faults import explain
from rules.reading.located import LocatedDict, LocatedList

_INTEGER = re.compile(r"[-+]?[0-9]+")
_DECIMAL = re.compile(r"[-+]?[0-9]+\.[0-9]+")
_CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlError(ValueError):
    """A file that is not the YAML we accept. `line` is 1-based."""

    def __init__(self, path: str, line: int | None, message: str):
        super().__init__(f"{path}:{line}: {message}")
        self.path, self.line, self.message = path, line, message


def read_yaml(path: Path | str, name: str | None = None) -> object:
    """Read one file and return its content as LocatedDict, LocatedList and scalars.

    `name` is how errors call the file (its path by default). Raises YamlError, OSError.
    """
    return parse_yaml(Path(path).read_text(encoding="utf-8"), name or str(path))


def parse_yaml(text: str, name: str = "texte") -> object:
    """Parse YAML text. `name` is how errors call it. Raises YamlError with the line at fault."""
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line, said = explain(error, text)
        raise YamlError(name, line, f"YAML illisible. {said}") from error
    except yaml.YAMLError as error:
        raise YamlError(name, None, f"YAML illisible : {error}") from error
    return None if root is None else _convert(root, name)


def _convert(node: yaml.Node, name: str) -> object:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if isinstance(node, yaml.SequenceNode):
        items = [_convert(item, name) for item in node.value]
        return LocatedList(items, line=line, lines=[item.start_mark.line + 1 for item in node.value])
    content: dict = {}
    lines: dict = {}
    for key_node, value_node in node.value:
        key = _scalar(key_node) if isinstance(key_node, yaml.ScalarNode) else None
        key_line = key_node.start_mark.line + 1
        if key is None:
            raise YamlError(name, key_line, "clé vide ou composée : écrivez un mot suivi de « : »")
        if key in content:
            raise YamlError(
                name, key_line, f"la clé « {key} » est écrite deux fois (déjà ligne {lines[key]})"
            )
        content[key] = _convert(value_node, name)
        if node.flow_style and str(key)[:1].isdigit() and content[key] is None:
            message = "Un nombre s'écrit avec un point, sans virgule. Une liste s'écrit entre crochets."
            raise YamlError(name, key_line, message)
        lines[key] = key_line
    return LocatedDict(content, line=line, lines=lines)


def _scalar(node: yaml.ScalarNode) -> object:
    text = node.value
    if node.style in ("'", '"', "|", ">"):
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    # A leading zero is a code (postcode, phone), not a number.
    if _INTEGER.fullmatch(text) and (text.lstrip("+-") == "0" or not text.lstrip("+-").startswith("0")):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    return text
