"""What is said to the person beside the answer: to a thank you, an insult, a feeling, and that facts were heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from actions.conversation import State
from actions.orientation import human_help
from actions.rendering import Message, help_wordings, in_other_words, need_buttons, say, wordings
from actions.texts import acknowledgements, texts
from actions.understanding import feeling
from data.database import Database
from rules.model import Base

_MOST_NOTED = 2
# Key of the answer to an act, when it is not the name of the act.
_ALSO_SAID = {
    "oui": "d_accord",
    "non": "d_accord",
    "salut": "on_continue",
    "pas_compris": "explique",
    "pourquoi": "pourquoi_rien",
}
_NEEDS_HELP = (
    "explique",
    "pourquoi_rien",
    "hors_sujet",
    "insulte",
    "stop",
    "honte",
    "colere",
    "decouragement",
)


def reply(base: Base, act: str, needs: Sequence[str], facts: Mapping[str, object]) -> Message:
    """The answer to an act or a feeling that no rule of the engine concerns.

    Where the conversation could end there, it names someone to call, or offers what can be asked.
    """
    key = _ALSO_SAID.get(act, act)
    if key == "d_accord":
        return say(key, *need_buttons(base, texts()["besoins_proposes"]))
    if key not in _NEEDS_HELP:
        return say(key)
    return in_other_words(wordings(key), help_wordings(human_help(base, needs, facts)))


def noted(facts: Mapping[str, object], key: str = "note") -> Message | None:
    """What was just understood, said back in one line; `key`: whether it is new (`note`) or `corrige`.

    None when no fact of `accuses.yml` is there.
    """
    said = [
        words.format(valeur=_number(facts[fact]), rang=_rank(facts[fact]))
        for fact in acknowledgements()
        if fact in facts and (words := _acknowledgement(fact, facts[fact]))
    ]
    if not said:
        return None
    first, *others = said[:_MOST_NOTED]
    return Message("\n".join((texts()[key].format(fait=first), *(f"{o[0].upper()}{o[1:]}." for o in others))))


def _acknowledgement(fact: str, value: object) -> str | None:
    words = acknowledgements()[fact]
    if isinstance(words, str):
        return words
    return words.get(("non", "oui")[value] if isinstance(value, bool) else value)


def _number(value: object) -> str:
    whole = isinstance(value, int | float) and float(value).is_integer()
    return f"{int(value):,}".replace(",", " ") if whole else str(value).replace(".", ",")


def _rank(value: object) -> str:
    return "1er" if value == 1 else f"{value}e"


def acknowledge(db: Database, known: State, now: State, parse: Mapping, canal: str) -> tuple[Message, ...]:
    """What to say first of a message taken in: that a feeling was heard, then what is noted or corrected.

    Nothing of a button, of the answer to the question nor of a sensitive fact. By SMS corrections only: each
    letter is paid.
    """
    felt = feeling(parse)
    said = [say(felt)] if felt else []
    if str(parse.get("text")).startswith("/"):
        return tuple(said)
    asked = known.question.fait if known.question else None
    told = {
        fact: value
        for fact, value in now.faits.items()
        if known.faits.get(fact) != value and not db.base.facts[fact].sensitive
    }
    corrected = {fact: value for fact, value in told.items() if fact in known.faits}
    new = {} if canal == "sms" else {fact: told[fact] for fact in told if fact not in (*corrected, asked)}
    messages = (noted(corrected, "corrige"), noted(new))
    return (*said, *(message for message in messages if message))
