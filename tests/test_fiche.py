"""The sheet that comes out of the printer: one page, in French, with what one needs to go there; no name, no leak."""

import builtins
import io
import json
from urllib.parse import urlencode

import httpx
import pytest
from pypdf import PdfReader

from channels.fiche import pdf
from channels.fiche.pdf import PdfUnavailable, make_pdf
from channels.fiche.view import NOTES_LIMIT
from tests.counter_door import enter, open_counter

pytest.importorskip(
    "weasyprint", reason="Pango est absent : voir docs/running.md", exc_type=(ImportError, OSError)
)

SITUATIONS = {
    "douche": {"besoin": "douche", "lieu": "Gare du Nord", "logement_actuel": "rue"},
    "nuit": {"besoin": "hebergement", "logement_actuel": "rue", "lieu": "Nation"},
    "adresse": {"besoin": "adresse", "arrondissement": 17},
    "dette": {"besoin": "energie", "arrondissement": 18, "dette_energie": 640, "habite_paris": "true"},
    "loyer": {"besoin": ["loyer", "expulsion"], "dette_loyer": 1640, "enfants": 2, "arrondissement": 20},
    "jeune": {"besoin": "argent", "age": 22},
    "soins": {"besoin": "sante", "lieu": "Bercy", "couverture_sante": "aucune"},
    "repas": {"besoin": "repas", "lieu": "Place d'Italie", "animal": "true"},
    "seul": {"besoin": "documents"},
    "sans lieu": {"besoin": "numerique"},
    "quatre": {"besoin": ["douche", "repas", "bagages", "lessive"], "lieu": "Gare de Lyon"},
    "tout": {
        "besoin": [
            "hebergement",
            "douche",
            "adresse",
            "energie",
            "loyer",
            "argent",
            "sante",
            "papiers_droits",
        ]
    },
}
LONGEST = ["dalo", "daho", "fsl_energie_curatif"]
HIDDEN = "esi-halte-femmes"
UNSAFE = "<script>alert(1)</script> & <b>gras</b>"


@pytest.fixture(scope="module")
def counter(tmp_path_factory):
    with open_counter(tmp_path_factory.mktemp("fiche")) as found:
        yield found


@pytest.fixture(scope="module")
def get(counter):
    with httpx.Client(base_url=counter[0], timeout=60) as client:
        yield client.get


@pytest.fixture(scope="module")
def order(counter):
    """Sends the counter's form, as its page does; `page` is what the browser asks for."""
    url, settings = counter
    with httpx.Client(timeout=60) as client:
        csrf = enter(client, url, settings)

        def send(page: str = "fiche", headers: dict | None = None, **fields):
            told = {"jeton": csrf, "faits": "{}", "besoins": "", "position": "", "dispositifs": "", **fields}
            return client.post(f"{url}/guichet/{page}", data=told, headers={"origin": url, **(headers or {})})

        yield send


def address(path: str, situation: dict) -> str:
    return f"{path}?{urlencode(situation, doseq=True)}"


def read(answer: httpx.Response) -> PdfReader:
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/pdf"
    return PdfReader(io.BytesIO(answer.content))


def words(reader: PdfReader, page: int = 0) -> str:
    return " ".join(reader.pages[page].extract_text().split())


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_sheet_is_one_page_with_what_one_needs_to_go(get, name):
    found = read(get(address("/fiche.pdf", SITUATIONS[name])))
    text = words(found)
    assert len(found.pages) == 1
    for said in ("Votre fiche", "Faite le", "115", "112", "Parle"):
        assert said in text
    assert "Comment faire" in text or "Parlez à une personne" in text


def test_the_place_is_told_with_its_address_hours_plan_and_date(get):
    text = words(read(get(address("/fiche.pdf", SITUATIONS["douche"]))))
    for said in (
        "Bains-douches", "rue", "Quand : ", "heures", "Téléphone : ", "À apporter", "Vous", "minutes à pied",
        "information du", "2026", "Prendre une douche", "Gare du Nord",
    ):  # fmt: skip
        assert said in text, said
    assert "maintenant" not in text


def test_the_pdf_is_tagged_french_and_titled(get):
    found = read(get(address("/fiche.pdf", SITUATIONS["adresse"])))
    root = found.trailer["/Root"]
    assert root["/Lang"] == "fr" and root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root
    assert found.metadata.title == "Votre fiche : Jalon"


def test_the_same_page_is_shown_on_the_screen_with_its_pdf(get):
    where = address("/fiche", SITUATIONS["douche"])
    page = get(where)
    assert page.status_code == 200 and page.headers["cache-control"] == "no-store"
    assert page.headers["x-robots-tag"] == "noindex" and page.headers["referrer-policy"] == "no-referrer"
    assert where.replace("/fiche?", "/fiche.pdf?").replace("&", "&amp;") in page.text
    assert "Pour le professionnel" not in page.text


def test_facts_are_never_written(get, order):
    told = {"besoin": "sante", "age": 54, "sejour": "sans_titre", "lieu": "Bercy"}
    page = get(address("/fiche", told)).text
    shown = page[page.index("<main") :]
    assert "54" not in shown.replace("54 ", "") and "séjour :" not in shown.lower()
    back = order(faits=json.dumps({"age": 54}), besoins="sante", verso="on").text
    assert "54 ans" not in back[back.index("<main") :]


@pytest.mark.parametrize("query", ["", "?besoin=inconnu", "?nimporte=quoi"])
def test_a_sheet_about_nothing_leads_to_the_search(get, query):
    for path in ("/fiche", "/fiche.pdf"):
        answer = get(path + query)
        assert answer.status_code == 303 and answer.headers["location"] == "/recherche"


@pytest.mark.parametrize("query", ["age=vieux", "age=-4", "animal=peut-etre", "sejour=x", "age=" + "9" * 400])
def test_a_fact_that_is_not_right_is_refused_in_french(get, query):
    answer = get(f"/fiche?besoin=douche&{query}")
    assert answer.status_code == 422 and "Cette valeur ne convient pas." in answer.text


# --- from the counter -------------------------------------------------------------------------------


def test_the_counter_prints_what_it_chose_with_a_back(order):
    found = read(order("fiche.pdf", dispositifs=",".join(LONGEST), besoins="energie", notes="Revoir en mars.", position="Bercy", verso="on"))  # fmt: skip
    assert len(found.pages) == 2
    back = words(found, 1)
    for said in ("Pour le professionnel", "Revoir en mars.", "Faits qui manquent", "confiance"):
        assert said in back
    assert "Revoir" not in words(found)


def test_the_longest_sheet_still_holds_on_two_pages(order):
    notes = ("W" * 70 + " ") * (NOTES_LIMIT // 71)
    found = read(order("fiche.pdf", dispositifs=",".join(LONGEST), notes=notes, verso="on"))
    assert len(found.pages) == 2
    assert len(read(order("fiche.pdf", dispositifs="rsa", notes="é\n" * 700)).pages) == 2


def test_notes_are_text_and_nothing_else(order):
    page = order(besoins="douche", notes=UNSAFE).text
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)</script>" in words(read(order("fiche.pdf", besoins="douche", notes=UNSAFE)), 1)


def test_what_is_too_long_or_cannot_be_read_is_refused(order):
    assert order(besoins="douche", notes="x" * NOTES_LIMIT).status_code == 200
    for page in ("fiche", "fiche.pdf"):
        answer = order(page, besoins="douche", notes="x" * (NOTES_LIMIT + 1))
        assert answer.status_code == 413 and "1500 caractères" in answer.text
    assert order(notes="x" * 70_000).status_code == 413
    for facts in ("{", "[]", "[" * 5000):
        assert order(faits=facts).status_code == 400


def test_facts_that_the_counter_could_not_read_do_not_stop_the_sheet(order):
    assert order(faits='{"age": "vieux", "inconnu": 1}', besoins="douche").status_code == 200


def test_a_form_from_elsewhere_gets_nothing(counter, order):
    url, _ = counter
    assert order(besoins="douche").headers["x-frame-options"] == "DENY"
    assert order(headers={"origin": "https://ailleurs.example"}).status_code == 403
    assert order(headers={"origin": "null"}).status_code == 403
    assert order(jeton="faux").status_code == 403
    outside = httpx.post(f"{url}/guichet/fiche", headers={"origin": url, "sec-fetch-mode": "navigate"})
    assert (outside.status_code, outside.headers["location"]) == (303, "/guichet/entree")
    assert httpx.post(f"{url}/fiche").status_code == 405


def test_a_protected_place_is_located_only_when_an_agent_asks(base, get, order):
    where = base.service(HIDDEN)["adresse"]
    told = {
        "besoins": "douche",
        "dispositifs": "esi",
        "faits": '{"genre": "femme"}',
        "position": "Gare de Lyon",
    }
    assert base.service(HIDDEN)["sensible"] and where
    public = {
        "besoin": "douche",
        "genre": "femme",
        "lieu": "Gare de Lyon",
        "proteges": "on",
        "dispositifs": "esi",
    }
    for answer in (get(address("/fiche", public)), order(**told)):
        assert answer.status_code == 200 and where not in answer.text
    located = order(**told, proteges="on").text
    if base.service(HIDDEN)["nom"] in located:
        assert where in located and f"lieu={HIDDEN}" not in located


# --- the library ------------------------------------------------------------------------------------


def test_without_its_library_the_pdf_is_refused_in_french_and_the_page_remains(get, monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    answer = get(address("/fiche.pdf", SITUATIONS["douche"]))
    assert answer.status_code == 503 and "imprimez-la" in answer.text and "libpango" not in answer.text
    assert get(address("/fiche", SITUATIONS["douche"])).status_code == 200
    with pytest.raises(PdfUnavailable):
        make_pdf(lambda room: ("", {}))


@pytest.mark.parametrize(
    "asked",
    [
        "file:///etc/hostname",
        "http://127.0.0.1:9/x.png",
        "https://fiche.invalid/b.css",
        "//a.fr/a.css",
        "data:,x",
    ],
)
def test_a_pdf_reads_no_network_and_no_disk(asked):
    fetch = pdf._only({"/a.css": ("p {}", "text/css")})
    assert fetch("https://fiche.invalid/a.css").read() == b"p {}"
    with pytest.raises(ValueError, match="not a file of the sheet"):
        fetch(asked)
    html = (
        f'<html lang="fr"><title>x</title><link rel="stylesheet" href="{asked}"><img alt="x" src="{asked}">'
    )
    assert len(PdfReader(io.BytesIO(make_pdf(lambda room: (html, {})))).pages) == 1


def test_more_sheets_than_can_wait_are_told_to_come_back(get, monkeypatch):
    for _ in range(4):
        assert pdf._queue.acquire(blocking=False)
    try:
        answer = get(address("/fiche.pdf", SITUATIONS["seul"]))
    finally:
        for _ in range(4):
            pdf._queue.release()
    assert answer.status_code == 503 and "imprimez la page" in answer.text
    assert get(address("/fiche.pdf", SITUATIONS["seul"])).status_code == 200
