"""Hide the person in a sentence: only words that Jalon already publishes are left readable.

A name cannot be told from an unknown word, so the words left are those of the project's own word lists and
training sentences; every other word, number, name and place becomes « [mot] », « # », « [nom] », « [lieu] ».
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.reading.lexicon import Lexicon, load_lexicon
from assistant.reading.text import plain, read
from data.gazetteer import Gazetteer

NUMBER, PLACE, NAME, WORD = "#", "[lieu]", "[nom]", "[mot]"
TRAINING = Path(__file__).parents[2] / "assistant" / "nlu"

_LETTERS = re.compile(r"[^\W\d_]+")
# A run of signs that holds a digit, an e-mail or web address, or a file path.
_IDENTIFIER = re.compile(r"\S*(?:[\d@_#\\]|://|www|\w\.\w{2,})\S*")
_SIGNS = frozenset(" .,!?;:'’…-€")
_MASKS = "|".join(map(re.escape, (NUMBER, PLACE, NAME, WORD)))
_REPEATED = re.compile(rf"({_MASKS})(?:[\s.,;:'’-]*\1)+")
_NAME_WORDS, _PLACE_WORDS, _SPELLED = 3, 4, 3
_USUAL = 3  # times that a training word is met: a first name typed without a capital seldom is
_LINKS = ("de", "du", "des", "d")
_SENTENCE_END = ".!?…;:"
_ANNOTATION = re.compile(r"\]\([^)]*\)|\[")


@dataclass(frozen=True)
class Token:
    """A run of letters: as written, without accents nor capitals, its place, whether a sentence begins there."""

    raw: str
    form: str
    start: int
    end: int
    opens: bool


@dataclass(frozen=True)
class Redacted:
    """A sentence without what identifies: its text, how many words are left in it, how many were hidden."""

    texte: str
    left: int
    hidden: int


class Redactor:
    """`known`: the words that may be kept, in their plain form; `places`: spans of the places of a text."""

    def __init__(
        self,
        lexicon: Lexicon,
        known: Collection[str],
        places: Callable[[str], Iterable[tuple[int, int]]],
        lists: Mapping,
    ):
        self._lexicon, self._known, self._places = lexicon, known, places
        self._before_names = {tuple(words.split()) for words in lists["avant_un_nom"]}
        self._names, self._roads, self._months, self._tools, self._sensitive = (
            frozenset(lists[key]) for key in ("noms", "voies", "mois", "mots_outils", "sensibles_mots")
        )
        self._sensitive_stems = tuple(lists["sensibles"])
        self._least_words, self._most_hidden = lists["moins_de_mots"], lists["part_cachee"]

    def keepable(self, text: str) -> str | None:
        """The redacted text, None when it is about something too private, too short or too much hidden."""
        forms = {token.form for token in _tokens(text)}
        forms |= {form for word in read(text, self._lexicon).words for form in word.form.split()}
        if any(form in self._sensitive or form.startswith(self._sensitive_stems) for form in forms):
            return None
        found = self.redact(text)
        too_hidden = found.hidden > self._most_hidden * (found.left + found.hidden)
        return None if found.left < self._least_words or too_hidden else found.texte

    def redact(self, text: str) -> Redacted:
        """The text with each doubtful part replaced by its mask, and no sign but the common ones."""
        tokens = list(_tokens(text))
        masks: list[str | None] = [None] * len(text)
        for start, end, mask in self._spans(text, tokens, masks):
            while start < end and (masks[start] or text[start].isspace()):
                start += 1  # « 27 rue des Haies » is a number, a space and a place
            for index in range(start, end):
                masks[index] = masks[index] or mask
        hidden = sum(any(masks[token.start : token.end]) for token in tokens)
        return Redacted(_rebuilt(text, masks), len(tokens) - hidden, hidden)

    def _spans(self, text: str, tokens: list[Token], masks: list) -> Iterator[tuple[int, int, str]]:
        """What to hide and how; the first mask given to a character stays. `masks` fills up meanwhile."""
        yield from ((*found.span(), NUMBER) for found in _IDENTIFIER.finditer(text))
        for word in read(text, self._lexicon).words:
            if word.value is not None or word.form.startswith("<"):
                yield word.start, word.end, NUMBER
        numbers = {*self._lexicon.numbers, *self._lexicon.ordinals, *self._lexicon.multipliers, *self._months}
        yield from ((token.start, token.end, NUMBER) for token in tokens if token.form in numbers)
        yield from ((start, end, PLACE) for start, end in self._places(text))
        yield from ((one.start, one.end, PLACE) for one in self._addresses(tokens, masks))
        yield from ((one.start, one.end, NAME) for one in self._people(text, tokens))
        yield from ((one.start, one.end, WORD) for one in tokens if not self._is_known(one.form))
        yield from ((one.start, one.end, WORD) for one in self._surrounded(tokens, masks))

    def _addresses(self, tokens: list[Token], masks: list) -> Iterator[Token]:
        """« rue des Lilas », « 3 rue Lilas »; « à la rue depuis hier » says no address."""
        for index, token in enumerate(tokens):
            if token.form not in self._roads:
                continue
            before, after = tokens[index - 1 : index] if index else [], tokens[index + 1 :]
            linked = bool(after) and after[0].form in _LINKS
            numbered = bool(before) and any(masks[before[0].start : token.start])
            articled = bool(before) and before[0].form in self._tools and not numbered
            named = bool(after) and after[0].form not in self._tools and not articled
            if linked or named or numbered:
                yield from tokens[index : index + 1 + _PLACE_WORDS]

    def _people(self, text: str, tokens: list[Token]) -> Iterator[Token]:
        shouted = not any(character.islower() for character in text)
        for index, token in enumerate(tokens):
            if token.form in self._names or (token.raw == "M" and not shouted):
                yield token
            initials = len(token.raw) > 1 and token.raw.isupper()
            if token.raw[0].isupper() and not (
                token.opens or shouted or initials or token.form in self._tools
            ):
                yield token
            if token.raw == "M" or any(
                tuple(one.form for one in tokens[index + 1 - len(words) : index + 1]) == words
                for words in self._before_names
                if len(words) <= index + 1
            ):
                yield from self._name_after(tokens[index + 1 : index + 1 + _NAME_WORDS])
            spelled = tokens[index : index + _SPELLED]
            letters = [one.form for one in spelled if len(one.form) == 1]
            if len(letters) == _SPELLED and letters != ["y", "a", "t"]:
                yield from spelled

    def _surrounded(self, tokens: list[Token], masks: list) -> Iterator[Token]:
        """« van » in « Nguyen Van Minh »: an ordinary word between two that are hidden."""
        for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
            if token.form not in self._tools and {masks[before.start], masks[after.start]} <= {NAME, WORD}:
                yield token

    def _name_after(self, tokens: list[Token]) -> Iterator[Token]:
        for token in tokens:
            if token.form in self._tools:
                return
            yield token

    def _is_known(self, form: str) -> bool:
        return len(form) == 1 or form in self._known or (form[-1] in "sx" and form[:-1] in self._known)


def load_redactor(gazetteer: Gazetteer, lists: Mapping) -> Redactor:
    """The redactor of this project: its words and the places of its gazetteer, with the lists of words.yml."""
    lexicon = load_lexicon()

    def places(text: str) -> list[tuple[int, int]]:
        return [(mention.start, mention.end) for mention in gazetteer.find_in(text)]

    return Redactor(lexicon, known_words(lexicon, TRAINING), places, lists)


def known_words(lexicon: Lexicon, training: Path) -> frozenset[str]:
    """Words of the word lists, and words without capitals met several times in the training sentences."""
    met: Counter[str] = Counter()
    for path in training.glob("*.yml"):
        lines = re.findall(r"^\s*- (?!intent)(.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        for line in lines:
            tokens = _tokens(_ANNOTATION.sub(" ", line))
            met.update(token.form for token in tokens if token.raw.islower())
    usual = {word for word, count in met.items() if count >= _USUAL}
    return frozenset({*lexicon.vocabulary, *(plain(form) for form in lexicon.forms), *usual})


def _tokens(text: str) -> Iterator[Token]:
    for found in _LETTERS.finditer(text):
        before = text[: found.start()].rstrip(" '’\"«-\n")
        opens = not before or before[-1] in _SENTENCE_END or "\n" in text[len(before) : found.start()]
        yield Token(found.group(), plain(found.group()), *found.span(), opens)


def _rebuilt(text: str, masks: list[str | None]) -> str:
    pieces: list[str] = []
    for index, mask in enumerate(masks):
        if mask is None:
            pieces.append(text[index] if text[index] in _SIGNS or text[index].isalpha() else " ")
        elif not index or masks[index - 1] != mask:
            pieces.append(mask)
    return _REPEATED.sub(r"\1", " ".join("".join(pieces).split()))
