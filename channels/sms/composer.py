"""The orientation object and the messages of a turn, as SMS: few segments, nothing cut, never UCS-2.

An answer is made of whole parts (an address, a phone number, a sentence). When all do not fit in the budget,
the least useful parts are left out, in the order of `priorites` in textes.yml; SUITE then gives them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from channels.sms.choices import Option
from channels.sms.gsm7 import segments, to_gsm7
from channels.sms.words import words

_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-ZÀ-Ý«])")
_TIME = re.compile(r"\b(\d\d?) heures?(?: (\d\d)\b)?")
_IN_BRACKETS = re.compile(r" \([^)]*\)$")
_PAYLOAD = "/informer"
_DO_NOT_KNOW = "/ne_sait_pas"
# Buttons that a phone has no room for: the words « pourquoi », AIDE and MENU do the same.
_HIDDEN = ("/pourquoi", "/humain", "/recommencer")
_MOST_TOLD = 3  # needs answered in one answer
_MOST_PAPERS = 3
_MOST_OTHERS = 2  # places on one page of SUITE
MOST_PAGES = 12
_LONGEST_LEAD = 80  # characters before a list of answers


@dataclass(frozen=True)
class Part:
    """A piece of text that is sent whole or not at all. `kind` is one of `priorites`.

    The parts of one `block` are told only with its head. Parts of the same block follow on one line.
    """

    kind: str
    text: str
    block: int = 0
    head: bool = False


@dataclass(frozen=True)
class Sms:
    """One answer: the texts to send, the numbered answers offered (None: those before still hold), the pages
    of SUITE (plain values, ids only), and whether it says who speaks."""

    texts: tuple[str, ...]
    options: tuple[Option, ...] | None = None
    suite: tuple[dict, ...] = ()
    presented: bool = False


def fit(parts: Sequence[Part], budget: int) -> tuple[str, list[Part]]:
    """The text of the most useful parts that hold in `budget` segments, in reading order, and the parts kept."""
    order = {kind: rank for rank, kind in enumerate(words()["priorites"])}
    kept: set[int] = set()
    heads = {part.block: index for index, part in enumerate(parts) if part.head}
    for index in sorted(range(len(parts)), key=lambda i: (order[parts[i].kind], i)):
        head = heads.get(parts[index].block, index)
        if head != index and head not in kept:
            continue
        if segments(_joined(parts, kept | {index})) <= budget:
            kept.add(index)
    return _joined(parts, kept), [parts[index] for index in sorted(kept)]


def _joined(parts: Sequence[Part], kept: Iterable[int]) -> str:
    text, last = "", None
    for index in sorted(kept):
        part = parts[index]
        text += ("" if not text else " " if part.block == last else "\n") + part.text
        last = part.block
    return to_gsm7(text)


def compose(turns: Sequence[Mapping], presented: bool) -> Sms:
    """One answer from the turns of conversation that a message caused (channels.conversation; most often one).

    `presented`: whether Jalon has already said who speaks.
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
        return _plain(greeting, messages)
    needs = turns[-1]["etat"]["besoins"]
    return _oriented(greeting, messages, orientation, needs)


def _danger(alerts: Sequence[str], messages: Sequence[Mapping]) -> Sms:
    """One segment for each danger, the gravest first; then nothing else."""
    known, texts = words()["danger"], []
    options = _options([button for message in messages for button in message["boutons"]])
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


def _plain(greeting: list[Part], messages: Sequence[Mapping]) -> Sms:
    """Messages without an orientation. With answers to choose from, the question comes before the rest."""
    lines = [line for message in messages for line in message["texte"].split("\n") if line]
    options = _options(messages[-1]["boutons"])
    budget = words()["budget"]
    if not options:
        parts = [*greeting, *(Part("note", line, block) for block, line in enumerate(lines))]
        text, kept = fit(parts, budget["reponse"])
        return Sms((text,), options, presented=_presents(kept))
    lead = " ".join(lines)
    if len(lead) > _LONGEST_LEAD:  # the question alone: its answers matter more than a welcome
        lead = lines[-1]
    asked, shown = numbered(lead, options)
    text, kept = fit([*greeting, Part("note", asked)], budget["menu"] + len(greeting))
    return Sms((text,), options, _rest_of(options, shown), _presents(kept))


def _oriented(
    greeting: list[Part], messages: Sequence[Mapping], orientation: Mapping, needs: Sequence[str]
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
        parts += tell(dispositif, block, brief=len(told) > 1)
    parts += [Part("refus", refusal(dispositif), 90 + i) for i, dispositif in enumerate(refused)]
    pages = [*(page for d in told for page in _pages_after(d)), *map(_page_of, others)]
    asks = [Part("question", question, 99)] if question else []
    hint = [Part("suite", words()["suite"], 100)]
    budget = words()["budget"]["plusieurs_besoins" if len(told) > 1 else "reponse"]
    text, kept = fit([*parts, *asks, *(hint if pages else [])], budget)
    rest = _rest_of(options, shown)
    if asks and asks[0] not in kept:
        # The way to the question then matters as much as the question.
        text, kept = fit([*parts, Part("question", words()["suite"], 100)], budget)
        rest = ({"question": orientation["question"]["fait"]},)

    heads = {part.block for part in kept if part.head}
    lost = [_page_of(d) for block, d in enumerate(told, 1) if block not in heads]
    return Sms((text,), options, (*rest, *lost, *pages)[:MOST_PAGES], _presents(kept))


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
        if not message.get("resultat"):
            for line in message["texte"].split("\n"):
                yield Part("note", line)
    last = messages[-1]
    if last.get("orientation") and not last["orientation"]["question"]:
        help_ = last["orientation"]["aide_humaine"]["texte"]
        yield Part("aide" if told else "note", help_, 95)
        return
    if not last.get("orientation") and not last.get("resultat"):
        yield from (Part("note", line) for line in last["texte"].split("\n"))


def _question(orientation: Mapping, last: Mapping) -> tuple[str, tuple[Option, ...], int]:
    """The question of the turn in one segment, all its numbered answers, and how many of them are shown."""
    if not orientation["question"] or not last.get("orientation"):
        return "", (), 0
    options = _options(last["boutons"], orientation["question"])
    text, shown = numbered(last["texte"], options)
    return text, options, shown


def tell(dispositif: Mapping, block: int, brief: bool = False) -> list[Part]:
    """The parts that tell one dispositif and its first place; `brief` when another one is told beside."""
    said = words()
    service = next(iter(dispositif["services"]), None)
    if service and service["distance_m"] is None and dispositif["depend_du_lieu"]:
        service = None
    head = [_status(dispositif, service)] if not service or _needs_heading(dispositif, service) else []
    head += [where(service)] if service else []
    parts = [Part("tete", " ".join(head), block, head=True)]
    if service:
        parts += _about(service, block)
    if dispositif["orientation_texte"]:
        parts.append(Part("prescription", sentences(dispositif["orientation_texte"])[0], block))
    papers = " ".join(dispositif["documents"][:_MOST_PAPERS])
    if papers:
        parts.append(Part("papiers", said["papiers"].format(papiers=papers[0].lower() + papers[1:]), block))
    if brief:
        return parts
    if service:
        conditions = sentences(service["conditions"] or "")
        parts += [Part("a_savoir", line, block) for line in conditions if not line.startswith("Apportez")]
        if service["distance_m"] is not None:
            parts.append(Part("distance", said["distance"].format(distance=_metres(service)), block))
    # Without a place, the way to ask is the answer.
    kind = "demarche" if service else "horaires"
    parts += [Part(kind, line, block) for line in sentences(dispositif["demarche"])]
    if not dispositif["inconditionnel"]:
        parts.append(Part("explication", sentences(dispositif["texte"])[0], block))
    return parts


def tell_place(service: Mapping, block: int) -> list[Part]:
    """The parts that tell one place."""
    return [Part("tete", where(service), block, head=True), *_about(service, block)]


def tell_steps(dispositif: Mapping) -> list[Part]:
    """What to bring and how to ask, when it did not fit beside the place."""
    parts = [Part("tete", f"{_name(dispositif)} :", head=True)]
    papers = " ".join(dispositif["documents"])
    if papers:
        parts.append(Part("papiers", words()["papiers"].format(papiers=papers[0].lower() + papers[1:])))
    parts += [Part("demarche", line) for line in sentences(dispositif["demarche"])]
    if dispositif["orientation_texte"]:
        parts += [Part("prescription", line) for line in sentences(dispositif["orientation_texte"])]
    said = {part.text for part in parts}
    notes = [line for note in dispositif["a_savoir"] for line in sentences(note)]
    return parts + [Part("a_savoir", line) for line in notes if line not in said]


def one(text: str) -> str:
    """One of the channel's own texts, ready to send (tests hold each to its budget)."""
    return to_gsm7(text)


def _needs_heading(dispositif: Mapping, service: Mapping) -> bool:
    """Whether the name of the place does not say it all."""
    return dispositif["statut"] != "oui" or not (
        dispositif["inconditionnel"] or service["nom"].startswith(_name(dispositif))
    )


def _status(dispositif: Mapping, service: Mapping | None = None) -> str:
    """What it is for this person; before a place to go to, « vous pouvez demander » goes without saying."""
    key = "oui_ici" if service and dispositif["statut"] == "oui" else dispositif["statut"]
    return words()["statut"][key].format(nom=_name(dispositif))


def _name(dispositif: Mapping) -> str:
    return _IN_BRACKETS.sub("", dispositif["nom"])


def refusal(dispositif: Mapping) -> str:
    """That a dispositif is not for this person today, and the condition that fails."""
    reason = next((reason["texte"] for reason in dispositif["raisons"]), "")
    return f"{_status(dispositif)} {reason}".strip()


def where(service: Mapping) -> str:
    """Name and address of a place; the name alone when nothing says where it is."""
    number = service["arrondissement"]
    rank = f"{number}{'er' if number == 1 else 'e'}"
    # « Maison des solidarités du 14e arrondissement, 14 rue Brézin »: said once.
    district = f"Paris {rank}" if number and f"{rank} arr" not in service["nom"] else None
    address = ", ".join(part for part in (service["adresse"], district) if part)
    return words()["lieu"].format(nom=service["nom"], adresse=address) if address else f"{service['nom']}."


def _about(service: Mapping, block: int) -> Iterable[Part]:
    opening, number = hours(service), service["telephone"]
    call = words()["appelez"]
    if number and opening.endswith(call):  # a doubt and the way out of it are never apart
        yield Part("horaires", f"{opening.removesuffix('.')} : {number}.", block)
    else:
        yield Part("horaires", opening, block)
        if number:
            yield Part("telephone", words()["telephone"].format(numero=number), block)
    if service["metro"]:
        yield Part("metro", words()["metro"].format(station=service["metro"]), block)


def hours(service: Mapping) -> str:
    """Whether it is open and until when, with the doubt if there is one; « 8 h 30 » as people write it."""
    return _TIME.sub(lambda match: f"{match[1]}h{match[2] or ''}", service["ouverture"]["texte"])


def _metres(service: Mapping) -> str:
    metres = service["distance_m"]
    far = f"{max(50, round(metres / 50) * 50)} m" if metres < 1000 else f"{metres / 1000:.1f} km".replace(".", ",")
    return far.replace(",0 km", " km")


def sentences(text: str) -> list[str]:
    """The sentences of a text, whole; a question goes with what follows it."""
    found: list[str] = []
    for sentence in filter(None, _SENTENCE.split(text.strip())):
        if found and found[-1].endswith("?"):
            found[-1] += f" {sentence}"
        else:
            found.append(sentence)
    return found


def _presents(kept: Iterable[Part]) -> bool:
    return any(part.kind == "presentation" for part in kept)


# Numbered answers


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


def _rest_of(options: Sequence[Option], shown: int) -> tuple[dict, ...]:
    return ({"reponses": shown},) if options and shown < len(options) else ()


def _options(buttons: Sequence[Mapping], question: Mapping | None = None) -> tuple[Option, ...]:
    """The buttons of a message as numbered answers; 0 is « je ne sais pas ».

    A number is itself the answer to « how many »: such a question has no numbered answers.
    """
    shown = [button for button in buttons if button["valeur"] not in _HIDDEN]
    choices = [button for button in shown if button["valeur"] != _DO_NOT_KNOW]
    if question and question["type"] in ("entier", "texte"):
        choices_of_place = [button for button in choices if button["valeur"].startswith(_PAYLOAD)]
        if not choices_of_place:
            return ()
    options = [
        Option(number, _short(button), button["valeur"]) for number, button in enumerate(choices, 1)
    ]
    if options and len(choices) < len(shown):
        options.append(Option(0, words()["reponses"]["ne_sait_pas"], _DO_NOT_KNOW))
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
