"""Read the records of a JSON file one by one, each with its line, without holding the file in memory.

Libraries that stream JSON give no line and stop at the first mistake. Here a record that cannot be read is
given with its line, and reading goes on with the next one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

CHUNK = 1 << 20  # bytes
LONGEST_RECORD = 16 << 20  # bytes; beyond, a bracket is surely missing
# Everything up to the next bracket. A string never runs over the end of a line: a missing quote then spoils
# its own line only.
_TO_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+")*+')
_KEY_BEFORE = re.compile(rb'"([^"\\]*)"\s*:\s*$')
_OPEN = b"{["
_SEPARATORS = b", \t\r\n"


class UnreadableFile(ValueError):
    """The file is not what its format says, from `line` on: nothing of it may be written."""

    def __init__(self, line: int | None, message: str):
        super().__init__(message)
        self.line, self.message = line, message


@dataclass(frozen=True)
class Record:
    """One record of a file. `values` is None when it cannot be read: `problem` says why.

    `section` is the key of the array it was found in. `encoding` is « cp1252 » when it is not UTF-8.
    """

    line: int
    section: str | None
    values: dict | None
    problem: str | None = None
    encoding: str = "utf-8"
    text: str = ""

    def line_of(self, field: str | None) -> int:
        """The line where `field` is written; the first line of the record when it is not found."""
        found = field and re.search(rf'"{re.escape(field)}"\s*:', self.text)
        return self.line + (self.text.count("\n", 0, found.start()) if found else 0)


def read_json_records(
    path: Path | str, sections: Collection[str], advance: Callable[[int], None] = lambda size: None
) -> Iterator[Record]:
    """Records of a JSON array, of the arrays named `sections` of a JSON object, or of one JSON a line.

    `advance` is told how many bytes were read. Raises UnreadableFile when the end is missing, OSError.
    """
    with open(path, "rb") as file:
        head = file.read(CHUNK)
        if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise UnreadableFile(1, "Le fichier est en UTF-16. Enregistrez-le en UTF-8.")
        head = head.removeprefix(b"\xef\xbb\xbf")
        first = head.lstrip()[:1]
        if first not in (b"{", b"["):
            raise UnreadableFile(1, "Ce fichier n'est pas du JSON.")
        names = b"|".join(re.escape(name.encode()) for name in sections)
        wrapped = first == b"{" and names and re.search(rb'"(?:' + names + rb')"\s*:\s*\[', head)
        scanner = _Scanner(file, head, advance)
        if wrapped:
            yield from scanner.sections({name.encode() for name in sections})
        else:
            yield from scanner.items(None, in_array=first == b"[")


class _Scanner:
    """Walks over a file by its brackets. `line` is that of `position` in `buffer`."""

    def __init__(self, file, head: bytes, advance: Callable[[int], None]):
        self.file, self.buffer, self.advance = file, head, advance
        self.position, self.line, self.ended = 0, 1, False
        advance(len(head))

    def sections(self, names: Collection[bytes]) -> Iterator[Record]:
        """Records of the arrays `names` of the object that the file holds."""
        self._bracket()
        depth = 1
        while depth:
            before, bracket = self._bracket()
            if bracket in _OPEN:
                key = _KEY_BEFORE.search(before)
                if depth == 1 and bracket == b"[" and key and key.group(1) in names:
                    yield from self.items(key.group(1).decode(), in_array=True, opened=True)
                else:
                    depth += 1
            else:
                depth -= 1

    def items(self, section: str | None, in_array: bool, opened: bool = False) -> Iterator[Record]:
        """Records up to the end of the array (just entered when `opened`), or of the file."""
        if in_array and not opened:
            self._bracket()
        while True:
            line = self.line
            between, bracket = self._bracket(needed=in_array)
            stray = between.lstrip(_SEPARATORS)
            if stray:
                line += between[: -len(stray)].count(b"\n")
                yield Record(line, section, None, "Ce n'est pas un enregistrement.")
            if not bracket or bracket == b"]":
                return
            if bracket == b"}":
                yield Record(self.line, section, None, "Il y a ici une accolade de trop.")
                continue
            line = self.line
            yield _decoded(line, section, self._whole(bracket))

    def _whole(self, bracket: bytes) -> bytes:
        """The record that opens with `bracket`, which was just passed."""
        parts, depth, size = [bracket], 1, 0
        while depth:
            before, bracket = self._bracket()
            depth += 1 if bracket in _OPEN else -1
            parts += [before, bracket]
            size += len(before)
            if size > LONGEST_RECORD:
                raise UnreadableFile(self.line, "Il manque une accolade ou un crochet.")
        return b"".join(parts)

    def _bracket(self, needed: bool = True) -> tuple[bytes, bytes]:
        """What comes before the next bracket, and the bracket; (rest, b"") at the end of the file."""
        start = self.position
        while True:
            end = _TO_BRACKET.match(self.buffer, start).end()
            at_quote = self.buffer[end : end + 1] == b'"'
            if at_quote and self.buffer.find(b"\n", end) >= 0:
                start = end + 1  # a quote that nothing closes on its line
                continue
            if end < len(self.buffer) and not at_quote:
                before, bracket = self.buffer[self.position : end], self.buffer[end : end + 1]
                self.line += before.count(b"\n")
                self.position = end + 1
                return before, bracket
            if not self._more():
                if needed:
                    raise UnreadableFile(self.line, "Le fichier est coupé : sa fin manque.")
                rest, self.position = self.buffer[self.position :], len(self.buffer)
                return rest, b""
            start = self.position

    def _more(self) -> bool:
        block = self.file.read(CHUNK)
        self.buffer, self.position = self.buffer[self.position :] + block, 0
        if len(self.buffer) > LONGEST_RECORD + CHUNK:
            raise UnreadableFile(self.line, "Il manque un guillemet, une accolade ou un crochet.")
        self.advance(len(block))
        return bool(block)


def _decoded(line: int, section: str | None, raw: bytes) -> Record:
    encoding = "utf-8"
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        encoding, text = "cp1252", raw.decode("cp1252", "replace")
    try:
        values = json.loads(text, strict=False)
    except ValueError as error:
        where = line + _strict_line(text, error) - 1
        return Record(where, section, None, "Cet enregistrement n'est pas du JSON.", encoding)
    except RecursionError:
        return Record(line, section, None, "Cet enregistrement est trop imbriqué.", encoding)
    if not isinstance(values, dict):
        return Record(line, section, None, "Ce n'est pas un enregistrement.", encoding)
    return Record(line, section, values, None, encoding, text)


def _strict_line(text: str, error: ValueError) -> int:
    """The line at fault. Read strictly, a missing quote is found on its own line."""
    try:
        json.loads(text)
    except ValueError as stricter:
        error = stricter
    return getattr(error, "lineno", 1)
