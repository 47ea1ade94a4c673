"""The orientation object and the base, said in short plain sentences for a conversation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from actions.orientation import human_help
from actions.texts import texts, variants
from data.distance import say_metres, say_minutes
from rules.model import Base, Fact

_MOST_REASONS = 3
_MOST_DOCUMENTS = 3


@dataclass(frozen=True)
class Button:
    """An answer offered: what is read, and what is sent when it is chosen."""

    texte: str
    valeur: str


@dataclass(frozen=True)
class Message:
    """One bubble: a text of one or several lines, buttons, and the orientation it comes from.

    `dispositif` is the id of the one the text tells: a page may show its card instead. `alerte` is the
    danger that the text answers: a page makes it stand out. `bref`: another answer came before this one, a
    page may show less of it at first. `incompris` says that the person's message was
    not understood and may be offered for review. `autrement`: other wordings, for when it was just said.
    """

    texte: str
    boutons: tuple[Button, ...] = ()
    orientation: dict | None = None
    dispositif: str | None = None
    alerte: str | None = None
    bref: bool = False
    incompris: bool = False
    autrement: tuple[str, ...] = ()


def say(key: str, *buttons: Button, **words: object) -> Message:
    """A message whose text is the sentence `key`, its braces filled."""
    return Message(texts()[key].format(**words), buttons, autrement=_other_wordings(key, **words))


def _other_wordings(key: str, **words: object) -> tuple[str, ...]:
    return tuple(wording.format(**words) for wording in variants(key))


def inform(**facts: object) -> str:
    """The payload of a button that tells facts or a need."""
    return f"/informer{json.dumps(facts, ensure_ascii=False)}"


def change(fact: str) -> str:
    """The payload of a button that forgets a fact and asks it again. The dialogue server knows this form."""
    return inform(fait_oublie=fact)


def withdraw(need: str) -> str:
    """The payload of a button that takes a need back. The dialogue server knows this form."""
    return inform(besoin_oublie=need)


def welcome(base: Base) -> Message:
    """The first message, with the commonest needs as buttons."""
    buttons = need_buttons(base, texts()["besoins_proposes"])
    return Message("\n".join(texts()["accueil"]), buttons, autrement=_other_wordings("accueil"))


def question(base: Base, fact_id: str, choices: Sequence[str] = ()) -> Message:
    """A question with its answers as buttons; one can always say « je ne sais pas » or ask why."""
    if fact_id not in base.facts:
        return say("besoin_question", *need_buttons(base, texts()["besoins_proposes"]))
    if choices:
        buttons = tuple(Button(choice, inform(lieu=choice)) for choice in choices)
        other = Button(texts()["bouton_autre_lieu"], "/ne_sait_pas")
        return say("lieu_ambigu", *buttons, other)
    fact = base.facts[fact_id]
    return Message(fact.question, (*_answers(fact), *_ways_out(fact)), autrement=(_shorter(fact.question),))


def _shorter(question: str) -> str:
    """A question just asked, without the sentences that explain it."""
    asked = question[: question.find("?") + 1] or question
    return texts()["question_rappel"].format(question=asked[0].lower() + asked[1:])


def _answers(fact: Fact) -> Iterable[Button]:
    if fact.type == "bool":
        yield Button(texts()["bouton_oui"], inform(**{fact.id: True}))
        yield Button(texts()["bouton_non"], inform(**{fact.id: False}))
    for value, text in fact.choices.items():
        yield Button(text, inform(**{fact.id: value}))


def _ways_out(fact: Fact) -> Iterable[Button]:
    yield Button(texts()["bouton_ne_sait_pas"], "/ne_sait_pas")
    if fact.sensitive:
        yield Button(texts()["bouton_prefere_pas"], "/ne_sait_pas")
    yield Button(texts()["bouton_pourquoi"], "/pourquoi")


def why(base: Base, fact_id: str) -> Message:
    """Why the question under way is asked."""
    if fact_id in base.facts:
        return Message(base.facts[fact_id].why, autrement=(texts()["pourquoi_encore"],))
    return say("besoin_pourquoi")


def result(dispositif: Mapping, canal: str, brief: bool = False) -> Message:
    """What one dispositif is for this person: status, what is missing, where, what to bring, how to ask.

    `brief` leaves out what it gives, the papers and the way to ask: another answer came before it.
    """
    lines = [texts()[_status_key(dispositif)].format(nom=dispositif["nom"])]
    if dispositif["statut"] == "non":
        lines += [reason["texte"] for reason in dispositif["raisons"]]
        return Message("\n".join(lines), dispositif=dispositif["id"])
    if not brief:
        lines.append(dispositif["texte"])
    if dispositif["statut"] == "a_verifier":
        lines += [_reason(reason) for reason in dispositif["raisons"][:_MOST_REASONS]]
    first = next(iter(dispositif["services"]), None)
    located = first and (first["distance_m"] is not None or not dispositif["depend_du_lieu"])
    after = [] if brief else list(_how_to_ask(dispositif, canal))
    there = place(first) if located else []
    same = located and texts()["meme_appel" if by_phone(first) else "meme_lieu"].format(nom=first["nom"])
    again = ["\n".join((*lines, same, *after))] if located else []
    return Message(
        "\n".join((*lines, *there, *after)), dispositif=dispositif["id"], bref=brief, autrement=tuple(again)
    )


def _how_to_ask(dispositif: Mapping, canal: str) -> Iterable[str]:
    papers = dispositif["documents"][:_MOST_DOCUMENTS]
    if papers:
        yield from (texts()["papiers"], *papers)
    # On the page the way to ask is on the card beside; elsewhere it must be in the text.
    how = dispositif["orientation_texte"] or (None if canal == "web" else dispositif["demarche"])
    if how:
        yield how


def _reason(reason: Mapping) -> str:
    """A reason as it is said. A rule badly known is said so, even when the person seems to meet it."""
    doubtful = reason["confiance"] == "basse" and reason["resultat"] != "inconnu"
    return f"{reason['texte']} {texts()['regle_a_verifier']}" if doubtful else reason["texte"]


def by_phone(service: Mapping) -> bool:
    """Whether one calls this service instead of going there: it has a number and no place (the 115)."""
    return not service["adresse"] and not service["arrondissement"] and bool(service["telephone"])


def _status_key(dispositif: Mapping) -> str:
    if dispositif["statut"] == "oui" and dispositif["inconditionnel"]:
        first = next(iter(dispositif["services"]), None)
        return "statut_oui_appel" if first and by_phone(first) else "statut_oui_ouvert"
    return f"statut_{dispositif['statut']}"


def place(service: Mapping) -> list[str]:
    """The lines that say where a place is, how far, whether it is open, how to call."""
    address = ", ".join(part for part in (service["adresse"], _district(service)) if part)
    where = "lieu" if address else "appel" if by_phone(service) else "lieu_sans_adresse"
    lines = [texts()[where].format(nom=service["nom"], adresse=address)]
    if service["distance_m"] is not None:
        lines.append(
            texts()["distance_loin" if service["loin"] else "distance"].format(
                distance=say_metres(service["distance_m"]), minutes=say_minutes(service["a_pied_min"])
            )
        )
    elif service["metro"]:
        lines.append(texts()["metro"].format(stations=service["metro"]))
    lines.append(service["ouverture"]["texte"])
    if service["telephone"]:
        lines.append(texts()["telephone"].format(numero=service["telephone"]))
    return lines


def _district(service: Mapping) -> str | None:
    number = service["arrondissement"]
    return f"Paris {number}{'er' if number == 1 else 'e'}" if number else None


def nothing_for(base: Base, need: str) -> Message:
    """When no dispositif answers a need: say so, and who can."""
    return in_other_words(
        (base.needs[need].phrase,), wordings("rien_trouve"), help_wordings(human_help(base, [need], {}))
    )


def closing(
    base: Base, needs: Sequence[str], facts: Mapping[str, object], after: Sequence[Message] = ()
) -> Message:
    """The end of an answer: a person to talk to, unless just named `after`, and what can be done next."""
    buttons = (
        Button(texts()["bouton_humain"], "/humain"),
        Button(texts()["bouton_recommencer"], "/recommencer"),
    )
    help_ = help_wordings(human_help(base, needs, facts))
    if any(help_[0] in message.texte for message in after):
        return say("fin", *buttons)
    return in_other_words(help_, wordings("fin"), buttons=buttons)


def human(base: Base, needs: Sequence[str], facts: Mapping[str, object]) -> Message:
    """How to reach a person."""
    help_ = help_wordings(human_help(base, needs, facts))
    return in_other_words(wordings("humain"), help_, wordings("humain_urgence"))


def in_other_words(*parts: Sequence[str], buttons: tuple[Button, ...] = ()) -> Message:
    """A message of several parts, each with its wordings, the best first."""
    first, *others = ("\n".join(lines) for lines in product(*parts))
    return Message(first, buttons, autrement=tuple(others))


def wordings(key: str) -> tuple[str, ...]:
    """All the ways to say the sentence `key`, the best first."""
    return (texts()[key], *variants(key))


def help_wordings(help_: Mapping) -> tuple[str, ...]:
    """The ways to name someone to call: the whole of what is known, then their number in one short sentence."""
    number = help_["telephone"]
    reminders = (way.format(numero=number) for way in wordings("aide_rappel")) if number else ()
    return ("\n".join(_help(help_)), *reminders)


def _help(help_: Mapping) -> Iterable[str]:
    """The sentence that names someone, and their number when the sentence does not hold it."""
    yield help_["texte"]
    if help_["telephone"] and help_["telephone"] not in help_["texte"]:
        yield texts()["telephone"].format(numero=help_["telephone"])


def danger(base: Base, alerts: Sequence[str], interrupted: bool = False) -> tuple[Message, ...]:
    """For each danger, gravest first: the number to call, what to do now; then that we stay here.

    `interrupted`: a search was under way, a button offers to go on with it.
    """
    messages = []
    for alert in base.alerts.values():
        if alert.id in alerts:
            others = (number.text for number in alert.numbers if number.number not in alert.text)
            messages.append(Message("\n".join((alert.text, *others, *alert.advice)), alerte=alert.id))
    buttons = (Button(texts()["bouton_continuer"], inform()),) if interrupted else ()
    return (*messages, say("danger_suite", *buttons))


def guesses(base: Base, needs: Sequence[str]) -> Message:
    """What may have been meant, as buttons; without a guess, the commonest needs."""
    if needs:
        return say("pas_compris_choix", *need_buttons(base, needs))
    return say("besoin_question", *need_buttons(base, texts()["besoins_proposes"]))


def need_buttons(base: Base, needs: Sequence[str]) -> tuple[Button, ...]:
    return tuple(Button(base.needs[need].label, inform(besoin=need)) for need in needs)
