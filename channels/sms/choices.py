"""What an SMS conversation has to remember between two messages, and which numbered answer was chosen.

Nothing said by the person is kept here: only what was offered (labels, button values) and ids of places.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Protocol

from channels.sms.spelling import same_sound, spelled_words
from channels.sms.words import words

DAY_S = 24 * 3600
_RANK = re.compile(r"(?:e|er|ere|eme|em|ieme|iem|nd|nde)")
_DIGITS = re.compile(r"\d{1,2}")
# « 2, j'ai 45 ans » or « 2 j'ai 45 ans »: an answer, then something else. « 2 enfants » is not.
_THEN = re.compile(
    r"\s*(\d{1,2})\s*(?:[.,;:)/\n+-]+|\bet\b(?!\s*\d)|(?=(?:je|j|jai|jé|g|ge|gé|mon|ma|mes)\b))\s*(?=\D)(.+)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Option:
    """A numbered answer: what is read, and what is sent to the conversation when it is chosen."""

    numero: int
    texte: str
    valeur: str


@dataclass(frozen=True)
class Memory:
    """What was offered last: numbered answers, pages that SUITE gives, ids of the places told, whether Jalon said
    who speaks, and the names of the hard words read."""

    options: tuple[Option, ...] = ()
    suite: tuple[dict, ...] = ()
    lieux: tuple[str, ...] = ()
    presente: bool = False
    termes: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, kept: Mapping) -> Memory:
        """From `as_dict()`; {} is the memory of someone never heard before."""
        options = tuple(Option(**option) for option in kept.get("options", ()))
        suite, lieux = tuple(kept.get("suite", ())), tuple(kept.get("lieux", ()))
        return cls(options, suite, lieux, bool(kept.get("presente")), tuple(kept.get("termes", ())))

    def as_dict(self) -> dict:
        """Plain values, that JSON can hold."""
        return {
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()
        }


class Choices(Protocol):
    """Where the memory of each session is kept, for 24 hours after the last message."""

    async def load(self, session: str) -> dict:
        """What `save` was last given, or {}."""

    async def save(self, session: str, kept: dict) -> None:
        """Keep `kept` (plain JSON values) and start its 24 hours again."""

    async def forget(self, session: str) -> None:
        """Erase it; an unknown session is no error."""


@dataclass
class ChoicesInProcess:
    """Kept in this process only: for the simulator and the tests. `clock` gives seconds."""

    clock: Callable[[], float] = time.monotonic
    idle_s: float = DAY_S
    _kept: dict[str, tuple[float, dict]] = field(default_factory=dict)

    async def load(self, session: str) -> dict:
        until, kept = self._kept.get(session, (0.0, {}))
        return kept if until > self.clock() else {}

    async def save(self, session: str, kept: dict) -> None:
        now = self.clock()
        self._kept = {key: value for key, value in self._kept.items() if value[0] > now}
        self._kept[session] = (now + self.idle_s, kept)

    async def forget(self, session: str) -> None:
        self._kept.pop(session, None)


@dataclass(frozen=True)
class Chosen:
    """Answers chosen by one message, and what else it says."""

    options: tuple[Option, ...]
    rest: str = ""


def pick(text: str, options: Sequence[Option]) -> Chosen | None:
    """The numbered answers that a message gives, in any spelling; None when it gives none of `options`.

    « 2 », « deux », « le 2 », « 2eme », « deu », « 1 et 3 », the label itself, « 2, j'ai 45 ans ».
    """
    if not options:
        return None
    by_number = {option.numero: option for option in options}
    said = _without_ranks(spelled_words(text))
    labelled = [option for option in options if _says(said, option.texte)]
    if labelled:
        return Chosen((labelled[0],))
    if len(by_number) == 1 and len(said) == 1 and same_sound(said[0], "oui"):
        return Chosen(tuple(options))
    numbers = _numbers(said)
    if numbers and all(number in by_number for number in numbers):
        return Chosen(tuple(by_number[number] for number in dict.fromkeys(numbers)))
    if (match := _THEN.match(text)) and int(match[1]) in by_number:
        return Chosen((by_number[int(match[1])],), match[2].strip())
    return None


def _says(said: Sequence[str], label: str) -> bool:
    wanted = spelled_words(label)
    return len(said) == len(wanted) and all(map(same_sound, said, wanted))


def _without_ranks(said: Sequence[str]) -> list[str]:
    """« 2eme » is written as two words, 2 and eme: the second says nothing more."""
    return [
        word
        for index, word in enumerate(said)
        if not (index and said[index - 1].isdecimal() and _RANK.fullmatch(word))
    ]


def _numbers(said: Sequence[str]) -> list[int]:
    """The numbers of a message that holds nothing else; [] otherwise, or when it hesitates (« 1 ou 2 »)."""
    known = words()["nombres"]
    found = []
    for word in said:
        number = int(word) if _DIGITS.fullmatch(word) else _number_word(word)
        if number is not None:
            found.append(number)
        elif word == "ou" or word not in (*known["mots_vides"], *known["liens"]):
            return []
    return found


@cache
def _number_word(word: str) -> int | None:
    for number, spellings in words()["nombres"].items():
        if str(number).isdecimal() and any(word == one or same_sound(word, one) for one in spellings):
            return int(number)
    return None
