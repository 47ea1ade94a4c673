"""The whole road seen from a browser: one French sentence in, the nearest shower out."""

from tests.browser.person import ask, focused, press, settle

SENTENCE = "bonjour je dors dehors vers gare du nord et je voudrais me laver"


def test_one_sentence_brings_the_nearest_open_shower(new_page, pile):
    page = new_page(pile.url, viewport={"width": 360, "height": 740})
    ask(page, SENTENCE)
    card = page.locator("article.carte", has_text="Bains-douches municipaux").first
    card.wait_for()
    text = card.inner_text()
    assert "minutes à pied" in text and "Comment faire" in text and "serviette" in text
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_focus_is_not_lost_when_the_button_pressed_goes(new_page, pile):
    page = new_page(pile.url)
    ask(page, "je voudrais me laver")
    page.get_by_role("button", name="Je ne sais pas").focus()
    page.keyboard.press("Enter")
    settle(page)
    assert focused(page) == "Je ne sais pas", "a button that stays keeps the focus"
    page.locator("#rappel summary").click()
    press(page, "Ce n'est plus vrai : Prendre une douche")
    assert focused(page) == "message"


def test_an_earlier_answer_is_changed_and_the_results_follow(new_page, pile):
    page = new_page(pile.url)
    ask(page, SENTENCE)
    page.locator("#rappel summary").click()
    assert "Gare du Nord" in page.locator("#rappel").inner_text()
    press(page, "Changer : Le lieu où vous êtes")
    assert "Dans quel arrondissement" in page.locator("#journal > li").last.inner_text()
    assert "Gare du Nord" not in page.locator("#rappel").inner_text()
    ask(page, "13")
    showers = page.locator("article.carte", has_text="Bains-douches municipaux").locator(".lieu .nom")
    assert showers.first.inner_text() != showers.nth(showers.count() // 2).inner_text()
    assert page.locator("#rappel details").evaluate("one => one.open"), "what was opened stays open"


def test_why_and_a_person_are_always_in_the_same_place(new_page, pile):
    page = new_page(pile.url)
    names = ["Je ne sais pas", "Pourquoi cette question ?", "Parler à une personne"]

    def shown() -> list[str]:
        return page.locator(".toujours button:visible").all_inner_texts()

    assert shown() == names
    ask(page, "je cherche une aide d'argent")
    assert shown() == names and not set(names) & set(page.locator("#choix button").all_inner_texts())
    question = page.locator("#journal > li").last.inner_text().split("\n\n")[1]
    press(page, "Pourquoi cette question ?")
    again = page.locator("#journal > li").last.inner_text()
    assert question[1:] in again and "Ma question" in again, "the question comes back"
    press(page, "Parler à une personne")
    assert "Vous pouvez parler à une personne." in page.locator("#journal").inner_text()
    assert shown() == names


def test_starting_again_forgets_the_answers_but_leaves_the_addresses_on_the_screen(new_page, pile):
    page = new_page(pile.url)
    ask(page, SENTENCE)
    press(page, "Recommencer")
    assert "J'ai effacé vos réponses." in page.locator("#journal").inner_text()
    assert page.locator("article.carte").count() and not page.locator("#rappel").is_visible()


def test_erasing_clears_the_screen_and_the_server(new_page, pile):
    page = new_page(pile.url)
    ask(page, SENTENCE)
    page.get_by_role("button", name="Effacer ma conversation").click()
    page.get_by_text("La conversation est effacée.").wait_for()
    assert page.locator("article.carte").count() == 0 and not page.locator("#rappel").is_visible()
    ask(page, "pourquoi ?")
    assert not page.locator("#rappel").is_visible()


def test_a_reload_in_the_middle_goes_on_with_the_same_question(new_page, pile):
    page = new_page(pile.url)
    ask(page, "j'ai 22 ans, je cherche une aide d'argent")
    question = page.locator("#journal > li").last.inner_text()
    page.reload()
    assert page.locator("#journal > li").last.inner_text() == question
    press(page, "Je ne sais pas")
    assert page.locator("#journal > li").last.inner_text() != question
    assert "22 ans" in page.locator("#rappel").text_content().replace("\u00a0", " ")


def test_an_answer_lost_on_its_way_back_is_not_taken_for_the_next_question(new_page, pile):
    """The message arrived, the answer did not: sent again, it must not answer the question that follows."""
    page = new_page(pile.url, expected=("net::ERR", "Failed to load"))
    ask(page, "j'ai une dette d'électricité")
    lost = []

    def swallow(route) -> None:
        if lost:
            return route.continue_()
        lost.append(route.fetch())
        route.abort()

    page.route("**/tour", swallow)
    press(page, "Je ne sais pas")
    page.get_by_role("button", name="Réessayer").click()
    settle(page)
    page.locator("#rappel summary").click()
    assert page.locator("#rappel").inner_text().count("Je ne sais pas") == 1


def test_a_button_of_a_forgotten_session_still_means_what_it_says(new_page, pile):
    page = new_page(pile.url)
    ask(page, "bonjour")
    page.evaluate("sessionStorage.setItem('jalon.session', 'une-autre-session')")
    press(page, "Prendre une douche")
    assert "Prendre une douche" in page.locator("#rappel summary + ul").text_content()


def test_nothing_is_left_in_the_browser_and_no_address_is_told_to_others(new_page, pile):
    page = new_page(pile.url)
    asked = []
    page.on("request", lambda request: asked.append(request))
    ask(page, SENTENCE)
    page.get_by_role("button", name="Effacer ma conversation").click()
    page.get_by_text("La conversation est effacée.").wait_for()
    assert page.context.cookies() == [] and page.evaluate("localStorage.length") == 0
    assert asked and not [request.url for request in asked if request.all_headers().get("referer")]
    assert "gare" not in page.evaluate("JSON.stringify(sessionStorage)").lower()


def test_what_is_kept_of_this_conversation_is_shown_and_erased_and_the_way_back_keeps_the_thread(
    new_page, pile
):
    page = new_page(pile.url, viewport={"width": 360, "height": 740})
    ask(page, SENTENCE)
    page.get_by_role("button", name="Voir ce que Jalon garde").click()
    page.wait_for_url("**/vos-donnees")
    text = page.locator("main").inner_text()
    assert SENTENCE in text and "Ce que Jalon a retenu" in text and "Gare du Nord" in text
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.go_back()
    settle(page)
    assert SENTENCE in page.locator("#journal").inner_text()
    page.get_by_role("button", name="Voir ce que Jalon garde").click()
    page.wait_for_url("**/vos-donnees")
    page.get_by_role("button", name="Effacer ma conversation").click()
    page.get_by_text("La conversation est effacée.").wait_for()
