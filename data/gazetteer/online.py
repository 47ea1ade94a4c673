"""Ask the national geocoding service for a place that the gazetteer does not know. Off unless $JALON_GEOCODAGE_URL.

Only the name of the place is sent, never the message it comes from. One attempt, within a strict delay; whatever
goes wrong, the answer is « unknown », as without the service.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from time import monotonic

from data.gazetteer.place import Lieu

logger = logging.getLogger(__name__)

DELAY = 1.5  # seconds, for the whole exchange
_PAUSE = 60.0  # seconds without asking, after a failure: nobody waits twice for a service that is down
_LONGEST_TEXT = 80
_MINIMUM_SCORE = 0.6
_DEPARTMENTS = ("75", "92", "93", "94")
_REMEMBERED = 500
# A name of place holds neither a phone number nor an e-mail address.
_PRIVATE = re.compile(r"(?:\d[\s.-]?){6,}|@")
_KINDS = {"housenumber": "adresse", "street": "rue", "municipality": "commune", "locality": "lieu"}


@lru_cache(maxsize=1)
def geocoder(url: str | None) -> Geocoder | None:
    """The service at `url` (JALON_GEOCODAGE_URL); None when it is not set."""
    return Geocoder(url) if url else None


class Geocoder:
    """The geocoding API of the Géoplateforme (IGN): `url` is its « search » address."""

    def __init__(self, url: str, delay: float = DELAY, pause: float = _PAUSE):
        self._url, self._delay, self._pause = url, delay, pause
        self._silent_until = 0.0
        self._found: dict[str, Lieu] = {}

    def remembered(self, text: str) -> Lieu | None:
        """A place already found, by the text asked or by the name given: that name alone is kept by a conversation."""
        return self._found.get(text.casefold())

    def find(self, text: str) -> Lieu | None:
        """The place of this name in Paris or its neighbours; None when unknown, refused or out of reach."""
        text = " ".join(text.split())
        if known := self.remembered(text):
            return known
        if not text or len(text) > _LONGEST_TEXT or _PRIVATE.search(text) or monotonic() < self._silent_until:
            return None
        import httpx  # most Jalons never ask: they do without its 8 MB

        try:
            place = _place_of(self._ask(text))
        except (httpx.HTTPError, TimeoutError, OSError, ValueError, TypeError, KeyError, IndexError) as error:
            # The kind of error only: its message may quote the address.
            logger.warning("Géocodage en ligne sans réponse (%s)", type(error).__name__)
            self._silent_until = monotonic() + self._pause
            return None
        if place and len(self._found) < _REMEMBERED:
            self._found[text.casefold()] = self._found[place.nom.casefold()] = place
        return place

    def _ask(self, text: str) -> Mapping:
        # A thread of its own: the caller may already run inside an event loop.
        with ThreadPoolExecutor(max_workers=1) as worker:
            return worker.submit(asyncio.run, self._exchange(text)).result()

    async def _exchange(self, text: str) -> Mapping:
        """The answer as JSON. httpx limits each read, not the whole: a slow drip would never end without this."""
        import httpx

        async with (
            asyncio.timeout(self._delay),
            httpx.AsyncClient(timeout=self._delay, trust_env=False) as client,
        ):
            answer = await client.get(
                self._url, params={"q": text, "limit": 1, "lat": 48.8566, "lon": 2.3522}
            )
            return answer.raise_for_status().json()


def _place_of(answer: Mapping) -> Lieu | None:
    """The first feature of a GeoJSON answer, if it is sure and near Paris. Raises when it is not such an answer."""
    features = answer["features"]
    if not features:
        return None
    said = features[0]["properties"]
    lon, lat = (float(number) for number in features[0]["geometry"]["coordinates"][:2])
    postcode = str(said.get("postcode") or "")
    if float(said["score"]) < _MINIMUM_SCORE or not postcode.startswith(_DEPARTMENTS):
        return None
    if not (48.6 < lat < 49.1 and 2.0 < lon < 2.7):
        raise ValueError("position")
    in_paris = postcode.startswith("75") and postcode[3:].isdecimal()
    kind = _KINDS.get(str(said.get("type")), "lieu")
    return Lieu(
        nom=str(said["label"])[:_LONGEST_TEXT],
        type=kind,
        arrondissement=int(postcode[3:]) if in_paris and 1 <= int(postcode[3:]) <= 20 else None,
        commune="Paris" if in_paris else str(said.get("city") or ""),
        lat=lat,
        lon=lon,
        precision="numero" if kind == "adresse" else None,
    )
