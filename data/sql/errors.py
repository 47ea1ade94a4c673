"""What may go wrong with a database. Messages hold the kind of error alone: theirs may quote what people wrote."""

from __future__ import annotations


class StoreError(Exception):
    """The database refused, or could not."""


class Lost(StoreError):
    """The database went away; asking again may do."""
