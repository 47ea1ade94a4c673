"""Export what people see, hand-kept and imported, to a format that other directories read.

A record that came in the same format goes out as it came in: nothing of it is lost on the way. Another is
told from its place. Places to protect go out without anything that says where they are.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from data.checks import Places
from data.exchange import duplicates, store
from data.exchange.fiche import to_fiche
from data.exchange.formats import SERVICE, Format
from data.exchange.importing import make_format

HAND_KEPT = "jalon"
_CLOSED = "ferme_definitif"  # never told to anybody
# (id of the record, rank of the hand-kept place or None, row of the imported one or None)
Entry = tuple[str, int | None, int | None]


def export_file(root: Path, format_name: str, target: Path, source: str | None = None) -> int:
    """Write to `target` the places that people see, of `source` when given, and return how many.

    `source` is « jalon » for services.yml, or that of an import: in its own format, all that it gave then
    goes out, shown or not. The same places give the same bytes. The old file stays when something fails.
    Raises ImportFault, StoreError, OSError, NotImplementedError for a format that is only read.
    """
    kind, context = make_format(root, format_name)
    path = store.path_of(root)
    opened = store.open_store(path) if path.exists() else None
    handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    try:
        export = _Export(kind, context.places, opened, source)
        with open(handle, "w", encoding="utf-8", newline="") as file:
            kind.write(export.records, export.count, file)
        os.chmod(name, 0o644)
        os.replace(name, target)
        return export.count
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    finally:
        if opened:
            opened.close()


class _Export:
    """Knows what to write, by kind of record; makes each record when it is written."""

    def __init__(self, kind: Format, places: Places, opened: sqlite3.Connection | None, source: str | None):
        self.kind, self.opened, self.source = kind, opened, source
        hand_kept = places.services if source in (None, HAND_KEPT) else []
        self.hand = [place for place in hand_kept if place["statut"] != _CLOSED]
        self.entries: dict[str, list[Entry]] = {SERVICE: []}
        for rank, place in enumerate(self.hand):
            self._add(self.kind.render(to_fiche(place)), rank, None)
        if opened and source != HAND_KEPT:
            self._add_imported(duplicates.held_back(opened, places.services))
        for entries in self.entries.values():
            entries.sort(key=lambda entry: (entry[0], entry[2] or 0))
        self.count = len({key for key, *_ in self.entries[SERVICE]})

    def records(self, genre: str) -> Iterator[dict]:
        """Records of one kind, by id, each once."""
        last = None
        for key, rank, row in self.entries.get(genre, ()):
            if key != last:
                last = key
                yield self._record(genre, rank, row)

    def _add(self, rendered: dict[str, dict], rank: int | None, row: int | None) -> None:
        for genre, record in rendered.items():
            self.entries.setdefault(genre, []).append((str(self.kind.identity(record)), rank, row))

    def _add_imported(self, held: set[str]) -> None:
        shown = (
            "s.place IS NOT NULL AND NOT EXISTS"
            f" (SELECT 1 FROM doublons d WHERE d.b = s.id AND d.decision = '{store.SAME}')"
        )
        query = (
            f"SELECT s.rowid, s.id, s.genre, s.identifiant, s.place, {shown}, a.format = ? FROM services s"
            " JOIN apports a ON a.numero = s.apport WHERE ? IN (s.source, '') ORDER BY s.rowid"
        )
        for row, key, genre, identity, place, seen, same in self.opened.execute(
            query, (self.kind.name, self.source or "")
        ):
            seen = seen and key not in held
            if same and self.source or same and self.kind.global_ids and (seen or genre != SERVICE):
                self.entries.setdefault(genre, []).append((identity, None, row))
            elif seen and (told := json.loads(place))["statut"] != _CLOSED:
                self._add(self.kind.render(to_fiche(told)), None, row)

    def _record(self, genre: str, rank: int | None, row: int | None) -> dict:
        if rank is not None:
            return self.kind.render(to_fiche(self.hand[rank]))[genre]
        query = (
            "SELECT s.place, s.brut, a.format FROM services s"
            " JOIN apports a ON a.numero = s.apport WHERE s.rowid = ?"
        )
        place, raw, name = self.opened.execute(query, (row,)).fetchone()
        if name == self.kind.name and (self.source or self.kind.global_ids):
            return json.loads(raw)
        return self.kind.render(to_fiche(json.loads(place)))[genre]
