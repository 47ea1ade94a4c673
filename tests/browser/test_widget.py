"""Jalon in a dialog on another site, which has its own styles and a strict policy."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.browser.test_etats import RULES
from tests.door_server import alone, serve, serve_app

HOSTILE = """
* { all: unset !important; }
* { display: block !important; font: 3px cursive !important; color: yellow !important; position: static !important; }
dialog, iframe, button { display: none !important; transform: scale(0) !important; }
div { visibility: hidden !important; z-index: -1 !important; opacity: .1 !important; }
"""
PAGE = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Une mairie</title>
<link rel="stylesheet" href="/site.css"><script src="{door}/jalon.js" defer></script></head>
<body><main><h1>La mairie</h1><p id="texte">Bonjour.</p></main></body></html>"""


@pytest.fixture(scope="module")
def sites():
    """The address of the host site and of the door that knows it."""
    door = {}
    policy = "default-src 'none'; style-src 'self'; script-src {door}; frame-src {door}"

    def page(request):
        headers = {"content-security-policy": policy.format(**door)}
        return HTMLResponse(PAGE.format(**door), headers=headers)

    styles = Route("/site.css", lambda request: Response(HOSTILE, media_type="text/css"))
    site = Starlette(routes=[Route("/", page), styles])
    with serve_app(site) as host, serve(alone(host_sites=(host,))) as url:
        door["door"] = url
        yield host, url


@pytest.fixture
def host(chromium, sites):
    context = chromium.new_context(
        locale="fr-FR", reduced_motion="reduce", viewport={"width": 360, "height": 740}
    )
    page = context.new_page()
    faults, asked = [], []
    page.on("console", lambda message: faults.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(sites[0])
    yield page, asked
    context.close()
    assert not [fault for fault in faults if "favicon" not in fault]
    assert all(url.startswith(sites) for url in asked)


def opener(page):
    return page.get_by_role("button", name="Trouver une aide à Paris")


def test_the_page_opens_in_a_dialog_and_answers(host, sites):
    page, asked = host
    assert not [url for url in asked if url == sites[1] + "/"], "nothing is loaded before it is asked for"
    opener(page).click()
    assert page.get_by_role("dialog", name="Trouver une aide à Paris").is_visible()
    frame = page.frames[1]
    frame.wait_for_selector("#conversation[data-pret]")
    frame.fill("#message", "")
    frame.press("#message", "Enter")
    frame.get_by_text("Je n'ai rien reçu.").wait_for()
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_its_styles_and_those_of_the_site_do_not_mix(host):
    page, _ = host
    button = opener(page)
    box = button.bounding_box()
    assert box["height"] >= 44 and box["width"] >= 44 and box["x"] + box["width"] <= 360
    assert button.evaluate("one => getComputedStyle(one).fontSize") == "19px"
    host_style = (
        "one => { const s = getComputedStyle(one.getRootNode().host); return [s.opacity, s.visibility]; }"
    )
    assert button.evaluate(host_style) == ["1", "visible"]
    before = page.evaluate("JSON.stringify({...getComputedStyle(document.getElementById('texte'))})")
    button.click()
    after = page.evaluate("JSON.stringify({...getComputedStyle(document.getElementById('texte'))})")
    assert before == after


def test_the_keyboard_opens_it_and_escape_closes_it_from_inside_and_outside(host):
    page, _ = host
    focused = "document.activeElement.shadowRoot?.activeElement?.textContent"
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "Trouver une aide à Paris"
    page.keyboard.press("Enter")
    assert page.evaluate(focused) == "Fermer"
    page.keyboard.press("Escape")
    assert not page.get_by_role("dialog").is_visible()
    assert page.evaluate(focused) == "Trouver une aide à Paris"
    page.keyboard.press("Enter")
    frame = page.frames[1]
    frame.wait_for_selector("#conversation[data-pret]")
    frame.focus("#message")
    frame.press("#message", "Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    assert page.evaluate(focused) == "Trouver une aide à Paris"


def test_axe_finds_no_barrier_in_the_dialog(host):
    page, _ = host
    opener(page).click()
    page.frames[1].wait_for_selector("#conversation[data-pret]")
    options = {"runOnly": {"type": "tag", "values": RULES}, "iframes": False}
    # The styles of this host are unreadable on purpose: only what is ours is judged.
    found = Axe().run(page, context={"include": [["div[lang=fr]"]]}, options=options).response["violations"]
    assert not [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
