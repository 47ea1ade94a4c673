"""What is sent, given what was said before: nothing twice in a row, and each hard word explained at its first use."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from actions.glossary import to_explain
from actions.rendering import Message

_SENTENCE_END = re.compile(r"(?<=[.?!])\s+(?=[A-ZÀ-Ý0-9«])|\n+")
_ASKS_AGAIN = "repeter"
_NO_EXPLANATION = ("sms", "guichet")  # SMS are composed again in their own budget; agents know these words


@dataclass(frozen=True)
class Before:
    """Bubbles already said: `now` in this answer, `just` in the one before, `ever` in the whole conversation."""

    now: tuple[str, ...] = ()
    just: tuple[str, ...] = ()
    ever: tuple[str, ...] = ()


def before(events: Sequence[Mapping]) -> Before:
    """What the events of a conversation (as Rasa gives them, oldest first) hold of what was said.

    Someone who asks to hear it again has the same words again: nothing is then « just said ».
    """
    users = [index for index, event in enumerate(events) if event.get("event") == "user"]
    previous, last = [0, 0, *users][-2:]
    parse = (events[last].get("parse_data") or {}) if users else {}
    asked_again = (parse.get("intent") or {}).get("name") == _ASKS_AGAIN
    just = () if asked_again else tuple(_said(events[previous:last]))
    return Before(tuple(_said(events[last:])), just, tuple(_said(events)))


def _said(events: Iterable[Mapping]) -> Iterator[str]:
    return (event["text"] for event in events if event.get("event") == "bot" and event.get("text"))


def compose(messages: Iterable[Message], said: Before, canal: str) -> Iterator[Message]:
    """The messages to send: reworded or shortened where they repeat, hard words explained before them."""
    now, ever = list(said.now), list(said.ever)
    just = set(_sentences_of((*said.just, *said.now)))
    for message in messages:
        if {message.texte, *message.autrement} & set(now):
            continue
        fresh = unrepeated(message, just)
        if fresh is None:
            continue
        if canal not in _NO_EXPLANATION and (meant := explanation(fresh.texte, ever)):
            yield meant
            ever.append(meant.texte)
        yield fresh
        now.append(fresh.texte)
        ever.append(fresh.texte)
        just.update(sentences(fresh.texte))


def unrepeated(message: Message, just: Collection[str]) -> Message | None:
    """The message without a sentence of `just`: in other words if it has some, else shorter; None: nothing is left.

    Answers to a danger are never changed: who needs a number must find it every time. Those that tell a dispositif only
    lose the place that was just told.
    """
    told = sentences(message.texte)
    if message.alerte or not set(told) & set(just):
        return message
    if message.dispositif:
        return _without_the_place(message, just)
    for wording in message.autrement:
        if not set(sentences(wording)) & set(just):
            return replace(message, texte=wording)
    rest = "\n".join(sentence for sentence in told if sentence not in just)
    if rest:
        return replace(message, texte=rest)
    return message if message.boutons or message.orientation else None


def _without_the_place(message: Message, just: Collection[str]) -> Message:
    for wording in message.autrement:
        left_out = set(sentences(message.texte)) - set(sentences(wording))
        if left_out <= set(just):
            return replace(message, texte=wording)
    return message


def explanation(text: str, ever: Sequence[str]) -> Message | None:
    """The hard words of `text` that were not explained yet, one sentence or two each, and those of these sentences."""
    terms = to_explain(text, ever)
    meant = "\n".join(term.explanation for term in terms)
    inside = [term.explanation for term in to_explain(meant, ever) if term not in terms]
    return Message("\n".join((meant, *inside))) if terms else None


def sentences(text: str) -> list[str]:
    """The sentences of a bubble, in order."""
    return [sentence for part in _SENTENCE_END.split(text) if (sentence := part.strip())]


def _sentences_of(texts: Iterable[str]) -> Iterator[str]:
    return (sentence for text in texts for sentence in sentences(text))
