"""Answers are forgotten after half an hour: who needs more time is told before, and gets it."""

import httpx
from axe_playwright_python.sync_playwright import Axe

from tests.browser.person import ask, focused, settle
from tests.browser.test_pages import RULES

TOLD = "je dors dehors vers gare du nord et je voudrais me laver"
FORM = {"content-type": "application/x-www-form-urlencoded"}
GONE = ("410",)


def told_then_idle(new_page, url: str, minutes: int, **options):
    """A page where something was said, then nothing for some minutes of its own clock."""
    page = new_page(url, **options)
    page.clock.install()
    page.reload()
    settle(page)
    ask(page, TOLD)
    page.clock.fast_forward(minutes * 60_000)
    return page


def said(page) -> str:
    return page.locator("#etat").inner_text()


def test_two_minutes_before_the_end_one_press_gives_half_an_hour_more(new_page, pile):
    page = told_then_idle(new_page, pile.url, 27)
    assert said(page) == "" and not page.locator("#continuer").is_visible()
    page.clock.fast_forward(65_000)
    assert "dans moins de 2 minutes" in said(page) and page.locator("#etat").get_attribute("role") == "status"
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response["violations"]
    assert not found and page.locator("#continuer").bounding_box()["height"] >= 44
    with page.expect_response("**/continuer") as answered:
        page.get_by_role("button", name="Continuer", exact=True).click()
    assert answered.value.status == 204
    page.get_by_text("Jalon garde vos réponses 30 minutes de plus.").wait_for()
    assert not page.locator("#continuer").is_visible() and focused(page) == "message"
    page.clock.fast_forward(20 * 60_000)
    ask(page, "merci")
    assert "oublié" not in page.locator("#journal").inner_text()
    page.clock.fast_forward(29 * 60_000)
    assert page.locator("#continuer").is_visible(), "as often as it is needed"


def test_it_can_be_asked_by_keyboard_and_writing_is_enough(new_page, pile):
    page = told_then_idle(new_page, pile.url, 29)
    page.locator("#continuer").focus()
    page.keyboard.press("Enter")
    page.get_by_text("minutes de plus").wait_for()
    page.clock.fast_forward(29 * 60_000)
    ask(page, "merci")
    assert not page.locator("#continuer").is_visible() and said(page) == ""


def test_without_an_answer_the_page_says_that_it_has_forgotten(new_page, pile):
    page = told_then_idle(new_page, pile.url, 29)
    page.clock.fast_forward(90_000)
    assert said(page) == "Jalon a oublié vos réponses. Vous pouvez repartir du début."
    assert not page.locator("#continuer").is_visible()


def test_too_late_for_the_server_is_said_too(new_page, pile):
    page = told_then_idle(new_page, pile.url, 29, expected=GONE)
    session = page.evaluate("sessionStorage.getItem('jalon.session')")
    httpx.delete(f"{pile.url}/api/v1/sessions/{session}")
    page.locator("#continuer").click()
    page.get_by_text("Jalon a oublié vos réponses.").wait_for()


def test_nothing_is_said_before_anything_was_told(new_page, lonely_door):
    page = new_page(lonely_door)
    page.clock.install()
    page.reload()
    page.clock.fast_forward(60 * 60_000)
    assert said(page) == ""


def test_without_javascript_the_delay_is_told_first_and_what_comes_after_is_answered(new_page, pile):
    page = new_page(pile.url, java_script_enabled=False)
    # Playwright turns scripts off too late for the browser to show what is written for this case.
    first = page.locator("form#conversation noscript").inner_text()
    assert "Jalon garde vos réponses 30 minutes après chaque message." in first
    session = page.locator("input[name=session]").get_attribute("value")
    late = f"session={session}&quand=1000000000&texte=j'ai 22 ans et je cherche une douche"
    answered = httpx.post(f"{pile.url}/conversation", content=late.encode(), headers=FORM, timeout=30).text
    assert "J&#39;ai oublié vos réponses d&#39;avant." in answered
    assert "Ce que vous m&#39;avez dit" in answered.replace("m'avez", "m&#39;avez") and "22" in answered
