"""What people read on the pages is short, plain, and can be dialled."""

import re
from html.parser import HTMLParser

import httpx
import pytest

from channels.conversation import clean_text, has_words
from channels.texts import texts
from channels.web.wording import in_french, sentences, with_calls
from tests.door_server import alone, serve

LONGEST_SENTENCE = 15


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("2026-02-16", "lundi 16 février 2026"),
        ("2024-03-01", "vendredi 1er mars 2024"),
        ("2021-12", "décembre 2021"),
        ("2014", "2014"),
        ("2026-11-21T10:00:00+01:00", "samedi 21 novembre 2026"),
    ],
)
def test_dates_are_said_in_full(date, said):
    assert in_french(date) == said


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Appelez le 115.", 'Appelez le <a href="tel:115">115</a>.'),
        ("Écrivez un SMS au 114.", 'Écrivez un SMS au <a href="sms:114">114</a>.'),
        ("Au 01 42 76 40 40.", 'Au <a href="tel:0142764040">01 42 76 40 40</a>.'),
        ("Appelez le 39 75.", 'Appelez le <a href="tel:3975">39 75</a>.'),
        ("Vous avez 18 ans et 300 euros.", "Vous avez 18 ans et 300 euros."),
        ("<b>Appelez le 15</b>", '&lt;b&gt;Appelez le <a href="tel:15">15</a>&lt;/b&gt;'),
    ],
)
def test_numbers_to_call_become_links_and_the_rest_is_left_as_text(text, html):
    assert with_calls(text) == html


def test_each_sentence_has_its_line():
    assert sentences("Venez. Apportez du savon !\nC'est où ? 18 rue X.") == [
        "Venez.",
        "Apportez du savon\u00a0!",
        "C'est où\u00a0?",
        "18 rue X.",
    ]


def test_cleaning_keeps_what_was_said():
    assert clean_text("  je\tcherche \x00 une\r\n douche\u200b ") == "je cherche une douche"
    assert clean_text("e\u0301te\u0301") == "été"
    assert clean_text("a\ud800b") == "ab"
    assert has_words("ok") and has_words("3") and has_words("سلام")
    assert not has_words("👍 !?") and not has_words("")


class VisibleText(HTMLParser):
    """The blocks of text of a page, links and bold included."""

    BLOCKS = ("p", "li", "h1", "h2", "h3", "h4", "span", "label", "option", "button", "summary", "a")

    def __init__(self):
        super().__init__()
        self.blocks = [""]

    def handle_starttag(self, tag, attributes):
        if tag in self.BLOCKS:
            self.blocks.append("")

    def handle_endtag(self, tag):
        self.handle_starttag(tag, ())

    def handle_data(self, data):
        self.blocks[-1] += data


def plain_faults(text: str) -> list[str]:
    faults = [
        f"trop long : {one}" for one in re.split(r"[.?!:]", text) if len(one.split()) > LONGEST_SENTENCE
    ]
    return faults + [f"ponctuation : {text}" for _ in re.findall(r"[;()/]", text)]


def test_what_the_door_says_is_plain_french():
    said = texts()["conversation"]
    lines = [line for value in said.values() for line in (value if isinstance(value, list) else [value])]
    assert not [fault for line in lines for fault in plain_faults(line)]


def test_the_words_of_the_pages_are_plain_french():
    with serve(alone()) as url:
        for path in ("/", "/recherche", "/recherche?besoin=douche&lieu=zzyzx", "/rien", "/accessibilite"):
            reader = VisibleText()
            reader.feed(httpx.get(url + path, headers={"accept": "text/html"}).text)
            blocks = [" ".join(block.split()) for block in reader.blocks]
            assert not [fault for block in blocks if block for fault in plain_faults(block)]


def test_the_first_page_says_what_jalon_is_and_who_decides():
    with serve(alone()) as url:
        page = httpx.get(url).text
    assert "Je ne suis pas une personne." in page and "Jalon ne décide pas." in page
    for credit in ("Ville de Paris", "Base Adresse Nationale", "Île-de-France Mobilités"):
        assert credit in page
    for number in ("15", "17", "18", "112", "115", "119", "3919", "3114"):
        assert f'href="tel:{number}"' in page
    assert 'href="sms:114"' in page
