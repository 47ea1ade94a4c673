"""From the chat, every answer and every place for the same situation, and nothing of it in an address."""

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.person import ByClicks, WithoutScript, ask
from tests.browser.test_pages import RULES

TOLD = "j'ai 47 ans, je dors dehors vers gare du nord et je voudrais me laver"


def cards(page) -> dict[str, str]:
    """The title of each card, and its status."""
    found = "all => all.map((one) => [one.querySelector('h3').innerText, one.classList[1]])"
    return dict(page.eval_on_selector_all("article.carte", found))


def expected(url: str, **asked) -> list[dict]:
    """What the engine answers: the API and the page have one source."""
    body = {"besoins": ["douche"], "canal": "api", **asked}
    return httpx.post(f"{url}/api/v1/orientation", json=body, timeout=30).json()["dispositifs"]


@pytest.mark.parametrize("script", [True, False])
def test_all_the_answers_are_those_of_the_engine_for_what_was_told(new_page, pile, base, script):
    page = new_page(pile.url, java_script_enabled=script)
    person = (ByClicks if script else WithoutScript)(page, base.base)
    person.write(TOLD)
    told = httpx.post(
        f"{pile.url}/api/v1/comprendre", json={"texte": TOLD, "canal": "web"}, timeout=30
    ).json()
    with page.expect_navigation():
        page.get_by_role("button", name="Voir toutes les réponses").click()
    assert page.url == f"{pile.url}/reponses"
    answers = expected(pile.url, besoins=told["besoins"], faits=told["faits"])
    assert cards(page) == {one["nom"]: one["statut"] for one in answers if one["statut"] != "non"}
    with page.expect_navigation():
        page.get_by_role("button", name="Revenir à la conversation").click()
    assert page.locator("#rappel").is_visible() or script
    person.look()
    assert person.asked or "Bains-douches municipaux" in person.cards


def test_all_the_places_of_one_answer(new_page, pile):
    page = new_page(pile.url)
    ask(page, TOLD)
    shown = page.locator("article.carte", has_text="Bains-douches municipaux").first
    assert shown.locator(".lieu").count() == 3
    with page.expect_navigation():
        shown.get_by_role("button", name="Voir plus de lieux").click()
    assert page.url == f"{pile.url}/reponses" and list(cards(page)) == ["Bains-douches municipaux"]
    assert page.locator(".lieu .nom").count() == 12 and page.locator(".lieu .nom").last.is_visible()
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response["violations"]
    assert not [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
    page.get_by_role("button", name="Revenir à la conversation").click()
    page.wait_for_selector("#rappel summary")
    assert TOLD in page.locator("#journal").inner_text()


def test_a_forgotten_conversation_gets_the_search_form(new_page, pile):
    page = new_page(pile.url)
    ask(page, TOLD)
    session = page.evaluate("sessionStorage.getItem('jalon.session')")
    httpx.delete(f"{pile.url}/api/v1/sessions/{session}")
    with page.expect_navigation():
        page.get_by_role("button", name="Voir toutes les réponses").click()
    assert (
        page.get_by_text("Jalon a oublié vos réponses.").is_visible() and page.locator("#besoin").is_visible()
    )


def test_without_the_dialogue_server_the_page_says_so(lonely_door):
    for path in ("/reponses", "/continuer"):
        assert httpx.post(f"{lonely_door}{path}", content=b"session=abc").status_code == 503
