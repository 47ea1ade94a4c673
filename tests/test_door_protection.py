"""What surrounds every answer: headers, a last resort that shows nothing, logs without anybody's words."""

import logging

import httpx
import pytest

from channels.app import create_app
from channels.settings import read_settings
from tests.door_server import alone, serve, serve_app

SECRET = "Mme Zarathoustra dort gare de l'Est"


@pytest.fixture(scope="module")
def door():
    with serve(alone()) as url, httpx.Client(base_url=url) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/", "/recherche", "/api/v1/lieux?q=nation", "/api/v1/rien", "/static/chat.js"]
)
def test_every_answer_forbids_outside_and_inline_code(door, path):
    headers = door.get(path).headers
    policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'" and policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in headers


def test_answers_are_not_kept_by_caches(door):
    assert door.get("/recherche?besoin=douche").headers["cache-control"] == "no-store"


def test_pages_hold_no_inline_script_nor_style_nor_outside_file(door):
    for path in ("/", "/recherche?besoin=douche&lieu=nation", "/rien", "/api/v1/docs"):
        page = door.get(path, headers={"accept": "text/html"}).text
        assert "<style" not in page and " style=" not in page and " onclick=" not in page
        assert page.count("<script") == page.count('<script src="/static/')
        assert 'src="http' not in page and '<link rel="stylesheet" href="http' not in page


def test_what_a_person_types_cannot_become_code_in_the_page(door):
    page = door.get("/recherche", params={"besoin": "douche", "lieu": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page and "&lt;script&gt;" in page


def test_static_files_stay_in_their_folder(door):
    for path in (
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/app.py",
        "/static/api/..%2f__init__.py",
    ):
        assert door.get(path).status_code == 404


def test_the_last_resort_says_whom_to_call_and_shows_nothing_of_the_inside(caplog):
    app = create_app(alone())
    app.state.db.base  # noqa: B018 - read before the failure, as at any moment of a real life
    app.state.db.close()
    with serve_app(app) as url, caplog.at_level(logging.DEBUG, "jalon"):
        answer = httpx.get(f"{url}/api/v1/lieux", params={"q": SECRET})
        page = httpx.get(f"{url}/recherche", params={"besoin": "douche", "lieu": SECRET})
    assert answer.status_code == page.status_code == 500
    assert "115" in answer.json()["erreurs"][0]["suggestion"] and "tel:115" in page.text
    for shown in (answer.text, page.text, caplog.text):
        assert "Traceback" not in shown and "ProgrammingError(" not in shown
    assert "panne ProgrammingError" in caplog.text
    assert "Zarathoustra" not in caplog.text


def test_no_secret_is_shown_by_what_prints_the_settings():
    secrets = {
        "JALON_CLE_INTERNE": "cle-interne-secrete",
        "JALON_OIDC_ADRESSE": "https://id.ville.fr",
        "JALON_OIDC_CLIENT": "jalon",
        "JALON_OIDC_SECRET": "secret-du-fournisseur",
        "JALON_OIDC_PORTE": "https://jalon.ville.fr",
        "JALON_OIDC_DOMAINES": "ville.fr",
        "JALON_SMS_FOURNISSEUR": "kannel",
        "JALON_SMS_CLE": "cle-des-numeros-" * 3,
        "JALON_SMS_KANNEL_JETON": "jeton-de-kannel",
        "JALON_SMS_KANNEL_MOT_DE_PASSE": "mot-de-passe-de-kannel",
    }
    shown = repr(read_settings(secrets)) + str(read_settings(secrets))
    hidden = ("CLE", "SECRET", "JETON", "PASSE")
    assert not [
        name for name, value in secrets.items() if value in shown and any(word in name for word in hidden)
    ]


def test_logs_hold_neither_words_nor_addresses(caplog):
    with caplog.at_level(logging.DEBUG), serve(alone()) as url, httpx.Client(base_url=url) as door:
        door.post("/api/v1/messages", json={"session": "s-secrete", "texte": SECRET})
        door.post("/tour", json={"session": "s-secrete", "texte": SECRET})
        door.post("/api/v1/comprendre", json={"texte": SECRET})
        door.get("/api/v1/lieux", params={"q": SECRET})
        door.get("/recherche", params={"besoin": "douche", "lieu": SECRET})
        door.delete("/api/v1/sessions/s-secrete")
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith(("httpx", "httpcore"))]
    assert any("POST /api/v1/messages 200" in line for line in ours)
    assert not [line for line in ours if "Zarathoustra" in line or "s-secrete" in line]
    assert not [record for record in caplog.records if record.name == "uvicorn.access"]
