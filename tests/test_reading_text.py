"""A message is normalised without losing where each word stands in the original text."""

import pytest

from assistant.reading.lexicon import load_lexicon
from assistant.reading.text import MAX_CHARACTERS, read

LEXICON = load_lexicon()


def line(text):
    return read(text, LEXICON).line


def numbers(text):
    return [word.value for word in read(text, LEXICON).words if word.value is not None]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("jdoi tjr 430 a edf", "je dois toujours # a edf"),
        ("J'suis à la rue", "je suis a la rue"),
        ("lelectricité", "l electricite"),
        ("ya koi pr mangé 2m1", "il y a quoi pour mange demain"),
        ("elektrisité", "electricite"),
        ("AIDEEEEZ moi", "aidez moi"),
        ("oui 4 moi", "oui # mois"),
        ("1 240 €/mois", "# euros par mois"),
        ("le 115 repond pas", "le 115 repond pas"),
        ("M. 34 ans, H", "monsieur # ans , homme"),
        ("ress. 0", "ressources #"),
        ("la famill é a lékol", "la famille et a l ecole"),
        ("mé 3 filles, mé pas là", "mes # filles , mais pas la"),
        ("on é depuis janvié ché dé zami", "on est depuis janvier chez des ami"),
        ("2 mois = 900", "# mois soit #"),
    ],
)
def test_short_and_phonetic_writing_is_understood(typed, expected):
    assert line(typed) == expected


@pytest.mark.parametrize("word", ["lettres", "marre", "cher", "acte", "soient", "accepte", "part"])
def test_ordinary_words_are_left_alone(word):
    assert line(word) == word


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("six cents euros", 600), ("mille deux cents", 1200), ("quatre-vingt-dix-huit ans", 98),
        ("vingt et un ans", 21), ("1,2k", 1200), ("1k2", 1200), ("1 240", 1240), ("1.240", 1240),
        ("400e", 400), ("dix-huitième", 18), ("deux mille", 2000),
    ],
)  # fmt: skip
def test_numbers_in_digits_and_in_words(typed, value):
    assert numbers(typed) == [value]


def test_a_new_flat_is_not_the_number_nine():
    assert numbers("un appartement neuf") == []


@pytest.mark.parametrize(
    "text",
    [
        "Je dors à l’hôtel depuis 3 jours",
        "g 18 ans é jdor dehor",
        "« Œuvre » — ÇA, c'est… 400€ !",
        "e\u0301te\u0301 👍🏽 2 enfants",
    ],
)
def test_every_word_points_inside_the_original_text_in_order(text):
    words = read(text, LEXICON).words
    assert words
    assert all(0 <= word.start < word.end <= len(text) for word in words)
    assert [word.start for word in words] == sorted(word.start for word in words)


def test_the_span_of_a_word_is_what_was_typed():
    reading = read("On m'a coupé l'ÉLECTRICITÉ hier", LEXICON)
    index = [word.form for word in reading.words].index("electricite")
    start, end = reading.span(index, index)
    assert reading.text[start:end] == "ÉLECTRICITÉ"


@pytest.mark.parametrize("text", ["", " ", "😀😀", "…", "\n\t", "\u200b", "'''", "\x00"])
def test_a_text_without_words_gives_no_word_that_means_something(text):
    assert not [word for word in read(text, LEXICON).words if word.form.isalpha()]


def test_a_very_long_text_is_read_up_to_its_limit():
    reading = read("dormir " * 5000, LEXICON)
    assert reading.words[-1].end <= MAX_CHARACTERS
