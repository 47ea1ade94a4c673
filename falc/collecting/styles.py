"""Style sheets: what they do to words."""

from __future__ import annotations

from collections.abc import Iterator

from falc.model import Text


def texts_of(source: str, file: str, channel: str) -> Iterator[Text]:
    """The whole sheet, as one text of kind « style »."""
    yield Text(file, file, 1, channel, "style", source)
