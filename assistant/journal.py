"""How every process of Jalon writes its log: never with what a person said, as text or as JSON.

`JALON_JOURNAL=json` gives one JSON object a line, with the same keys everywhere: quand (UTC), niveau, processus
(porte, actions, rasa), source, demande, message, then the fields of the event. `demande` is a random mark drawn by
the door for each request and passed on to the dialogue and to the actions; it says nothing of who asked.
Standard library only: two Pythons share this module.
"""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import datetime, timezone

VARIABLE = "JALON_JOURNAL"
REQUEST_HEADER = "X-Jalon-Demande"
_REQUEST = re.compile(r"[0-9a-f]{16}")
_request: ContextVar[str] = ContextVar("jalon_request", default="")


def wants_json(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the log is for a program. Raises ValueError, with the name of the variable, when it is unclear."""
    wanted = environment.get(VARIABLE, "")
    if wanted not in ("", "texte", "json"):
        raise ValueError(f"{VARIABLE} : il faut texte ou json, pas « {wanted} ».")
    return wanted == "json"


def new_request() -> str:
    """Draw the mark of a request and keep it for the lines written while it is answered."""
    return take_request(secrets.token_hex(8))


def take_request(mark: object) -> str:
    """Keep the mark that another process of Jalon sent; anything else counts as none."""
    kept = mark if isinstance(mark, str) and _REQUEST.fullmatch(mark) else ""
    _request.set(kept)
    return kept


def request() -> str:
    """The mark of the request being answered, "" outside of one."""
    return _request.get()


def line(process: str, message: str, level: str = "INFO", source: str = "", **fields: object) -> str:
    """One event as JSON, without the end of line."""
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    event = {"quand": now, "niveau": level, "processus": process, "source": source, "demande": request()}
    return json.dumps(
        {key: value for key, value in {**event, "message": message, **fields}.items() if value != ""},
        ensure_ascii=False,
        default=str,
    )


class DiscreetFormatter(logging.Formatter):
    """Errors with their type and place, without their message: it may quote what a person said."""

    def formatException(self, ei) -> str:
        lines, error = [], ei[1]
        while error is not None:
            lines += [*traceback.format_tb(error.__traceback__), f"{type(error).__qualname__}\n"]
            error = error.__cause__ or error.__context__
        return "".join(lines).rstrip()


class JsonFormatter(DiscreetFormatter):
    """One JSON object a line. A call adds fields with `extra={"fields": {...}}`."""

    def __init__(self, process: str):
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        fields = dict(getattr(record, "fields", {}))
        if record.exc_info:
            fields["trace"] = self.formatException(record.exc_info)
        return line(self._process, record.getMessage(), record.levelname, record.name, **fields)


def not_a_rejection(record: logging.LogRecord) -> bool:
    """False for a form that leaves the turn to a digression: ordinary, but an error in Rasa's eyes."""
    return not record.getMessage().endswith("rejected to run")


def configure(process: str) -> None:
    """Make `process` write its log this way: warnings of all, and what Jalon itself notes."""
    logging.basicConfig(level=logging.WARNING, handlers=[handler(process)], force=True)
    logging.getLogger("jalon").setLevel(logging.INFO)


def note(logger: logging.Logger, what: str, code: int, seconds: float, **fields: object) -> None:
    """Note a piece of work that has ended: its name, its HTTP status and how long it took."""
    fields = {**fields, "code": code, "ms": round(1000 * seconds, 1)}
    logger.info("%s %d %.1f ms", what, code, fields["ms"], extra={"fields": fields})


def handler(process: str) -> logging.Handler:
    """Lines on stderr, discreet: as text only what is wrong, as JSON every request too."""
    stream = logging.StreamHandler()
    if wants_json():
        stream.setFormatter(JsonFormatter(process))
    else:
        stream.setFormatter(DiscreetFormatter("%(levelname)s %(name)s: %(message)s"))
        stream.setLevel(logging.WARNING)
    stream.addFilter(not_a_rejection)
    return stream
