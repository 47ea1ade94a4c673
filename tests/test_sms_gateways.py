"""Real gateways on the loopback, from Debian's packages: Gammu SMSD and Kannel. OVHcloud's API in its shape."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import threading
import time
from base64 import b64decode
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from channels.sms import overview
from channels.sms.gsm7 import to_gsm7
from channels.sms.providers import Fate, Incoming, Options, Outgoing, Refused, Uncertain, Unreachable
from channels.sms.providers.gammu import Gammu
from channels.sms.providers.ovh import Ovh
from channels.sms.providers.twilio import Twilio
from channels.sms.settings import SmsSettings
from tests.door_server import alone, closed_port, serve
from tests.sms_ovh import OPTIONS, OvhStub, say
from tests.sms_peers import Peers, wait_for
from tests.sms_queue import KEY, holds, place

FAKE_SMSC = Path("/usr/lib/kannel/test/fakesmsc")
PERSON = "+33612345678"


def need(*programs: str) -> None:
    """Skip without Debian's packages gammu-smsd, kannel and kannel-extras."""
    for program in programs:
        if not shutil.which(program):
            pytest.skip(f"{program} is absent: apt-get install gammu-smsd kannel kannel-extras")


# OVHcloud

OVH = {"JALON_SMS_OVH_JETON": KEY, "JALON_SMS_OVH_DELAI": "0.5"}


@pytest.fixture
def ovh():
    with OvhStub() as stub:
        yield stub


def with_ovh(stub: OvhStub, play, **options):
    async def run():
        gateway = Ovh(Options({**OPTIONS, **OVH, "JALON_SMS_OVH_URL": stub.address, **options}))
        try:
            return await play(gateway)
        finally:
            await gateway.close()

    return asyncio.run(run())


SMS = Outgoing("ref1", PERSON, "Café à côté : 75018, été [ok]", time.time())


def test_ovh_sends_signed_without_stop_clause_and_with_our_reference(ovh):
    assert with_ovh(ovh, lambda gateway: gateway.send(SMS)) == "1000"
    job = ovh.jobs[1000]
    assert (job["message"], job["receivers"], job["tag"]) == (SMS.text, [PERSON], "ref1")
    assert job["noStopClause"] is True and job["senderForResponse"] is True
    assert ovh.refused == []


def test_ovh_with_a_virtual_number(ovh):
    with_ovh(ovh, lambda gateway: gateway.send(SMS), JALON_SMS_OVH_EXPEDITEUR="+33937000000")
    assert ovh.jobs[1000]["sender"] == "+33937000000" and "senderForResponse" not in ovh.jobs[1000]


@pytest.mark.parametrize(
    ("fault", "error"),
    [(500, Uncertain), ("lent", Uncertain), (429, Unreachable), (403, Unreachable), (400, Refused)],
)
def test_ovh_errors_say_whether_to_try_again(ovh, fault, error):
    ovh.fault = fault
    with pytest.raises(error) as raised:
        with_ovh(ovh, lambda gateway: gateway.send(SMS))
    assert PERSON not in str(raised.value) and "Café" not in str(raised.value)
    assert ovh.jobs == {}


@pytest.mark.parametrize("fault", ["lent apres", "coupe apres"])
def test_ovh_a_job_whose_answer_is_lost_is_found_again_by_its_reference(ovh, fault):
    async def play(gateway):
        assert await gateway.find(SMS) is None
        ovh.fault = fault
        with pytest.raises(Uncertain):
            await gateway.send(SMS)
        return await gateway.find(SMS)

    assert with_ovh(ovh, play) == "1000"


def test_ovh_refuses_a_number_that_is_none(ovh):
    with pytest.raises(Refused, match="destinataire"):
        with_ovh(ovh, lambda gateway: gateway.send(Outgoing("r", "+3312", "x")))


def test_ovh_unreachable_is_said():
    async def play():
        url = f"http://127.0.0.1:{closed_port()}/1.0"
        gateway = Ovh(Options({**OPTIONS, **OVH, "JALON_SMS_OVH_URL": url}))
        with pytest.raises(Unreachable):
            await gateway.send(SMS)
        await gateway.close()

    asyncio.run(play())


def test_ovh_gives_what_came_in_until_it_is_stored(ovh):
    ovh.receive(7, PERSON, "ou dormir ?")
    ovh.receive(9, "+33700000000", "à côté")

    async def play(gateway):
        first = await gateway.look([])
        again = await gateway.look([])
        await gateway.taken(first)
        return first, again, await gateway.look([])

    first, again, after = with_ovh(ovh, play)
    assert first == again and after == [] and ovh.incoming == {}
    assert first[0] == Incoming("7", PERSON, "ou dormir ?", 1795345200.0)


def test_ovh_reports_are_read_and_their_content_deleted_there(ovh):
    async def play(gateway):
        sent = [Outgoing(f"r{rank}", PERSON, "x", 0, await gateway.send(SMS)) for rank in range(3)]
        ovh.jobs[1000]["deliveryReceipt"], ovh.jobs[1001]["deliveryReceipt"] = 1, 2
        return await gateway.look(sent)

    reports = with_ovh(ovh, play)
    assert [(one.reference, one.fate) for one in reports] == [("r0", Fate.DELIVERED), ("r1", Fate.FAILED)]
    assert list(ovh.jobs) == [1002]


def test_ovh_from_the_person_s_message_to_the_report_through_the_door(ovh, tmp_path):
    with door(tmp_path, "ovh", {**OPTIONS, **OVH, "JALON_SMS_OVH_URL": ovh.address}) as (address, peers):
        ovh.receive(1, PERSON, "douche")
        assert httpx.get(f"{address}/webhooks/sms/ovh", params={"jeton": KEY}).status_code == 200
        wait_for(lambda: ovh.jobs, 15)
        assert to_gsm7(peers.said) in ovh.jobs[1000]["message"]
        ovh.jobs[1000]["deliveryReceipt"] = 1

        def delivered() -> bool:
            httpx.get(f"{address}/webhooks/sms/ovh", params={"jeton": KEY})
            return told(tmp_path)["remises"] == {"remis": 1}

        wait_for(delivered, 15)
    assert holds(tmp_path, PERSON, "612345678") == [] and ovh.jobs == {} and ovh.incoming == {}


# Twilio


@contextmanager
def twilio(answer):
    """Twilio's API reduced to one address; `answer(command, fields)` gives the status and the object."""
    asked: list[tuple[str, dict]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self._say("GET", dict(parse_qsl(urlsplit(self.path).query)))

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self._say("POST", dict(parse_qsl(body)))

        def _say(self, command: str, fields: dict) -> None:
            assert self.path.startswith("/2010-04-01/Accounts/AC1/Messages.json")
            assert b64decode(self.headers["authorization"].split()[1]) == b"AC1:secret"
            asked.append((command, fields))
            say(self, *answer(command, fields))

        def log_message(self, *_):
            """Nothing on the screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    variables = {
        "JALON_SMS_TWILIO_COMPTE": "AC1",
        "JALON_SMS_TWILIO_JETON": "secret",
        "JALON_SMS_TWILIO_EXPEDITEUR": "38000",
        "JALON_SMS_TWILIO_URL": "https://jalon.exemple",
        "JALON_SMS_TWILIO_API": f"http://127.0.0.1:{server.server_port}",
    }
    try:
        yield Twilio(Options(variables)), asked
    finally:
        server.shutdown()
        server.server_close()


def test_twilio_sends_and_asks_for_reports_on_our_reference():
    with twilio(lambda command, fields: (201, {"sid": "SM9"})) as (gateway, asked):
        assert asyncio.run(gateway.send(SMS)) == "SM9"
    ((_, fields),) = asked
    assert (fields["To"], fields["From"], fields["Body"]) == (PERSON, "38000", SMS.text)
    assert fields["StatusCallback"] == "https://jalon.exemple/webhooks/sms/twilio?reference=ref1"


def test_twilio_finds_what_it_already_has():
    def listed(text: str, created: str) -> dict:
        return {"sid": f"SM-{created[5:7]}", "body": text, "date_created": created}

    messages = [
        listed("autre", "Sun, 22 Nov 2026 11:00:30 +0000"),
        listed(SMS.text, "Sat, 21 Nov 2026 11:00:00 +0000"),
    ]
    sms = Outgoing("r", PERSON, SMS.text, 1795345200.5)
    with twilio(lambda command, fields: (200, {"messages": messages})) as (gateway, asked):
        assert asyncio.run(gateway.find(sms)) is None
    messages.append(listed(SMS.text, "Sun, 22 Nov 2026 11:00:00 +0000"))
    with twilio(lambda command, fields: (200, {"messages": messages})) as (gateway, asked):
        assert asyncio.run(gateway.find(sms)) == "SM-22"
    assert asked[0][1]["To"] == PERSON and asked[0][1]["DateSent>"] == "2026-11-22"


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, Refused), (401, Unreachable), (429, Unreachable), (500, Uncertain), (503, Unreachable)],
)
def test_twilio_errors_say_whether_to_try_again(status, error):
    refusing = twilio(lambda command, fields: (status, {"code": 21211, "message": PERSON}))
    with refusing as (gateway, _), pytest.raises(error) as raised:
        asyncio.run(gateway.send(SMS))
    assert PERSON not in str(raised.value)


# Gammu


def test_gammu_smsd_in_and_out(tmp_path):
    """The real daemon with its dummy phone: RunOnReceive rings the door, the door answers through the outbox."""
    need("gammu-smsd", "curl")
    folder, port = tmp_path / "gammu", closed_port()
    for name in ("inbox", "outbox", "sent", "error", *(f"phone/sms/{number}" for number in range(1, 6))):
        (folder / name).mkdir(parents=True)
    ring = folder / "sonner"
    ring.write_text(
        f"#!/bin/sh\nexec curl -sS -X POST -H 'Authorization: Bearer {KEY}' http://127.0.0.1:{port}/webhooks/sms/gammu\n"
    )
    ring.chmod(0o700)
    settings = folder / "smsdrc"
    settings.write_text(GAMMU.format(folder=folder))
    with ExitStack() as opened:
        _, peers = opened.enter_context(
            door(
                tmp_path,
                "gammu",
                {"JALON_SMS_GAMMU_DOSSIER": str(folder), "JALON_SMS_GAMMU_JETON": KEY},
                port=port,
            )
        )
        opened.enter_context(process("gammu-smsd", "-c", str(settings)))
        for rank, text in enumerate(("où dormir", "une douche")):
            received_by_phone(folder / "phone/sms/1" / str(rank + 1), PERSON, text)
        wait_for(lambda: len(peers.turns) == 2, 40)
        wait_for(lambda: told(tmp_path)["remises"] == {"remis": 2}, 40)
        log = (folder / "log").read_text(errors="replace")
        sent = re.findall(r"New message to send: OUT\S+_(\+\d+)_", log)
    print(f"\nGammu: 2 received, {len(sent)} sent: {log.count('SMS sent on device')} segments")
    assert sent == [PERSON] * 2
    assert log.count("SMS sent on device") == 2, "one segment each"
    assert sorted(peers.texts) == ["où dormir", "une douche"]
    assert [
        path.name for name in ("inbox", "outbox", "sent", "error") for path in (folder / name).iterdir()
    ] == []
    assert [name for name in holds(tmp_path, "612345678") if name.startswith("sms.")] == []


def test_gammu_two_messages_with_the_same_file_name_are_two_messages(tmp_path):
    for name in ("inbox", "outbox", "sent", "error"):
        (tmp_path / name).mkdir()
    gateway = Gammu(Options({"JALON_SMS_GAMMU_DOSSIER": str(tmp_path), "JALON_SMS_GAMMU_JETON": KEY}))

    async def read(*texts: str) -> list[Incoming]:
        for part, text in enumerate(texts):
            path = tmp_path / "inbox" / f"IN20261121_191500_00_{PERSON}_{part:02d}.txt"
            path.write_bytes(text.encode("utf-16"))
            os.utime(path, ns=(time.time_ns() - 2 * 10**9,) * 2)
        found = await gateway.look([])
        await gateway.taken(found)
        return found

    first, second = asyncio.run(read("un ", "deux")), asyncio.run(read("trois"))
    assert [one.text for one in (*first, *second)] == ["un deux", "trois"]
    assert first[0].id != second[0].id


GAMMU = """[gammu]
model = dummy
connection = none
port = {folder}/phone
[smsd]
service = files
inboxpath = {folder}/inbox/
outboxpath = {folder}/outbox/
sentsmspath = {folder}/sent/
errorsmspath = {folder}/error/
inboxformat = unicode
transmitformat = 7bit
logfile = {folder}/log
debuglevel = 1
commtimeout = 1
loopsleep = 1
receivefrequency = 1
checksecurity = 0
runonreceive = {folder}/sonner
"""


def received_by_phone(path: Path, number: str, text: str) -> None:
    """What the network delivers to the dummy phone."""
    path.write_text(
        f'[SMSBackup000]\nSMSC = "+33609001390"\nState = UnRead\nNumber = "{number}"\n'
        "Coding = Default_No_Compression\nFolder = 1\nDateTime = 20261121T191500\n"
        f"Text00 = {text.encode('utf-16-be').hex().upper()}\n"
    )


# Kannel


def test_kannel_in_out_and_delivery_reports(tmp_path):
    """bearerbox, smsbox and the fake SMSC: five messages in, five answers out, their reports back."""
    need("bearerbox", "smsbox", str(FAKE_SMSC))
    admin, boxes, smsc, http, port = (closed_port() for _ in range(5))
    settings = tmp_path / "kannel.conf"
    settings.write_text(KANNEL.format(admin=admin, boxes=boxes, smsc=smsc, http=http, port=port, key=KEY))
    options = {
        "JALON_SMS_KANNEL_URL": f"http://127.0.0.1:{http}",
        "JALON_SMS_KANNEL_UTILISATEUR": "jalon",
        "JALON_SMS_KANNEL_MOT_DE_PASSE": "secret",
        "JALON_SMS_KANNEL_EXPEDITEUR": "38000",
        "JALON_SMS_KANNEL_JETON": KEY,
        "JALON_SMS_KANNEL_RETOUR": f"http://127.0.0.1:{port}",
    }
    phone = tmp_path / "phone.log"
    with ExitStack() as opened:
        _, peers = opened.enter_context(door(tmp_path, "kannel", options, port=port))
        opened.enter_context(process("bearerbox", str(settings)))
        time.sleep(1.5)
        opened.enter_context(process("smsbox", str(settings)))
        time.sleep(1.5)
        sender = (str(FAKE_SMSC), "-r", str(smsc), "-m", "5", "-i", "0.2", f"{PERSON} 38000 text ou dormir")
        opened.enter_context(process(*sender, output=phone))
        wait_for(lambda: told(tmp_path)["remises"] == {"remis": 5}, 60)
        got = re.findall(r"Got message \d+: <38000 (\+\d+) text ([^>]*)>", phone.read_text(errors="replace"))
        counts = told(tmp_path)
    print(
        f"\nKannel: 5 received, {len(got)} answers at the phone, {counts['remises']['remis']} delivery reports"
    )
    assert [number for number, _ in got] == [PERSON] * 5
    assert peers.texts == ["ou dormir"] * 5
    assert all("?" not in text for _, text in got), "Kannel puts « ? » for what is not GSM-7"
    assert counts["jour"]["received"] == counts["jour"]["sent"] == 5
    assert [name for name in holds(tmp_path, PERSON) if name.startswith("sms.")] == []


KANNEL = """group = core
admin-port = {admin}
admin-password = admin
smsbox-port = {boxes}
box-allow-ip = 127.0.0.1

group = smsc
smsc = fake
smsc-id = fake
port = {smsc}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {http}
sendsms-interface = 127.0.0.1
http-request-retry = 10
http-queue-delay = 1

group = sendsms-user
username = jalon
password = secret
concatenation = true
max-messages = 3

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "http://127.0.0.1:{port}/webhooks/sms/kannel?jeton={key}&id=%I&de=%p&texte=%a&heure=%T"
"""


# Shared


@contextmanager
def door(folder: Path, provider: str, options: dict, port: int = 0):
    """The real door, with a dialogue reduced to its HTTP; its address and the dialogue."""
    sms = SmsSettings(provider, file=folder / "sms.db", key=KEY, variables=options)
    with Peers() as peers, serve(alone(sms=sms, rasa_url=peers.url), port) as address:
        yield address, peers


@contextmanager
def process(*command: str, output: Path | None = None):
    with output.open("ab") if output else open(os.devnull, "wb") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            yield running
        finally:
            running.terminate()
            try:
                running.wait(5)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


def told(folder: Path) -> dict:
    """The queue of a folder, as a person in charge sees it."""
    return overview.state(SmsSettings("essai", **place(folder)), time.time())
