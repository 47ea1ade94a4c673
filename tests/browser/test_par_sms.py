"""« Recevoir par SMS » with a real queue and the real Gammu provider: what leaves is a file in its outbox."""

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe

from channels.settings import Settings
from channels.sms.settings import SmsSettings
from tests.browser.test_etats import RULES, SMALL
from tests.door_server import alone, serve
from tests.sms_peers import wait_for
from tests.sms_queue import KEY, holds

PLACE = "/recherche?besoin=douche&lieu=gare du nord"
REFUSED = ("422", "429", "503")
OF_A_FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def phone(tmp_path):
    """A door with SMS: (its address, the folder of Gammu)."""
    make_folders(tmp_path)
    with serve(with_sms(tmp_path)) as url:
        yield url, tmp_path / "gammu"


def make_folders(folder) -> None:
    for name in ("queue", "gammu/inbox", "gammu/outbox", "gammu/sent", "gammu/error"):
        (folder / name).mkdir(parents=True)


def with_sms(folder, **changes) -> Settings:
    variables = {"JALON_SMS_GAMMU_DOSSIER": str(folder / "gammu"), "JALON_SMS_GAMMU_JETON": KEY}
    sms = SmsSettings("gammu", file=folder / "queue" / "sms.db", key=KEY, variables=variables, **changes)
    return alone(sms=sms)


def left(folder) -> list:
    return sorted((folder / "outbox").glob("OUT*.txt"))


def send(url: str, number: str, place: str = "", **headers) -> httpx.Response:
    sent = {"lieu": place or first_place(url), "numero": number}
    return httpx.post(f"{url}/sms", data=sent, headers={"origin": url, **headers})


def first_place(url: str) -> str:
    found = httpx.get(f"{url}/api/v1/services", params={"categorie": "bains_douches", "limite": 1})
    return found.json()["services"][0]["id"]


@pytest.mark.parametrize("script", [True, False])
def test_a_place_is_sent_to_the_number_typed_then_the_number_is_erased(phone, new_page, tmp_path, script):
    url, folder = phone
    page = new_page(url, PLACE, java_script_enabled=script, viewport={"width": 320, "height": 640})
    name = page.locator("article.carte .nom").first.inner_text().partition(". ")[2]
    page.get_by_role("link", name="Recevoir par SMS").first.click()
    field = page.get_by_label("Votre numéro de téléphone portable")
    assert (field.get_attribute("type"), field.get_attribute("autocomplete")) == ("tel", "tel")
    field.fill("06 12 34 56 78")
    page.get_by_role("button", name="Envoyer le SMS").click()
    page.get_by_text("Le SMS arrive dans quelques minutes").wait_for()
    assert "06" not in page.url and page.evaluate("document.documentElement.scrollWidth") <= 320
    wait_for(lambda: left(folder), 10)
    page.reload()
    [sms] = left(folder)
    assert "+33612345678" in sms.name and name in sms.read_text("utf-16")
    assert "Arreter: STOP" in sms.read_text("utf-16")
    assert httpx.get(f"{url}/sante").json()["composants"]["base"] == "ok"
    sms.rename(folder / "sent" / sms.name)  # the modem has sent it
    httpx.post(f"{url}/webhooks/sms/gammu", headers={"authorization": f"Bearer {KEY}"})
    wait_for(lambda: not holds(tmp_path / "queue", "+33612345678", "612345678"), 15)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "number", ["", "12 34", "+44 7700 900123", "01 42 00 00 00", "08 99 00 00 00", "36 46"]
)
def test_what_is_not_a_french_mobile_is_said_at_its_field(phone, new_page, number, scheme):
    url, folder = phone
    page = new_page(url, f"/sms?lieu={first_place(url)}", expected=REFUSED, color_scheme=scheme)
    page.fill("#numero", number)
    page.get_by_role("button", name="Envoyer le SMS").click()
    field = page.locator("#numero[aria-invalid=true]")
    assert "10 chiffres" in page.get_by_role("alert").inner_text() and field.input_value() == number
    assert "numero-erreur" in field.get_attribute("aria-describedby") and page.title().startswith("Erreur")
    assert not left(folder)
    if number:
        return
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response["violations"]
    assert not [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
    assert not page.evaluate(SMALL)


def test_the_same_number_gets_three_in_an_hour_and_nobody_is_told(phone):
    url, folder = phone
    answers = [send(url, "0612345678") for _ in range(5)]
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    wait_for(lambda: len(left(folder)) == 3, 10)
    assert send(url, "0698765432").status_code == 303
    wait_for(lambda: len(left(folder)) == 4, 10)


def test_a_number_that_wrote_stop_gets_nothing_and_nobody_is_told(phone):
    url, folder = phone
    (folder / "inbox" / "IN20261121_100000_00_+33612345678_00.txt").write_bytes("STOP".encode("utf-16"))
    wait_for(lambda: left(folder), 20)  # « C'est arrêté. »
    told = send(url, "0612345678")
    other = send(url, "0698765432")
    assert (told.status_code, told.headers["location"]) == (other.status_code, other.headers["location"])
    wait_for(lambda: len(left(folder)) == 2, 10)
    assert "+33698765432" in left(folder)[1].name


def test_one_connection_cannot_write_to_everybody(phone):
    url, _ = phone
    place = first_place(url)
    answers = [send(url, f"06123456{rank:02}", place) for rank in range(21)]
    assert [answer.status_code for answer in answers] == [303] * 20 + [429]
    assert "Attendez 1 heure" in answers[-1].text


def test_pages_leave_half_of_the_money_of_the_day_to_who_writes_by_sms(tmp_path):
    make_folders(tmp_path)
    with serve(with_sms(tmp_path, cap=0.2, price=0.05)) as url:
        answers = [send(url, f"061234567{rank}") for rank in range(3)]
    assert [answer.status_code for answer in answers] == [303, 503, 503]
    assert "plus envoyer de SMS aujourd" in answers[-1].text


def test_another_site_cannot_have_an_sms_sent(phone):
    url, folder = phone
    for headers in (
        {"origin": "https://ailleurs.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
    ):
        assert send(url, "0612345678", **headers).status_code == 403
    assert not left(folder)


def test_a_place_that_may_not_be_told_is_not_sent(phone, base):
    url, _ = phone
    hidden = [one for one in base.services() if base.service(one["id"])["sensible"]]
    for place in ["", "rien", *(one["id"] for one in hidden)]:
        assert httpx.get(f"{url}/sms", params={"lieu": place}).status_code == 404
        sent = httpx.post(f"{url}/sms", data={"lieu": place, "numero": "0612345678"}, headers={"origin": url})
        assert sent.status_code == 404


def test_a_strange_form_is_refused(phone):
    url, _ = phone
    for body, status in [(b"%ff", 404), (b"\xff", 400), (b"&".join(b"a=1" for _ in range(50)), 400)]:
        answer = httpx.post(f"{url}/sms", content=body, headers={**OF_A_FORM, "origin": url})
        assert answer.status_code == status


def test_without_the_sms_channel_nothing_is_offered(new_page, lonely_door):
    page = new_page(lonely_door, PLACE)
    assert page.get_by_role("link", name="Recevoir par SMS").count() == 0
    assert httpx.get(f"{lonely_door}/sms?lieu=x").status_code == 404
    assert httpx.post(f"{lonely_door}/sms", data={}, headers={"origin": lonely_door}).status_code == 404


def test_the_sheet_offers_its_places_too(phone, new_page):
    url, _ = phone
    page = new_page(url, "/fiche?besoin=douche&lieu=Gare+du+Nord&logement_actuel=rue")
    page.get_by_role("link", name="Recevoir par SMS").first.click()
    assert page.get_by_label("Votre numéro de téléphone portable").is_visible()
