"""How the dialogue and action servers write their errors: never with what a person said."""

from __future__ import annotations

import logging
import traceback


class DiscreetFormatter(logging.Formatter):
    """Errors with their type and place, without their message: it may quote what a person said."""

    def formatException(self, ei) -> str:
        lines, error = [], ei[1]
        while error is not None:
            lines += [*traceback.format_tb(error.__traceback__), f"{type(error).__qualname__}\n"]
            error = error.__cause__ or error.__context__
        return "".join(lines).rstrip()


def not_a_rejection(record: logging.LogRecord) -> bool:
    """False for a form that leaves the turn to a digression: ordinary, but an error in Rasa's eyes."""
    return not record.getMessage().endswith("rejected to run")


def handler() -> logging.Handler:
    """Lines on stderr, discreet."""
    stream = logging.StreamHandler()
    stream.setFormatter(DiscreetFormatter("%(levelname)s %(name)s: %(message)s"))
    stream.addFilter(not_a_rejection)
    return stream
