"""Start or train the dialogue server: `python -m assistant.server run` or `... train`.

Run from the root of the project, in the Python 3.10 environment. The server listens on the loopback only,
with our channel only, without Rasa's HTTP API, and loads only the model trained here (its hash is checked).
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import hashlib
import json
import logging
import os
import sys
import tempfile
import traceback
import warnings
from pathlib import Path

from assistant import absent, journal
from assistant.shelves import MemoryShelf, Shelf
from data.city import KEY_HEADER, KEY_VARIABLE, POSTGRES, read_city

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "assistant" / "models"
MANIFEST = MODELS / "modele.json"
MANIFEST_VARIABLE = "JALON_MODELE"
LOOPBACK = "127.0.0.1"
SWEEP_EVERY_S = 60
RELAY_VARIABLE = "JALON_RELAIS"

# Read by Rasa and its libraries when they are imported.
os.environ.update(
    RASA_TELEMETRY_ENABLED="false",
    RASA_MAX_CACHE_SIZE="0",  # its cache of trained components does not see changes in the modules they import
    SQLALCHEMY_SILENCE_UBER_WARNING="1",
    TF_CPP_MIN_LOG_LEVEL="3",
    TQDM_DISABLE="1",
    SANIC_WORKERS="1",
)

logger = logging.getLogger("jalon.server")


class ModelError(Exception):
    """No model, or not the one that was trained here."""


class StartError(Exception):
    """What prevents the server from starting, in French, without any secret."""


def read_model(manifest: Path = MANIFEST) -> Path:
    """Path of the model that `manifest` names. Raises ModelError unless its SHA-256 is the one noted at training."""
    try:
        noted = json.loads(manifest.read_text(encoding="utf-8"))
        path = manifest.parent / noted["fichier"]
        digest = sha256(path)
    except (OSError, ValueError, KeyError, TypeError):
        raise ModelError("Aucun modèle entraîné. Lancez « jalon entrainer ».") from None
    if digest != noted["sha256"]:
        raise ModelError(
            f"Le modèle {path.name} n'est pas celui qui a été entraîné ici. Relancez « jalon entrainer »."
        )
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def configure_logging() -> None:
    """Warnings and errors on stderr. Rasa writes what people say at level DEBUG only."""
    import sanic.app  # noqa: F401  (its import shows again the warnings ignored below)
    import structlog
    from rasa.utils.log_utils import configure_structlog

    warnings.filterwarnings("ignore", category=DeprecationWarning)  # Rasa's own frozen libraries
    warnings.filterwarnings(
        "ignore", message="Slot auto-fill has been removed"
    )  # at every start, whatever we do
    journal.configure("rasa")
    configure_structlog(logging.WARNING)
    structlog.configure(processors=[structlog.stdlib.filter_by_level, _only_the_event])


def _only_the_event(_logger: object, _level: str, event: dict) -> str:
    """Rasa's structured lines hold variables of its code, words of the person among them: only their name stays."""
    error = sys.exc_info()[0] if event.get("exc_info") else None
    return f"{event['event']} {error.__name__ if error else ''}".rstrip()


def train(sources: str, output: Path = MODELS) -> Path:
    """Train on config.yml and assistant/, then make the new model the current one (never half of it).

    `sources`: hash of what it was trained from, noted so that the caller knows when to train again.
    """
    import rasa.model_training
    from rasa.engine.exceptions import GraphComponentException

    warnings.filterwarnings("error", message="Issue found")  # an intent, slot or action that does not exist
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output) as work:
        try:
            result = rasa.model_training.train(
                domain="assistant/domain",
                config="config.yml",
                training_files=["assistant/nlu", "assistant/dialogue"],
                output=work,
                fixed_model_name="modele",
                force_training=True,
            )
        except GraphComponentException as error:
            # Rasa wraps the error of a component; its author needs the first one.
            raise ModelError("".join(traceback.format_exception(error.__cause__)).rstrip()) from error
        if result.code or not result.model:
            raise ModelError("L'entraînement n'a pas donné de modèle.")
        digest = sha256(Path(result.model))
        model = output / f"modele-{digest[:12]}.tar.gz"
        os.replace(result.model, model)
    manifest = output / MANIFEST.name
    new = manifest.with_suffix(".nouveau")
    new.write_text(
        json.dumps({"fichier": model.name, "sha256": digest, "sources": sources}), encoding="utf-8"
    )
    os.replace(new, manifest)
    for old in output.glob("modele-*.tar.gz"):
        if old != model:
            old.unlink()
    return model


def serve(port: int) -> None:
    """Serve our channel on the loopback until SIGTERM or SIGINT. Raises ModelError, StartError."""
    model = read_model(Path(os.environ.get(MANIFEST_VARIABLE) or MANIFEST))
    shelf = open_shelf()

    import rasa.core.run
    from rasa.core.utils import AvailableEndpoints

    from assistant import patches

    patches.apply(model.name)
    endpoints = AvailableEndpoints.read_endpoints("endpoints.yml")
    endpoints.tracker_store.kwargs["shelf"] = shelf
    endpoints.action.headers[KEY_HEADER] = os.environ.get(KEY_VARIABLE, "")

    async def check_and_warm_up(app, _loop) -> None:
        if not app.ctx.agent.is_ready():
            # Rasa logs the error and serves an empty shell; the supervisor must see a stopped process.
            logger.error("the model cannot be loaded")
            os._exit(1)
        await app.ctx.agent.parse_message("bonjour")  # what is loaded at first use is loaded now
        gc.collect()
        gc.freeze()  # models and lists last as long as the process: nothing looks through them again

    def start_sweeping(app, _loop) -> None:  # returns nothing: Sanic would wait for the end of the task
        app.add_task(_sweep_regularly(shelf))

    rasa.core.run.serve_application(
        str(model),
        interface=LOOPBACK,
        port=port,
        credentials="credentials.yml",
        endpoints=endpoints,
        enable_api=False,
        server_listeners=[
            (check_and_warm_up, "after_server_start"),
            (start_sweeping, "after_server_start"),
        ],
    )


def open_shelf() -> Shelf:
    """Where conversations are kept: this process, or the PostgreSQL of the environment. Raises StartError."""
    try:
        address = read_city().postgres
    except ValueError as error:
        raise StartError(str(error)) from None
    if not address:
        return _memory_shelf()
    import psycopg2  # one server alone does without it

    from assistant.postgres_shelf import PostgresShelf

    try:
        return PostgresShelf(address)
    except psycopg2.Error as error:
        # Its message may quote the address, hence the password.
        raise StartError(
            f"{POSTGRES} : PostgreSQL ne répond pas à cette adresse ou refuse ce compte ({type(error).__name__})."
        ) from None


def _memory_shelf() -> MemoryShelf:
    """Of a server alone, or of one that replaces the server named by `JALON_RELAIS`."""
    former = os.environ.get(RELAY_VARIABLE)
    if not former:
        return MemoryShelf()
    from assistant.relay import RelayShelf  # Rasa, that takes seconds to import, is not for the command line

    return RelayShelf(former, {KEY_HEADER: os.environ.get(KEY_VARIABLE, "")})


async def _sweep_regularly(shelf: Shelf) -> None:
    """Erase what has expired, even when nobody writes any more."""
    while True:
        try:
            await shelf.sweep()
        except Exception as error:  # noqa: BLE001 - the next round tries again
            logger.error("expired conversations could not be erased: %s", type(error).__name__)
        await asyncio.sleep(SWEEP_EVERY_S)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="serve the trained model")
    run.add_argument("--port", type=int, default=int(os.environ.get("JALON_RASA_PORT", "5005")))
    training = commands.add_parser("train", help="train a model")
    training.add_argument("--sources", default="", help="hash of the training sources, kept beside the model")
    arguments = parser.parse_args()

    os.chdir(ROOT)
    actions_port = os.environ.get("JALON_ACTIONS_PORT", "5055")
    os.environ.setdefault("JALON_ACTIONS_URL", f"http://{LOOPBACK}:{actions_port}")
    absent.install()
    configure_logging()
    try:
        if arguments.command == "train":
            train(arguments.sources)
        else:
            serve(arguments.port)
    except (ModelError, StartError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
