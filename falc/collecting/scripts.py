"""Texts of the pages' scripts: strings that look like a sentence or a name of button."""

from __future__ import annotations

import re
from collections.abc import Iterator

from falc.model import Text
from falc.sentences import HOLE

_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`')
_COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", re.DOTALL)
_SENTENCE = re.compile(r"[A-ZÀ-Ý][\w'’-]* \S.*|.*[a-zà-ÿ]{2,} [a-zà-ÿ]{2,}.*[.?!]", re.DOTALL)
_CODE = re.compile(r"[{};=<>]|^[\w.#\[\]-]+$|: [\d.]")


def texts_of(source: str, file: str, channel: str) -> Iterator[Text]:
    """Strings of at least two words that begin with a capital or end as a sentence."""
    source = _COMMENT.sub(lambda found: "\n" * found.group().count("\n"), source)
    for found in _STRING.finditer(source):
        words = re.sub(r"\$\{[^}]*\}", HOLE, found[1] or found[2] or "")
        if _SENTENCE.fullmatch(words) and not _CODE.search(words):
            line = source.count("\n", 0, found.start()) + 1
            yield Text(f"{file}#{words[:60]}", file, line, channel, "phrase", words)
