"""Faults around one door: its base, its disk, its files, slow clients, a senseless dialogue, a provider's certificate."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from bench.faults.seen import ANSWER, CUT, EXCUSE, NUMBERS, Person, Row, wait_for
from channels.sms.overview import state
from channels.sms.settings import SmsSettings
from cli.project import ROOT
from tests.door_server import base_path, closed_port
from tests.sms_peers import Peers, door_environment
from tests.sms_queue import KEY, number, place

_OPTIONS = ["--http", "channels.patience:Patient", "--timeout-graceful-shutdown", "4"]
_SMS_LATER = "son SMS, plus tard, une seule fois"


@contextmanager
def _door(folder: Path, peers: Peers, files: int = 0, **more: str) -> Iterator[tuple[str, subprocess.Popen]]:
    """A door with the SMS channel, in its own process; `files`: how many it may open."""
    port = closed_port()
    command = [sys.executable, "-m", "uvicorn", "channels.app:create_app", "--factory", "--port", str(port)]
    if files:
        command = ["prlimit", f"--nofile={files}:{files}", *command]
    with tempfile.TemporaryFile() as log:
        door = subprocess.Popen(
            [*command, *_OPTIONS], cwd=ROOT, env={**door_environment(folder, peers, port), **more},
            stdout=log, stderr=log,
        )  # fmt: skip
        url = f"http://127.0.0.1:{port}"
        try:
            wait_for(lambda: _status(url) == 200)
            yield url, door
        finally:
            door.kill()
            door.wait()


def _status(url: str, path: str = "/") -> int:
    with suppress(httpx.HTTPError):
        return httpx.get(url + path, timeout=5).status_code
    return 0


class _Senseless(BaseHTTPRequestHandler):
    """A dialogue server that answers `body` with `status`."""

    status, body = 200, b""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(self.status)
        self.send_header("content-length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    do_GET = do_POST

    def log_message(self, *_):
        """Nothing on the screen."""


def senseless(folder: Path) -> Iterator[Row]:
    for name, status, body in (
        ("dialogue qui répond vide (200)", 200, b""),
        ("dialogue qui répond n'importe quoi (200)", 200, b"<html>"),
        ("dialogue en erreur (500)", 500, b"{}"),
    ):
        handler = type("Handler", (_Senseless,), {"status": status, "body": body})
        wrong = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=wrong.serve_forever, daemon=True).start()
        with (
            Peers() as peers,
            _door(folder, peers, JALON_RASA_URL=f"http://127.0.0.1:{wrong.server_port}") as (url, _),
        ):
            person = Person([url])
            seen = person.say("je veux mourir")
            yield Row(name, seen, "ce message seul, et on le dit", person.seconds, held=seen == EXCUSE)
        wrong.shutdown()


def base_destroyed(folder: Path) -> Iterator[Row]:
    for name, destroy in (
        ("base effacée pendant que la porte tourne", Path.unlink),
        ("base écrasée par des octets au hasard pendant que la porte tourne", _overwrite),
    ):
        copy = Path(shutil.copy(base_path(), folder / "jalon.db"))
        with Peers() as peers, _door(folder, peers, JALON_BASE=str(copy)) as (url, _):
            destroy(copy)
            found = httpx.get(
                f"{url}/recherche", params={"besoin": "douche", "lieu": "gare du nord"}, timeout=20
            )
            numbers = all(one in found.text for one in NUMBERS)
            told = httpx.get(f"{url}/sante", timeout=20).json()["composants"]["base"]
            seen = "la réponse" if found.status_code == 200 else f"page {found.status_code}, les numéros"
            yield Row(f"{name} (/sante : base « {told} »)", seen, "rien", held=numbers)


def _overwrite(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.write(os.urandom(file.stat().st_size))


def base_absent(folder: Path) -> Iterator[Row]:
    for name, content in (("absente", None), ("illisible", b"x" * 4096)):
        file = folder / "jalon.db"
        if content:
            file.write_bytes(content)
        command = [sys.executable, "-c", "from channels.app import create_app; create_app()"]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "JALON_BASE": str(file)},
            capture_output=True,
            text=True,
            check=False,
        )
        told = "Lancez « jalon construire »" in done.stderr
        yield Row(
            f"base {name} au démarrage", "rien : la porte refuse de démarrer et dit quoi faire", "rien",
            held=told and done.returncode != 0,
        )  # fmt: skip


def slow_clients(folder: Path) -> Iterator[Row]:
    with Peers() as peers, _door(folder, peers) as (url, _):
        port, wires = int(url.rsplit(":", 1)[1]), []
        for rank in range(200):
            wires.append(socket.create_connection(("127.0.0.1", port)))
            wires[-1].sendall(
                b"POST /tour HTTP/1.1\r\nHost: x\r\n" + b"Content-Length: 90\r\n\r\n{" * (rank % 2)
            )
        person = Person([url])
        seen, waited, begun = person.say("une douche"), person.seconds, time.monotonic()
        for wire in wires:
            wire.settimeout(20)
            with suppress(ConnectionError):
                while wire.recv(65_536):
                    pass
            wire.close()
        name = "200 clients qui n'envoient pas leur demande : tous renvoyés"
        yield Row(name, seen, "rien", waited, time.monotonic() - begun, seen == ANSWER)


def half_closed(folder: Path) -> Iterator[Row]:
    with Peers() as peers, _door(folder, peers) as (url, _):
        port, body = int(url.rsplit(":", 1)[1]), b'{"session": "s", "texte": "une douche"}'
        head = b"POST /api/v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        for _ in range(50):
            with socket.create_connection(("127.0.0.1", port)) as wire:
                wire.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
                wire.shutdown(socket.SHUT_WR)
        person = Person([url])
        seen = person.say("une douche")
        yield Row(
            "50 connexions coupées avant leur réponse", seen, "rien", person.seconds, held=seen == ANSWER
        )


def no_files(folder: Path) -> Iterator[Row]:
    with Peers() as peers, _door(folder, peers, files=80) as (url, _):
        port, wires = int(url.rsplit(":", 1)[1]), []
        for _ in range(120):
            with suppress(OSError):
                wires.append(socket.create_connection(("127.0.0.1", port), timeout=1))
        person = Person([url])
        seen, waited, begun = person.say("une douche", timeout=3), person.seconds, time.monotonic()
        for wire in wires:
            wire.close()
        yield Row(
            "porte sans descripteur libre (120 connexions muettes, 80 fichiers permis)", seen, "rien", waited,
            person.back() + time.monotonic() - begun, seen in (ANSWER, EXCUSE, CUT),
        )  # fmt: skip


def stopped_during_a_turn(folder: Path) -> Iterator[Row]:
    with Peers(delay=2.0) as peers, _door(folder, peers) as (url, door), ThreadPoolExecutor(1) as pool:
        person = Person([url])
        turn = pool.submit(person.say, "une douche")
        time.sleep(1.2)
        door.send_signal(signal.SIGTERM)
        seen, begun = turn.result(), time.monotonic()
        door.wait(10)
        name = f"porte arrêtée (SIGTERM) pendant un tour ; elle sort {time.monotonic() - begun:.1f} s après"
        yield Row(name, seen, "rien", person.seconds, held=seen == ANSWER)


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path | None]:
    """A disk of 512 KB; None where mounting is not permitted."""
    disk = folder / "disque"
    disk.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", disk], capture_output=True, check=False
    )
    try:
        yield disk if done.returncode == 0 else None
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "-l", disk], check=True)


def _ring(url: str, rank: int, text: str = "une douche") -> int:
    query = {"jeton": KEY, "id": f"m{rank}", "de": number(rank), "texte": text}
    return httpx.get(f"{url}/webhooks/sms/kannel", params=query, timeout=60).status_code


def disk_full(folder: Path) -> Iterator[Row]:
    with _small_disk(folder) as disk, Peers() as peers:
        if disk is None:
            return
        with _door(disk, peers) as (url, _):
            accepted = [rank for rank in range(3) if _ring(url, rank) == 200]
            (disk / "plein").write_bytes(b"")
            with suppress(OSError), (disk / "plein").open("wb") as file:
                while True:
                    file.write(b"x" * 4096)
                    file.flush()
            answers = {}
            for rank in range(3, 60):
                answers[rank] = _ring(url, rank, "x" * 900)
                if answers[rank] != 200:
                    break
            accepted += [rank for rank, status in answers.items() if status == 200]
            refused, person = [rank for rank, status in answers.items() if status != 200], Person([url])
            seen, begun = person.say("une douche"), time.monotonic()
            (disk / "plein").unlink()
            accepted += [rank for rank in refused if _ring(url, rank) == 200]
            wait_for(lambda: {number(rank) for rank in accepted} <= set(peers.sent), 90)
            back = time.monotonic() - begun
        well = (
            seen == ANSWER
            and {answers[rank] for rank in refused} == {503}
            and len(accepted) == 3 + len(answers)
        )
        well = well and sorted(peers.sent) == sorted(map(number, accepted))
        yield Row(
            "disque plein : file des SMS (l'opérateur reçoit 503 et représente)", f"{seen} ; {_SMS_LATER}",
            f"rien ({len(accepted)} SMS, {len(peers.sent)} réponses)", person.seconds, back, well,
        )  # fmt: skip


def read_only(folder: Path) -> Iterator[Row]:
    with _small_disk(folder) as disk, Peers() as peers:
        if disk is None:
            return
        with _door(disk, peers) as (url, _):
            wait_for(lambda: _ring(url, 0) == 200, 30)
            wait_for(lambda: peers.sent, 30)
            time.sleep(2)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True, capture_output=True)
        try:
            with _door(disk, peers) as (url, _):
                person = Person([url])
                seen, status = person.say("une douche"), _ring(url, 1)
                subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
                begun = time.monotonic()
                wait_for(lambda: _ring(url, 1) in (200, 409), 60)
                wait_for(lambda: number(1) in peers.sent, 60)
                yield Row(
                    f"dossier run/ en lecture seule (l'opérateur reçoit {status})", f"{seen} ; {_SMS_LATER}", "rien",
                    person.seconds, time.monotonic() - begun, seen == ANSWER and status == 503,
                )  # fmt: skip
        except TimeoutError:
            yield Row("dossier run/ en lecture seule", "rien : la porte ne démarre pas", "rien", held=False)


def bad_certificate(folder: Path) -> Iterator[Row]:
    key, certificate = folder / "cle.pem", folder / "certificat.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
    ]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    calls = []

    class Provider(_Senseless):
        def do_GET(self):
            calls.append(self.path)
            self.send_response(202)
            self.end_headers()

    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secure.load_cert_chain(certificate, key)
    false = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    false.socket = secure.wrap_socket(false.socket, server_side=True)
    threading.Thread(target=false.serve_forever, daemon=True).start()
    address = f"https://127.0.0.1:{false.server_port}"
    with Peers() as peers:
        with _door(folder, peers, JALON_SMS_KANNEL_URL=address) as (url, _):
            accepted = _ring(url, 1)
            wait_for(lambda: peers.turns, 30)
            time.sleep(2)
            waiting = state(SmsSettings("kannel", **place(folder)), time.time())["a_envoyer"]
        begun = time.monotonic()
        with _door(folder, peers):
            wait_for(lambda: peers.sent == [number(1)], 90)
        back = time.monotonic() - begun
    false.shutdown()
    yield Row(
        f"certificat faux chez l'opérateur de SMS (file : {waiting})", _SMS_LATER, "rien", None, back,
        accepted == 200 and not calls,
    )  # fmt: skip


FAULTS = (
    senseless, base_destroyed, base_absent, slow_clients, half_closed, no_files, stopped_during_a_turn,
    bad_certificate,
)  # fmt: skip
WITH_A_SMALL_DISK = (disk_full, read_only)  # they mount it: nothing where that is not permitted


def rows() -> Iterator[Row]:
    """One row or more for each fault."""
    for fault in (*FAULTS, *WITH_A_SMALL_DISK):
        with tempfile.TemporaryDirectory() as folder:
            yield from fault(Path(folder))
