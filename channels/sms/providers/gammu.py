"""Gammu SMSD with its « files » service: a modem on a desk, for a demonstration or a bench.

JALON_SMS_GAMMU_DOSSIER holds inbox, outbox, sent and error, as in the configuration of SMSD (« inboxformat =
unicode »). JALON_SMS_GAMMU_JETON is what RunOnReceive shows to ring the bell.

A file is written whole then renamed, so SMSD never reads half of one. Its name carries our reference, which tells
what became of it: in outbox, in sent or in error. Names hold numbers: files are deleted as soon as they are read.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path

from channels.sms.providers import (
    Call,
    Fate,
    Forged,
    Gateway,
    Incoming,
    Options,
    Outgoing,
    Report,
    Unreachable,
    bearer,
    same_secret,
)

_IN = re.compile(r"(IN(\d{8}_\d{6})_\d{2}_(.*))_(\d{2})\.txt")
_WRITTEN_S = 1.0  # a file that young may lack its end, or its next parts


class Gammu(Gateway):
    """See the module."""

    polled = 5.0

    def __init__(self, options: Options):
        folder = Path(options.need("JALON_SMS_GAMMU_DOSSIER"))
        self._inbox, self._outbox, self._sent, self._error = (
            folder / name for name in ("inbox", "outbox", "sent", "error")
        )
        for path in (self._inbox, self._outbox, self._sent, self._error):
            if not path.is_dir():
                raise ValueError(f"JALON_SMS_GAMMU_DOSSIER : il manque le dossier {path}.")
        self._token = options.need("JALON_SMS_GAMMU_JETON")

    async def send(self, sms: Outgoing) -> str:
        try:
            await asyncio.to_thread(self._write, sms)
        except OSError as error:
            raise Unreachable(type(error).__name__) from None
        return sms.reference

    async def find(self, sms: Outgoing) -> str | None:
        fates = await asyncio.to_thread(self._files, sms.reference)
        return sms.reference if fates else None

    def read(self, call: Call) -> list[Incoming | Report]:
        if not same_secret(bearer(call), self._token):
            raise Forged
        return []

    async def look(self, awaiting: Sequence[Outgoing]) -> list[Incoming | Report]:
        try:
            return await asyncio.to_thread(lambda: [*self._received(), *self._reports(awaiting)])
        except OSError as error:
            raise Unreachable(type(error).__name__) from None

    async def taken(self, news: Sequence[Incoming | Report]) -> None:
        for one in news:
            if isinstance(one, Incoming):
                paths = self._inbox.glob(f"{one.id.partition(':')[0]}_*.txt")
            else:
                paths = [path for path, _ in self._files(one.reference)]
            for path in paths:
                path.unlink(missing_ok=True)

    def _write(self, sms: Outgoing) -> None:
        # The order of the names is the order of the sending.
        stamp = f"{datetime.now():%Y%m%d_%H%M%S}"
        name = f"OUTC{stamp}_00_{sms.number}_{sms.reference}.txt"
        draft = self._outbox / f".{name}"
        draft.write_bytes(sms.text.encode("utf-16"))
        draft.rename(self._outbox / name)

    def _files(self, reference: str) -> list[tuple[Path, Fate]]:
        places = ((self._sent, Fate.DELIVERED), (self._error, Fate.FAILED), (self._outbox, Fate.ACCEPTED))
        return [(path, fate) for place, fate in places for path in place.glob(f"OUT*_{reference}.*")]

    def _received(self) -> list[Incoming]:
        found = sorted((path.name, path) for path in self._inbox.iterdir() if _IN.fullmatch(path.name))
        news, limit = [], time.time() - _WRITTEN_S
        for message, parts in groupby(found, lambda one: _IN.fullmatch(one[0])[1]):
            paths = [path for _, path in parts]
            if max(path.stat().st_mtime for path in paths) > limit:
                continue
            _, stamp, number, _ = _IN.fullmatch(paths[0].name).groups()
            text = "".join(path.read_bytes().decode("utf-16").rstrip("\0") for path in paths)
            sent_at = datetime.strptime(stamp, "%Y%m%d_%H%M%S").timestamp()
            # SMSD gives a name again once its file is gone: the name alone would be taken for a repetition.
            news.append(Incoming(f"{message}:{paths[0].stat().st_mtime_ns}", number, text, sent_at))
        return news

    def _reports(self, awaiting: Sequence[Outgoing]) -> list[Report]:
        news = []
        for sms in awaiting:
            for _, fate in self._files(sms.reference):
                if fate is not Fate.ACCEPTED:
                    news.append(Report(sms.reference, fate))
        return news


open_gateway = Gammu
