"""Without JavaScript each turn is a page of its own: nothing stored in the browser, back and reload are safe."""

import httpx
import pytest

from tests.browser.person import WithoutScript

SENTENCE = "je dors dehors vers gare du nord et je voudrais me laver"
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def page(new_page, pile):
    return new_page(pile.url, java_script_enabled=False)


def test_an_answer_is_corrected_from_what_was_told(page, base):
    person = WithoutScript(page, base.base)
    person.write(SENTENCE)
    before = page.locator("article.carte .lieu .nom").all_inner_texts()
    page.locator("#rappel summary").click()
    person.choose("Changer : Le lieu où vous êtes")
    assert person.asked.id == "arrondissement"
    person.write("13")
    assert page.locator("article.carte .lieu .nom").all_inner_texts() != before


def test_a_page_sent_twice_counts_once(page, base):
    person = WithoutScript(page, base.base)
    person.write("j'ai une dette d'électricité")
    person.choose("Je ne sais pas")
    question = person.asked.id
    page.reload()
    assert person.asked.id == question


def test_going_back_shows_the_page_before_and_its_buttons_still_mean_what_they_say(page, base):
    person = WithoutScript(page, base.base)
    person.write("j'ai 22 ans, je cherche une aide d'argent")
    first = person.asked.id
    person.choose("Je ne sais pas")
    page.go_back()
    assert person.asked.id == first
    person.choose("Parler à une personne")
    assert "Vous pouvez parler à une personne." in page.locator("#journal").inner_text()


def test_what_was_written_is_given_back_when_it_could_not_be_taken(page):
    page.fill("#message", "mot " * 200)
    with page.expect_navigation():
        page.click("#envoyer")
    assert "trop long" in page.locator("#journal").inner_text()
    assert page.input_value("#message").startswith("mot mot")


def test_erasing_says_so_and_the_answers_are_gone(page, base):
    person = WithoutScript(page, base.base)
    person.write(SENTENCE)
    session = page.locator("input[name=session]").get_attribute("value")
    with page.expect_navigation():
        page.click("#effacer")
    assert "La conversation est effacée." in page.get_by_role("status").inner_text()
    assert page.locator("input[name=session]").get_attribute("value") != session
    assert not page.locator("#rappel").is_visible()


def test_a_page_left_too_long_says_that_the_answers_were_forgotten(pile):
    old = httpx.post(f"{pile.url}/conversation", content="texte=bonjour&quand=1000000000", headers=FORM)
    assert "J'ai oublié vos réponses d'avant." in old.text.replace("&#39;", "'")
    assert "set-cookie" not in old.headers
    assert httpx.get(f"{pile.url}/conversation").headers["location"] == "/"


@pytest.mark.parametrize("body", [b"", b"%ff=%zz", b"session=%0a&texte=bonjour", b"choix=%7C&quand=abc"])
def test_a_strange_form_is_answered(pile, body):
    assert httpx.post(f"{pile.url}/conversation", content=body, headers=FORM).status_code == 200


def test_a_form_with_too_many_fields_is_refused(pile):
    body = "&".join(f"a{number}=1" for number in range(100))
    assert httpx.post(f"{pile.url}/conversation", content=body, headers=FORM).status_code == 400
