"""A place and a dispositif in parts that are sent whole or not at all, and what fits in a budget of segments."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from channels.hours import usual_week
from channels.sms.gsm7 import segments, to_gsm7
from channels.sms.words import words
from data.distance import say_metres

_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-ZÀ-Ý«])")
_TIME = re.compile(r"\b(\d\d?) heures?(?: (\d\d)\b)?")
_CLOSED = re.compile(r"^Fermé (?:maintenant|aujourd'hui)\. Ouvre")
_TOMORROW = re.compile(r"Ouvre demain, ([^,]+), à")
_IN_BRACKETS = re.compile(r" \([^)]*\)$")
_MOST_PAPERS = 3


@dataclass(frozen=True)
class Part:
    """A piece of text that is sent whole or not at all. `kind` is one of `priorites`.

    The parts of one `block` are told only with its head. Parts of the same block follow on one line.
    """

    kind: str
    text: str
    block: int = 0
    head: bool = False


def fit(parts: Sequence[Part], budget: int) -> tuple[str, list[Part]]:
    """The text of the most useful parts that hold in `budget` segments, in reading order, and the parts kept.

    Sentences of one kind follow each other: after one that does not fit, the next would lose its sense.
    """
    order = {kind: rank for rank, kind in enumerate(words()["priorites"])}
    kept: set[int] = set()
    broken: set[tuple[int, str]] = set()
    heads = {part.block: index for index, part in enumerate(parts) if part.head}
    for index in sorted(range(len(parts)), key=lambda i: (order[parts[i].kind], i)):
        part = parts[index]
        head = heads.get(part.block, index)
        alone = head != index and head not in kept
        if alone or (part.block, part.kind) in broken:
            continue
        if segments(_joined(parts, kept | {index})) <= budget:
            kept.add(index)
        else:
            broken.add((part.block, part.kind))
    return _joined(parts, kept), [parts[index] for index in sorted(kept)]


def _joined(parts: Sequence[Part], kept: Iterable[int]) -> str:
    text, last = "", None
    for index in sorted(kept):
        part = parts[index]
        text += ("" if not text else " " if part.block == last else "\n") + part.text
        last = part.block
    return to_gsm7(text)


def tell(dispositif: Mapping, block: int, known: Collection[str] = (), brief: bool = False) -> list[Part]:
    """The parts that tell one dispositif and its first place; `brief` when another one is told beside.

    Block 1 is what the person asked for first: nothing is more useful.
    """
    said = words()
    service = service_of(dispositif)
    head = [_status(dispositif, service)] if not service or _needs_heading(dispositif, service) else []
    again = service and service["id"] in known
    if service:
        head += [f"{service['nom']}."] if again else [where(service), _opening(service)]
    parts = [Part("premier" if block == 1 else "tete", " ".join(head), block, head=True)]
    if service and not again:
        parts += _about(service, block, head[-1])
    if dispositif["orientation_texte"]:
        parts.append(Part("prescription", dispositif["orientation_texte"], block))
    papers = " ".join(dispositif["documents"][:_MOST_PAPERS])
    if papers:
        parts.append(Part("papiers", said["papiers"].format(papiers=papers[0].lower() + papers[1:]), block))
    if brief:
        return parts
    if service:
        conditions = sentences(service["conditions"] or "")
        parts += [Part("a_savoir", line, block) for line in conditions if not line.startswith("Apportez")]
        if service["distance_m"] is not None and not again:
            kind = "loin" if service["loin"] else "distance"
            parts.append(Part(kind, said[kind].format(distance=say_metres(service["distance_m"])), block))
    # Without a place, the way to ask is the answer.
    kind = "demarche" if service else "telephone"
    parts += [Part(kind, line, block) for line in sentences(dispositif["demarche"])]
    if not dispositif["inconditionnel"]:
        parts.append(Part("explication", sentences(dispositif["texte"])[0], block))
    return parts


def service_of(dispositif: Mapping) -> Mapping | None:
    """The place to tell; None when there is none, or when where the person is would change it."""
    service = next(iter(dispositif["services"]), None)
    anywhere = service and service["distance_m"] is None and dispositif["depend_du_lieu"]
    return None if anywhere else service


def tell_place(service: Mapping, block: int) -> list[Part]:
    """The parts that tell one place."""
    head = f"{where(service)} {_opening(service)}"
    return [Part("tete", head, block, head=True), *_about(service, block, head)]


def tell_kept(service: Mapping) -> list[list[Part]]:
    """Ways to tell one place to who will read it later, the best first; each says who writes and how to stop it.

    With the hours of a usual week; with those of now, when the week is too long to be sent whole.
    """
    said = words()
    week, now = _short(service, usual_week(service)), _opening(service)
    ways = [(said["demande"], week), (said["demande_courte"], week), (said["demande"], now)]
    return [
        [
            Part("premier", hello),
            Part("premier", f"{where(service)} {hours}", 1, head=True),
            *_about(service, 1, hours),
        ]
        for hello, hours in ways
    ]


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


def _about(service: Mapping, block: int, told: str) -> Iterable[Part]:
    """What else is known of a place, when `told` does not say it."""
    if service["telephone"] and service["telephone"] not in told:
        yield Part("telephone", words()["telephone"].format(numero=service["telephone"]), block)
    if service["metro"]:
        yield Part("metro", words()["metro"].format(station=service["metro"]), block)


def _opening(service: Mapping) -> str:
    """Whether it is open and until when; when that is not sure, the doubt with the number to call."""
    told = _CLOSED.sub("Fermé. Ouvre", service["ouverture"]["texte"])
    told = _TOMORROW.sub(r"Ouvre \1 à", told)  # an SMS is read again the day after
    return _short(service, told)


def _short(service: Mapping, hours: str) -> str:
    """Hours with « 9h30 », and with the number to call when they must be checked."""
    told = _TIME.sub(lambda match: f"{match[1]}h{match[2] or ''}", hours)
    if service["telephone"] and told.endswith(words()["appelez"]):
        return f"{told.removesuffix('.')} : {service['telephone']}."
    return told


def sentences(text: str) -> list[str]:
    """The sentences of a text, whole; a question goes with what follows it."""
    found: list[str] = []
    for sentence in filter(None, _SENTENCE.split(text.strip())):
        if found and found[-1].endswith("?"):
            found[-1] += f" {sentence}"
        else:
            found.append(sentence)
    return found
