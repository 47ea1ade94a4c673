"""Many people at once in the page: each presses what is offered, through /tour, as the page's script does."""

from __future__ import annotations

import asyncio
import html
import random
import re
import secrets
import statistics
import time
from dataclasses import dataclass, field

import httpx

from tests.conversations import scenarios

_ANSWERS = re.compile(r'(?s)data-place="choix">(.*?)</div>')
_BUTTON = re.compile(r'name="choix" value="([^"]*)"')
_DOES_NOT_KNOW = ("/ne_sait_pas", "Je ne sais pas")
_FROM_THE_DIALOGUE = 'data-place="rappel"'  # absent when the door answered alone
_MOST_TURNS = 12


@dataclass
class Crowd:
    """What a crowd waited for: one time per turn, in milliseconds, and how many turns failed."""

    milliseconds: list[float] = field(default_factory=list)
    failures: int = 0

    @property
    def p50(self) -> float:
        return statistics.median(self.milliseconds)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.milliseconds, n=20)[-1]


def measure(url: str, people: int, seconds: float, pause: tuple[float, float], seed: int = 7) -> Crowd:
    """`people` talk for `seconds`. `pause`: the shortest and longest time, in seconds, to read an answer.

    A conversation starts with the opening sentence of a written one, then a button is pressed at random; after
    12 turns another person comes. Turns of the first conversation of each are counted too.
    """
    return asyncio.run(_run(url, people, seconds, pause, seed))


async def _run(url: str, people: int, seconds: float, pause: tuple[float, float], seed: int) -> Crowd:
    crowd, end = Crowd(), time.perf_counter() + seconds
    async with httpx.AsyncClient(
        base_url=url, timeout=30, trust_env=False, limits=httpx.Limits(max_connections=people)
    ) as http:
        await asyncio.gather(
            *(_person(http, crowd, end, pause, random.Random(seed * people + rank)) for rank in range(people))
        )
    return crowd


async def _person(
    http: httpx.AsyncClient, crowd: Crowd, end: float, pause: tuple[float, float], draw: random.Random
) -> None:
    openings = [scenario["ouverture"] for _, scenario in scenarios()]
    await asyncio.sleep(draw.uniform(0, pause[1]))
    while time.perf_counter() < end:
        session, said = secrets.token_hex(16), (draw.choice(openings), "")
        for _ in range(_MOST_TURNS):
            if time.perf_counter() >= end:
                return
            answer = await _turn(http, crowd, session, *said)
            said = draw.choice([*_offered(answer), _DOES_NOT_KNOW])
            await asyncio.sleep(draw.uniform(*pause))


def _offered(answer: str) -> list[tuple[str, str]]:
    """(value, words) of each button that answers the question."""
    found = _ANSWERS.search(answer)
    pressed = [html.unescape(one).partition("|") for one in _BUTTON.findall(found[1] if found else "")]
    return [(value, words) for words, _, value in pressed]


async def _turn(http: httpx.AsyncClient, crowd: Crowd, session: str, text: str, label: str) -> str:
    body = {
        "session": session,
        "texte": text,
        "libelle": label,
        "canal": "web",
        "envoi": secrets.token_hex(16),
    }
    start = time.perf_counter()
    answer = await http.post("/tour", json=body)
    crowd.milliseconds.append(1000 * (time.perf_counter() - start))
    crowd.failures += answer.status_code != 200 or _FROM_THE_DIALOGUE not in answer.text
    return answer.text
