"""Nothing said twice in a row, hard words explained where they are first read, and what was said heard."""

from __future__ import annotations

import pytest

from actions import rendering, replies
from actions.composing import Before, before, compose, sentences
from actions.conversation import Question, State
from actions.glossary import FILE, glossary, to_explain
from actions.rendering import Button, Message
from actions.texts import texts, variants
from data.yaml_reader import YamlError, read_yaml

NOTHING, UNKNOWN = Before(), State()


def said(*bubbles: str, now: tuple[str, ...] = ()) -> Before:
    return Before(now, bubbles, bubbles)


def sent(*messages: Message, before: Before = NOTHING, canal: str = "web") -> list[str]:
    return [message.texte for message in compose(messages, before, canal)]


# Never twice in a row


def test_a_question_asked_again_is_shorter_and_says_so():
    asked = Message("Quel âge avez-vous ? Comptez bien.", autrement=("Ma question : quel âge avez-vous ?",))
    assert sent(asked, before=said("Quel âge avez-vous ? Comptez bien.")) == [
        "Ma question : quel âge avez-vous ?"
    ]
    assert sent(asked, before=said("Ma question : quel âge avez-vous ?")) == [asked.texte]


def test_each_sentence_with_variants_has_words_for_two_answers_in_a_row():
    for key in [key for key in texts() if variants(key)]:
        first = texts()[key] if isinstance(texts()[key], str) else "\n".join(texts()[key])
        for wording in variants(key):
            assert not set(sentences(first)) & set(sentences(wording)), key


def test_without_other_words_only_what_is_new_is_left():
    assert sent(Message("Venez. Apportez du savon."), before=said("Venez.")) == ["Apportez du savon."]
    assert sent(Message("Venez."), before=said("Venez.")) == []
    answers = Message("Venez.", (Button("Oui", "/oui"),))
    assert sent(answers, before=said("Venez.")) == ["Venez."], "answers to choose from are never lost"


def test_a_bubble_is_said_once_in_an_answer_whatever_its_words():
    ending = Message("Appelez le 115.", autrement=("Le 115 vous répond.",))
    assert sent(ending, ending) == ["Appelez le 115."]
    assert sent(ending, before=said(now=("Le 115 vous répond.",))) == []


def test_a_danger_has_its_numbers_every_time(base):
    spoken = rendering.danger(base.base, ["violences"])
    first = [message.texte for message in spoken]
    assert sent(*spoken, before=said(*first))[0] == first[0]


def test_a_place_just_told_is_named_without_its_details_again():
    place = "Où aller : A, 1 rue B.\nOuvert."
    other = Message(
        f"Aide 1.\n{place}", dispositif="fsl", autrement=("Aide 1.\nOù aller : au même endroit, A.",)
    )
    assert sent(other, before=said(f"Aide 2.\n{place}")) == ["Aide 1.\nOù aller : au même endroit, A."]
    assert sent(other, before=said("Aide 2.\nOù aller : C, 2 rue D.\nOuvert.")) == [other.texte]


def events(*turns: tuple[str, ...], intent: str = "merci") -> list[dict]:
    told = [
        event
        for bubbles in turns
        for event in ({"event": "user"}, *({"event": "bot", "text": bubble} for bubble in bubbles))
    ]
    return [
        *told,
        {"event": "user", "parse_data": {"intent": {"name": intent}}},
        {"event": "bot", "text": "Oui."},
    ]


def test_what_was_said_is_read_in_the_events_of_the_conversation():
    assert before(events(("A.",), ("B.", "C."))) == Before(
        ("Oui.",), ("B.", "C."), ("A.", "B.", "C.", "Oui.")
    )
    assert before([]) == Before()


def test_who_asks_to_hear_it_again_has_the_same_words():
    assert before(events(("A.",), intent="repeter")).just == ()


# Hard words


def test_a_hard_word_is_explained_before_its_first_use_and_never_again():
    bail = next(term for term in glossary() if term.name == "bail")
    told = sent(Message("Gardez votre bail."), Message("Montrez le bail."))
    assert told == [bail.explanation, "Gardez votre bail.", "Montrez le bail."]
    assert sent(Message("Le bail est le contrat.")) == ["Le bail est le contrat."]
    assert sent(Message("Gardez votre bail."), canal="sms") == ["Gardez votre bail."]


def test_no_explanation_needs_another_that_is_missing():
    for name, entry in read_yaml(FILE, FILE.name).items():
        text = "\n".join(sent(Message(f"Voyez : {entry['formes'][0]}.")))
        missing = [
            term.name for term in glossary() if term.pattern.search(text) and not term.explained_in(text)
        ]
        assert not missing, name


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("mot:\n  formes: [mot]", 1, "explication"),
        ('mot:\n  formes: mot\n  explication: "Un mot."', 2, "liste de mots"),
        ('mot:\n  formes: [mot]\n  explication: "Un mot."\n  jamai: [m]', 4, "jamai"),
    ],
)
def test_a_glossary_badly_written_is_refused_with_its_line(tmp_path, content, line, message):
    file = tmp_path / "glossaire.yml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(YamlError, match=message) as error:
        glossary(file)
    assert error.value.line == line


# What was said is heard


def heard(base, told: dict, known: State = UNKNOWN, canal: str = "web", **parse) -> str:
    now = State(faits={**known.faits, **told})
    message = {"text": "…", "entities": [], **parse}
    return "\n".join(bubble.texte for bubble in replies.acknowledge(base, known, now, message, canal))


def test_new_facts_are_said_back_two_at_most(base):
    told = {"age": 22, "logement_actuel": "rue", "arrondissement": 18}
    assert heard(base, told) == "J'ai noté : vous dormez dehors.\nVous avez 22 ans."
    assert heard(base, {"arrondissement": 1}) == "J'ai noté : vous êtes dans le 1er arrondissement."
    assert heard(base, {"dette_loyer": 1200.0}) == "J'ai noté : vous devez 1 200 euros de loyer."


def test_a_correction_is_said_back_even_by_sms(base):
    known = State(faits={"age": 26})
    assert heard(base, {"age": 22}, known, "sms") == "J'ai corrigé : vous avez 22 ans."


def test_what_is_obvious_sensitive_or_paid_by_the_letter_is_not_said_back(base):
    assert heard(base, {"age": 22}, State(question=Question("age"))) == ""
    assert heard(base, {"age": 22}, text='/informer{"age": 22}') == ""
    assert heard(base, {"age": 22}, canal="sms") == ""
    sensitive = next(fact for fact in base.base.facts.values() if fact.sensitive and fact.type == "bool")
    assert heard(base, {sensitive.id: True}) == ""
    assert heard(base, {"animal": False}) == ""


@pytest.mark.parametrize("felt", ["honte", "colere", "decouragement"])
def test_a_feeling_said_beside_a_need_is_answered_first(base, felt):
    entities = [{"entity": "ressenti", "value": felt}]
    assert heard(base, {"age": 22}, entities=entities).startswith(texts()[felt])


@pytest.mark.parametrize(
    "act", ["hors_sujet", "insulte", "stop", "pas_compris", "honte", "colere", "decouragement"]
)
def test_a_conversation_that_could_end_there_names_someone_to_call(base, act):
    for facts, number in (({}, "39 75"), ({"logement_actuel": "rue"}, "115")):
        spoken = replies.reply(base.base, act, (), facts)
        assert number in spoken.texte
        assert spoken.autrement and all(number in wording for wording in spoken.autrement)


def test_a_term_is_found_whatever_its_capitals_and_apostrophes():
    for term in glossary():
        for form in term.forms:
            written = (form, form.upper(), form.capitalize(), form.replace("'", "’"))
            for text in (f"Il faut {one}." for one in written):
                explained = [] if term.explained_in(text) else [term]
                found = explained if term.pattern.search(text) else []
                assert [one for one in to_explain(text, ()) if one is term] == found, text
