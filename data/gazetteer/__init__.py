"""Find places of Paris and its neighbours in what people write, offline.

- `place`: what is known of one; `files`: reads data/lieux/*.yml; `tables`: keeps them in data/jalon.db.
- `text`: cuts and folds what people write; `names`: indexes every name; `sentences`: finds names in a sentence;
  `arrondissements`: reads district numbers; `search`: puts it all together (`Gazetteer`).
- `ban`, `importing`: make data/adresses.db from the national file; `addresses`: its streets and doors; `streets`:
  finds any street by its name; `directory`: joins them to the known places.
- `online`: asks the national service, when the operator allows it.
"""

from data.gazetteer.addresses import open_addresses
from data.gazetteer.files import PlaceFault, PlaceFilesError
from data.gazetteer.place import Lieu
from data.gazetteer.search import Gazetteer, Mention, SearchResult
from data.gazetteer.tables import create_tables, rows_for_build

__all__ = [
    "Gazetteer", "Lieu", "Mention", "PlaceFault", "PlaceFilesError", "SearchResult", "create_tables",
    "open_addresses", "rows_for_build",
]  # fmt: skip
