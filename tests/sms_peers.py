"""A real door with the SMS channel open, a dialogue server and a Kannel reduced to their HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from cli.project import ROOT
from tests.door_server import base_path
from tests.sms_queue import KEY, number


class Peers:
    """A dialogue server and a Kannel, reduced to the two addresses that the door calls. `delay`: seconds of a turn.

    `said`: what it answers, « »: what it was told. `turns`: senders, `texts`: what they said, `sent`: numbers answered, `answers`: with what, `arrivals`: when the first answer came."""

    def __init__(self, delay: float = 0.15):
        self.arrivals: dict[str, float] = {}
        self.turns: list[str] = []
        self.sent: list[str] = []
        self.texts: list[str] = []
        self.answers: list[str] = []
        self.said = "Douche : 1 rue de Paris."
        peers = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                time.sleep(delay)
                peers.turns.append(body["sender"])
                peers.texts.append(body["texte"])
                said = {"texte": peers.said or body["texte"], "boutons": []}
                self._say({"messages": [said], "etat": {"faits": {}, "besoins": []}})

            def do_DELETE(self):
                self._say({})

            def do_GET(self):
                asked = parse_qs(urlsplit(self.path).query)
                peers.sent.append(asked["to"][0])
                peers.answers.append(asked["text"][0])
                peers.arrivals.setdefault(asked["to"][0], time.monotonic())
                self._say("0: Accepted for delivery")
                # As the SMSC does: the report comes on its own, even when the door has just been killed.
                for after, code in ((0.3, "8"), (0.6, "1")):
                    threading.Timer(after, report, (asked["dlr-url"][0].replace("%d", code),)).start()

            def _say(self, answer):
                content = answer if isinstance(answer, str) else json.dumps(answer)
                self.send_response(202 if isinstance(answer, str) else 200)
                self.end_headers()
                self.wfile.write(content.encode())

            def log_message(self, *_):
                """Nothing on the screen."""

        class Server(ThreadingHTTPServer):
            request_queue_size = 128

            def handle_error(self, *_):
                """The door was killed before the end of an answer."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


def report(address: str, tries: int = 40) -> None:
    for _ in range(tries):
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.5)


def wait_for(condition, seconds: float) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "too long"
        time.sleep(0.02)


def door_environment(folder: Path, peers: Peers, port: int) -> dict:
    return {
        **os.environ,
        "JALON_BASE": str(base_path()),
        "JALON_CLE_INTERNE": KEY,
        "JALON_RASA_URL": peers.url,
        "JALON_SMS_FOURNISSEUR": "kannel",
        "JALON_SMS_FICHIER": str(folder / "sms.db"),
        "JALON_SMS_CLE": KEY,
        "JALON_SMS_KANNEL_URL": peers.url,
        "JALON_SMS_KANNEL_UTILISATEUR": "jalon",
        "JALON_SMS_KANNEL_MOT_DE_PASSE": "secret",
        "JALON_SMS_KANNEL_EXPEDITEUR": "38000",
        "JALON_SMS_KANNEL_JETON": KEY,
        "JALON_SMS_KANNEL_RETOUR": f"http://127.0.0.1:{port}",
    }


def receive_by_kannel(port: int, rank: int, text: str, sender: str = "", client=httpx) -> None:
    query = {"jeton": KEY, "id": f"m{rank}", "de": sender or number(rank), "texte": text}
    got = client.get(f"http://127.0.0.1:{port}/webhooks/sms/kannel", params=query, timeout=30)
    assert got.status_code == 200


def start_door(port: int, environment: dict, log: Path = Path(os.devnull), *more: str) -> subprocess.Popen:
    command = ["uvicorn", "channels.replacing:create_door", "--factory", "--port", str(port), *more]
    with log.open("wb") as output:
        door = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env=environment, stdout=output, stderr=output
        )

    def ready() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/", timeout=1).status_code == 200
        except httpx.HTTPError:
            return False

    wait_for(ready, 60)
    return door
