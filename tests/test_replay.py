"""A message sent twice is answered once, and nothing is kept for long."""

import asyncio

from channels.replay import KEPT_S, LastAnswers
from channels.shared import Doors, InMemory


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class OneDoor(Doors):
    """A door alone, whose clock the test turns."""

    def __init__(self, clock: Clock):
        super().__init__()
        self.clock = clock

    def values(self, kind, seconds, most):
        return InMemory(seconds, most, self.clock)


def test_the_same_sending_finds_its_answer_and_another_one_does_not():
    async def play():
        last = LastAnswers(OneDoor(Clock()))
        await last.keep("s", "a", "Oui", {"n": 1})
        assert await last.find("s", "a", "Oui") == {"n": 1}
        assert await last.find("s", "b", "Oui") is None
        assert await last.find("s", "a", "Non") is None, "an old page, another button"
        assert await last.find("t", "a", "Oui") is None

    asyncio.run(play())


def test_only_the_last_answer_is_kept_and_a_sending_without_a_name_never():
    async def play():
        last = LastAnswers(OneDoor(Clock()))
        await last.keep("s", "a", "Oui", {"n": 1})
        await last.keep("s", "", "Oui", {"n": 2})
        assert await last.find("s", "a", "Oui") is None and await last.find("s", "", "Oui") is None

    asyncio.run(play())


def test_it_forgets_when_asked_and_after_some_minutes():
    async def play():
        clock = Clock()
        last = LastAnswers(OneDoor(clock))
        await last.keep("s", "a", "Oui", {"n": 1})
        await last.forget("s")
        assert await last.find("s", "a", "Oui") is None
        await last.keep("s", "a", "Oui", {"n": 1})
        clock.now = KEPT_S
        assert await last.find("s", "a", "Oui") is None

    asyncio.run(play())


def test_the_memory_is_bounded():
    async def play():
        last = LastAnswers(OneDoor(Clock()))
        for number in range(2000):
            await last.keep(str(number), "a", "Oui", {})
        assert await last.find("0", "a", "Oui") is None and await last.find("1999", "a", "Oui") == {}

    asyncio.run(play())


def test_an_answer_leaves_the_memory_even_when_nobody_asks_for_it():
    async def play():
        values = InMemory(0.05, 10)
        await values.put("s", {"n": 1})
        await asyncio.sleep(0.1)
        assert not values._kept

    asyncio.run(play())
