"""What the pages are made of: their words for what was told, their addresses, their weight."""

import gzip
import re

import httpx
import pytest

from channels.settings import read_settings
from channels.web.assets import VERSION, version
from channels.web.forms import read_form
from channels.web.links import directions, need_of, sheet
from channels.web.recap import recap
from data.upkeep.rereadings import count, rereadings
from tests.door_server import alone, serve

FIRST_LOAD_LIMIT = 150_000  # bytes, as they travel
TWO_G = 50_000  # bytes a second


@pytest.fixture(scope="module")
def door():
    with serve(alone()) as url, httpx.Client(base_url=url, headers={"accept-encoding": "gzip"}) as client:
        yield client


def travelled(response: httpx.Response) -> int:
    return response.num_bytes_downloaded + sum(len(key) + len(value) for key, value in response.headers.raw)


def test_what_was_told_is_said_in_plain_words(base):
    facts = {"age": 1, "dette_energie": 640, "loyer": 900, "animal": True, "logement_actuel": "rue"}
    lines = recap(base.base, facts, ["douche"], ["genre"])
    said = {line["libelle"]: line["dit"].replace("\u00a0", " ") for line in lines["faits"]}
    assert said["Votre âge"] == "1 an" and said["Votre dette d'énergie"] == "640 €"
    assert said["Votre loyer"] == "900 € par mois" and said["Un animal"] == "Oui"
    assert said["L'endroit où vous dormez"] == base.base.facts["logement_actuel"].choices["rue"]
    assert said["Femme ou homme"] == "Je ne sais pas"
    assert [line["libelle"] for line in lines["besoins"]] == ["Prendre une douche"]


def test_every_fact_and_need_can_be_taken_back(base):
    facts = {fact.id: _some_value(fact) for fact in base.base.facts.values()}
    lines = recap(base.base, facts, list(base.base.needs), [])
    values = [line["valeur"] for line in (*lines["faits"], *lines["besoins"])]
    assert len(set(values)) == len(base.base.facts) + len(base.base.needs)
    assert not any("|" in line["libelle"] for line in (*lines["faits"], *lines["besoins"]))


def _some_value(fact):
    return (
        "Nation" if fact.type == "texte" else fact.low if fact.type == "entier" else next(iter(fact.values))
    )


def test_no_button_holds_the_sign_that_parts_its_words_from_its_value(base):
    labels = [text for fact in base.base.facts.values() for text in fact.choices.values()]
    labels += [need.label for need in base.base.needs.values()]
    assert not [label for label in labels if "|" in label]


def test_the_way_to_a_place_tells_nothing_of_the_person():
    address = directions({"lat": 48.8809, "lon": 2.3553})
    assert address.endswith("to=48.8809,2.3553") and "from" not in address


def test_the_sheet_is_asked_with_the_needs_and_the_facts():
    assert sheet(["douche"], {"age": 22, "animal": True, "lieu": "Gare du Nord"}) == (
        "/fiche?besoin=douche&age=22&animal=true&lieu=Gare+du+Nord"
    )


@pytest.mark.parametrize(
    ("value", "need"),
    [
        ('/informer{"besoin": "douche"}', "douche"),
        ('/informer{"age": 3}', None),
        ("/oui", None),
        ("Nation", None),
    ],
)
def test_a_button_that_asks_for_a_need_gets_its_drawing(value, need):
    assert need_of(value) == need


def test_every_drawing_named_by_the_pages_exists(door, base):
    drawings = set(re.findall('symbol id="([a-z_]+)"', door.get(f"/static/{VERSION}/pictos/pictos.svg").text))
    page = door.get("/").text + door.get("/recherche?besoin=douche&lieu=nation").text
    assert set(re.findall(r"pictos\.svg#([a-z_]+)", page)) <= drawings
    assert len(set(base.base.needs) & drawings) >= 15


def test_the_first_load_is_light_and_fast_on_a_slow_phone(door):
    page = door.get("/")
    files = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', page.text))
    assert len(files) <= 10
    total = travelled(page) + sum(travelled(door.get(file)) for file in files)
    assert total <= FIRST_LOAD_LIMIT
    assert total / TWO_G <= 3, "seconds"


def test_answers_travel_small_and_files_are_asked_for_once(door):
    page = door.get("/")
    assert page.headers["content-encoding"] == "gzip" and page.headers["cache-control"] == "no-store"
    style = door.get(f"/static/{VERSION}/jalon.css")
    assert style.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "immutable" not in door.get("/static/jalon.css").headers["cache-control"]
    assert len(gzip.compress(style.content)) < 10_000


def test_a_file_that_changes_has_another_address(tmp_path):
    (tmp_path / "a.js").write_text("1")
    before = version(tmp_path)
    (tmp_path / "a.js").write_text("2")
    assert version(tmp_path) != before


def test_the_widget_may_be_loaded_by_other_sites_and_the_pages_only_by_those_named():
    with serve(alone(host_sites=("https://www.exemple.fr", "http://localhost:8080"))) as url:
        script, page = httpx.get(f"{url}/jalon.js"), httpx.get(url)
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    assert script.headers["content-type"].startswith("text/javascript")
    policy = page.headers["content-security-policy"]
    assert policy.endswith("frame-ancestors 'self' https://www.exemple.fr http://localhost:8080")
    assert "x-frame-options" not in page.headers
    assert page.headers["cross-origin-resource-policy"] == "same-origin"


def test_the_sites_that_may_show_jalon_are_read_from_the_settings():
    sites = read_settings({"JALON_SITES_HOTES": "https://www.exemple.fr http://localhost:8080"}).host_sites
    assert sites == ("https://www.exemple.fr", "http://localhost:8080")
    for wrong in ("*", "exemple.fr", "https://exemple.fr/", "https://a.fr; script-src *", "https://*.fr"):
        with pytest.raises(ValueError, match="JALON_SITES_HOTES"):
            read_settings({"JALON_SITES_HOTES": wrong})


def test_who_answers_for_this_jalon_can_be_written_to():
    contact = read_settings({"JALON_CONTACT": "acces@exemple.fr"}).contact
    with serve(alone(contact=contact)) as url:
        assert '<a href="mailto:acces@exemple.fr">' in httpx.get(f"{url}/accessibilite").text
    for wrong in ("acces", "acces@exemple.fr?body=x", 'a@b.fr"', "a@b.fr c@d.fr"):
        with pytest.raises(ValueError, match="JALON_CONTACT"):
            read_settings({"JALON_CONTACT": wrong})


def test_the_accessibility_page_says_how_many_texts_people_reread():
    with serve(alone()) as url:
        shown = httpx.get(f"{url}/accessibilite").text
    assert f"<li>{count(rereadings())} texte" in shown and "ne dit donc pas qu'il est en FALC" in shown


def test_a_form_gives_the_text_or_the_button_with_its_words():
    sent = read_form(b"session=abc&envoi=e1&quand=12&texte=bonjour")
    assert (sent.session, sent.text, sent.label, sent.sending, sent.shown_at) == (
        "abc",
        "bonjour",
        "",
        "e1",
        12,
    )
    pressed = read_form(b"session=abc&texte=x&choix=Oui%7C/informer{%22a%22: %22b|c%22}")
    assert (pressed.label, pressed.text) == ("Oui", '/informer{"a": "b|c"}')


def test_a_form_without_a_good_session_gets_a_new_one_each_time():
    drawn = {
        read_form(body).session for body in (b"", b"", b"session=", b"session=%20", b"session=" + b"a" * 65)
    }
    assert len(drawn) == 5 and all(re.fullmatch("[0-9a-f]{32}", session) for session in drawn)
