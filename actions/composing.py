"""What is sent, given what was said before: nothing twice in a row, and each hard word explained at its first use."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from actions.glossary import to_explain
from actions.rendering import Message

_SENTENCE_END = re.compile(r"(?<=[.?!])\s+(?=[A-ZÀ-Ý0-9«])|\n+")
_ASKS_AGAIN = "repeter"
_EXPLAINS_ITSELF = ("sms",)  # its texts are composed again in its own budget


@dataclass(frozen=True)
class Before:
    """Bubbles already said: `just` in the answer before and in this one, `ever` in the whole conversation."""

    just: tuple[str, ...] = ()
    ever: tuple[str, ...] = ()


def before(events: Sequence[Mapping]) -> Before:
    """What the events of a conversation (as Rasa gives them, oldest first) hold of what was said.

    Someone who asks to hear it again has the same words again: nothing is then « just said ».
    """
    users = [index for index, event in enumerate(events) if event.get("event") == "user"]
    since = users[-2] if len(users) > 1 else 0
    last = (events[users[-1]].get("parse_data") or {}) if users else {}
    asked_again = (last.get("intent") or {}).get("name") == _ASKS_AGAIN
    return Before(() if asked_again else tuple(_said(events[since:])), tuple(_said(events)))


def _said(events: Iterable[Mapping]) -> Iterator[str]:
    return (event["text"] for event in events if event.get("event") == "bot" and event.get("text"))


def compose(messages: Iterable[Message], said: Before, canal: str) -> Iterator[Message]:
    """The messages to send: reworded or shortened where they repeat, hard words explained before them."""
    just, ever = set(_sentences_of(said.just)), list(said.ever)
    for message in messages:
        fresh = unrepeated(message, just)
        if fresh is None:
            continue
        if canal not in _EXPLAINS_ITSELF and (meant := explanation(fresh.texte, ever)):
            yield meant
            ever.append(meant.texte)
        yield fresh
        ever.append(fresh.texte)
        just.update(sentences(fresh.texte))


def unrepeated(message: Message, just: Collection[str]) -> Message | None:
    """The message without a sentence of `just`: in other words if it has some, else shorter; None: nothing is left.

    Answers to a danger and facts of a place are never changed: who needs a number must find it every time.
    """
    told = sentences(message.texte)
    if message.alerte or message.dispositif or not set(told) & set(just):
        return message
    for wording in message.autrement:
        if not set(sentences(wording)) & set(just):
            return replace(message, texte=wording)
    rest = "\n".join(sentence for sentence in told if sentence not in just)
    if rest:
        return replace(message, texte=rest)
    return message if message.boutons or message.orientation else None


def explanation(text: str, ever: Sequence[str]) -> Message | None:
    """The hard words of `text` that were not explained yet, one sentence or two each."""
    terms = to_explain(text, ever)
    return Message("\n".join(term.explanation for term in terms)) if terms else None


def sentences(text: str) -> list[str]:
    """The sentences of a bubble, in order."""
    return [sentence for part in _SENTENCE_END.split(text) if (sentence := part.strip())]


def _sentences_of(texts: Iterable[str]) -> Iterator[str]:
    return (sentence for text in texts for sentence in sentences(text))
