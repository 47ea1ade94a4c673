"""The action server: `python -m actions.server --port 5055`, on the loopback, for Rasa only.

The SDK's own launcher starts a second process for one worker, opens the server to every web page (CORS)
and writes errors with their message, which may quote what a person said.
"""

from __future__ import annotations

import argparse
import logging
import os
import warnings
from time import perf_counter

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor
from sanic.request import Request
from sanic.response import HTTPResponse

from actions import rasa_actions
from actions.orientation import orient
from assistant import journal

LOOPBACK = "127.0.0.1"

logger = logging.getLogger("jalon.actions")


def warm_up() -> None:
    """Open the base and compute one whole answer, so that the first person does not wait for it."""
    db = rasa_actions.base()
    orient(db, besoins=list(db.base.needs), faits={"lieu": "Gare du Nord"})


def _begin(request: Request) -> None:
    """Write the log lines of an action under the mark of the request that it answers."""
    request.ctx.start = perf_counter()
    if request.path == "/webhook":
        journal.take_request((request.json or {}).get("demande"))


def _end(request: Request, response: HTTPResponse) -> None:
    if request.path == "/webhook":
        name = str((request.json or {}).get("next_action"))
        journal.note(logger, name, response.status, perf_counter() - request.ctx.start, action=name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("JALON_ACTIONS_PORT") or 5055))
    port = parser.parse_args().port

    journal.configure("actions")
    # The SDK wants the version number of Rasa: 3.21 serves 3.6 (tests/ run them together).
    warnings.filterwarnings("ignore", message="Your versions of rasa and rasa_sdk")
    warm_up()
    executor = ActionExecutor()
    executor.register_package("actions.rasa_actions")
    app = create_app(executor, cors_origins=[])
    app.on_request(_begin)
    app.on_response(_end)
    app.config.KEEP_ALIVE_TIMEOUT = 120
    app.run(host=LOOPBACK, port=port, single_process=True, motd=False, access_log=False)


if __name__ == "__main__":
    main()
