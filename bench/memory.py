"""Memory and processor of the processes of a running stack, by role."""

from __future__ import annotations

import contextlib

import psutil

_ROLES = {
    "assistant.server": "rasa",
    "actions.server": "actions",
    "channels.replacing:create_door": "porte",
    "channels.app:create_app": "porte",
}


def measure(pid: int) -> dict[str, dict[str, float]]:
    """Megabytes. `rss`: resident; `pss`: shared pages counted once among those who share them (Linux only)."""
    found: dict[str, dict[str, float]] = {}
    parent = psutil.Process(pid)
    for process in (parent, *parent.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):  # it ended meanwhile
            info = process.memory_full_info()
            sizes = found.setdefault(role(process), {"rss": 0.0, "pss": 0.0})
            sizes["rss"] += info.rss / 1e6
            sizes["pss"] += getattr(info, "pss", info.uss) / 1e6
    total = {kind: sum(sizes[kind] for sizes in found.values()) for kind in ("rss", "pss")}
    return {
        name: {k: round(v, 1) for k, v in sizes.items()} for name, sizes in {**found, "total": total}.items()
    }


def role(process: psutil.Process) -> str:
    """What a process of the stack does: « rasa », « actions », « porte » or « superviseur »."""
    words = process.cmdline()
    if any("multiprocessing" in word for word in words):  # one of several doors
        words = process.parent().cmdline()
    return next((role for mark, role in _ROLES.items() if mark in words), "superviseur")


def processor(pid: int) -> dict[str, float]:
    """Seconds of processor that each role has used since its start."""
    used: dict[str, float] = {}
    parent = psutil.Process(pid)
    for process in (parent, *parent.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            used[role(process)] = used.get(role(process), 0.0) + times.user + times.system
    return used
