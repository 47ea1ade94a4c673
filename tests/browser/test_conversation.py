"""The whole road seen from a browser: one French sentence in, the nearest shower out."""

SENTENCE = "bonjour je dors dehors vers gare du nord et je voudrais me laver"


def ask(page, text: str) -> None:
    page.fill("#message", text)
    page.press("#message", "Enter")
    page.wait_for_selector("#conversation:not([data-attente])")


def test_one_sentence_brings_the_nearest_open_shower(new_page, pile):
    page = new_page(pile.url, viewport={"width": 360, "height": 740})
    ask(page, SENTENCE)
    card = page.locator("article.carte", has_text="Bains-douches municipaux").first
    card.wait_for()
    text = card.inner_text()
    assert "minutes à pied" in text and "Comment faire" in text and "serviette" in text
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_keyboard_chooses_among_the_answers_and_the_focus_is_not_lost(new_page, pile):
    page = new_page(pile.url)
    ask(page, "je voudrais me laver")
    page.locator("#choix button").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#conversation:not([data-attente])")
    assert page.evaluate("document.activeElement.id") == "message"


def test_restarting_makes_jalon_forget(new_page, pile):
    page = new_page(pile.url)
    ask(page, SENTENCE)
    page.get_by_role("button", name="Recommencer").click()
    page.get_by_text("La conversation est effacée.").wait_for()
    assert page.locator("article.carte").count() == 0
