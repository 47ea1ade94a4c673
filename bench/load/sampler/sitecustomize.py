"""Where the processor's time of a Python process goes, by samples: read by `python -m bench.load.profile` alone.

A process that has this folder in PYTHONPATH begins when it receives SIGUSR1, and at the second one writes what it saw in
the folder PROFIL_DOSSIER, as « calls separated by ; » and a number of samples on each line (the form of flame graphs).
One sample every millisecond of processor, of the main thread. Both Pythons; standard library only.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType

EVERY_S = 0.001

_samples: Counter[tuple[CodeType, ...]] = Counter()
_under_way = False


def _sample(_number: int, frame: FrameType | None) -> None:
    calls = []
    while frame is not None:
        calls.append(frame.f_code)
        frame = frame.f_back
    _samples[tuple(calls)] += 1


def _named(code: CodeType) -> str:
    name = getattr(code, "co_qualname", code.co_name)
    return f"{name} ({'/'.join(Path(code.co_filename).parts[-3:])})"


def _turn(_number: int, _frame: FrameType | None) -> None:
    global _under_way
    _under_way = not _under_way
    signal.setitimer(signal.ITIMER_PROF, *((EVERY_S, EVERY_S) if _under_way else (0, 0)))
    if not _under_way:
        lines = (f"{';'.join(map(_named, reversed(calls)))} {count}\n" for calls, count in _samples.items())
        target = Path(os.environ["PROFIL_DOSSIER"]) / f"{os.getpid()}.txt"
        target.with_suffix(".part").write_text("".join(lines), encoding="utf-8")
        target.with_suffix(".part").rename(target)


if os.environ.get("PROFIL_DOSSIER") and any("server" in word or "uvicorn" in word for word in sys.orig_argv):
    signal.signal(signal.SIGPROF, _sample)
    signal.signal(signal.SIGUSR1, _turn)
