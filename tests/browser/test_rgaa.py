"""What neither axe nor the other files look at. docs/accessibilite.md says which RGAA criterion each test shows."""

import re
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.person import settle
from tests.browser.test_etats import RULES, VOICE, recap
from tests.counter_door import open_counter

ROOT = Path(__file__).parents[2]
RESULTS = "/recherche?besoin=douche&lieu=gare du nord"
UNKNOWN = "/recherche?besoin=douche&lieu=zzyzx"
PAGES = ["/", "/recherche", RESULTS, UNKNOWN, "/rien", "/accessibilite", "/vos-donnees"]
ABSENT = ("404",)  # the browser's own line about a page that does not exist
SCREENS = [(360, 740), (640, 320), (1280, 800)]  # a phone, the same lying down, a desk
LEAST_CONTRAST = 3.0
# Nobody has to slide, hold, hover, shake or draw: a press or a key is enough for everything.
EVENTS = {
    "click", "submit", "input", "change", "keydown", "close", "message", "online", "load", "pagehide",
    "voiceschanged", "DOMContentLoaded",
}  # fmt: skip

TOOLS = """
window.visible = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0;
window.controls = () => [...document.querySelectorAll(
  "a[href], button, select, textarea, summary, input:not([type=hidden])")].filter(visible);
const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
const light = (color) => color.slice(0, 3).map((part) => part / 255)
  .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
  .reduce((sum, part, rank) => sum + part * [0.2126, 0.7152, 0.0722][rank], 0);
window.contrast = (one, other) => {
  const [low, high] = [light(rgb(one)), light(rgb(other))].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};
window.ground = (one) => {
  for (; one; one = one.parentElement) {
    const color = getComputedStyle(one).backgroundColor;
    if (rgb(color).length < 4 || rgb(color)[3] === 1) return color;
  }
  return "rgb(255, 255, 255)";
};
window.stop = () => {
  const one = document.activeElement;
  if (one === document.body) return null;
  const box = one.getClientRects()[0], [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const above = document.elementFromPoint(x, y), style = getComputedStyle(one);
  return {
    rank: controls().indexOf(one), name: one.innerText || one.id,
    seen: above !== null && (one.contains(above) || above.contains(one)),
    ring: contrast(style.outlineColor, ground(one.parentElement)),
  };
}
"""


def look(new_page, url: str, path: str = "/", **options):
    """A page where the functions of TOOLS can be called."""
    page = new_page(url, path, expected=ABSENT, **options)
    page.evaluate(f"() => {{ {TOOLS} }}")
    return page


def forward(page) -> list[dict]:
    """Where Tab goes until it leaves the page, with what is seen there."""
    found = []
    for _ in range(200):
        page.keyboard.press("Tab")
        if (stop := page.evaluate("stop()")) is None:
            return found
        found.append(stop)
    raise AssertionError("the keyboard never leaves the page")


def backward(page, count: int) -> list[dict]:
    """Where `count` Shift+Tab go. This browser without a window starts again from the end."""
    found = []
    for _ in range(count):
        page.keyboard.press("Shift+Tab")
        found.append(page.evaluate("stop()"))
    return found


def check_the_keyboard(page, start: int = 0) -> None:
    there = forward(page)
    assert [one["rank"] for one in there] == list(range(start, page.evaluate("controls().length"))), (
        "every control once, in the order in which it is read"
    )
    back = backward(page, len(there))
    assert [one["rank"] for one in back] == [one["rank"] for one in reversed(there)]
    assert not [one["name"] for one in there + back if not one["seen"]], "hidden by what stays on top"
    assert not [one["name"] for one in there if one["ring"] < LEAST_CONTRAST]


@pytest.mark.parametrize("size", SCREENS, ids=str)
@pytest.mark.parametrize("path", ["/", RESULTS, "/accessibilite"])
def test_the_keyboard_reaches_everything_in_order_leaves_and_is_never_hidden(
    new_page, lonely_door, path, size
):
    page = look(new_page, lonely_door, path, viewport={"width": size[0], "height": size[1]})
    check_the_keyboard(page)


def test_the_keyboard_is_never_hidden_in_a_result_with_everything_open(new_page, pile):
    page = look(new_page, pile.url, viewport={"width": 360, "height": 740})
    recap(page)
    page.locator(".evitement").focus()
    check_the_keyboard(page, start=1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", RESULTS, UNKNOWN])
def test_the_edge_of_each_control_is_seen(new_page, lonely_door, path, scheme):
    page = look(new_page, lonely_door, path, color_scheme=scheme)
    faint = page.evaluate(
        """controls().filter((one) => one.matches("button, .bouton, select, textarea, input")).filter((one) => {
             const style = getComputedStyle(one), around = ground(one.parentElement);
             return Math.max(contrast(style.borderColor, around), contrast(style.backgroundColor, around)) < 3;
           }).map((one) => one.outerHTML)"""
    )
    assert not faint


@pytest.mark.parametrize("path", ["/", RESULTS, UNKNOWN, "/accessibilite"])
def test_nothing_is_cut_when_a_reader_spaces_the_text_out(new_page, lonely_door, path):
    page = look(new_page, lonely_door, path, viewport={"width": 360, "height": 740})
    page.evaluate(
        """() => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
            word-spacing: .16em !important; } p { margin-bottom: 2em !important; }`);
          document.adoptedStyleSheets = [sheet];
        }"""
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    cut = """[...document.querySelectorAll("body *:not(.cache)")].filter((one) => visible(one) &&
               getComputedStyle(one).overflow === "hidden" && one.scrollHeight > one.clientHeight + 1)
               .map((one) => one.outerHTML)"""
    assert not page.evaluate(cut)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier_on_a_page_that_does_not_exist(new_page, lonely_door, scheme):
    page = look(new_page, lonely_door, "/rien", color_scheme=scheme)
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response["violations"]
    assert not [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


def test_each_page_has_its_own_title_and_says_that_it_is_in_french(lonely_door):
    titles = []
    for path in PAGES:
        html = httpx.get(lonely_door + path, headers={"accept": "text/html"}).text
        assert '<html lang="fr">' in html
        titles += re.findall("<title>(.+?)</title>", html)
    assert len(set(titles)) == len(PAGES) and all("Jalon" in title for title in titles)


def test_help_and_the_way_home_are_in_the_same_place_on_every_page(lonely_door):
    pieces = {
        tuple(re.findall(rf"(?s)<{tag}.+?</{tag}>", page)[-1] for tag in ("header", "aside", "footer"))
        for page in (httpx.get(lonely_door + path, headers={"accept": "text/html"}).text for path in PAGES)
    }
    [(header, _, footer)] = pieces
    assert "Parler à une personne" in header and 'href="/accessibilite"' in footer


def test_the_page_in_english_for_programmers_says_so(new_page, lonely_door):
    page = new_page(lonely_door, "/api/v1/docs")
    page.get_by_text("/api/v1/orientation").first.wait_for()
    assert page.locator("#api").get_attribute("lang") == "en"
    assert page.locator("html").get_attribute("lang") == "fr"


def test_every_link_says_where_it_goes(new_page, lonely_door):
    page = look(new_page, lonely_door, RESULTS)
    links = page.evaluate(
        """[...document.querySelectorAll("a[href]")].map((one) => [one.textContent.trim().replace(/\\s+/g, " "), one.href])"""
    )
    assert all(name for name, _ in links)
    by_name = {}
    for name, address in links:
        by_name.setdefault(name, set()).add(address)
    assert not {name: addresses for name, addresses in by_name.items() if len(addresses) > 1}


def test_nothing_is_told_by_colour_alone(new_page, lonely_door):
    page = look(new_page, lonely_door, RESULTS)
    assert all(text.strip() for text in page.locator("article.carte .statut:visible").all_inner_texts())
    assert all(text.strip() for text in page.locator(".ouverture:visible").all_inner_texts())
    plain = """[...document.querySelectorAll("p a:not(.bouton)")].filter((one) => visible(one) &&
                 getComputedStyle(one).textDecorationLine !== "underline").map((one) => one.outerHTML)"""
    assert not page.evaluate(plain)


@pytest.mark.parametrize("path", ["/", RESULTS])
def test_drawings_are_beside_words_and_the_plan_is_told_in_words(new_page, lonely_door, path):
    page = look(new_page, lonely_door, path)
    alone = """[...document.querySelectorAll("svg")].filter((one) => one.getAttribute("aria-hidden") !== "true" ||
                 !one.parentElement.textContent.trim()).map((one) => one.parentElement.outerHTML)"""
    assert not page.evaluate(alone)
    for image in page.locator("img").all():
        assert image.get_attribute("alt").startswith("Plan : ")
        assert len(image.locator("xpath=following-sibling::p").all()) >= 2


@pytest.mark.parametrize("path", ["/", RESULTS])
def test_nothing_moves_on_comes_up_or_opens_without_being_asked(new_page, lonely_door, path):
    page = look(new_page, lonely_door, path)
    address = page.url
    page.select_option("#besoin", "bagages")
    page.fill("#lieu", "18e")
    page.press("#lieu", "Tab")
    assert page.url == address and len(page.context.pages) == 1
    assert not page.evaluate(
        "document.querySelectorAll('[target=_blank], [title]:not(iframe), audio, video').length"
    )


def test_nothing_blinks_and_what_moves_stops(new_page, lonely_door):
    page = look(new_page, lonely_door, reduced_motion="no-preference")
    page.fill("#message", "bonjour")
    page.press("#message", "Enter")
    settle(page)
    timings = page.evaluate(
        "document.getAnimations().map((one) => one.effect.getComputedTiming()).map((one) => [one.iterations, one.endTime])"
    )
    assert all(times == 1 and end <= 5000 for times, end in timings)


def test_nothing_is_read_aloud_before_it_is_asked(chromium, lonely_door):
    context = chromium.new_context(locale="fr-FR")
    context.add_init_script(VOICE)
    page = context.new_page()
    page.goto(lonely_door)
    page.fill("#message", "bonjour")
    page.press("#message", "Enter")
    settle(page)
    assert page.get_by_role("button", name="Lire à voix haute").is_visible()
    assert set(page.evaluate("window.spoken")) <= {"ARRÊT"}
    context.close()


def test_a_place_not_found_is_said_at_its_field_and_what_was_chosen_stays(new_page, lonely_door):
    page = look(new_page, lonely_door, UNKNOWN)
    assert page.input_value("#besoin") == "douche" and page.input_value("#lieu") == "zzyzx"
    assert page.get_attribute("#lieu", "aria-invalid") == "true"
    told = page.get_attribute("#lieu", "aria-describedby").split()
    said = " ".join(page.locator(f"#{one}").inner_text() for one in told)
    assert "Nous ne connaissons pas ce lieu." in said and "Par exemple : 18e." in said


def test_no_field_asks_who_the_person_is(new_page, lonely_door):
    for path in ("/", RESULTS):
        page = look(new_page, lonely_door, path)
        kinds = page.evaluate(
            "[...document.querySelectorAll('input:not([type=hidden])')].map((one) => one.type)"
        )
        assert set(kinds) == {"text"}, "a field about the person would need « autocomplete »"


def test_the_counter_is_entered_without_remembering_or_copying_anything(tmp_path):
    with open_counter(tmp_path) as (url, _):
        page = httpx.get(f"{url}/guichet/entree?jeton=x").text
    assert set(re.findall(r'<input type="(\w+)"', page)) == {"hidden"}
    assert "Accessibilité : non conforme" in page


def test_a_press_or_a_key_is_enough_for_everything():
    scripts = [path.read_text() for path in ROOT.glob("channels/*/static/*.js")]
    heard = {name for script in scripts for name in re.findall(r'addEventListener\("(\w+)"', script)}
    assert heard and heard <= EVENTS
    assert not [
        one for script in scripts for one in re.findall(r"\.on(?:touch|pointer|mouse|drag|device)\w+", script)
    ]


def test_the_screen_may_be_turned_and_enlarged():
    styles = [path.read_text() for path in ROOT.glob("channels/*/static/*.css")]
    assert styles and not [one for one in styles if "orientation" in one]
    templates = [path.read_text() for path in ROOT.glob("channels/*/templates/*.html")]
    viewports = {found for one in templates for found in re.findall('name="viewport" content="(.+?)"', one)}
    assert viewports == {"width=device-width, initial-scale=1"}


def test_the_statement_gives_the_state_the_gaps_and_a_way_to_complain(lonely_door):
    page = httpx.get(f"{lonely_door}/accessibilite").text
    for words in (
        "non conforme",
        "RGAA 4.1",
        "Ce qui manque encore",
        "Défenseur des droits",
        "21 novembre 2026",
    ):
        assert words in page
