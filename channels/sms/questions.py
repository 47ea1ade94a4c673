"""Buttons as numbered answers: a question and its answers in one segment."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from channels.sms.choices import Option
from channels.sms.gsm7 import segments, to_gsm7
from channels.sms.parts import sentences
from channels.sms.words import words

_PAYLOAD = "/informer"
_DO_NOT_KNOW = "/ne_sait_pas"
# Buttons that a phone has no room for: the words « pourquoi », AIDE and MENU do the same.
_HIDDEN = ("/pourquoi", "/humain", "/recommencer")


def ask(text: str, buttons: Sequence[Mapping]) -> tuple[str, tuple[Option, ...], int]:
    """A question in one segment: its text, all its numbered answers, how many of them are shown."""
    options = options_of(buttons)
    asked, shown = numbered(text, options)
    return asked, options, shown


def numbered(lead: str, options: Sequence[Option], start: int = 0) -> tuple[str, int]:
    """The question and its numbered answers from the `start`-th on, in one segment; the index of the first
    answer that is not shown. Answers that do not fit are announced: AUTRE gives them."""
    limit, more = words()["budget"]["question"], words()["autre"]
    lines = [f"{option.numero} {option.texte}" for option in options]
    if segments(to_gsm7("\n".join([lead, *lines[start:]]))) <= limit:
        return "\n".join([lead, *lines[start:]]), len(lines)
    end = start
    while end < len(lines) and segments(to_gsm7("\n".join([lead, *lines[start : end + 1], more]))) <= limit:
        end += 1
    if end == start:  # a question that fills its segment alone: the answers come with AUTRE
        return sentences(lead)[0], start
    return "\n".join([lead, *lines[start:end], more]), end


def options_of(buttons: Sequence[Mapping]) -> tuple[Option, ...]:
    """The buttons of a message as numbered answers; 0 is « je ne sais pas » or « un autre endroit ».

    A question with no other answer offered (« combien ? ») has none: the number is the answer.
    """
    shown = [button for button in buttons if button["valeur"] not in _HIDDEN]
    choices = [button for button in shown if button["valeur"] != _DO_NOT_KNOW]
    options = [Option(number, _short(button), button["valeur"]) for number, button in enumerate(choices, 1)]
    # « Je préfère ne pas répondre » does the same as « je ne sais pas »: one number is enough.
    way_out = next((button["texte"] for button in shown if button["valeur"] == _DO_NOT_KNOW), None)
    if options and way_out:
        options.append(Option(0, way_out[0].lower() + way_out[1:], _DO_NOT_KNOW))
    return tuple(options)


def _short(button: Mapping) -> str:
    """The short label of an answer, found by what its button sends."""
    known = words()
    try:
        ((fact, value),) = json.loads(button["valeur"].removeprefix(_PAYLOAD)).items()
    except (ValueError, AttributeError):
        return button["texte"]
    if isinstance(value, bool):
        return button["texte"].lower()
    if fact == "besoin":
        return known["besoins"].get(value, button["texte"])
    return known["choix"].get(fact, {}).get(value, button["texte"])
