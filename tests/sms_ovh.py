"""OVHcloud's SMS API reduced to what Jalon asks of it, in its real shape: signed calls, jobs, histories, errors."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

SERVICE = "sms-xx1-1"
OPTIONS = {
    "JALON_SMS_OVH_CLE_APPLICATION": "app",
    "JALON_SMS_OVH_SECRET_APPLICATION": "secret",
    "JALON_SMS_OVH_CLE_CONSOMMATEUR": "consumer",
    "JALON_SMS_OVH_SERVICE": SERVICE,
}
DRIFT_S = 5000  # their clock is not ours


class OvhStub:
    """`fault`: what happens to POST /jobs: None, a status, « lent », « lent apres » or « coupe apres » (the
    job is made and its answer is lost)."""

    def __init__(self):
        self.jobs: dict[int, dict] = {}
        self.incoming: dict[int, dict] = {}
        self.refused: list[str] = []
        self.fault: object = None
        self.address = ""
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                stub.answer(self, "")

            def do_POST(self):
                stub.answer(self, self.rfile.read(int(self.headers["content-length"])).decode())

            do_DELETE = do_GET

            def log_message(self, *_):
                """Nothing on the screen."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/1.0"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def receive(self, message_id: int, number: str, text: str, at: str = "2026-11-22T12:00:00+01:00") -> None:
        """A person writes."""
        self.incoming[message_id] = {
            "id": message_id,
            "sender": number,
            "message": text,
            "creationDatetime": at,
            "credits": 0,
            "tag": "",
        }

    def answer(self, call: BaseHTTPRequestHandler, body: str) -> None:
        url = urlsplit(call.path)
        if url.path == "/1.0/auth/time":
            return say(call, 200, int(time.time()) + DRIFT_S)
        if fault := self._signature_fault(call, body):
            self.refused.append(fault)
            return say(
                call, 403 if fault != "drift" else 400, {"message": fault, "errorCode": "INVALID_SIGNATURE"}
            )
        path = url.path.removeprefix(f"/1.0/sms/{SERVICE}")
        if call.command == "POST" and path == "/jobs":
            return self._send(call, json.loads(body))
        history, _, message_id = path.strip("/").partition("/")
        kept = {"incoming": self.incoming, "outgoing": self.jobs, "jobs": {}}[history]
        if not message_id:
            tag = parse_qs(url.query).get("tag")
            return say(call, 200, [one for one, job in kept.items() if not tag or job["tag"] == tag[0]])
        if int(message_id) not in kept:
            return say(call, 404, {"message": "The requested object does not exist"})
        if call.command == "DELETE":
            del kept[int(message_id)]
            return say(call, 200, None)
        say(call, 200, kept[int(message_id)])

    def _send(self, call: BaseHTTPRequestHandler, job: dict) -> None:
        fault = self.fault
        if isinstance(fault, int):
            return say(call, fault, {"message": "Internal server error"})
        if fault == "lent":
            time.sleep(1.5)
            return None
        if not re.fullmatch(r"(\+|00)33[67]\d{8}", job["receivers"][0]):
            report = {
                "totalCreditsRemoved": 0,
                "invalidReceivers": job["receivers"],
                "ids": [],
                "validReceivers": [],
            }
            return say(call, 200, report)
        number = len(self.jobs) + 1000
        self.jobs[number] = {**job, "id": number, "deliveryReceipt": 0, "ptt": 0}
        if fault == "lent apres":
            time.sleep(1.5)
        if fault == "coupe apres":
            call.close_connection = True
            return None
        report = {
            "totalCreditsRemoved": 1,
            "invalidReceivers": [],
            "ids": [number],
            "validReceivers": job["receivers"],
        }
        say(call, 200, report)

    def _signature_fault(self, call: BaseHTTPRequestHandler, body: str) -> str:
        head = call.headers
        stamp = head.get("X-Ovh-Timestamp", "0")
        if abs(int(stamp) - time.time() - DRIFT_S) > 30:
            return "drift"
        full = f"{self.address.removesuffix('/1.0')}{call.path}"
        parts = [
            OPTIONS["JALON_SMS_OVH_SECRET_APPLICATION"],
            OPTIONS["JALON_SMS_OVH_CLE_CONSOMMATEUR"],
            call.command,
            full,
            body,
            stamp,
        ]
        expected = "$1$" + hashlib.sha1("+".join(parts).encode()).hexdigest()
        return "" if head.get("X-Ovh-Signature") == expected else "signature"


def say(call: BaseHTTPRequestHandler, status: int, content: object) -> None:
    try:
        call.send_response(status)
        call.send_header("content-type", "application/json")
        call.end_headers()
        call.wfile.write(json.dumps(content).encode())
    except OSError:
        pass  # the client has had enough of waiting
