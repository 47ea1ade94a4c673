"""`data/apports.db`: the imported places, their raw records, who decided what, and how to go back.

Tables: `apports` (one line an import), `services` (what each source says now), `doublons` (pairs that look
like one place), `historique` (each line of `services` as it was before an import changed it), `meta`.
Everything is written in one transaction: a crash leaves the file as it was.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "data/apports.db"
SCHEMA = 1
SAME, DIFFERENT = "meme", "different"
COLUMNS = (
    "id", "source", "genre", "identifiant", "groupe", "apport", "ligne", "hash", "nom", "place", "pourquoi",
    "brut", "nom_cle", "adresse_cle", "telephone", "lat", "lon", "maille",
)  # fmt: skip


class StoreError(RuntimeError):
    """The file cannot be used, or what is asked cannot be done. The message is for the person at the keyboard."""


def source_key(source: str) -> str:
    """The id under which places cite an imported source."""
    return f"apport_{source.replace('-', '_')}"


def path_of(root: Path | str) -> Path:
    return Path(root) / FILE


def open_store(path: Path | str) -> sqlite3.Connection:
    """Open the file, made when it is missing. Transactions are the caller's. Raises StoreError."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=10)
    try:
        connection.execute("PRAGMA cache_size = -32000")  # 32 MB, whatever the size of the file
        connection.execute("PRAGMA synchronous = FULL")
        if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            _create(connection)
        version = connection.execute("SELECT valeur FROM meta WHERE cle = 'schema'").fetchone()
    except sqlite3.DatabaseError as error:
        connection.close()
        raise StoreError(f"Le fichier {path} ne peut pas être lu : {error}.") from error
    if version != (SCHEMA,):
        connection.close()
        raise StoreError(f"Le fichier {path} a été fait par une autre version de Jalon.")
    return connection


@contextmanager
def transaction(store: sqlite3.Connection, keep: bool = True) -> Iterator[None]:
    """All or nothing. `keep` False undoes everything at the end (dry run). Raises StoreError when busy."""
    try:
        store.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise StoreError("Un autre import est en cours. Attendez qu'il finisse.") from error
        raise
    try:
        yield
    except BaseException:
        store.execute("ROLLBACK")
        raise
    store.execute("COMMIT" if keep else "ROLLBACK")


def touch(store: sqlite3.Connection) -> None:
    """Note that something changed: the base must be built again."""
    store.execute("UPDATE meta SET valeur = valeur + 1 WHERE cle = 'revision'")


def revision(root: Path | str) -> str:
    """Changes with every change of the file of `root`; empty when there is none."""
    if not path_of(root).is_file():
        return ""
    store = open_store(path_of(root))
    try:
        return str(store.execute("SELECT valeur FROM meta WHERE cle = 'revision'").fetchone()[0])
    finally:
        store.close()


def imported_places(store: sqlite3.Connection, held: Collection[str] = ()) -> Iterator[dict]:
    """Imported places that people see, by id, as in the built base.

    Left out: those said to be a place that is already there, and those of `held` (see duplicates.held_back).
    """
    query = (
        "SELECT id, place FROM services s WHERE place IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM doublons d WHERE d.b = s.id AND d.decision = ?) ORDER BY id"
    )
    return (json.loads(place) for key, place in store.execute(query, (SAME,)) if key not in held)


def imported_sources(store: sqlite3.Connection) -> dict[str, dict]:
    """The sources that imported places cite, from the last import of each."""
    query = (
        "SELECT source, fichier, substr(le, 1, 10), editeur, licence FROM apports a WHERE annule_le IS NULL"
        " AND numero = (SELECT max(numero) FROM apports WHERE source = a.source AND annule_le IS NULL)"
        " ORDER BY source"
    )
    return {
        source_key(source): {
            "titre": f"Fichier {name}",
            "editeur": publisher or source,
            "date": day,
            "adresse": None,
            "licence": licence,
            "note": "Lieux importés, à vérifier.",
        }
        for source, name, day, publisher, licence in store.execute(query)
    }


def undo(store: sqlite3.Connection, number: int, moment: str) -> list[str]:
    """Put back every line that the import `number` changed; returns their ids. Raises StoreError.

    Only the last import of a source can be undone: a later one has built upon it. Call it in a transaction.
    """
    found = store.execute("SELECT source, annule_le FROM apports WHERE numero = ?", (number,)).fetchone()
    if found is None:
        raise StoreError(f"Il n'y a pas d'apport {number}.")
    source, undone = found
    if undone:
        raise StoreError(f"L'apport {number} est déjà annulé.")
    query = "SELECT max(numero) FROM apports WHERE source = ? AND annule_le IS NULL"
    last = store.execute(query, (source,)).fetchone()[0]
    if last != number:
        raise StoreError(f"Seul le dernier apport de « {source} » peut être annulé : c'est le {last}.")
    marks = ", ".join("?" * len(COLUMNS))
    ids = []
    query = "SELECT id, avant FROM historique WHERE apport = ? ORDER BY rowid DESC"
    for key, before in store.execute(query, (number,)):
        store.execute("DELETE FROM services WHERE id = ?", (key,))
        if before:
            store.execute(f"INSERT INTO services VALUES ({marks})", json.loads(before))
        ids.append(key)
    store.execute("DELETE FROM historique WHERE apport = ?", (number,))
    store.execute("UPDATE apports SET annule_le = ? WHERE numero = ?", (moment, number))
    touch(store)
    return ids


def stable_id(source: str, identity: str) -> str:
    """`<source>-<their id>` in small letters; with a mark of the exact id when letters had to change."""
    plain = "-".join(_words(identity))[:80].strip("-")
    mark = (
        "" if plain == identity else "-" + hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:8]
    )
    return f"{source}-{plain}{mark}".replace("--", "-")


def _words(text: str) -> list[str]:
    from data.exchange.values import fold  # rapidfuzz and the rest stay out of the builder

    return fold(text).split()


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN")
    import sqlite_utils  # a file is made once; reading it does without

    db = sqlite_utils.Database(connection)
    db["meta"].create({"cle": str, "valeur": int}, pk="cle")
    db["apports"].create(
        {
            "numero": int,
            "source": str,
            "format": str,
            "fichier": str,
            "sha256": str,
            "le": str,
            "editeur": str,
            "licence": str,
            "confiance": str,
            "nouveaux": int,
            "changes": int,
            "disparus": int,
            "inchanges": int,
            "refuses": int,
            "annule_le": str,
        },
        pk="numero",
    )
    kinds = dict.fromkeys(COLUMNS, str) | dict.fromkeys(("apport", "ligne", "maille"), int)
    db["services"].create(kinds | {"lat": float, "lon": float}, pk="id", not_null={"source", "hash", "brut"})
    db["services"].create_index(["source", "genre", "identifiant"])
    for key in ("maille", "telephone", "nom_cle", "adresse_cle"):
        connection.execute(f"CREATE INDEX services_{key} ON services ({key}) WHERE place IS NOT NULL")
    db["doublons"].create(
        {
            "numero": int,
            "a": str,
            "b": str,
            "score": int,
            "raisons": str,
            "decision": str,
            "par": str,
            "le": str,
        },
        pk="numero",
    )
    db["doublons"].create_index(["a", "b"], unique=True)
    db["doublons"].create_index(["b"])
    db["historique"].create({"apport": int, "id": str, "quoi": str, "avant": str})
    db["historique"].create_index(["apport"])
    connection.execute("INSERT INTO meta VALUES ('schema', ?), ('revision', 0)", (SCHEMA,))
    connection.execute("COMMIT")
