"""The sheet in a real browser: read on a screen by anybody, printed on one page, made from the counter."""

import io

import pytest
from axe_playwright_python.sync_playwright import Axe
from pypdf import PdfReader

from channels.guichet.access import issue_token
from tests.counter_door import open_counter

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DOUCHE = "/fiche?besoin=douche&lieu=Gare+du+Nord&logement_actuel=rue"
SEVERAL = "/fiche?besoin=energie&besoin=loyer&besoin=argent&arrondissement=18&dette_energie=640"
TEXT_COLOURS = """[...document.querySelectorAll("main *")].filter((one) => one.innerText)
  .map((one) => getComputedStyle(one)).map((style) => `${style.color} ${style.backgroundColor}`)"""


def barriers(page) -> list:
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response["violations"]
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


def pages(page) -> int:
    return len(PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages)


@pytest.mark.parametrize("width", [320, 1366])
def test_no_barrier_and_no_scroll_aside(new_page, lonely_door, width):
    page = new_page(lonely_door, SEVERAL, viewport={"width": width, "height": 768})
    assert not barriers(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    "path", [DOUCHE, SEVERAL, "/fiche?besoin=hebergement&lieu=Nation", "/fiche?besoin=adresse"]
)
def test_printed_from_the_browser_it_is_one_page(new_page, lonely_door, path):
    assert pages(new_page(lonely_door, path)) == 1


def test_paper_holds_the_sheet_and_not_the_tools(new_page, lonely_door):
    page = new_page(lonely_door, DOUCHE)
    assert page.get_by_role("button", name="Imprimer").is_visible()
    page.emulate_media(media="print")
    assert not [one for one in page.locator(".outils").all() if one.is_visible()]
    assert page.locator(".texte").is_visible()
    assert page.locator(".marge img").evaluate("one => one.complete && one.naturalWidth > 0")


def test_on_the_screen_the_keyboard_skips_the_tools_and_the_statement_is_at_hand(new_page, lonely_door):
    page = new_page(lonely_door, DOUCHE)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "fiche"
    assert page.get_by_role("link", name="Accessibilité : non conforme").is_visible()


def test_everything_is_black_on_white_or_white_on_black(new_page, lonely_door):
    page = new_page(lonely_door, SEVERAL)
    page.emulate_media(media="print")
    for colours in set(page.evaluate(TEXT_COLOURS)):
        letters = (
            colours.replace("rgba(0, 0, 0, 0)", "")
            .replace("rgb(255, 255, 255)", "")
            .replace("rgb(0, 0, 0)", "")
        )
        assert not letters.strip(), colours


def test_without_script_the_page_and_its_pdf_are_there(new_page, lonely_door):
    page = new_page(lonely_door, DOUCHE, java_script_enabled=False)
    assert not page.get_by_role("button", name="Imprimer").is_visible()
    assert (
        page.get_by_role("link", name="Ouvrir en PDF")
        .get_attribute("href")
        .startswith("/fiche.pdf?besoin=douche")
    )
    assert page.get_by_role("heading", name="Bains-douches municipaux").is_visible()


def test_an_agent_adds_notes_and_a_back_then_prints(new_page, tmp_path):
    with open_counter(tmp_path) as (url, settings):
        page = new_page(url, f"/guichet/entree?jeton={issue_token(settings.tokens)}")
        page.get_by_role("button", name="Ouvrir le guichet").click()
        page.wait_for_selector("#resultats[data-complet]")
        page.check("#champ-besoin-douche")
        page.fill("#champ-lieu", "Gare du Nord")
        page.wait_for_selector("#resultats [data-fiche=bains_douches]")
        page.check("#resultats [data-fiche=bains_douches]")
        with page.context.expect_page() as opened:
            page.get_by_role("button", name="Fiche à imprimer").click()
        sheet, faults = opened.value, []
        sheet.on("console", lambda message: faults.append(message.text))
        sheet.wait_for_load_state()
        assert sheet.get_by_role("heading", name="Bains-douches municipaux").is_visible()
        assert sheet.get_by_text("Près de : Gare du Nord.").is_visible()
        sheet.fill("#notes", "Rappeler <b>mardi</b>.")
        sheet.get_by_role("button", name="Mettre à jour la fiche").click()
        assert sheet.get_by_text("Rappeler <b>mardi</b>.", exact=True).last.is_visible()
        assert sheet.get_by_role("heading", name="Pour le professionnel").is_visible()
        assert not barriers(sheet)
        assert pages(sheet) == 2 and not faults
