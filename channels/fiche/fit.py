"""What leaves the sheet so that the front and the back each hold on one A4 page.

Pure functions. Paper cannot be scrolled: what is too much leaves by whole parts, the least useful first. Heights are
estimated from the texts, in millimetres; `fiche.css` sets the same sizes, and the tests that count the pages of the
PDF hold both together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from textwrap import wrap

from channels.fiche.view import Answer, Sheet, cited
from channels.web.wording import sentences

PAGE = 250.0  # mm below the title of the page, but for what an estimate may miss

# Height of a line, letters that surely fit in it, space after a sentence. See fiche.css.
_TEXT, _TITLE = (6.45, 46, 0.6), (7.7, 31, 0.5)
_SIDE, _SMALL, _BACK = (5.3, 35, 0.0), (3.4, 54, 0.0), (4.4, 100, 0.3)
_ANSWER_GAP = 5.0
_PLAN, _NUMBERS, _HEADINGS, _BACK_FOOT = 89.0, 26.0, 38.0, 12.0


def fitted(whole: Sheet, room: float = PAGE) -> Sheet:
    """The fullest sheet of which no column is higher than `room` millimetres; at worst the lightest one."""
    for lighter, height in ((_lighter_text, text_mm), (_lighter_side, side_mm), (_lighter_back, back_mm)):
        whole = _first(lighter(whole), height, room)
    return whole


def _first(sheets: Iterator[Sheet], height: Callable[[Sheet], float], room: float) -> Sheet:
    for one in sheets:
        if height(one) <= room:
            break
    return one


# --- in which order parts leave ---------------------------------------------------------------------


def _lighter_text(whole: Sheet) -> Iterator[Sheet]:
    """As many answers as can be; for that many, first leaves what is good to know, from the last answer to the first.

    Then the conditions of the places. Then what the last answers are and what is to be checked in them. Of the
    first answer, that leaves only when it is alone; never its name, place, hours, phone, steps and papers.
    """
    for count in range(len(whole.answers), 0, -1):
        fewer = replace(whole, answers=whole.answers[:count])
        yield fewer
        for part in ("notes", "terms", "text", "to_check"):
            for rank in reversed(range(count)):
                if rank == 0 and count > 1 and part in ("text", "to_check"):
                    continue
                fewer = _without(fewer, rank, part)
                yield fewer
    if not whole.answers:
        yield whole


def _lighter_side(whole: Sheet) -> Iterator[Sheet]:
    """The sources from the last one, then the needs asked from the last one, then the names of the other answers."""
    yield whole
    for count in range(len(whole.sources) - 1, 0, -1):
        whole = replace(whole, most_sources=count)
        yield whole
    for count in range(len(whole.asked) - 1, 0, -1):
        whole = replace(whole, asked=whole.asked[:count])
        yield whole
    yield replace(whole, names=())


def _lighter_back(whole: Sheet) -> Iterator[Sheet]:
    """The addresses of the sources, then reasons, from the last answer: those that are met come last in each."""
    yield whole
    whole = replace(whole, addresses=False)
    yield whole
    for rank in reversed(range(len(whole.answers))):
        while whole.answers[rank].reasons:
            whole = _with(whole, rank, reasons=whole.answers[rank].reasons[:-1])
            yield whole


def _without(whole: Sheet, rank: int, part: str) -> Sheet:
    answer = whole.answers[rank]
    if part == "terms":
        return _with(whole, rank, place=answer.place and replace(answer.place, terms=""))
    return _with(whole, rank, **{part: type(getattr(answer, part))()})


def _with(whole: Sheet, rank: int, **parts: object) -> Sheet:
    changed = replace(whole.answers[rank], **parts)
    return replace(whole, answers=(*whole.answers[:rank], changed, *whole.answers[rank + 1 :]))


# --- how high it is ---------------------------------------------------------------------------------


def text_mm(one: Sheet) -> float:
    """Height of the column for the person."""
    told: set[str] = set()
    total = 0.0
    for answer in one.answers:
        total += _answer_mm(answer, told)
        told |= {answer.place.id} if answer.place else set()
    return total


def _answer_mm(answer: Answer, told: set[str]) -> float:
    parts = ["Statut", answer.text, f"Comment faire : {answer.steps}", *answer.to_check, *answer.notes]
    parts += [f"- {document}" for document in ("À apporter :", *answer.documents) if answer.documents]
    parts += ["Ce qui reste à vérifier :"] if answer.to_check else []
    if place := answer.place:
        parts.append(f"1 Où : {place.name}")
        if place.id not in told:
            parts += [place.address or "", place.metro and f"Métro {place.metro}." or "", place.terms]
            parts += [f"Quand : {place.hours}", f"Téléphone : {place.phone or ''}"]
    return _ANSWER_GAP + _lines(answer.name, _TITLE) + sum(_lines(part, _TEXT) for part in parts)


def side_mm(one: Sheet) -> float:
    """Height of the column with the plan, the numbers and the sources."""
    beside = [
        *one.asked,
        *one.others,
        one.near or "",
        one.help["texte"],
        *(place.name * 2 for place in one.places),
    ]
    checked = [f"{place.name} : information du mercredi 30 septembre 2026" for place in one.places]
    return (
        _NUMBERS + _HEADINGS
        + (_PLAN if one.places else 0)
        + sum(_lines(text, _SIDE) for text in beside)
        + sum(_lines(text, _SMALL) for text in (*checked, *one.sources))
    )  # fmt: skip


def back_mm(one: Sheet) -> float:
    """Height of the back; 0 without one."""
    if not one.back:
        return 0.0
    return (
        _BACK_FOOT
        + sum(_lines(line, _BACK) for line in ("Notes", *one.notes))
        + sum(_back_answer_mm(answer, one.addresses) for answer in one.answers)
    )


def _back_answer_mm(answer: Answer, addresses: bool) -> float:
    lines = ["nom", ", ".join(("Faits qui manquent", *answer.missing)), answer.prescriber or ""]
    for reason in answer.reasons:
        lines.append(f"À vérifier par quelqu'un, confiance moyenne : {reason['texte']}")
        if reason["source"]:
            lines.append(cited(reason["source"]))
            lines += [reason["source"]["adresse"] or ""] if addresses else []
    return 6.0 + sum(_lines(line, _BACK) for line in lines)


def _lines(text: str, kind: tuple[float, int, float]) -> float:
    line, letters, gap = kind
    return sum(line * len(wrap(sentence, letters)) + gap for sentence in sentences(text))
