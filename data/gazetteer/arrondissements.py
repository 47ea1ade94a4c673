"""Find the arrondissement that a text says: « 18 », « 18e », « XVIIIe », « dix-huitième », « 75018 ».

A number is an arrondissement only when the words around it say so: « 5e étage », « 18 ans »,
« le 18 mars », « appelez le 18 » and « étudiante à Paris 8 » are something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from data.gazetteer.text import Token, sound_of

_DIGITS = re.compile(r"\d{1,2}")
_NUMBER_WITH_SUFFIX = re.compile(r"(\d{1,2})([a-z]+)")
_ROMAN = re.compile(r"(x{0,2})(ix|iv|v?i{0,3})(e|eme|er|ieme|iem|em)?")
_POSTCODE = re.compile(r"75[0o]([0-2o][0-9ol])")
_POSTCODE_LENGTH = 5
_DECIMAL_END = re.compile(r"[.,]\d")
_ARTICLES = {"le", "l", "la"}
_MAX = 20
_LAST_SMALL = 9
_UNIVERSITIES = 13


@dataclass(frozen=True)
class Arrondissement:
    """Tokens [first, last) say arrondissement `number`; `score` from 0 to 1."""

    number: int
    first: int
    last: int
    score: float


@dataclass(frozen=True)
class _Number:
    """A number as written: tokens [first, last), and whether it is written as an ordinal."""

    value: int
    last: int
    ordinal: bool
    roman: bool = False


class ArrondissementReader:
    """Reads arrondissements with the word lists of data/lieux/mots_ordinaires.yml."""

    def __init__(self, lexicon: dict):
        lists = {
            key: frozenset(value) for key, value in lexicon.items() if key not in ("cardinaux", "ordinaux")
        }
        self._nouns = {sound_of(word) for word in lists["mots"]}
        self._suffixes = lists["suffixes"]
        self._cities = lists["villes"]
        self._before_le = lists["devant_le"]
        self._before_du = lists["devant_du"]
        self._forbidden_after = lists["suite_interdite"]
        self._allowed_after_ordinal = lists["suite_permise_ordinal"]
        self._forbidden_before = lists["avant_interdit"]
        self._safe_after = lists["suite_sure"]
        self._university = lists["universite"]
        self._floor = lists["etage"]
        self._date = lists["date"]
        # Short numbers sound like too many words (« cette », « ces », « des »): their letters must match.
        self._cardinals = {word: value for word, value in _spellings(lexicon["cardinaux"])}
        self._ordinals = {sound_of(word): value for word, value in _spellings(lexicon["ordinaux"])}

    def read(self, text: str, tokens: list[Token]) -> list[Arrondissement]:
        """Every arrondissement said in `tokens` (the words of `text`), in order, never overlapping."""
        words = [token.word for token in tokens]
        found: list[Arrondissement] = []
        position = 0
        while position < len(tokens):
            match = self._postcode(text, tokens, position) or self._number_here(
                text, tokens, words, position, found
            )
            if match:
                found.append(match)
            position = match.last if match else position + 1
        return found

    def whole(self, tokens: list[Token]) -> int | None:
        """The number of a text that is nothing but a number (« 18 », « le dix-huit »)."""
        words = [token.word for token in tokens]
        first = 1 if words and words[0] in _ARTICLES | {"paris", "du"} else 0
        number = self._parse(words, tokens, first)
        return number.value if number and number.last == len(words) else None

    def _postcode(self, text: str, tokens: list[Token], i: int) -> Arrondissement | None:
        code, last = _digits_in_a_row(tokens, i)
        if code == "75116":
            return Arrondissement(16, i, last, 1.0)
        match = _POSTCODE.fullmatch(code)
        if not match:
            return None
        number = int(match.group(1).replace("o", "0").replace("l", "1"))
        is_money = text[tokens[last - 1].end :].lstrip()[:1] == "€" or _word(tokens, last)[:4] == "euro"
        if not 1 <= number <= _MAX or is_money:
            return None
        return Arrondissement(number, i, last, 1.0)

    def _number_here(self, text, tokens, words, i, found) -> Arrondissement | None:
        number = self._parse(words, tokens, i)
        if not number:
            return None
        last, after = number.last, _word(tokens, number.last)
        symbol = text[tokens[last - 1].end : tokens[last - 1].end + 2].strip()[:1]
        if symbol in ("€", "%") or _DECIMAL_END.match(text, tokens[last - 1].end):
            return None
        if symbol == "°":
            number = _Number(number.value, last, True)
        if self._is_noun(after) and not tokens[last].breaks and (number.ordinal or not after.endswith("s")):
            return Arrondissement(number.value, i, last + 1, 1.0)
        if self._is_noun(_word(tokens, i - 1)) and not _ends(tokens, i):
            return Arrondissement(number.value, i, last, 1.0)
        if number.roman and not number.ordinal and _word(tokens, i - 1) not in self._cities:
            return None
        ends = last >= len(tokens) or tokens[last].breaks or symbol in (".", "/")
        if symbol == "/" and not number.ordinal and last < len(tokens):
            joined = self._parse(words, tokens, last)
            number = _Number(number.value, last, True) if joined and joined.ordinal else number
        check = self._ordinal_fits if number.ordinal else self._cardinal_fits
        if tokens[i].breaks and not number.ordinal:
            return None
        if _follows(tokens, i, found) and (ends or after not in self._forbidden_after):
            return Arrondissement(number.value, i, last, 0.9)
        if check(words, i, number, "" if ends else after):
            return Arrondissement(number.value, i, last, 0.97 if number.ordinal else 0.92)
        return None

    def _parse(self, words: list[str], tokens: list[Token], i: int) -> _Number | None:
        if i >= len(words):
            return None
        word = words[i]
        if _DIGITS.fullmatch(word):
            ordinal = self._has_suffix(words, tokens, i)
            return _in_range(int(word), i + 1 + ordinal, ordinal)
        match = _NUMBER_WITH_SUFFIX.fullmatch(word)
        if match:
            return _in_range(int(match.group(1)), i + 1, True) if match.group(2) in self._suffixes else None
        for length in (3, 2, 1):
            written = "".join(words[i : i + length]) if i + length <= len(words) else ""
            if len(written) > 4 and sound_of(written) in self._ordinals:
                return _Number(self._ordinals[sound_of(written)], i + length, True)
            if written in self._cardinals:
                return _Number(self._cardinals[written], i + length, False)
        value = _roman(word)
        if not value or (word in ("vie", "xe", "ve", "ive") and not self._is_noun(_word(tokens, i + 1))):
            return None
        return _in_range(value, i + 1, not word.endswith(("x", "v", "i")), roman=True)

    def _has_suffix(self, words: list[str], tokens: list[Token], i: int) -> bool:
        """« 18 eme », « le 18 e »; but « 10 e » alone is money and « 18 de » is not an ordinal."""
        if i + 1 >= len(words) or tokens[i + 1].breaks or tokens[i + 1].start - tokens[i].end > 1:
            return False
        suffix, before = words[i + 1], words[i - 1] if i else ""
        if suffix in ("d", "de", "me", "o"):
            return False
        return suffix in self._suffixes and (suffix != "e" or before in ("le", "du", "au", *self._cities))

    def _ordinal_fits(self, words: list[str], i: int, number: _Number, after: str) -> bool:
        before = words[i - 1] if i else ""
        if before in self._forbidden_before and not (before == "en" and number.value > _LAST_SMALL):
            return False
        if after in self._forbidden_after and after not in self._allowed_after_ordinal:
            return False
        if before in self._cities or number.value > _LAST_SMALL:
            return True
        if self._floor.intersection(words):
            return False
        said_as_place = before in ("le", "du", "au") or i == 0
        if number.value == 1 and not (i > 1 and words[i - 2] in self._before_le | self._before_du):
            return False
        return said_as_place and (not after or after in self._safe_after)

    def _cardinal_fits(self, words: list[str], i: int, number: _Number, after: str) -> bool:
        before = words[i - 1] if i else ""
        earlier = words[i - 2] if i > 1 else ""
        if after in self._forbidden_after or _starts_with_digit(after):
            return False
        if before in self._cities:
            return number.value > _UNIVERSITIES or not self._university.intersection(words)
        if before == "mairie":
            return True
        if after in ("au", "du"):
            return False
        if before == "le" and earlier in self._before_le:
            return not self._date.intersection(words[max(0, i - 6) : i])
        if before == "le" and any(self._is_noun(word) for word in words):
            return True
        return before == "du" and earlier in self._before_du

    def _is_noun(self, word: str) -> bool:
        return len(word) > 2 and (
            sound_of(word) in self._nouns or sound_of(word).startswith(("arOdi", "arodi"))
        )


def _spellings(groups: list[list[str]]) -> Iterator[tuple[str, int]]:
    return ((word, value) for value, words in enumerate(groups, start=1) for word in words)


def _in_range(value: int, last: int, ordinal: bool, roman: bool = False) -> _Number | None:
    return _Number(value, last, ordinal, roman) if 1 <= value <= _MAX else None


def _roman(word: str) -> int | None:
    match = _ROMAN.fullmatch(word)
    if not match or not (match.group(1) or match.group(2)):
        return None
    units = match.group(2)
    value = {"ix": 9, "iv": 4}.get(units)
    if value is None:
        value = 5 * units.count("v") + units.count("i")
    return 10 * len(match.group(1)) + value


def _digits_in_a_row(tokens: list[Token], i: int) -> tuple[str, int]:
    """The postcode that begins here, written in one piece or not (« 75 018 », « 7 5 0 1 8 »), and where it ends."""
    code, last = tokens[i].word, i + 1
    while len(code) < _POSTCODE_LENGTH and last < len(tokens) and "75".startswith(code[:2]):
        if tokens[last].start - tokens[last - 1].end != 1 or not _starts_with_digit(tokens[last].word):
            break
        code, last = code + tokens[last].word, last + 1
    return code, last


def _follows(tokens: list[Token], i: int, found: list[Arrondissement]) -> bool:
    """« le 18e ou le 19 », « 18/19e »: a second number joined to an arrondissement."""
    if not found or found[-1].score < 0.9:
        return False
    between = [token.word for token in tokens[found[-1].last : i]]
    joined = not between and tokens[i].start - tokens[i - 1].end == 1
    links = {"ou", "et", "dans", "ds", "puis"}
    return (
        joined or bool(between) and set(between) <= links | {"le", "du"} and bool(links.intersection(between))
    )


def _word(tokens: list[Token], i: int) -> str:
    return tokens[i].word if 0 <= i < len(tokens) else ""


def _ends(tokens: list[Token], i: int) -> bool:
    return i >= len(tokens) or tokens[i].breaks


def _starts_with_digit(word: str) -> bool:
    return word[:1].isdigit()
