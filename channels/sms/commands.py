"""The few words that a phone may send to steer the channel itself: STOP, REPRENDRE, AIDE, EFFACER, MENU, SUITE."""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from rapidfuzz.distance import OSA

from channels.sms.spelling import same_sound, spelled_words
from channels.sms.words import words

_LONG_ENOUGH = 6  # letters from which one fault is forgiven: « stp » is one fault away from « stop »
_FEW = 8  # words of a message short enough to be only a way of saying STOP


class Command(StrEnum):
    """What the person asks of the channel, whatever the conversation."""

    STOP = "stop"
    REPRENDRE = "reprendre"
    AIDE = "aide"
    EFFACER = "effacer"
    MENU = "menu"
    SUITE = "suite"


def read(text: str) -> Command | None:
    """The command that a whole message is, in any case, accents or spelling; None when it says anything else.

    « Stop », « STOP SVP », « arretez les sms », « s t o p » are STOP; « mon mari arrete pas » is not.
    """
    said = spelled_words(text)
    if len(said) > 1 and all(len(word) == 1 for word in said):
        said = ["".join(said)]
    if text.strip() == "?":
        return Command.AIDE
    if len(said) <= _FEW and any(phrase in " ".join(said) for phrase in words()["commandes"]["phrases_stop"]):
        return Command.STOP
    empty = words()["commandes"]["mots_vides"]
    kept = [word for word in said if word not in empty and not word.isdecimal()]
    # « autre adresse » is SUITE; « une adresse » alone is a need.
    found = {_command(word) for word in kept}
    return found.pop() if len(found) == 1 else None


@cache
def _spellings() -> dict[str, Command]:
    known = words()["commandes"]
    return {spelling: command for command in Command for spelling in known[command.value]}


def _command(word: str) -> Command | None:
    spellings = _spellings()
    if word in spellings:
        return spellings[word]
    for spelling, command in spellings.items():
        if len(spelling) >= _LONG_ENOUGH and OSA.distance(word, spelling, score_cutoff=1) <= 1:
            return command
        if len(spelling) >= 4 and same_sound(word, spelling):
            return command
    return None
