"""Texts of Jinja templates: what stands between tags, names of buttons and fields, strings of expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from falc.model import Text
from falc.sentences import HOLE

_TITLES = {"h1", "h2", "h3", "h4", "h5", "h6", "title", "summary", "legend", "th", "caption", "dt"}
_BUTTONS = {"button", "option", "label", "a"}
_INLINE = {"a", "abbr", "b", "em", "i", "span", "strong", "time", "small", "kbd", "mark", "code", "br"}
_SILENT = {"script", "style", "svg", "code", "kbd"}
_SPOKEN = {"aria-label", "title", "placeholder", "alt", "content"}
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_STATEMENT = re.compile(r"\{%.*?%\}", re.DOTALL)
_STRING = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'")
_BRANCH = re.compile(r"\{%-?\s*(?:else|elif)\b")
_WORD = re.compile(r"[A-Za-zÀ-ÿ]{2,}")


def texts_of(source: str, file: str, channel: str) -> Iterator[Text]:
    """Each text of one template."""
    source = _COMMENT.sub(_keep_lines, source)
    found = [*_said_in_expressions(source), *_between_tags(source)]
    for line, kind, words in sorted(found, key=lambda one: one[0]):
        yield Text(f"{file}#{words[:60]}", file, line, channel, kind, words)


def _said_in_expressions(source: str) -> Iterator[tuple[int, str, str]]:
    """Strings of several words inside {{ }} and {% %}: they are printed, or passed to be printed."""
    for pattern in (_EXPRESSION, _STATEMENT):
        for code in pattern.finditer(source):
            for string in _STRING.finditer(code.group()):
                words = string[1] or string[2] or ""
                if " " in words.strip() and _WORD.search(words) and "://" not in words and "{" not in words:
                    line = source.count("\n", 0, code.start() + string.start()) + 1
                    yield line, "phrase", words.strip()


def _between_tags(source: str) -> Iterator[tuple[int, str, str]]:
    parser = _Reader()
    parser.feed(_STATEMENT.sub(_statement, _EXPRESSION.sub(_hole, source)))
    parser.close()
    parser.flush()
    yield from parser.found


def _hole(found: re.Match) -> str:
    return HOLE + _keep_lines(found)


def _statement(found: re.Match) -> str:
    """Two branches of a condition are two texts."""
    return ("<hr>" if _BRANCH.match(found.group()) else "") + _keep_lines(found)


def _keep_lines(found: re.Match) -> str:
    return "\n" * found.group().count("\n")


class _Reader(HTMLParser):
    """Gathers the words of each block, inline tags crossed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str, str]] = []
        self._open: list[str] = []
        self._words: list[str] = []
        self._line = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        for name in _SPOKEN & given.keys():
            if name != "content" or given.get("name") == "description":
                self._add(self.getpos()[0], "titre", given[name] or "")
        if tag not in _INLINE:
            self.flush()
        if tag not in ("input", "link", "meta", "br", "hr", "img", "use", "path"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _INLINE:
            self.flush()
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if _SILENT & set(self._open):
            self._words.append(HOLE)
            return
        if not "".join(self._words).strip():
            self._line = (
                self.getpos()[0]
                + len(data[: len(data) - len(data.lstrip())].splitlines())
                - (0 if not data[:1].isspace() else 1)
            )
        self._words.append(data)

    def flush(self) -> None:
        """A block ends: what was gathered is a text."""
        tags = set(self._open)
        kind = "titre" if tags & _TITLES else "bouton" if tags & _BUTTONS else "page"
        self._add(self._line, kind, "".join(self._words))
        self._words = []

    def _add(self, line: int, kind: str, words: str) -> None:
        words = re.sub(r"\s+", " ", words).strip()
        if _WORD.search(words):
            self.found.append((line, kind, words))
