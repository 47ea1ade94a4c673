"""Every text of the repository that a person may read, with its file and line."""

from falc.collecting.repository import collect, specification

__all__ = ["collect", "specification"]
