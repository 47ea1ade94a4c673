"""`jalon diagnostic` tells what is wrong and how to mend it, whatever is down, and no secret."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time

import pytest
from click.testing import CliRunner

from cli.main import jalon
from cli.operations import machine, parts, stores
from cli.operations.findings import FAILURE, OK, WATCH, look
from tests.city_services import postgres_url, redis_url
from tests.door_server import alone, serve, serve_app
from tests.sms_queue import KEY, message, queue

PASSWORD = "motdepasse-tres-secret"


def states(check) -> dict[str, str]:
    return {finding.name: finding.state for finding in look([("essai", check)])}


def diagnosed(**environment: str) -> dict:
    result = CliRunner(env=environment).invoke(jalon, ["diagnostic", "--json"])
    assert result.exit_code in (0, 1), result.output
    return {**json.loads(result.stdout), "code": result.exit_code, "text": result.output}


def test_with_everything_down_and_wrong_it_still_tells_all_and_no_secret(tmp_path):
    started = time.monotonic()
    found = diagnosed(
        JALON_PORT="9",
        JALON_BASE=str(tmp_path / "absente.db"),
        JALON_POSTGRES=f"postgresql://jalon:{PASSWORD}@127.0.0.1:9/jalon",
        JALON_REDIS=f"redis://:{PASSWORD}@127.0.0.1:9/0",
        JALON_CLE_INTERNE=KEY,
        JALON_SMS_FOURNISSEUR="ovh",
        JALON_SMS_CLE=KEY,
        JALON_RASA_DELAI="jamais",
    )
    assert found["code"] == 1 and found["etat"] == FAILURE
    failed = {one["nom"] for one in found["verifications"] if one["etat"] == FAILURE}
    assert failed >= {"réglages", "base", "porte", "SMS", "PostgreSQL", "Redis"}
    assert all(one["remede"] for one in found["verifications"] if one["etat"] != OK)
    assert PASSWORD not in found["text"] and KEY not in found["text"]
    assert time.monotonic() - started < 60


def test_a_door_whose_dialogue_is_down_is_told_part_by_part(monkeypatch):
    with serve(alone()) as url:
        monkeypatch.setenv("JALON_PORT", url.rsplit(":", 1)[1])
        found = states(parts.processes)
    assert found == {"porte": OK, "base": OK, "rasa": FAILURE, "actions": FAILURE}


def test_a_port_held_by_something_else_is_not_taken_for_jalon(monkeypatch):
    async def other(scope, receive, send):
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    with serve_app(other) as url:
        monkeypatch.setenv("JALON_PORT", url.rsplit(":", 1)[1])
        [finding] = look([("porte", parts.processes)])
    assert finding.state == FAILURE and "ss -ltnp" in finding.mend


def test_the_servers_of_a_city_are_reached_with_their_version_and_delay(monkeypatch):
    with postgres_url() as postgres, redis_url() as redis:
        monkeypatch.setenv("JALON_POSTGRES", postgres)
        monkeypatch.setenv("JALON_REDIS", redis)
        found = [*stores.postgres(), *stores.redis()]
    assert [one.name for one in found] == ["PostgreSQL", "Redis"]
    assert all(one.state in (OK, WATCH) and "version" in one.said and " ms" in one.said for one in found)


def test_a_server_that_accepts_and_says_nothing_is_given_up_quickly(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        kept = []
        threading.Thread(target=lambda: kept.append(silent.accept()), daemon=True).start()
        monkeypatch.setenv("JALON_REDIS", f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        started = time.monotonic()
        [finding] = stores.redis()
    assert finding.state == FAILURE and time.monotonic() - started < 20


async def _one_message(folder):
    with queue(folder) as one:
        await one.receive(message(1))


def test_a_message_that_waits_too_long_and_a_provider_half_set_are_told(tmp_path, monkeypatch):
    asyncio.run(_one_message(tmp_path))
    for name, value in {
        "JALON_SMS_FOURNISSEUR": "gammu",
        "JALON_SMS_FICHIER": str(tmp_path / "sms.db"),
        "JALON_SMS_CLE": KEY,
    }.items():
        monkeypatch.setenv(name, value)
    [finding] = parts.sms()
    assert finding.state == FAILURE and "JALON_SMS_GAMMU_DOSSIER" in finding.said
    for name in ("inbox", "outbox", "sent", "error"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("JALON_SMS_GAMMU_DOSSIER", str(tmp_path))
    monkeypatch.setenv("JALON_SMS_GAMMU_JETON", KEY)
    monkeypatch.setattr(time, "time", lambda: 1795345200.0 + 3600)
    said = [finding.said for finding in parts.sms() if finding.state == FAILURE]
    assert said == ["Un message attend depuis 60 minutes."]


def test_a_clock_that_went_back_is_a_failure(monkeypatch):
    assert states(machine.clock)["horloge"] in (OK, WATCH)
    monkeypatch.setattr(time, "time", lambda: 1_600_000_000.0)
    assert states(machine.clock)["horloge"] == FAILURE


@pytest.mark.parametrize(("free", "state"), [(10 * 2**30, OK), (2**29, WATCH), (2**20, FAILURE)])
def test_room_on_disk(monkeypatch, free, state):
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda path: type("Usage", (), {"free": free}))
    assert states(machine.disk)["disque de Jalon"] == state


def test_a_key_that_others_can_read_is_a_failure(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "_RUN", tmp_path)
    key = tmp_path / "sms.cle"
    key.write_text(KEY)
    key.chmod(0o644)
    [finding] = machine.secrets_kept()
    assert finding.state == FAILURE and "chmod 600" in finding.mend and KEY not in str(finding)
    key.chmod(0o600)
    assert not list(machine.secrets_kept())


def test_a_check_that_breaks_does_not_stop_the_others_and_its_words_are_not_told():
    def broken():
        raise RuntimeError(PASSWORD)

    first, second = look([("un", broken), ("deux", machine.pythons)][:1] + [("deux", broken)])
    assert first.state == second.state == FAILURE and PASSWORD not in first.said + first.mend
