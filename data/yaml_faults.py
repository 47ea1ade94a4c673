"""What PyYAML says of a file that it cannot read, in French, at the line to mend: for editors who do not program."""

from __future__ import annotations

import re

import yaml

_KEY = re.compile(r"\s*(- )?[\w-]+:(\s|$)")
_COLON_INSIDE = re.compile(r"\s*(- )?[\w-]+:\s+[^\s\"'{\[|>#].*:(\s|$)")
_NO_SPACE = re.compile(r"\s*(- )?\w+:\S")
_QUOTED = re.compile(r"\s*(- )?(?:[\w-]+:\s+)?([\"'])")
_FAR = 40  # lines: a quote left open swallows what follows until the next quote
_GUESS = "Comparez avec un bloc voisin : espaces au début, « : » suivi d'une espace, guillemets."


def explain(error: yaml.MarkedYAMLError, text: str) -> tuple[int | None, str]:
    """The line to mend (1-based) and one or two French sentences, for an error met in `text`.

    The reader stops where it is lost, which is often one line too late: the lines around are looked at.
    """
    lines = text.splitlines()
    where = error.problem_mark or error.context_mark
    if where is None:
        return None, _GUESS
    line = min(where.line, len(lines) - 1)
    start = error.context_mark.line if error.context_mark else line
    problem = error.problem or ""
    if "\t" in _margin(lines[line]):
        return line + 1, "Il y a une tabulation au début de la ligne. Remplacez-la par des espaces."
    if "',' or" in problem:
        return start + 1, "Une accolade ou un crochet n'est pas fermé, ou il manque une virgule."
    if "quoted scalar" in (error.context or ""):
        return start + 1, "Un guillemet ouvert sur cette ligne n'est pas fermé."
    for near in (line, start, *range(line - 1, max(start, line - _FAR), -1)):
        if near < len(lines) and (said := _seen_in(lines[near])):
            return near + 1, said
    if "cannot start any token" in problem or "alias" in (error.context or ""):
        return line + 1, "Ce texte commence par un signe réservé. Mettez-le entre guillemets."
    if _misaligned(lines, line):
        return (
            line + 1,
            "Cette ligne n'est pas alignée avec les autres. Mettez le même nombre d'espaces au début.",
        )
    return line + 1, _GUESS


def _margin(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _misaligned(lines: list[str], index: int) -> bool:
    before = next((line for line in reversed(lines[:index]) if line.strip()), "")
    return bool(_KEY.match(lines[index])) and _margin(lines[index]) != _margin(before)


def _seen_in(line: str) -> str | None:
    """A fault that the line shows by itself."""
    if _COLON_INSIDE.match(line):
        return "Il y a « : » dans le texte. Mettez tout le texte entre guillemets."
    if _NO_SPACE.match(line):
        return "Il manque une espace après « : »."
    if found := _QUOTED.match(line):
        mark = found.group(2)
        rest = line[found.end() :].replace("''" if mark == "'" else '\\"', "")
        if rest.count(mark) == 0:
            return "Un guillemet ouvert sur cette ligne n'est pas fermé."
        if rest.count(mark) > 1 or not re.search(rf"{mark}\s*(#.*)?[,}}\]]*\s*$", rest):
            other = "'" if mark == '"' else '"'
            mend = f"Écrivez tout le texte entre {other} et {other}, ou citez un mot avec « »."
            return f"Il y a un {mark} dans un texte écrit entre {mark} et {mark}. {mend}"
    return None
