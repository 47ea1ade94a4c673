"""Pictures of each main state, for the docs: docs/images/*.png. Run it with « make captures ».

Jalon is started as for the tests, and a real browser is driven as a person would. Places that are open or closed
depend on the minute: the pictures are the same but for that.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from channels.guichet.access import issue_token
from channels.settings import Settings
from cli.project import ROOT
from cli.stack import Stack
from tests.browser.conftest import FLAGS, chromium_path
from tests.browser.person import ask
from tests.counter_door import counter_settings
from tests.door_server import serve, serve_app

FOLDER = ROOT / "docs" / "images"
MOST_BYTES = 200_000
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 1.5,
    "is_mobile": True,
    "has_touch": True,
}
DESK = {"viewport": {"width": 1280, "height": 900}}
COUNTER = {"viewport": {"width": 1440, "height": 900}}

QUESTION = "j'ai 22 ans, je cherche une aide d'argent"
RESULT = "je dors dehors vers gare du nord et je voudrais me laver"
DANGER = "mon mari me frappe"
SEARCH = "/recherche?besoin=adresse&lieu=18e"
NOTE = "M. 54 ans, rue depuis 2 mois, chien, gare de Lyon, RSA, dette EDF 640"
SHEET = "besoin=douche&lieu=Gare+du+Nord&logement_actuel=rue"
HOST_PAGE = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Une mairie</title>
<style>body {{ font: 1.1rem Georgia, serif; margin: 3rem }}</style>
<script src="{door}/jalon.js" defer></script></head>
<body><h1>La mairie</h1><p>Le site d'une mairie, qui montre Jalon dans un dialogue.</p></body></html>"""


@dataclass(frozen=True)
class Place:
    """Where pictures are taken. `counter` is the folder of the counter's tokens."""

    browser: Browser
    door: str
    host: str
    counter: Path

    @contextmanager
    def page(self, address: str, **options) -> Iterator[Page]:
        """A page of a new browser that shows nothing moving."""
        with self.browser.new_context(locale="fr-FR", reduced_motion="reduce", **options) as context:
            page = context.new_page()
            page.goto(address)
            yield page


def start(place: Place, options: dict) -> bytes:
    with place.page(place.door, **options) as page:
        return page.screenshot()


def after(*messages: str, until_end: bool = False) -> Callable[[Place, dict], bytes]:
    """The chat once these messages have been answered: the start of the last answer, or its end."""

    def take(place: Place, options: dict) -> bytes:
        with place.page(place.door, **options) as page:
            for message in messages:
                ask(page, message)
            page.wait_for_timeout(300)
            if until_end:
                page.locator("#journal > li").last.evaluate("one => one.scrollIntoView({ block: 'center' })")
            return page.screenshot()

    return take


def search(place: Place, options: dict) -> bytes:
    with place.page(place.door + SEARCH, **options) as page:
        return page.screenshot()


def counter(place: Place, options: dict) -> bytes:
    entrance = f"{place.door}/guichet/entree?jeton={issue_token(place.counter)}"
    with place.page(entrance, **options) as page:
        page.get_by_role("button", name="Ouvrir le guichet").click()
        page.wait_for_selector("#resultats[data-complet]")
        page.fill("#note", NOTE)
        page.press("#note", "Control+Enter")
        page.wait_for_selector("#reperes .repere")
        page.wait_for_timeout(1000)
        page.locator("[data-choisir]").first.click()
        page.wait_for_selector("#detail-titre")
        page.wait_for_timeout(500)
        return page.screenshot()


def sheet_on_screen(place: Place, options: dict) -> bytes:
    with place.page(f"{place.door}/fiche?{SHEET}", **options) as page:
        return page.screenshot()


def sheet(place: Place, options: dict) -> bytes:
    """The first page of the PDF, at 110 dots per inch, drawn twice as large for clean letters."""
    with place.page(place.door) as page:
        pdf = page.request.get(f"{place.door}/fiche.pdf?{SHEET}").body()
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=220 / 72).to_pil().reduce(2)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def widget(place: Place, options: dict) -> bytes:
    with place.page(place.host, **options) as page:
        page.get_by_role("button", name="Trouver une aide à Paris").click()
        page.frames[1].wait_for_selector("#conversation[data-pret]")
        return page.screenshot()


PICTURES: dict[str, tuple[Callable[[Place, dict], bytes], dict]] = {
    "chat-telephone-debut": (start, PHONE),
    "chat-telephone-question": (after(QUESTION, until_end=True), PHONE),
    "chat-telephone-resultat": (after(RESULT), PHONE),
    "chat-telephone-danger": (after(QUESTION, DANGER), PHONE),
    "chat-bureau-debut": (start, DESK),
    "chat-bureau-question": (after(QUESTION, until_end=True), DESK),
    "chat-bureau-resultat": (after(RESULT), DESK),
    "chat-bureau-danger": (after(QUESTION, DANGER), DESK),
    "recherche-telephone": (search, PHONE),
    "recherche-bureau": (search, DESK),
    "guichet": (counter, COUNTER),
    "fiche": (sheet, {}),
    "fiche-ecran": (sheet_on_screen, DESK),
    "fiche-telephone": (sheet_on_screen, PHONE),
    "widget": (widget, DESK),
}


def light(png: bytes) -> bytes:
    """The same picture in 256 colours. Raises ValueError when it is still heavier than MOST_BYTES."""
    file = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(256).save(file, "PNG", optimize=True)
    if file.tell() > MOST_BYTES:
        raise ValueError(f"{file.tell()} bytes: {MOST_BYTES} at most")
    return file.getvalue()


@contextmanager
def places() -> Iterator[Place]:
    """A whole Jalon with a counter, a site that shows it, and a browser."""
    door: dict[str, str] = {}
    site = Starlette(routes=[Route("/", lambda request: HTMLResponse(HOST_PAGE.format(**door)))])
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        stack = opened.enter_context(Stack())
        host = opened.enter_context(serve_app(site))
        desk = counter_settings(folder)
        settings = Settings(
            base=stack.base, rasa_url=stack.rasa_url.removesuffix("/webhooks/jalon"), internal_key=stack.key,
            counter=desk, host_sites=(host,),
        )  # fmt: skip
        door["door"] = opened.enter_context(serve(settings))
        playwright = opened.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield Place(browser, door["door"], host, desk.tokens)
        browser.close()


def main(names: list[str]) -> None:
    """Take the pictures of these names, all of them by default."""
    if unknown := set(names) - set(PICTURES):
        sys.exit(f"Captures inconnues : {', '.join(sorted(unknown))}. Connues : {', '.join(PICTURES)}.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with places() as place:
        for name in names or PICTURES:
            take, options = PICTURES[name]
            picture = light(take(place, options))
            (FOLDER / f"{name}.png").write_bytes(picture)
            print(f"docs/images/{name}.png  {len(picture) / 1000:.0f} ko")


if __name__ == "__main__":
    main(sys.argv[1:])
