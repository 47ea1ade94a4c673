"""The pages hold for people who zoom, use a keyboard, a screen reader, no JavaScript, or a bad line."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

PATHS = [
    "/",
    "/accessibilite",
    "/vos-donnees",
    "/recherche",
    "/recherche?besoin=douche&lieu=gare du nord",
    "/recherche?besoin=douche&lieu=saint denis",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OFFLINE = ("Failed to load resource", "net::ERR")
IDLE_MS = 1800 * 1000


def focused(page) -> str:
    return page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")


def bubbles(page) -> list[str]:
    return [text.strip() for text in page.locator("#journal > li").all_inner_texts()]


def send(page, text: str) -> None:
    page.fill("#message", text)
    page.press("#message", "Enter")
    page.wait_for_selector("#conversation:not([data-attente])")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_no_barrier(new_page, lonely_door, path, scheme):
    page = new_page(lonely_door, path, color_scheme=scheme)
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response["violations"]
    assert not [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


@pytest.mark.parametrize("path", PATHS)
def test_nothing_overflows_on_the_narrowest_screen(new_page, lonely_door, path):
    page = new_page(lonely_door, path, viewport={"width": 320, "height": 256})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_nothing_overflows_when_the_text_is_twice_as_large(new_page, lonely_door):
    page = new_page(lonely_door, viewport={"width": 640, "height": 800})
    page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


@pytest.mark.parametrize("path", PATHS)
def test_every_control_is_large_enough_for_a_thumb(new_page, lonely_door, path):
    page = new_page(lonely_door, path, viewport={"width": 360, "height": 740})
    small = page.evaluate(
        """[...document.querySelectorAll("button, select, input, textarea, summary, nav a, #aide a, a.bouton")]
           .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44)
           .map((one) => one.outerHTML)"""
    )
    assert not small


def test_text_is_at_least_as_large_as_easy_to_read_rules_ask(new_page, lonely_door):
    page = new_page(lonely_door, "/recherche?besoin=douche&lieu=gare du nord")
    sizes = page.evaluate(
        """[...document.querySelectorAll("body *")].filter((one) => one.innerText && one.children.length === 0)
           .map((one) => parseFloat(getComputedStyle(one).fontSize))"""
    )
    assert min(sizes) >= 18.6


def test_the_keyboard_alone_goes_from_the_first_link_to_an_answer(new_page, lonely_door):
    page = new_page(lonely_door)
    page.keyboard.press("Tab")
    assert focused(page) == "Aller au contenu"
    page.keyboard.press("Enter")
    assert focused(page) == "contenu"
    for _ in range(30):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", focused(page)
        if focused(page) == "message":
            break
    assert focused(page) == "message"
    page.keyboard.type("bonjour")
    page.keyboard.press("Enter")
    page.wait_for_selector("#journal > li:nth-child(3)")
    assert focused(page) == "message"
    assert page.input_value("#message") == ""


def test_a_screen_reader_is_told_who_speaks_and_only_what_is_new(new_page, lonely_door):
    page = new_page(lonely_door)
    log = page.get_by_role("log")
    assert log.get_attribute("aria-live") == "polite"
    page.evaluate("document.querySelector('#journal > li').dataset.mark = 'first'")
    send(page, "bonjour")
    assert page.locator("#journal > li[data-mark=first]").count() == 1, (
        "the history must not be written again"
    )
    spoken = page.locator("#journal > li > span.cache").all_text_contents()
    assert [text.strip() for text in spoken[:3]] == ["Jalon :", "Vous :", "Jalon :"]
    assert page.get_by_role("group", name="Réponses possibles").count() == 1


def test_waiting_is_said_once(new_page, lonely_door):
    page = new_page(lonely_door)
    page.route("**/tour", lambda route: None)  # the answer does not come
    page.fill("#message", "bonjour")
    page.press("#message", "Enter")
    page.get_by_role("status").get_by_text("Jalon prépare sa réponse.").wait_for()
    page.press("#message", "Enter")
    assert len(bubbles(page)) == 2, "a second message must not leave before the first answer"
    page.unroute_all(behavior="ignoreErrors")


def test_a_lost_line_loses_no_word_and_the_message_leaves_once_when_it_is_back(new_page, lonely_door):
    page = new_page(lonely_door, expected=OFFLINE)
    page.context.set_offline(True)
    send(page, "je cherche une douche")
    assert "Il partira au retour du réseau." in page.get_by_role("alert").inner_text()
    assert "je cherche une douche" in bubbles(page)[1]
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/tour") else None)
    page.context.set_offline(False)
    page.wait_for_selector("#journal > li:nth-child(3)")
    assert page.get_by_role("alert").inner_text() == ""
    assert len(sent) == 1 and "".join(bubbles(page)).count("je cherche une douche") == 1


def test_a_message_that_did_not_leave_can_be_tried_again_by_hand(new_page, lonely_door):
    page = new_page(lonely_door, expected=OFFLINE)
    page.route("**/tour", lambda route: route.abort())
    send(page, "je cherche une douche")
    assert "Votre message n'est pas parti. Il est gardé." in page.get_by_role("alert").inner_text()
    page.unroute("**/tour")
    page.get_by_role("button", name="Réessayer").click()
    page.wait_for_selector("#journal > li:nth-child(3)")
    assert page.get_by_role("alert").inner_text() == "" and focused(page) == "message"


def test_a_text_too_long_is_given_back_to_be_shortened(new_page, lonely_door):
    page = new_page(lonely_door)
    send(page, "mot " * 200)
    assert "trop long" in bubbles(page)[2]
    assert page.input_value("#message").startswith("mot mot")


def test_an_empty_message_gets_an_example_not_an_empty_bubble(new_page, lonely_door):
    page = new_page(lonely_door)
    send(page, "")
    assert len(bubbles(page)) == 2 and "Je n'ai rien reçu." in bubbles(page)[1]


def test_what_is_typed_is_shown_as_text(new_page, lonely_door):
    page = new_page(lonely_door)
    send(page, "<img src=x onerror=alert(1)>")
    assert "<img src=x" in bubbles(page)[1]
    assert page.locator("#journal img").count() == 0


def test_a_reload_keeps_the_conversation(new_page, lonely_door):
    page = new_page(lonely_door)
    send(page, "bonjour")
    before = bubbles(page)
    session = page.evaluate("sessionStorage.getItem('jalon.session')")
    assert re.fullmatch("[0-9a-f]{32}", session)
    page.reload()
    assert bubbles(page) == before
    assert page.evaluate("sessionStorage.getItem('jalon.session')") == session


def test_erasing_leaves_no_word_in_the_browser_and_says_what_could_not_be_erased(new_page, lonely_door):
    page = new_page(lonely_door, expected=("503",))
    send(page, "bonjour")
    session = page.evaluate("sessionStorage.getItem('jalon.session')")
    page.get_by_role("button", name="Effacer ma conversation").click()
    page.get_by_text("Tout est effacé ici.").wait_for()
    assert len(bubbles(page)) == 1 and focused(page) == "message"
    assert page.evaluate("sessionStorage.getItem('jalon.session')") != session
    assert "bonjour" not in page.evaluate("JSON.stringify(sessionStorage)")


def test_an_old_conversation_is_not_shown_to_the_next_person(new_page, lonely_door):
    page = new_page(lonely_door)
    send(page, "bonjour")
    page.evaluate(f"sessionStorage.setItem('jalon.dernier', Date.now() - {IDLE_MS} - 1000)")
    page.reload()
    assert "bonjour" not in "".join(bubbles(page))
    assert "J'ai oublié ce que nous avons dit avant." in bubbles(page)[-1]


def test_a_page_left_open_too_long_says_that_the_answers_were_forgotten(new_page, lonely_door):
    page = new_page(lonely_door)
    send(page, "bonjour")
    page.evaluate(f"sessionStorage.setItem('jalon.dernier', Date.now() - {IDLE_MS} - 1000)")
    send(page, "je cherche une douche")
    assert "J'ai oublié vos réponses d'avant." in "".join(bubbles(page))
    assert "je cherche une douche" in "".join(bubbles(page))


def test_without_javascript_a_person_still_finds_a_shower(new_page, lonely_door):
    page = new_page(lonely_door, java_script_enabled=False)
    page.select_option("#besoin", "douche")
    page.fill("#lieu", "gare du nord")
    page.get_by_role("button", name="Chercher").click()
    card = page.locator("article.carte").first
    assert "Bains-douches" in card.inner_text() and "minutes à pied" in card.inner_text()


def test_numbers_to_call_are_always_at_hand(new_page, lonely_door):
    page = new_page(lonely_door, viewport={"width": 360, "height": 740})
    page.mouse.wheel(0, 5000)
    for number in ("115", "112"):
        assert page.locator(f'header a[href="tel:{number}"]').is_visible()
    page.get_by_role("link", name="Parler à une personne").click()
    assert page.get_by_role("heading", name="Parler à une personne").is_visible()


def test_the_api_page_lists_the_routes(new_page, lonely_door):
    page = new_page(lonely_door, "/api/v1/docs")
    page.get_by_text("/api/v1/orientation").first.wait_for()
