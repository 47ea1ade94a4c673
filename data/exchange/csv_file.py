"""CSV: one line a place, the columns of data/exchange/flat.py, as French spreadsheets write it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, TextIO

from data.exchange.fiche import Note
from data.exchange.flat import COLUMNS, by_column, from_cells, homeless, to_cells
from data.exchange.formats import Format
from data.exchange.json_records import Record, UnreadableFile
from data.exchange.report import safe_cell

LONGEST_CELL = 1_000_000  # characters


class CsvFile(Format):
    """Read and write the table."""

    name = "csv"
    fields: ClassVar = {key: column for column, key in COLUMNS.items()}

    def read(self, paths: Sequence[Path], advance: Callable[[int], None]) -> Iterator[Record]:
        for path in paths:
            yield from table(path, advance)

    def identity(self, values: Mapping) -> object:
        return by_column(values).get("id")

    def fiche(self, values: Mapping, note: Note) -> dict:
        return from_cells({key: _plain(cell) for key, cell in by_column(values).items()}, note)

    def homeless(self, values: Mapping) -> list[str]:
        return homeless(values)

    def render(self, fiche: Mapping) -> dict[str, dict]:
        return {"service": to_cells(fiche)}

    def write(self, records: Callable[[str], Iterable[Mapping]], count: int, file: TextIO) -> None:
        file.write("\ufeff")
        columns = dict.fromkeys(column for record in records("service") for column in record)
        out = csv.DictWriter(file, list(columns or COLUMNS), delimiter=";")
        out.writeheader()
        for record in records("service"):
            out.writerow({key: safe_cell(value) for key, value in record.items()})


def table(path: Path, advance: Callable[[int], None]) -> Iterator[Record]:
    """Lines of a table with a header, by column; `;`, `,` or tab, with or without byte order mark."""
    csv.field_size_limit(LONGEST_CELL)
    with open(path, "rb") as file:
        lines = _Lines(file, advance)
        header = lines.text.rstrip("\r\n")
        if not header:
            raise UnreadableFile(1, "Le fichier est vide.")
        separator = max(";,\t", key=header.count)
        rows = csv.reader(lines, delimiter=separator)
        try:
            columns = [cell.strip() for cell in next(rows)]
        except csv.Error as error:
            raise UnreadableFile(1, "La ligne des colonnes ne peut pas être lue.") from error
        twice = [column for column in columns if column and columns.count(column) > 1]
        if twice:
            raise UnreadableFile(1, f"La colonne « {twice[0]} » est écrite deux fois.")
        while True:
            line = lines.number + 1
            lines.encoding = "utf-8"
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error:
                yield Record(
                    line, None, None, "Cette ligne ne peut pas être lue : guillemet ou case trop longue."
                )
                continue
            if not any(cells):
                continue
            if len(cells) > len(columns) and any(cells[len(columns) :]):
                told = f"Cette ligne a {len(cells)} cases pour {len(columns)} colonnes."
                yield Record(line, None, None, told, lines.encoding)
                continue
            values = {column: cell for column, cell in zip(columns, cells, strict=False) if column}
            yield Record(line, None, values, None, lines.encoding)


class _Lines:
    """Lines of a file as text; each that is not UTF-8 is read as Windows-1252 and remembered."""

    def __init__(self, file, advance: Callable[[int], None]):
        self.file, self.advance = file, advance
        self.number, self.encoding = 0, "utf-8"
        self.text = self._next().removeprefix("\ufeff")
        self._held: str | None = self.text

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        text, self._held = self._held if self._held is not None else self._next(), None
        if not text:
            raise StopIteration
        self.number += 1
        return text

    def _next(self) -> str:
        raw = self.file.readline()
        self.advance(len(raw))
        if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise UnreadableFile(1, "Le fichier est en UTF-16. Enregistrez-le en UTF-8.")
        try:
            return raw.decode()
        except UnicodeDecodeError:
            self.encoding = "cp1252"
            return raw.decode("cp1252", "replace")


def _plain(cell: object) -> object:
    """The cell without the apostrophe that `safe_cell` puts before what looks like a formula."""
    if isinstance(cell, str) and cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@", "\t"):
        return cell[1:]
    return cell
