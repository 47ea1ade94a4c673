"""What leaves by SMS: GSM-7 only, within its budget, nothing cut, no doubt left out."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions import rendering
from actions.glossary import glossary
from actions.orientation import PARIS
from channels.sms import composer
from channels.sms.choices import ChoicesInProcess, Memory
from channels.sms.gsm7 import is_gsm7, segments, to_gsm7
from channels.sms.parts import Part, fit, sentences, tell, where
from channels.sms.questions import ask, numbered
from channels.sms.replies import Replies
from channels.sms.words import words
from data.ranking import find_places
from tests.built_base import database
from tests.sms_turns import Steps, random_states, whole_turn

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=PARIS)
PHONE = re.compile(r"\b0 ?\d(?:[ .]?\d\d){3,4}\b|\b0 8\d\d( \d\d){3}\b")
WORD = re.compile(r"[^\W\d_]+|\d+")
# Written otherwise than in the orientation: « 18e », « 9h30 », and the numbers of the answers.
ALWAYS = {"e", "er", "h", *map(str, range(60)), *(f"{minute:02}" for minute in range(10))}


# GSM-7


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("é è à ù ì ò Ç É ü ö ñ", "é è à ù ì ò Ç É ü ö ñ"),
        ("ê ë ç â î ï ô û ÿ", "e e c a i i o u y"),
        ("À Â È Ê Î Ô Ù Û", "A A E E I O U U"),
        ("sœur, cœur, Œuvre", "soeur, coeur, OEuvre"),
        ("l’été… – « Clichy » !", 'l\'été... - "Clichy"!'),
        ("Horaires\u202f: 9\u00a0h", "Horaires: 9 h"),
        ("bravo 👍🏽 merci", "bravo merci"),
        ("10 €", "10 €"),
        ("n° 3", "no 3"),
        ("مرحبا bonjour", "? bonjour"),
        ("où ?!", "où?!"),
        ("a\u200bb\ufeff", "ab"),
        ("une ligne\nune autre", "une ligne\nune autre"),
    ],
)
def test_french_keeps_its_sense_in_gsm7(written, sent):
    assert to_gsm7(written) == sent


@settings(deadline=None)
@given(st.text())
def test_any_text_becomes_gsm7_and_stays_so(text):
    folded = to_gsm7(text)
    assert is_gsm7(folded)
    assert to_gsm7(folded) == folded


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1), ("€" * 81, 2)],
)
def test_segments_are_those_that_are_paid(text, count):
    assert segments(text) == count


def test_a_text_outside_the_alphabet_is_not_counted_as_if_it_were_in():
    with pytest.raises(ValueError, match="GSM-7"):
        segments("sœur")


# The channel's own words


def test_every_text_of_the_channel_holds_in_its_budget():
    said, budget = words(), words()["budget"]
    for key in ("stop", "reprendre", "aide", "efface", "efface_plus_tard", "panne", "sans_suite"):
        assert segments(to_gsm7(said[key])) == 1, key
    for alert, text in said["danger"].items():
        assert segments(to_gsm7(text)) == budget["danger"] == 1, alert


def test_danger_gives_the_numbers_of_the_base_the_first_one_always(base):
    for alert in base.base.alerts.values():
        text = words()["danger"][alert.id]
        numbers = [number.number for number in alert.numbers]
        assert numbers[0] in text, alert.id
        said = set(re.findall(r"\b(?:116 \d{3}|\d{2,4})\b", text))
        assert said <= set(numbers), alert.id


def test_emergency_numbers_of_the_channel_are_those_of_the_base(base):
    known = {number.number for number in base.base.numbers} | {"39", "75", "24"}
    for key in ("presentation", "stop", "aide", "panne", "illisible_suite"):
        assert set(re.findall(r"\d+", words()[key])) <= known, key


def test_short_labels_are_those_of_known_needs_and_answers(base):
    assert set(words()["besoins"]) == set(base.base.needs)
    for fact, labels in words()["choix"].items():
        assert set(labels) == set(base.base.facts[fact].choices), fact
        assert len(set(labels.values())) == len(labels), fact


def test_every_question_holds_in_one_segment_and_every_answer_can_be_read(base):
    for fact in base.base.facts:
        message = rendering.question(base.base, fact)
        text, options, shown = ask(message.texte, [vars(button) for button in message.boutons])
        seen = shown
        pages = [text]
        while seen < len(options):
            page, following = numbered(words()["menu"], options, seen)
            assert following > seen, fact
            pages.append(page)
            seen = following
        assert all(segments(to_gsm7(page)) == 1 for page in pages), fact
        assert all(any(f"{o.numero} {o.texte}" in page for page in pages) for o in options), fact


def test_several_dangers_are_told_gravest_first_one_segment_each(base):
    spoken = rendering.danger(base.base, ["violences", "urgence_medicale"])
    messages = [vars(message) | {"boutons": []} for message in spoken]
    sms = composer.compose([{"messages": messages, "etat": {"faits": {}, "besoins": []}}], presented=False)
    assert [segments(text) for text in sms.texts] == [1, 1]
    assert "15" in sms.texts[0] and "17" in sms.texts[1]
    assert not sms.presented, "who speaks waits: nothing comes beside a danger"


# Parts


def test_the_least_useful_part_goes_first_and_whole():
    parts = [
        Part("premier", "A" * 150, 1, head=True),
        Part("distance", "C'est loin.", 1),
        Part("telephone", "01 23 45 67 89", 1),
    ]
    text, _ = fit(parts, 1)
    assert text == "A" * 150
    text, _ = fit([Part("premier", "A" * 140, 1, head=True), *parts[1:]], 1)
    assert text.endswith("01 23 45 67 89") and "loin" not in text


def test_parts_of_a_place_never_come_without_its_name_and_address():
    parts = [Part("premier", "A" * 150), Part("tete", "B" * 150, 2, head=True), Part("metro", "Métro X.", 2)]
    assert "Métro" not in fit(parts, 1)[0]


def test_a_sentence_never_comes_without_the_one_before_it():
    parts = [
        Part("demarche", "A" * 150),
        Part("demarche", "B" * 20 + "."),
        Part("demarche", "Il est gratuit."),
    ]
    assert "gratuit" not in fit(parts, 1)[0]


def test_a_question_goes_with_what_follows_it():
    assert sentences("Pas de place ? Rappelez. Dites où vous êtes.") == [
        "Pas de place ? Rappelez.",
        "Dites où vous êtes.",
    ]


# Random orientations of the real base


def _all_words(value: object) -> set[str]:
    if isinstance(value, str):
        return set(WORD.findall(to_gsm7(value)))
    if isinstance(value, dict):
        return {word for item in value.values() for word in _all_words(item)}
    if isinstance(value, (list, tuple)):
        return {word for item in value for word in _all_words(item)}
    return set()


@settings(max_examples=30, deadline=None)
@given(
    state=random_states(),
    hours_later=st.integers(0, 24 * 14),
    presented=st.booleans(),
)
def test_no_answer_is_ever_ucs2_over_budget_or_cut(state, hours_later, presented):
    turn = whole_turn(state, NOW + timedelta(hours=hours_later))
    sms = composer.compose([turn], presented)
    (text,) = sms.texts
    assert text and is_gsm7(text)
    assert segments(text) <= (3 if len(state.besoins) > 1 else 2)

    meant = [term.explanation for term in glossary()]
    known = {word.lower() for word in _all_words([turn["messages"], words(), meant])} | ALWAYS
    assert {word.lower() for word in WORD.findall(text)} <= known, "a word was cut"
    numbers = _numbers_in(turn)
    assert all(found[0] in numbers for found in PHONE.finditer(text)), "a phone number was changed"
    for service in _services(turn):
        if service["id"] in sms.places:
            assert to_gsm7(where(service)) in text
            if service["ouverture"]["confiance"] == "basse":
                assert "vérifier" in text
                assert not service["telephone"] or service["telephone"] in text


def _services(turn: dict) -> list[dict]:
    return [
        service
        for message in turn["messages"]
        if message["orientation"]
        for dispositif in message["orientation"]["dispositifs"]
        for service in dispositif["services"]
    ]


def _numbers_in(turn: dict) -> set[str]:
    orientations = str([message["orientation"] for message in turn["messages"]])
    return {found[0] for found in PHONE.finditer(to_gsm7(orientations))}


@settings(max_examples=15, deadline=None)
@given(state=random_states(), hours_later=st.integers(0, 24 * 14))
def test_every_page_of_suite_holds_in_two_segments_and_they_end(state, hours_later):
    db, at = database(), NOW + timedelta(hours=hours_later)

    async def read_all() -> list[str]:
        choices = ChoicesInProcess()
        replies = Replies(Steps(db, state, at), db, choices, now=lambda: at)
        texts = await replies.answer("s", "bonjour")
        for _ in range(40):
            if not Memory.from_dict(await choices.load("s")).suite:
                return texts
            texts += await replies.answer("s", "suite")
        raise AssertionError("SUITE has no end")

    for text in asyncio.run(read_all())[1:]:
        assert text and is_gsm7(text) and segments(text) <= 2


def test_every_place_of_the_base_can_be_told_in_two_segments(base):
    """Name, address, hours, phone and métro: whatever the place, and at night too."""
    for at in (NOW, NOW + timedelta(hours=13)):
        places = find_places(base, categories=base.categories, position=None, at=at, facts={}, limit=1000)
        assert len(places) > 100
        for service in places:
            dispositif = {
                "id": "x", "nom": "Un lieu", "statut": "oui", "inconditionnel": True, "depend_du_lieu": False,
                "orientation_texte": None, "documents": [], "demarche": "", "texte": "Un lieu.",
                "services": [service],
            }  # fmt: skip
            text, _ = fit(tell(dispositif, 1), 2)
            assert to_gsm7(where(service)) in text, service["id"]
            assert not service["telephone"] or service["telephone"] in text, service["id"]


# A place sent from a page


def test_a_place_kept_by_sms_is_whole_and_says_how_to_stop():
    db, told = database(), 0
    for record in db.services():
        [place] = find_places(db, ids=[record["id"]], position=None, at=NOW, facts={}, limit=1) or [None]
        if record["sensible"] or place is None or not place["adresse"]:
            continue
        text = composer.kept_place(place)
        assert is_gsm7(text) and segments(text) <= words()["budget"]["reponse"], text
        assert "STOP" in text and to_gsm7(where(place)) in text, text
        called = not place["ouverture"]["texte"].endswith("Appelez avant.") or not place["telephone"]
        assert called or place["telephone"] in text, text
        told += 1
    assert told > 100
