"""The action server: `python -m actions.server --port 5055`, on the loopback, for Rasa only.

The SDK's own launcher starts a second process for one worker, opens the server to every web page (CORS)
and writes errors with their message, which may quote what a person said. Only who shows the internal key is answered:
an action receives what a person said and tells what they may ask for.
"""

from __future__ import annotations

import argparse
import hmac
import logging
import os
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor
from sanic.request import Request
from sanic.response import HTTPResponse, json

from actions import rasa_actions
from actions.orientation import orient
from assistant import journal
from data.city import KEY_HEADER, internal_key

LOOPBACK = "127.0.0.1"

logger = logging.getLogger("jalon.actions")


@dataclass(frozen=True)
class Answer:
    """What an action answers, in the place of the SDK's own, that checks each part of it and copies it."""

    events: list[dict]
    responses: list[dict]

    def model_dump(self) -> dict:
        return vars(self)


class Executor(ActionExecutor):
    """Runs our own actions: their answers are what they should be."""

    @staticmethod
    def _create_api_response(events: list[dict], messages: list[dict]) -> Answer:
        return Answer(events, messages)


def warm_up() -> None:
    """Open the base and compute one whole answer, so that the first person does not wait for it."""
    db = rasa_actions.base()
    orient(db, besoins=list(db.base.needs), faits={"lieu": "Gare du Nord"})


def guard(key: bytes) -> Callable[[Request], HTTPResponse | None]:
    """A middleware that answers 401 unless the request shows `key`. `/health`, that tells nothing, is open."""

    def check(request: Request) -> HTTPResponse | None:
        shown = request.headers.get(KEY_HEADER, "").encode("utf-8", "surrogateescape")
        if request.path == "/health" or hmac.compare_digest(shown, key):
            return None
        return json({"error": "key"}, status=401)

    return check


def _begin(request: Request) -> None:
    """Write the log lines of an action under the mark of the request that it answers."""
    request.ctx.start = perf_counter()
    if request.path == "/webhook":
        journal.take_request((request.json or {}).get("demande"))


def _end(request: Request, response: HTTPResponse) -> None:
    if request.path == "/webhook" and hasattr(request.ctx, "start"):  # not refused
        name = str((request.json or {}).get("next_action"))
        journal.note(logger, name, response.status, perf_counter() - request.ctx.start, action=name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("JALON_ACTIONS_PORT") or 5055))
    port = parser.parse_args().port

    journal.configure("actions")
    try:
        key = internal_key()
    except ValueError as error:
        sys.exit(str(error))
    # The SDK wants the version number of Rasa: 3.21 serves 3.6 (tests/ run them together).
    warnings.filterwarnings("ignore", message="Your versions of rasa and rasa_sdk")
    warm_up()
    executor = Executor()
    executor.register_package("actions.rasa_actions")
    app = create_app(executor, cors_origins=[])
    app.on_request(guard(key))
    app.on_request(_begin)
    app.on_response(_end)
    app.config.KEEP_ALIVE_TIMEOUT = 120
    app.run(host=LOOPBACK, port=port, single_process=True, motd=False, access_log=False)


if __name__ == "__main__":
    main()
