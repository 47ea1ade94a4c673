"""One thing looked at, what was found, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

OK, WATCH, FAILURE = "ok", "à surveiller", "panne"


@dataclass(frozen=True)
class Finding:
    """`name`: what was looked at; `state`: OK, WATCH or FAILURE; `said`, `mend`: French, for an IT person."""

    name: str
    state: str
    said: str
    mend: str = ""


Check = Callable[[], Iterable[Finding]]


def look(checks: Iterable[tuple[str, Check]]) -> Iterator[Finding]:
    """What each check finds, as it finds it. A check that breaks is a finding by itself.

    The message of its error is not told: it may hold an address with its password.
    """
    for name, check in checks:
        try:
            yield from check()
        except Exception as error:  # noqa: BLE001 - the others must still be made
            said = f"La vérification elle-même a échoué ({type(error).__name__})."
            yield Finding(name, FAILURE, said, "Signalez-le avec la version de Jalon.")
