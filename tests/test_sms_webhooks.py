"""Providers' calls: forged and replayed ones refused, true ones stored before they are answered."""

from __future__ import annotations

import sqlite3

import httpx
import pytest
from twilio.request_validator import RequestValidator

from channels.sms.seal import Seal
from channels.sms.settings import SmsSettings
from tests.door_server import alone, serve
from tests.sms_queue import KEY, place, rows

NOWHERE = "http://127.0.0.1:9"
PUBLIC = "https://jalon.exemple"
API = {
    "twilio": "JALON_SMS_TWILIO_API",
    "ovh": "JALON_SMS_OVH_URL",
    "kannel": "JALON_SMS_KANNEL_URL",
}
OPTIONS = {
    "twilio": {
        "JALON_SMS_TWILIO_COMPTE": "AC1",
        "JALON_SMS_TWILIO_JETON": "jeton-secret",
        "JALON_SMS_TWILIO_EXPEDITEUR": "38000",
        "JALON_SMS_TWILIO_URL": PUBLIC,
    },
    "ovh": {
        "JALON_SMS_OVH_CLE_APPLICATION": "a",
        "JALON_SMS_OVH_SECRET_APPLICATION": "b",
        "JALON_SMS_OVH_CLE_CONSOMMATEUR": "c",
        "JALON_SMS_OVH_SERVICE": "sms-xx1-1",
        "JALON_SMS_OVH_JETON": KEY,
    },
    "kannel": {
        "JALON_SMS_KANNEL_UTILISATEUR": "jalon",
        "JALON_SMS_KANNEL_MOT_DE_PASSE": "m",
        "JALON_SMS_KANNEL_EXPEDITEUR": "38000",
        "JALON_SMS_KANNEL_JETON": KEY,
    },
    "gammu": {"JALON_SMS_GAMMU_JETON": KEY},
}


@pytest.fixture
def door(tmp_path):
    """Opens the real door, its provider out of reach, for the provider asked for."""
    opened = []

    def open_door(provider: str, **changes) -> str:
        options = dict(OPTIONS[provider])
        if provider == "gammu":
            for name in ("inbox", "outbox", "sent", "error"):
                (tmp_path / name).mkdir()
            options["JALON_SMS_GAMMU_DOSSIER"] = str(tmp_path)
        else:
            options[API[provider]] = NOWHERE
        settings = SmsSettings(
            provider, file=tmp_path / "sms.db", key=KEY, settle=3600, variables=options, **changes
        )
        opened.append(serve(alone(sms=settings)))
        return opened[-1].__enter__() + f"/webhooks/sms/{provider}"

    yield open_door
    for one in opened:
        one.__exit__(None, None, None)


def kept(folder) -> list[str]:
    found = rows(SmsSettings("essai", **place(folder)), "SELECT text FROM received ORDER BY rank")
    return [Seal(KEY).open(row["text"]) for row in found]


def signed(form: dict, path: str = "/webhooks/sms/twilio", token: str = "jeton-secret") -> dict:
    return {"X-Twilio-Signature": RequestValidator(token).compute_signature(PUBLIC + path, form)}


INCOMING = {
    "MessageSid": "SM1",
    "From": "+33612345678",
    "To": "38000",
    "Body": "ou dormir ce soir é ?",
    "NumMedia": "0",
}


def test_twilio_a_signed_message_is_stored_before_the_answer(door, tmp_path):
    address = door("twilio")
    answer = httpx.post(address, data=INCOMING, headers=signed(INCOMING))
    assert (answer.status_code, answer.text) == (200, "<Response/>")
    assert answer.headers["content-type"].startswith("text/xml")
    assert kept(tmp_path) == ["ou dormir ce soir é ?"]


def test_twilio_an_empty_field_is_part_of_the_signature(door, tmp_path):
    form = {**INCOMING, "Body": "", "FromCity": ""}
    assert httpx.post(door("twilio"), data=form, headers=signed(form)).status_code == 200
    assert kept(tmp_path) == [""]


FORGERIES = {
    "no signature": lambda form: (form, {}),
    "empty signature": lambda form: (form, {"X-Twilio-Signature": ""}),
    "another key": lambda form: (form, signed(form, token="autre")),
    "another text": lambda form: ({**form, "Body": "autre texte"}, signed(form)),
    "another sender": lambda form: ({**form, "From": "+33699999999"}, signed(form)),
    "another address": lambda form: (form, signed(form, path="/webhooks/sms/ailleurs")),
}


def test_twilio_forged_messages_are_refused(door, tmp_path):
    address = door("twilio")
    for name, forge in FORGERIES.items():
        form, headers = forge(INCOMING)
        assert httpx.post(address, data=form, headers=headers).status_code == 403, name
    assert httpx.get(address, headers=signed({})).status_code == 403
    assert kept(tmp_path) == []


def test_twilio_a_message_said_twice_is_stored_once_and_refused_the_next_day(door, tmp_path):
    address = door("twilio")
    assert [httpx.post(address, data=INCOMING, headers=signed(INCOMING)).status_code for _ in range(2)] == [
        200,
        200,
    ]
    with sqlite3.connect(tmp_path / "sms.db") as db:
        db.execute("UPDATE received SET arrived = arrived - 90000")
    assert httpx.post(address, data=INCOMING, headers=signed(INCOMING)).status_code == 409
    assert len(kept(tmp_path)) == 1


def test_twilio_a_report_is_signed_with_its_reference(door):
    address = door("twilio")
    form = {"MessageSid": "SM2", "MessageStatus": "delivered", "To": "+33612345678"}
    path = "/webhooks/sms/twilio?reference=abc"
    assert httpx.post(address + "?reference=abc", data=form, headers=signed(form, path)).status_code == 200
    assert httpx.post(address + "?reference=abd", data=form, headers=signed(form, path)).status_code == 403


def test_twilio_a_signed_call_that_lacks_a_field_is_said_to(door):
    form = {"Body": "douche"}
    assert httpx.post(door("twilio"), data=form, headers=signed(form)).status_code == 400


def test_kannel_needs_its_token_and_all_its_fields(door, tmp_path):
    address = door("kannel")
    good = {"jeton": KEY, "id": "1", "de": "+33612345678", "texte": "à côté", "heure": "1795345200"}
    assert httpx.get(address, params=good | {"jeton": "faux"}).status_code == 403
    assert (
        httpx.get(address, params={name: good[name] for name in good if name != "jeton"}).status_code == 403
    )
    assert httpx.get(address, params={name: good[name] for name in good if name != "id"}).status_code == 400
    answer = httpx.get(address, params=good)
    assert (answer.status_code, answer.text) == (200, ""), "Kannel would send a text as an SMS"
    assert kept(tmp_path) == ["à côté"]


@pytest.mark.parametrize(
    ("provider", "right", "wrong"),
    [
        ("ovh", {"params": {"jeton": KEY}}, {"params": {"jeton": "faux"}}),
        (
            "gammu",
            {"headers": {"Authorization": f"Bearer {KEY}"}},
            {"headers": {"Authorization": "Bearer faux"}},
        ),
    ],
)
def test_a_call_that_only_rings_brings_nothing_by_itself(door, tmp_path, provider, right, wrong):
    address = door(provider)
    said = {"id": "1", "senderid": "+33612345678", "message": "fausse"}
    assert httpx.post(address, data=said, **right).status_code == 200
    assert httpx.post(address, data=said, **wrong).status_code == 403
    assert httpx.post(address, data=said).status_code == 403
    assert kept(tmp_path) == []


def test_another_provider_than_ours_is_unknown(door):
    address = door("kannel")
    assert (
        httpx.post(address.replace("kannel", "twilio"), data=INCOMING, headers=signed(INCOMING)).status_code
        == 404
    )
    assert httpx.get(address.replace("kannel", "pigeon")).status_code == 404


def test_without_a_provider_the_channel_is_off():
    with serve(alone()) as address:
        assert httpx.post(f"{address}/webhooks/sms/twilio", data=INCOMING).status_code == 404


def test_a_full_queue_says_when_to_come_back(door):
    address = door("kannel", queue=1)
    codes = []
    for rank in range(2):
        query = {"jeton": KEY, "id": str(rank), "de": "+33612345678", "texte": "x"}
        codes.append(httpx.get(address, params=query))
    assert [answer.status_code for answer in codes] == [200, 503]
    assert codes[1].headers["retry-after"] == "60"


def test_a_missing_setting_is_named(tmp_path):
    options = {name: value for name, value in OPTIONS["twilio"].items() if name != "JALON_SMS_TWILIO_JETON"}
    with (
        pytest.raises(ValueError, match="JALON_SMS_TWILIO_JETON"),
        serve(alone(sms=SmsSettings("twilio", file=tmp_path / "sms.db", variables=options))),
    ):
        pass
