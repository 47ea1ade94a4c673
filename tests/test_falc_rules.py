"""The gate of plain French catches what was planted, lets the corrected form pass, and says why."""

from __future__ import annotations

from collections import Counter

import pytest

from cli.project import ROOT
from data.yaml_reader import YamlError, read_yaml
from falc.checks.glossary import unexplained
from falc.checks.length import AIM, FLOOR
from falc.gate import CROWDED, judge, rules
from falc.lexicon import FOLDER, lexicon
from falc.model import BLOCKS, Finding, Text
from falc.sentences import cut, kandel_moles, read, syllables
from falc.syntax import Reader, Unavailable
from falc.waivers import Waiver, apply, waivers

PLANTED = read_yaml(ROOT / "tests" / "falc" / "fautes.yml")


@pytest.fixture(scope="module")
def reader() -> Reader:
    reader = Reader()
    try:
        reader.read(["Appelez le 115."])
    except Unavailable as absent:
        pytest.skip(str(absent))
    return reader


def found_in(reader: Reader, words: str, kind: str = "phrase", channel: str = "web") -> list[Finding]:
    return judge([Text("t", "t", 1, channel, kind, words)], lexicon(), reader)


def test_there_are_sixty_planted_faults_and_each_rule_has_one():
    assert len(PLANTED) >= 60
    assert {fault["code"] for fault in PLANTED} == {rule.code for rule in rules()} | {CROWDED}


@pytest.mark.parametrize("fault", PLANTED, ids=[f"{f['code']}-{n}" for n, f in enumerate(PLANTED)])
def test_a_planted_fault_is_caught_and_its_correction_passes(reader, fault):
    where = {"kind": fault.get("genre", "phrase"), "channel": fault.get("canal", "web")}
    caught = [
        finding for finding in found_in(reader, fault["faute"], **where) if finding.code == fault["code"]
    ]
    assert fault.get("niveau", BLOCKS) in {finding.level for finding in caught}
    for finding in caught:
        assert finding.problem and finding.better
        assert finding.sentence[finding.start : finding.end].strip()
    right = found_in(reader, fault["juste"], **where)
    assert [f.problem for f in right if f.code == fault["code"] or f.level == BLOCKS] == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Vous êtes domicilié à Paris.",
        "Le lieu est fermé le lundi.",
        "Vous êtes hébergé chez une personne.",
        "La douche est ouverte à tous.",
        "Votre enfant est né à Paris.",
        "Vous êtes inscrit à la mairie.",
        "Le lieu est situé près de la gare.",
    ],
)
def test_a_state_is_not_a_passive(reader, sentence):
    assert "PASS" not in {finding.code for finding in found_in(reader, sentence)}


@pytest.mark.parametrize(
    "sentence",
    [
        "Vous avez un toit.",
        "Il faut du temps dans une tente.",
        "Votre enfant a une petite tête.",
        "Vous venez sans rendez-vous.",
        "Appelez SOS loyers impayés.",
        "Appelez le 0 800 948 999.",
        "Il n'y a pas toujours de la place.",
        "Envoyez la lettre à TSA 20028, 93736 Bobigny cedex 9.",
    ],
)
def test_what_only_looks_like_a_fault_passes(reader, sentence):
    assert [f.problem for f in found_in(reader, sentence) if f.level == BLOCKS] == []


def test_sentences_are_cut_by_punctuation():
    text = "Appelez le 115, jour et nuit. C'est gratuit !\nVous avez froid ? Dites-le."
    assert list(cut(text)) == [
        "Appelez le 115, jour et nuit.",
        "C'est gratuit !",
        "Vous avez froid ?",
        "Dites-le.",
    ]


def test_an_address_or_a_number_to_call_counts_for_one_word():
    assert read("Allez au 25 rue des Renaudes.").length == 3
    assert read("Appelez le 01 42 76 40 40.").length == 3


@pytest.mark.parametrize(
    ("word", "count"), [("douche", 1), ("papiers", 2), ("hébergement", 4), ("eau", 1), ("le", 1)]
)
def test_syllables(word, count):
    assert syllables(word) == count


def test_kandel_and_moles_puts_plain_words_above_administrative_ones():
    plain, hard = ("Vous pouvez venir le matin.", "La commission départementale examine votre réclamation.")
    scores = [kandel_moles([read(sentence)]) for sentence in (plain, hard)]
    assert scores[0] > AIM and scores[1] < FLOOR
    assert kandel_moles([]) is None


def test_a_term_must_be_explained_at_its_first_use_in_the_same_message_or_the_next():
    words = lexicon()
    said = ["Bonjour.", "Demandez une domiciliation.", "C'est une adresse pour votre courrier."]
    assert unexplained(said, words) == []
    late = [*said[:2], "Allez à la mairie.", said[2]]
    assert [(place, term.name) for place, term in unexplained(late, words)] == [(1, "domiciliation")]
    again = [*said, "Votre domiciliation dure 1 an."]
    assert unexplained(again, words) == []


def test_the_counter_keeps_its_professional_words_but_promises_nothing(reader):
    professional = "Le dispositif est instruit par le service prescripteur."
    assert found_in(reader, professional, channel="guichet") == []
    promise = found_in(reader, "Vous avez droit au RSA.", channel="guichet")
    assert [finding.code for finding in promise] == ["PROM"]


def test_a_sentence_excused_in_its_text_is_excused_where_it_is_shown_again(reader):
    words = "Prenez trois sacs."
    texts = [
        Text("t", "t", 1, "web", "phrase", words),
        Text("u", "u", None, "web", "bulle", f"Bonjour. {words}"),
    ]
    kept, unused = apply(
        judge(texts, lexicon(), reader), [Waiver("t", "NUM", "usage", "nous", "2026-11-21", 1)]
    )
    assert (kept, unused) == ([], [])


def test_a_waiver_excuses_one_code_of_one_text_and_a_useless_one_is_told(reader):
    findings = found_in(reader, "Tu dois prendre un RDV.")
    used, useless = (Waiver("t", code, "parce que", "nous", "2026-11-21", 3) for code in ("YOU", "LEN"))
    kept, unused = apply(findings, [used, useless])
    assert "YOU" not in {finding.code for finding in kept} and "ABBR" in {finding.code for finding in kept}
    assert unused == [useless]


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ('- {texte: "a", code: LEN}', 1, "exactement"),
        ('\n- {texte: "a", code: XX, raison: "r", par: "p", le: "2026-11-21"}', 2, "« XX »"),
    ],
)
def test_a_waiver_badly_written_is_refused_with_its_line(tmp_path, content, line, said):
    file = tmp_path / "dispenses.yml"
    file.write_text(content)
    with pytest.raises(YamlError, match=said) as error:
        waivers(file)
    assert error.value.line == line


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("jargon", '- {mots: [a], mieux: "b", niveau: fort}', "bloque ou avertit"),
        ("connecteurs", '- {mots: [a], mieu: "b"}', "mieux"),
        ("autorises", "mots: {a: null}\nsigles: {}\nnoms: [b]\netats: [c]\nnoms_simples: [d]", "pourquoi"),
    ],
)
def test_a_lexicon_badly_written_is_refused(tmp_path, file, content, said):
    for source in FOLDER.glob("*.yml"):
        (tmp_path / source.name).write_text(source.read_text())
    (tmp_path / f"{file}.yml").write_text(content)
    with pytest.raises(YamlError, match=said) as error:
        lexicon(tmp_path)
    assert error.value.line


def test_no_word_to_leave_is_both_refused_and_needed():
    """A word of a list that is also a term of the glossary would be said and forbidden at once."""
    words = lexicon()
    for name, swaps in words.swaps.items():
        for swap in swaps:
            for term in words.terms:
                clash = swap.level == BLOCKS and swap.pattern.fullmatch(term.name)
                assert not clash, f"{name} : {term.name}"


def test_each_rule_says_what_it_means_and_where_it_comes_from():
    assert all(rule.meaning and rule.source for rule in rules())
    assert not [code for code, count in Counter(rule.code for rule in rules()).items() if count > 1]
