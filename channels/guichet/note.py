"""A free note: read by the same understanding as the conversation, shown with what was understood in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from actions.understanding import from_parse
from channels.conversation import clean_text
from channels.guichet.words import fact_name, need_name, said
from channels.rasa import RasaClient
from rules import Base

NOTE_LIMIT = 2000  # characters; longer than a message of the conversation, hence read piece by piece
_EDGES = " ,;.:\n"
_BREAKS = (". ", "\n", "; ", ", ", " ")


async def understand(rasa: RasaClient, base: Base, text: str, limit: int) -> dict:
    """The answer of /api/v1/comprendre for a whole note, marks placed in it. Raises RasaUnavailable."""
    needs: list[str] = []
    alerts: list[str] = []
    facts: dict[str, object] = {}
    marks: list[dict] = []
    for start, piece in cut(text, limit):
        found = from_parse(await rasa.parse(piece), base)
        needs += [need for need in found["besoins"] if need not in needs]
        alerts += [alert for alert in found["alertes"] if alert not in alerts]
        for name, value in found["faits"].items():
            several = isinstance(value, list) and isinstance(facts.get(name), list)
            facts[name] = list(dict.fromkeys([*facts[name], *value])) if several else value
        marks += [
            {**mark, "debut": mark["debut"] + start, "fin": mark["fin"] + start}
            for mark in found["reperes"]
            if mark["debut"] is not None and mark["fin"] is not None
        ]
    return {"besoins": needs, "faits": facts, "alertes": alerts, "reperes": marks}


def cut(text: str, limit: int) -> Iterator[tuple[int, str]]:
    """(offset, piece) of at most `limit` characters, cut after a sentence, a comma or a word; no blank piece."""
    start = 0
    while start < len(text):
        end = min(start + limit, len(text))
        if end < len(text):
            cuts = (text.rfind(mark, start, end) + len(mark) for mark in _BREAKS if mark in text[start:end])
            end = next((place for place in cuts if place > start), end)
        if clean_text(text[start:end]):
            yield start, text[start:end]
        start = end


def segments(base: Base, text: str, marks: Sequence[Mapping]) -> list[dict]:
    """The note cut where something was understood: [{"texte", "reperes": [{"type", "id", "champ", "sens"}]}].

    Marks that overlap share one piece: their words are shown once, with all that they mean.
    """
    pieces, end = [], 0
    for start, stop, group in _together(text, marks):
        if start > end:
            pieces.append({"texte": text[end:start], "reperes": []})
        pieces.append({"texte": text[start:stop], "reperes": [_meaning(base, mark) for mark in group]})
        end = stop
    if end < len(text):
        pieces.append({"texte": text[end:], "reperes": []})
    return pieces


def _together(text: str, marks: Sequence[Mapping]) -> list[tuple[int, int, list[Mapping]]]:
    groups: list[tuple[int, int, list[Mapping]]] = []
    for mark in sorted(marks, key=lambda one: (one["debut"], -one["fin"])):
        start, stop = _trimmed(text, max(0, mark["debut"]), min(len(text), mark["fin"]))
        if groups and start < groups[-1][1]:
            first, last, group = groups[-1]
            same = any((one["type"], one["id"]) == (mark["type"], mark["id"]) for one in group)
            groups[-1] = (first, max(last, stop), group if same else [*group, mark])
        elif start < stop:
            groups.append((start, stop, [mark]))
    return groups


def _trimmed(text: str, start: int, stop: int) -> tuple[int, int]:
    """The same span without the spaces and commas at its ends."""
    while start < stop and text[start] in _EDGES:
        start += 1
    while start < stop and text[stop - 1] in _EDGES:
        stop -= 1
    return start, stop


def _meaning(base: Base, mark: Mapping) -> dict:
    kind, name = mark["type"], mark["id"]
    if kind == "fait" and name in base.facts:
        fact = base.facts[name]
        return {
            "type": kind,
            "id": name,
            "champ": name,
            "sens": f"{fact_name(fact)} : {said(fact, mark['valeur'])}",
        }
    if kind == "besoin" and name in base.needs:
        return {
            "type": kind,
            "id": name,
            "champ": f"besoin-{name}",
            "sens": f"Besoin : {need_name(base, name)}",
        }
    return {"type": kind, "id": name, "champ": "dangers", "sens": "Danger"}
