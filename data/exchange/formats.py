"""What importing and exporting ask of a format."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from pkgutil import resolve_name
from typing import ClassVar, TextIO

from data.checks import Places
from data.exchange.correspondances import Correspondances
from data.exchange.fiche import Note
from data.exchange.json_records import Record, read_json_records
from data.exchange.report import writable

# Where each format is. Loaded when it is used: the checkers of some standards take half a second.
FORMATS = {
    "data-inclusion": "data.exchange.data_inclusion:DataInclusion",
    "hsds": "data.exchange.hsds:Hsds",
    "geojson": "data.exchange.geojson:GeoJson",
    "csv": "data.exchange.csv_file:CsvFile",
    "paris": "data.exchange.paris_open_data:ParisOpenData",
}
READ_ONLY = ("paris",)
SERVICE, STRUCTURE = "service", "structure"


class NotShown(ValueError):
    """A record that is kept, and that people will not see. The message says why, for the report."""


class Format:
    """One way of writing places. `fields`: key of the fiche → field of the file, for the reports.

    `passes`: how many times a file is read. `sections`: keys under which a JSON file holds its records.
    `global_ids`: whether the ids of a file are also unique among other files.
    """

    name = ""
    passes = 1
    fields: ClassVar[Mapping[str, str]] = {}
    sections: tuple[str, ...] = ()
    global_ids = False

    def __init__(self, words: Correspondances, places: Places):
        self.words, self.places = words, places

    def read(self, paths: Sequence[Path], advance: Callable[[int], None]) -> Iterator[Record]:
        """Every record of the files. `advance` is told the bytes read. Raises UnreadableFile, OSError."""
        for path in paths:
            yield from read_json_records(path, self.sections, advance)

    def kind(self, values: Mapping) -> str:
        """« service » (a place, for people) or « structure » (who keeps it)."""
        return SERVICE

    def identity(self, values: Mapping) -> object:
        """The id that the file gives to the record."""
        return values.get("id")

    def group(self, values: Mapping) -> object:
        """What the records of one door have in common: they are never duplicates of each other."""
        return self.identity(values)

    def related(self, values: Mapping) -> Mapping | None:
        """Another record that this one is read with."""
        return None

    def check(self, values: Mapping, note: Note) -> None:
        """Tell `note` where the record does not follow its standard."""

    def fiche(self, values: Mapping, note: Note) -> dict:
        """The fiche of a record of services. Raises NotShown."""
        raise NotImplementedError

    def homeless(self, values: Mapping) -> list[str]:
        """Filled fields that Jalon has no place for: they are kept in the raw record only."""
        return []

    def render(self, fiche: Mapping) -> dict[str, dict]:
        """The records that tell a fiche, by kind."""
        raise NotImplementedError(f"Ce format ne s'exporte pas : {self.name}.")

    def write(self, records: Callable[[str], Iterable[Mapping]], count: int, file: TextIO) -> None:
        """Write the records of each kind (`records(kind)`); `count` is how many services there are."""
        raise NotImplementedError(f"Ce format ne s'exporte pas : {self.name}.")


def format_class(name: str) -> type[Format]:
    """The format called `name` in FORMATS."""
    return resolve_name(FORMATS[name])


def write_array(records: Iterable[Mapping], file: TextIO, indent: str = " ") -> None:
    """Write a JSON array, one record a line: line numbers and differences then speak of records."""
    before = "\n"
    file.write("[")
    for record in records:
        file.write(f"{before}{indent}{writable(json.dumps(record, ensure_ascii=False))}")
        before = ",\n"
    file.write(f"\n{indent[1:]}]")
