"""A real Chromium for the tests of the pages. They are skipped, with the reason, where there is none."""

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

from tests.door_server import alone, serve

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium_path() -> str | None:
    """The Chromium of this machine, None without one."""
    return os.environ.get("JALON_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


# One a file, not one a session: while it lives no other test of this thread can run an event loop.
@pytest.fixture(scope="module")
def chromium():
    path = chromium_path()
    if path is None:
        pytest.skip("Chromium est absent : installez le paquet « chromium » ou donnez JALON_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lonely_door():
    """The address of a door whose dialogue server is stopped."""
    with serve(alone()) as url:
        yield url


@pytest.fixture
def new_page(chromium):
    """Opens pages that must log nothing, fail nowhere and ask nothing of another site."""
    contexts, faults = [], []

    def open_page(url: str, path: str = "/", expected: tuple[str, ...] = (), **options):
        context = chromium.new_context(locale="fr-FR", **{"reduced_motion": "reduce", **options})
        contexts.append(context)
        page = context.new_page()

        def note(kind: str, text: str) -> None:
            if not any(part in text for part in expected):
                faults.append((kind, text))

        page.on("console", lambda message: note("console", message.text))
        page.on("pageerror", lambda error: note("erreur", str(error)))
        page.on(
            "request",
            lambda request: request.url.startswith((url, "data:")) or note("adresse", request.url),
        )
        page.goto(url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults
