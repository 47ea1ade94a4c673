"""The gazetteer, from the built base when it is there, else from the YAML files."""

from __future__ import annotations

import logging
import sqlite3
from functools import lru_cache
from pathlib import Path

from data.gazetteer import Gazetteer

logger = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def load_gazetteer(root: Path) -> Gazetteer:
    """Places of `root`/data/jalon.db, or of `root`/data/lieux when the base is not built.

    Raises data.gazetteer.PlaceFilesError when neither can be read.
    """
    base = root / "data" / "jalon.db"
    if base.exists():
        connection = sqlite3.connect(f"file:{base}?mode=ro&immutable=1", uri=True)
        try:
            return Gazetteer.from_database(connection)
        except sqlite3.Error as error:
            logger.warning("Lieux lus dans les fichiers YAML, la base est illisible : %s", error)
        finally:
            connection.close()
    return Gazetteer.from_yaml(root)
