"""The orientation object and the messages of a turn, as SMS: few segments, nothing cut, never UCS-2.

An answer is made of whole parts (an address, a phone number, a sentence). When all do not fit in the budget,
the least useful parts are left out, in the order of `priorites` in textes.yml; SUITE then gives them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from channels.sms.choices import Option
from channels.sms.explaining import fit_explained
from channels.sms.gsm7 import to_gsm7
from channels.sms.parts import Part, fit, refusal, service_of, tell, tell_kept
from channels.sms.questions import ask, numbered, options_of
from channels.sms.words import words

_MOST_TOLD = 3  # needs answered in one answer
_MOST_OTHERS = 2  # places on one page of SUITE
MOST_PAGES = 12
_LONGEST_LEAD = 80  # characters before a list of answers


@dataclass(frozen=True)
class Sms:
    """One answer: the texts to send, the numbered answers offered (None: those before still hold), the pages
    of SUITE (plain values, ids only), the ids of the places told, whether it says who speaks, and the hard words
    that it holds."""

    texts: tuple[str, ...]
    options: tuple[Option, ...] | None = None
    suite: tuple[dict, ...] = ()
    places: tuple[str, ...] = ()
    presented: bool = False
    termes: tuple[str, ...] = ()


def compose(
    turns: Sequence[Mapping], presented: bool, known: Collection[str] = (), terms: Collection[str] = ()
) -> Sms:
    """One answer from the turns of conversation that a message caused (channels.conversation; most often one).

    `presented`: whether Jalon has already said who speaks. `known`: ids of the places already told: their
    name is enough. `terms`: names of the hard words already read (actions.glossary).
    """
    messages = [message for turn in turns for message in turn["messages"]]
    if alerts := list(dict.fromkeys(m["alerte"] for m in messages if m.get("alerte"))):
        return _danger(alerts, messages)
    greeting = [] if presented else [Part("presentation", words()["presentation"], -1)]
    if any(turn.get("panne") for turn in turns):
        return _said([*greeting, Part("note", words()["panne"])])
    if any(turn.get("repris") for turn in turns):
        notes = (messages[0]["texte"], words()["illisible_suite"])
        return _said([*greeting, *(Part("note", note) for note in notes)])
    orientation = next((m["orientation"] for m in reversed(messages) if m.get("orientation")), None)
    if orientation is None:
        return _plain(greeting, messages, terms)
    needs = turns[-1]["etat"]["besoins"]
    return _oriented(greeting, messages, orientation, needs, known, terms)


def _danger(alerts: Sequence[str], messages: Sequence[Mapping]) -> Sms:
    """One segment for each danger, the gravest first; then nothing else."""
    known, texts = words()["danger"], []
    options = options_of([button for message in messages for button in message["boutons"]])
    go_on = [Part("suite", words()["continuer"], 9)] if options else []
    for alert in alerts:
        if alert in known:
            parts = [Part("note", known[alert])]
        else:
            lines = next(m["texte"] for m in messages if m.get("alerte") == alert).split("\n")
            parts = [Part("note", line) for line in lines]
        texts.append(fit([*parts, *go_on], words()["budget"]["danger"])[0])
    return Sms(tuple(texts[:2]), options)


def _said(parts: Sequence[Part]) -> Sms:
    text, kept = fit(parts, words()["budget"]["reponse"])
    return Sms((text,), None, presented=_presents(kept))


def _plain(greeting: list[Part], messages: Sequence[Mapping], terms: Collection[str]) -> Sms:
    """Messages without an orientation. With answers to choose from, the question comes before the rest."""
    lines = [line for message in messages for line in message["texte"].split("\n") if line]
    options = options_of(messages[-1]["boutons"])
    budget = words()["budget"]
    if not options:
        parts = [*greeting, *(Part("note", line, block) for block, line in enumerate(lines))]
        text, kept, read = fit_explained(parts, budget["reponse"], terms)
        return Sms((text,), options, presented=_presents(kept), termes=read)
    lead = " ".join(lines)
    if len(lead) > _LONGEST_LEAD:  # the question alone: its answers matter more than a welcome
        lead = lines[-1]
    asked, shown = numbered(lead, options)
    text, kept, read = fit_explained([*greeting, Part("note", asked)], budget["menu"] + len(greeting), terms)
    return Sms((text,), options, _rest_of(options, shown), presented=_presents(kept), termes=read)


def _oriented(
    greeting: list[Part],
    messages: Sequence[Mapping],
    orientation: Mapping,
    needs: Sequence[str],
    known: Collection[str],
    terms: Collection[str],
) -> Sms:
    marked = {
        dispositif["id"]: dispositif
        for message in messages
        if message.get("orientation")
        for dispositif in message["orientation"]["dispositifs"]
        if dispositif.get("nouveau")
    }
    latest = {dispositif["id"]: dispositif for dispositif in orientation["dispositifs"]}
    new = [latest.get(key, dispositif) for key, dispositif in marked.items()]
    told = _told([d for d in new if d["statut"] != "non"], needs)
    refused = [d for d in new if d["statut"] == "non"]
    question, options, shown = _question(orientation, messages[-1])
    others = [d for d in new if d not in told and d not in refused]

    parts = [*greeting, *_notes(messages, told)]
    for block, dispositif in enumerate(told, 1):
        parts += tell(dispositif, block, known, brief=len(told) > 1)
    parts += [Part("refus", refusal(dispositif), 90 + i) for i, dispositif in enumerate(refused)]
    pages = [*(page for d in told for page in _pages_after(d)), *map(_page_of, others)]
    asks = [Part("question", question, 99)] if question else []
    hint = [Part("suite", words()["suite"], 100)]
    budget = words()["budget"]["plusieurs_besoins" if len(told) > 1 else "reponse"]
    text, kept, read = fit_explained([*parts, *asks, *(hint if pages else [])], budget, terms)
    rest = _rest_of(options, shown)
    if asks and asks[0] not in kept:
        # The way to the question then matters as much as the question.
        text, kept, read = fit_explained([*parts, Part("note", words()["suite"], 100)], budget, terms)
        rest, options = ({"question": orientation["question"]["fait"]},), ()

    heads = {part.block for part in kept if part.head}
    lost = [_page_of(d) for block, d in enumerate(told, 1) if block not in heads]
    places = [service_of(d) for block, d in enumerate(told, 1) if block in heads]
    ids = tuple(place["id"] for place in places if place)
    return Sms((text,), options, (*rest, *lost, *pages)[:MOST_PAGES], ids, _presents(kept), read)


def _told(new: Sequence[Mapping], needs: Sequence[str]) -> list[Mapping]:
    """The first new dispositif of each need: what the person reads now. SUITE gives the others."""
    told: list[Mapping] = []
    for dispositif in new:
        covered = {need for one in told for need in one["besoins"]}
        if not told or (set(dispositif["besoins"]) & set(needs)) - covered:
            told.append(dispositif)
    return told[:_MOST_TOLD]


def _notes(messages: Sequence[Mapping], told: Sequence[Mapping]) -> Iterable[Part]:
    """What is said beside the results; at the end, who can help: all there is to say when nothing is new."""
    for message in messages[:-1]:
        if not message.get("dispositif"):
            for line in message["texte"].split("\n"):
                yield Part("note", line)
    last = messages[-1]
    if last.get("orientation") and not last["orientation"]["question"]:
        help_ = last["orientation"]["aide_humaine"]["texte"]
        yield Part("aide" if told else "note", help_, 95)
        return
    if not last.get("orientation") and not last.get("dispositif"):
        yield from (Part("note", line) for line in last["texte"].split("\n"))


def _question(orientation: Mapping, last: Mapping) -> tuple[str, tuple[Option, ...], int]:
    """The question of the turn in one segment, all its numbered answers, and how many of them are shown."""
    if not orientation["question"] or not last.get("orientation"):
        return "", (), 0
    return ask(last["texte"], last["boutons"])


def _presents(kept: Iterable[Part]) -> bool:
    return any(part.kind == "presentation" for part in kept)


def _rest_of(options: Sequence[Option], shown: int) -> tuple[dict, ...]:
    return ({"reponses": shown},) if options and shown < len(options) else ()


# Pages of SUITE, as ids: hours are true when they are read


def _page_of(dispositif: Mapping) -> dict:
    services = [service["id"] for service in dispositif["services"][:1]]
    return {"dispositif": dispositif["id"], "statut": dispositif["statut"], "services": services}


def _pages_after(dispositif: Mapping) -> Iterable[dict]:
    """What comes after a dispositif told: its other places, then what to bring and how to ask."""
    others = [service["id"] for service in dispositif["services"][1 : 1 + _MOST_OTHERS]]
    if others:
        yield {"lieux": others}
    yield {"demarche": dispositif["id"]}


def kept_place(service: Mapping) -> str:
    """The SMS that a person asks a page for, to keep a place (`services[...]` of the orientation object)."""
    for parts in tell_kept(service):
        text, kept = fit(parts, words()["budget"]["reponse"])
        if kept[:2] == parts[:2]:
            break
    return text


def one(text: str) -> str:
    """One of the channel's own texts, ready to send (tests hold each to its budget)."""
    return to_gsm7(text)
