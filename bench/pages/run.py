"""`make bench-pages`: what an old phone on a bad line waits for, and what 20 people at once wait for.

Starts a whole Jalon and a Chromium, prints one page and writes it to bench/resultats/pages.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil

from bench.memory import role
from bench.pages import browser, crowd
from cli.stack import Stack
from tests.test_web_pages import FIRST_LOAD_LIMIT

PAGE = Path(__file__).resolve().parents[1] / "resultats" / "pages.md"
PATHS = {
    "/": "la conversation",
    "/recherche?besoin=douche&lieu=gare du nord": "des résultats",
    "/accessibilite": "la déclaration",
}
PROFILE = browser.Profile()
PEOPLE, SECONDS = 20, 30
PAUSES = {"lisent de 2 à 8 secondes entre deux tours": (2, 8), "n'attendent jamais": (0, 0)}
AIM_MS, AIM_S = 300, 3


@dataclass(frozen=True)
class Watched:
    """A crowd, the processor time in ms of each process for one turn, and the load of the machine around it."""

    crowd: crowd.Crowd
    cpu_ms: dict[str, float]
    before: float
    after: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fois", type=int, default=5, help="visits of each page")
    times = parser.parse_args().fois
    path = os.environ.get("JALON_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        sys.exit("Chromium est absent : installez le paquet « chromium » ou donnez JALON_CHROMIUM.")
    with Stack() as stack:
        start = os.getloadavg()[0]
        with browser.open_browser(path) as chromium:
            visits = {
                name: browser.measure(chromium, stack.url + path, PROFILE, times)
                for path, name in PATHS.items()
            }
        crowds = {name: _watch(stack, pause) for name, pause in PAUSES.items()}
    page = render(visits, crowds, start, times)
    PAGE.write_text(page, encoding="utf-8")
    print(page)


def _watch(stack: Stack, pause: tuple[float, float]) -> Watched:
    crowd.measure(stack.url, 2, 2, (0, 0))  # unmeasured: what is read once is read
    before, spent = os.getloadavg()[0], _cpu_seconds(stack)
    found = crowd.measure(stack.url, PEOPLE, SECONDS, pause)
    turns = len(found.milliseconds)
    cpu_ms = {name: 1000 * (now - spent[name]) / turns for name, now in _cpu_seconds(stack).items()}
    return Watched(found, cpu_ms, before, os.getloadavg()[0])


def _cpu_seconds(stack: Stack) -> dict[str, float]:
    found: dict[str, float] = {}
    for process in psutil.Process(stack.process.pid).children(recursive=True):
        times = process.cpu_times()
        name = role(process)
        found[name] = found.get(name, 0) + times.user + times.system
    return found


def render(
    visits: dict[str, tuple[browser.Load, browser.Load]], crowds: dict[str, Watched], load: float, times: int
) -> str:
    """The page, in Markdown."""
    rows = [
        f"| {name}, {visit} | {one.requests:.0f} | {one.kilobytes:.0f} | {one.painted:.1f} | {one.usable:.1f}"
        f" | {one.blocked:.2f} |"
        for name, pair in visits.items()
        for visit, one in zip(("1re visite", "2e visite"), pair, strict=True)
    ]
    people = [
        f"| {title} | {len(one.crowd.milliseconds)} | {one.crowd.p50:.0f} | {one.crowd.p95:.0f}"
        f" | {max(one.crowd.milliseconds):.0f} | {one.crowd.failures}"
        f" | {', '.join(f'{name} {spent:.0f}' for name, spent in one.cpu_ms.items())}"
        f" | {one.before:.1f} puis {one.after:.1f} |"
        for title, one in crowds.items()
    ]
    moment = datetime.now().astimezone().isoformat(timespec="minutes")
    return f"""# Pages : poids, attente, 20 personnes à la fois

`make bench-pages` refait cette page. Mesuré le {moment} sur {platform.system()} {platform.machine()},
{os.cpu_count()} cœurs. Charge de la machine au début : {load:.1f}. Au-dessus de {os.cpu_count()}, d'autres programmes
prennent les cœurs, et toutes les durées sont plus longues.

## Un vieux téléphone sur un mauvais réseau

{PROFILE.bytes_per_s // 1000} ko par seconde, {PROFILE.latency_ms} ms aller et retour, processeur {PROFILE.slower} fois plus lent. Médiane de {times} visites. « Utilisable » :
le script de la page est prêt et plus rien ne l'occupe. « Occupé » : ce qu'un appui attendrait en plus de 50 ms, en tout.

| Page | requêtes | ko | premiers mots (s) | utilisable (s) | occupé (s) |
|---|---:|---:|---:|---:|---:|
{chr(10).join(rows)}

But : {FIRST_LOAD_LIMIT // 1000} ko et {AIM_S} s à la 1re visite.

## {PEOPLE} personnes à la fois, {SECONDS} secondes

Chaque personne a sa conversation, par `/tour` : une première phrase, puis des boutons au hasard (tirage fixe). Le
programme qui joue les {PEOPLE} personnes est sur la même machine.

| Les {PEOPLE} personnes | tours | médiane (ms) | 95e centile (ms) | le plus long (ms) | sans dialogue | processeur par tour (ms) | charge |
|---|---:|---:|---:|---:|---:|---:|---|
{chr(10).join(people)}

But : {AIM_MS} ms au 95e centile, sur 2 cœurs. « Sans dialogue » : la porte a répondu seule. « N'attendent jamais » est plus
que {PEOPLE} personnes : {PEOPLE} tours sont toujours en cours, et chacun attend ceux d'avant. Le temps de processeur par tour dit ce que
la durée serait sur une machine libre : un processus sert un tour à la fois.
"""


if __name__ == "__main__":
    main()
