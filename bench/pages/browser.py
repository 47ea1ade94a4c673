"""A page opened for the first time by an old phone on a bad line: weight, requests, time until it can be used."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import FLAGS

# What the page says of itself: the long tasks, which keep it from answering a press.
_WATCH = """
  window.tasks = [];
  new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((one) => [one.startTime, one.duration])))
    .observe({ type: "longtask", buffered: true });
"""
_TIMES = """() => ({
  painted: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
  parsed: performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd,
  tasks: window.tasks,
})"""
_READY = "!document.getElementById('conversation') || document.getElementById('conversation').dataset.pret === 'oui'"
_QUIET_MS = 1000


@dataclass(frozen=True)
class Profile:
    """The line and the machine of a person. Bytes a second, milliseconds there and back, times slower."""

    bytes_per_s: int = 50_000
    latency_ms: int = 300
    slower: int = 4


@dataclass(frozen=True)
class Load:
    """One opening of a page: `kilobytes` as they travel (headers included); seconds since the address was typed.

    `painted`: first words on the screen. `usable`: its script is ready and nothing has kept it busy since.
    `blocked`: how long, in all, it would have made a press wait more than 50 ms.
    """

    requests: int
    kilobytes: float
    painted: float
    usable: float
    blocked: float


def measure(browser: Browser, address: str, profile: Profile, times: int) -> tuple[Load, Load]:
    """Medians of `times` first visits, then of second visits, when the files are in the browser."""
    first, again = [], []
    for _ in range(times):
        context = browser.new_context(locale="fr-FR", viewport={"width": 360, "height": 740})
        context.add_init_script(_WATCH)
        first.append(_open(context.new_page(), address, profile))
        again.append(_open(context.new_page(), address, profile))
        context.close()
    return _median(first), _median(again)


@contextmanager
def open_browser(path: str) -> Iterator[Browser]:
    """The browser at `path`, as the tests start it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def _open(page, address: str, profile: Profile) -> Load:
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    line = {
        "offline": False,
        "latency": profile.latency_ms,
        "downloadThroughput": profile.bytes_per_s,
        "uploadThroughput": profile.bytes_per_s,
    }
    devtools.send("Network.emulateNetworkConditions", line)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": profile.slower})
    sizes = []
    devtools.on("Network.loadingFinished", lambda one: sizes.append(one["encodedDataLength"]))
    page.goto(address, wait_until="load")
    page.wait_for_function(_READY)
    ready = page.evaluate("performance.now()") if page.locator("#conversation").count() else 0
    page.wait_for_timeout(_QUIET_MS)
    times = page.evaluate(_TIMES)
    page.close()
    ends = [start + duration for start, duration in times["tasks"]]
    usable = max(times["painted"], times["parsed"], ready, *ends, 0)
    return Load(
        requests=sum(size > 0 for size in sizes),
        kilobytes=sum(sizes) / 1000,
        painted=times["painted"] / 1000,
        usable=usable / 1000,
        blocked=sum(duration - 50 for _, duration in times["tasks"]) / 1000,
    )


def _median(loads: list[Load]) -> Load:
    return Load(*(statistics.median(getattr(one, known.name) for one in loads) for known in fields(Load)))
