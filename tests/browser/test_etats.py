"""Every state of the chat, light and dark, for people who read with a screen reader, a keyboard, a large text."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.person import WithoutScript, ask, press, settle

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCHEMES = ("light", "dark")
QUESTION = "j'ai 22 ans, je cherche une aide d'argent"
RESULT = "je dors dehors vers gare du nord et je voudrais me laver"
SMALL = """[...document.querySelectorAll("button, select, input:not([type=hidden]), textarea, summary, nav a, a.bouton")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44).map((one) => one.outerHTML)"""


def start(page) -> None:
    pass


def question(page) -> None:
    ask(page, QUESTION)


def why(page) -> None:
    ask(page, QUESTION)
    press(page, "Pourquoi cette question ?")


def result(page) -> None:
    ask(page, RESULT)


def recap(page) -> None:
    ask(page, RESULT)
    for summary in page.locator("#rappel summary, article.carte > details > summary").all():
        summary.click()


def error(page) -> None:
    page.route("**/tour", lambda route: route.abort())
    ask(page, RESULT)
    page.get_by_role("button", name="Réessayer").wait_for()


def danger(page) -> None:
    ask(page, QUESTION)
    ask(page, "mon mari me frappe")


def erased(page) -> None:
    ask(page, RESULT)
    page.get_by_role("button", name="Effacer ma conversation").click()
    settle(page)


STATES = [start, question, why, result, recap, error, danger, erased]


def barriers(page) -> list[tuple]:
    found = []
    page.evaluate("scrollTo(0, 0)")  # the header that stays on top hides nothing there
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        run = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response["violations"]
        found += [(scheme, one["id"], [node["html"] for node in one["nodes"]]) for one in run]
    return found


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_no_barrier_in_any_state_on_a_phone(new_page, pile, state):
    page = new_page(pile.url, expected=("net::ERR", "Failed to load"), viewport={"width": 320, "height": 640})
    state(page)
    assert not barriers(page)
    assert not page.evaluate(SMALL), "too small for a thumb"
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_no_barrier_in_a_turn_without_javascript(new_page, pile, base):
    page = new_page(pile.url, java_script_enabled=False)
    person = WithoutScript(page, base.base)
    person.write(QUESTION)
    html = page.content()
    page = new_page(pile.url)
    page.evaluate("(html) => { document.documentElement.innerHTML = html }", html)
    assert not barriers(page)


def test_a_result_holds_when_the_text_is_twice_as_large(new_page, pile):
    page = new_page(pile.url, viewport={"width": 640, "height": 800})
    recap(page)
    page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


def test_the_log_says_only_what_is_new_and_nothing_after_a_reload(new_page, pile):
    page = new_page(pile.url)
    page.evaluate(
        """() => {
          window.said = [];
          const note = (records) => records.forEach((record) => {
            window.said.push(...[...record.addedNodes].map((node) => node.textContent.trim()));
            if (record.removedNodes.length) window.said.push("RETIRÉ");
          });
          new MutationObserver(note).observe(document.getElementById("journal"), { childList: true, subtree: true });
        }"""
    )
    ask(page, QUESTION)
    first = page.evaluate("window.said.splice(0)")
    press(page, "Je ne sais pas")
    second = page.evaluate("window.said")
    assert first and second and "RETIRÉ" not in (*first, *second)
    assert not set(first) & set(second)
    assert page.locator("#fil").get_attribute("aria-relevant") == "additions"


def test_tab_goes_from_the_answers_to_the_field_and_each_step_is_seen(new_page, pile):
    page = new_page(pile.url)
    ask(page, "je suis à la rue et je cherche une adresse pour mon courrier dans le 18e")
    page.locator("#choix button").first.focus()
    order = []
    for _ in range(12):
        order.append(page.evaluate("document.activeElement.id || document.activeElement.innerText"))
        style = page.evaluate(
            "(() => { const style = getComputedStyle(document.activeElement);"
            " return [style.outlineStyle, parseFloat(style.outlineWidth)]; })()"
        )
        assert style[0] != "none" and style[1] >= 2, order[-1]
        box = page.evaluate("document.activeElement.getBoundingClientRect().toJSON()")
        assert 0 <= box["top"] and box["bottom"] <= page.viewport_size["height"], order[-1]
        page.keyboard.press("Tab")
    answers = page.locator("#choix button").all_inner_texts()
    expected = [
        *answers,
        "Je ne sais pas",
        "Pourquoi cette question ?",
        "Parler à une personne",
        "message",
        "envoyer",
    ]
    assert order[: len(expected)] == expected[: len(order)]


def test_nothing_moves_for_those_who_ask_it(new_page, pile):
    page = new_page(pile.url, reduced_motion="reduce")
    ask(page, QUESTION)
    moving = "[...document.querySelectorAll('*')].filter((one) => one.getAnimations().length).length"
    assert page.evaluate(moving) == 0
    assert page.evaluate("getComputedStyle(document.querySelector('.bulle')).animationName") == "none"


VOICE = """
  window.spoken = [];
  const voices = [{ lang: "fr-FR", localService: true, name: "Essai" }];
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
  Object.defineProperty(window, "speechSynthesis", { value: {
    getVoices: () => voices, addEventListener() {}, cancel() { window.spoken.push("ARRÊT"); },
    speak(speech) { window.spoken.push(speech.text); window.end = () => speech.onend(); },
  }});
"""


def test_the_answer_is_read_aloud_sentence_by_sentence_and_can_be_stopped(chromium, pile):
    context = chromium.new_context(locale="fr-FR", reduced_motion="reduce")
    context.add_init_script(VOICE)
    page = context.new_page()
    page.goto(pile.url)
    ask(page, QUESTION)
    page.evaluate("window.spoken.length = 0")
    page.get_by_role("button", name="Lire à voix haute").click()
    page.evaluate("window.end()")
    said = page.evaluate("window.spoken")
    assert len(said) == 2 and all(len(sentence.split()) < 20 for sentence in said)
    assert page.locator(".lu").count() == 1 and page.locator(".lu").inner_text().replace("\u00a0", " ").strip() == said[1]
    page.get_by_role("button", name="Arrêter la lecture").click()
    assert page.evaluate("window.spoken.at(-1)") == "ARRÊT" and page.locator(".lu").count() == 0
    context.close()


def test_without_a_french_voice_no_button_promises_one(new_page, lonely_door):
    page = new_page(lonely_door)
    assert not page.get_by_role("button", name="Lire à voix haute").is_visible()


def test_the_paper_holds_the_results_and_not_the_buttons(new_page, pile):
    page = new_page(pile.url)
    ask(page, RESULT)
    page.emulate_media(media="print")
    assert page.locator("article.carte").first.is_visible()
    assert not page.locator("#message").is_visible() and not page.locator("#effacer").is_visible()
