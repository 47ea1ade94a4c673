"""The sheet as PDF, by WeasyPrint: tagged, in French, with the fonts of this machine and nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from threading import BoundedSemaphore, Lock
from urllib.parse import urlsplit

from channels.fiche.fit import PAGE

Files = Mapping[str, tuple[str, str]]  # path and query, to (content, media type)
_EDGED = re.compile(r'<text([^>]*?)( stroke="#fff" stroke-width="3") paint-order="stroke">(.*?)</text>')
_SITE = "https://fiche.invalid"  # an address that cannot exist: what is not in the files is found nowhere
_KIND = {"pdf_variant": "pdf/ua-1"}  # tagged, with its language and title
_ROOMS = (1.0, 0.9, 0.8, 0.7, 0.55)  # a machine may have only wider fonts than those of the estimate
# A sheet takes a whole core for a while: one at a time, and few wait, so that the door keeps its threads.
_one_at_a_time, _queue = Lock(), BoundedSemaphore(4)


class PdfUnavailable(Exception):
    """WeasyPrint, or Pango under it, is not on this machine."""


class PdfBusy(Exception):
    """Too many sheets are being made."""


def make_pdf(page_for: Callable[[float], tuple[str, Files]], pages: int = 1) -> bytes:
    """The PDF of a page of HTML, on at most `pages` pages.

    `page_for` gives the HTML for a height in millimetres, and the only files that it may use; it is asked for
    less until it fits. Raises PdfUnavailable, PdfBusy.
    """
    weasyprint = _library()
    if not _queue.acquire(blocking=False):
        raise PdfBusy
    try:
        with _one_at_a_time:
            for room in _ROOMS:
                html, files = page_for(PAGE * room)
                found = weasyprint.HTML(string=html, base_url=_SITE, url_fetcher=_only(files)).render(**_KIND)
                if len(found.pages) <= pages:
                    break
            return found.write_pdf(**_KIND)
    finally:
        _queue.release()


def with_halos(svg: str) -> str:
    """The drawing with the white edge of its letters under them: WeasyPrint ignores « paint-order »."""
    return _EDGED.sub(r"<text\1\2>\3</text><text\1>\3</text>", svg)


def _library():
    try:
        import weasyprint  # loads Pango: a door without it still prints from the browser
    except (ImportError, OSError):
        raise PdfUnavailable from None
    return weasyprint


def _only(files: Files):
    """A fetcher that reads no network and no disk."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Fetcher(URLFetcher):
        def fetch(self, url: str, headers: Mapping | None = None) -> URLFetcherResponse:
            parts = urlsplit(url)
            key = f"{parts.path}?{parts.query}" if parts.query else parts.path
            if f"{parts.scheme}://{parts.netloc}" != _SITE or key not in files:
                raise ValueError("not a file of the sheet")  # the page is then made without it
            content, kind = files[key]
            return URLFetcherResponse(url, content.encode(), {"Content-Type": kind})

    return Fetcher()
