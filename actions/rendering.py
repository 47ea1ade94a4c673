"""The orientation object and the base, said in short plain sentences for a conversation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from actions.orientation import human_help
from actions.texts import texts
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
    not understood and may be offered for review.
    """

    texte: str
    boutons: tuple[Button, ...] = ()
    orientation: dict | None = None
    dispositif: str | None = None
    alerte: str | None = None
    bref: bool = False
    incompris: bool = False


def say(key: str, **words: object) -> Message:
    """A message whose text is the sentence `key`, its braces filled."""
    return Message(texts()[key].format(**words))


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
    return Message("\n".join(texts()["accueil"]), _need_buttons(base, texts()["besoins_proposes"]))


def question(base: Base, fact_id: str, choices: Sequence[str] = ()) -> Message:
    """A question with its answers as buttons; one can always say « je ne sais pas » or ask why."""
    if fact_id not in base.facts:
        return Message(texts()["besoin_question"], _need_buttons(base, texts()["besoins_proposes"]))
    if choices:
        buttons = tuple(Button(choice, inform(lieu=choice)) for choice in choices)
        other = Button(texts()["bouton_autre_lieu"], "/ne_sait_pas")
        return Message(texts()["lieu_ambigu"], (*buttons, other))
    fact = base.facts[fact_id]
    return Message(fact.question, (*_answers(fact), *_ways_out(fact)))


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


def why(base: Base, fact_id: str | None) -> Message:
    """Why the question under way is asked."""
    if fact_id in base.facts:
        return Message(base.facts[fact_id].why)
    return say("besoin_pourquoi" if fact_id else "pourquoi_rien")


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
    if first and (first["distance_m"] is not None or not dispositif["depend_du_lieu"]):
        lines += place(first)
    if brief:
        return Message("\n".join(lines), dispositif=dispositif["id"], bref=True)
    papers = dispositif["documents"][:_MOST_DOCUMENTS]
    if papers:
        lines += [texts()["papiers"], *papers]
    # On the page the way to ask is on the card beside; elsewhere it must be in the text.
    lines.append(dispositif["orientation_texte"] or (None if canal == "web" else dispositif["demarche"]))
    return Message("\n".join(line for line in lines if line), dispositif=dispositif["id"])


def _reason(reason: Mapping) -> str:
    """A reason as it is said. A rule badly known is said so, even when the person seems to meet it."""
    doubtful = reason["confiance"] == "basse" and reason["resultat"] != "inconnu"
    return f"{reason['texte']} {texts()['regle_a_verifier']}" if doubtful else reason["texte"]


def _status_key(dispositif: Mapping) -> str:
    if dispositif["statut"] == "oui" and dispositif["inconditionnel"]:
        return "statut_oui_ouvert"
    return f"statut_{dispositif['statut']}"


def place(service: Mapping) -> list[str]:
    """The lines that say where a place is, how far, whether it is open, how to call."""
    address = ", ".join(part for part in (service["adresse"], _district(service)) if part)
    lines = [texts()["lieu" if address else "lieu_sans_adresse"].format(nom=service["nom"], adresse=address)]
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
    help_ = human_help(base, [need], {})
    return Message("\n".join((base.needs[need].phrase, texts()["rien_trouve"], *_help(help_))))


def closing(
    base: Base, needs: Sequence[str], facts: Mapping[str, object], after: Sequence[Message] = ()
) -> Message:
    """The end of an answer: a person to talk to, unless just named `after`, and what can be done next."""
    buttons = (
        Button(texts()["bouton_humain"], "/humain"),
        Button(texts()["bouton_recommencer"], "/recommencer"),
    )
    help_ = "\n".join(_help(human_help(base, needs, facts)))
    lines = (texts()["fin"],) if any(help_ in message.texte for message in after) else (help_, texts()["fin"])
    return Message("\n".join(lines), buttons)


def human(base: Base, needs: Sequence[str], facts: Mapping[str, object]) -> Message:
    """How to reach a person."""
    lines = (texts()["humain"], *_help(human_help(base, needs, facts)), texts()["humain_urgence"])
    return Message("\n".join(lines))


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
    return (*messages, Message(texts()["danger_suite"], buttons))


def guesses(base: Base, needs: Sequence[str]) -> Message:
    """What may have been meant, as buttons; without a guess, the commonest needs."""
    if needs:
        return Message(texts()["pas_compris_choix"], _need_buttons(base, needs))
    return Message(texts()["besoin_question"], _need_buttons(base, texts()["besoins_proposes"]))


def _need_buttons(base: Base, needs: Sequence[str]) -> tuple[Button, ...]:
    return tuple(Button(base.needs[need].label, inform(besoin=need)) for need in needs)
